# SPDX-License-Identifier: Apache-2.0
# swsgx aesmd, collateral and pccs, as a client, a verifier and an administrator see them.

bats_require_minimum_version 1.5.0
load files

setup() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	swsgx=$O/bin/swsgx
	client=$O/tests/aesmd/client
	cd "$BATS_TEST_TMPDIR"
	export SWSGX_STATE=$BATS_FILE_TMPDIR/state
	unset SWSGX_DRIVER SWSGX_LAUNCH LD_PRELOAD
	socket=$BATS_TEST_TMPDIR/socket
}

teardown() {
	stop
}

# A service in the background; its pid is in $pid, what it says in log.
start() {	# COMMAND [ARGUMENT]...
	"$@" >log 2>&1 3>&- &
	pid=$!
	for _ in $(seq 300); do
		grep -q 'serving at' log && return
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	cat log
	return 1
}

stop() {	# [SIGNAL]: end it, its exit status
	[ -n "${pid-}" ] || return 0
	kill "-${1-TERM}" "$pid" 2>/dev/null || true
	local status=0
	wait "$pid" || status=$?
	pid=
	return "$status"
}

aesmd() {
	start "$swsgx" aesmd --socket "$socket" "$@"
}

quote() {	# FILE
	"$swsgx" -- "$client" quote "$socket" "$O/tests/trap/key.pem" "$1"
}

verdict() {	# LINE: of quote.bin by the collateral that the options of $2... give
	local want=$1
	shift
	"$swsgx" collateral "$@" collateral
	run "$client" verify quote.bin collateral
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == $want ]]
}

@test "a quote verifies against the platform's collateral, and not against Intel's root" {
	aesmd
	quote quote.bin
	verdict 'UpToDate OK *'
	run "$client" verify quote.bin collateral intel
	[ "$output" = 'none PCK_CERT_CHAIN_UNTRUSTED' ]
}

@test "a quote in which a bit is flipped is not genuine" {
	aesmd
	quote quote.bin
	"$swsgx" collateral collateral
	cp quote.bin good.bin
	# Body, signature, attestation key, QE report, its signature, QE authentication data.
	for at in 112 368 450 510 700 950 1020; do
		cp good.bin quote.bin
		flip quote.bin $at
		run "$client" verify quote.bin collateral
		echo "$at: $output"
		[[ $output == 'none '* ]]
	done
}

@test "a platform has the TCB status that it is told to have" {
	aesmd --tcb-status SWHardeningNeeded
	quote quote.bin
	verdict 'SWHardeningNeeded OK *'
	verdict 'UpToDate OK *' --tcb-status UpToDate
	verdict 'OutOfDate OK INTEL-SA-00001 INTEL-SA-00002 *' --tcb-status=OutOfDate --advisory INTEL-SA-00001 --advisory INTEL-SA-00002
	verdict 'ConfigurationNeeded OK *' --tcb-status ConfigurationNeeded
	verdict 'ConfigurationAndSWHardeningNeeded OK *' --tcb-status ConfigurationAndSWHardeningNeeded
	verdict 'OutOfDateConfigurationNeeded OK *' --tcb-status OutOfDateConfigurationNeeded
	verdict 'Revoked TCB_REVOKED' --tcb-status Revoked
	verdict 'none TCB_NOT_SUPPORTED' --tcb-status NotSupported
	verdict 'OutOfDate OK *' --tcb-status UpToDate --qe-status OutOfDate
	verdict 'Revoked TCB_REVOKED' --tcb-status UpToDate --qe-status Revoked
	verdict 'none PCK_REVOKED' --revoke-pck
	verdict 'none INTERMEDIATE_CA_REVOKED' --revoke-ca
	verdict 'none TCB_SIGNING_CERT_REVOKED' --revoke-signer
	verdict 'SWHardeningNeeded OK expired *' --expired
	verdict 'SWHardeningNeeded OK *'
}

@test "openssl verifies the certificates and the revocation lists" {
	"$swsgx" collateral --revoke-pck collateral
	cd collateral
	openssl verify -CAfile root_ca.pem -untrusted pck_crl_issuer_chain.pem pck_cert_chain.pem
	openssl verify -CAfile root_ca.pem tcb_info_issuer_chain.pem
	openssl x509 -in root_ca.pem -noout -subject | grep 'swsgx simulation root, not Intel'
	openssl crl -inform DER -in root_ca_crl.der -noout -CAfile root_ca.pem 2>&1 | grep 'verify OK'
	openssl x509 -in pck_crl_issuer_chain.pem >ca.pem
	openssl crl -inform DER -in pck_crl.der -noout -CAfile ca.pem 2>&1 | grep 'verify OK'
	serial=$(openssl x509 -in pck_cert_chain.pem -noout -serial)
	openssl crl -inform DER -in pck_crl.der -noout -text | grep "Serial Number: ${serial#*=}"
	# The JSON's signature, over the value's bytes.
	openssl x509 -in tcb_info_issuer_chain.pem -noout -pubkey >key.pem
	for f in tcb_info:tcbInfo qe_identity:enclaveIdentity; do
		sed 's/^{"[A-Za-z]*":\(.*\),"signature":.*$/\1/' "${f%:*}.json" | tr -d '\n' >value
		r=$(sed 's/.*"signature":"\([0-9a-f]\{64\}\).*/\1/' "${f%:*}.json")
		s=$(sed 's/.*"signature":"[0-9a-f]\{64\}\([0-9a-f]\{64\}\).*/\1/' "${f%:*}.json")
		printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "$r" "$s" >conf
		openssl asn1parse -genconf conf -noout -out signature
		openssl dgst -sha256 -verify key.pem -signature signature value
		jq -e ".${f#*:}.version" "${f%:*}.json"
	done
}

@test "a restart keeps the keys: an old quote and a new one verify by the same root" {
	aesmd
	quote quote.bin
	verdict 'UpToDate OK *' --tcb-status UpToDate
	stop
	[ ! -e "$socket" ]
	cp collateral/root_ca.pem first.pem
	aesmd
	quote second.bin
	run "$client" verify second.bin collateral
	[[ $output == 'UpToDate OK '* ]]
	cmp <(dd if=quote.bin bs=1 skip=500 count=64 status=none) <(dd if=second.bin bs=1 skip=500 count=64 status=none)
	"$swsgx" collateral collateral
	cmp first.pem collateral/root_ca.pem
}

@test "the platform's keys are its owner's alone, and many who make them at once have one set" {
	SWSGX_STATE=$BATS_TEST_TMPDIR/state
	for i in 1 2 3 4; do
		"$swsgx" collateral "collateral$i" 3>&- &
	done
	wait
	[ "$(cat collateral?/root_ca.pem | sort | uniq -c | awk '$1 % 4 { print }' | wc -l)" = 0 ]
	[ "$(cat collateral?/pck_cert_chain.pem | sort | uniq -c | awk '$1 % 4 { print }' | wc -l)" = 0 ]
	[ "$(stat -c %a state/aesmd)" = 700 ]
	[ -z "$(find state -type f -not -perm 600)" ]
	[ "$(ls state)" = $'aesmd\nplatform' ]
	[ -z "$(find state -name '*.??????' -o -name '*.pem.*')" ]
}

@test "another platform's report is not quoted, nor is its quote accepted here" {
	aesmd
	quote quote.bin
	stop
	SWSGX_STATE=$BATS_TEST_TMPDIR/state
	aesmd
	run env SWSGX_STATE="$BATS_FILE_TMPDIR/state" "$swsgx" -- "$client" quote "$socket" "$O/tests/trap/key.pem" x.bin
	[ "$status" = 1 ]
	[[ $output == *'error 47: the report is not valid' ]]
	"$swsgx" collateral collateral
	run "$client" verify quote.bin collateral
	[ "$output" = 'none PCK_CERT_CHAIN_UNTRUSTED' ]
}

@test "recorded clients get replies of the recorded shape" {
	vectors=${SGX_VECTORS:-$BATS_TEST_DIRNAME/../../../shared/vectors}/aesm
	[ -d "$vectors" ] || skip 'the recorded traffic is not part of the tree'
	aesmd
	for f in go-client intel-uae-client; do
		"$client" replay "$socket" "$vectors/$f.json" >>replies
	done
	cat replies
	# The recorded REPORT is another platform's; and there is no EPID.
	cat >expected <<-EOF
		go-client.json 3 same 0
		go-client.json 19 same 0
		go-client.json 15 same 0
		go-client.json 15 same 0
		go-client.json 19 same 0
		go-client.json 16 same 0
		go-client.json 17 other 47
		intel-uae-client.json 19 same 0
		intel-uae-client.json 15 same 0
		intel-uae-client.json 15 same 0
		intel-uae-client.json 21 same 0
		intel-uae-client.json 16 same 0
		intel-uae-client.json 17 other 47
		intel-uae-client.json 3 same 0
		intel-uae-client.json 1 other 30
	EOF
	cmp replies expected
}

@test "unknown and broken requests close the connection; a required field that is missing is code 1" {
	aesmd
	for bytes in 00000000 ffffffff 01000100 02000000ffff 03000000fa0100 04000000a2010208; do
		run "$client" raw "$socket" "$bytes"
		echo "$bytes: $output"
		[ "$output" = closed ]
	done
	run "$client" raw "$socket" 020000001a00
	[ "$output" = 040000001a020801 ]
	run "$client" raw "$socket" 06000000aa0103489875
	[ "$output" = 07000000aa010408001001 ]
}

@test "a thousand clients at once are served" {
	aesmd
	run "$client" storm "$socket" 1000
	[ "$output" = 1000 ]
}

@test "a thousand clients that say half a word stall nobody, and are dropped" {
	aesmd
	"$client" silent "$socket" 1000 60
	"$client" storm "$socket" 10
}

@test "with few descriptors clients wait for a place, and those that say nothing lose theirs" {
	start bash -c 'ulimit -n 64 && exec "$@"' bash "$swsgx" aesmd --socket "$socket"
	run "$client" storm "$socket" 1000 whole
	[ "$output" = 1000 ]
	"$client" silent "$socket" 200 60
}

@test "the two enclaves make no system call and have nothing writable that is executed" {
	for e in qe le; do
		objdump -d --no-show-raw-insn "$O/aesmd/$e.elf" >code
		[ "$(grep -cw enclu code)" -ge 3 ]
		run ! grep -wE 'syscall|sysenter|int|cpuid|rdtsc|in|out' code
		readelf -lW "$O/aesmd/$e.elf" | grep LOAD >segments
		run ! grep -w RWE segments
		[ -z "$(nm -u "$O/aesmd/$e.elf")" ]
	done
}

@test "a launch token starts an enclave where launch control is locked" {
	cp "$O/encl.bin" "$O/encl.ss" .
	SWSGX_LAUNCH=token aesmd
	"$client" token "$socket" encl.bin encl.ss debug encl.token
	[ "$(stat -c %s encl.token)" = 304 ]
	run "$swsgx" --driver=legacy --launch=token -- "$O/tests/pal/palrun" run "$O/lib/liberpal-skeleton-v3.so" x exit 3
	echo "$output"
	[ "$status" = 3 ]
	flip encl.token 300
	run "$swsgx" --driver=legacy --launch=token -- "$O/tests/pal/palrun" run "$O/lib/liberpal-skeleton-v3.so" x exit 3
	[ "$status" = 99 ]
}

@test "without debug only allowed signers get a launch token" {
	aesmd
	run "$client" token "$socket" "$O/encl.bin" "$O/encl.ss" product token
	[ "$status" = 1 ]
	[[ $output == *'error 6: '* ]]
	stop
	mrsigner=$(dd if="$O/encl.ss" bs=1 skip=128 count=384 status=none | sha256sum | cut -d' ' -f1)
	aesmd --allow-signer "$mrsigner"
	"$client" token "$socket" "$O/encl.bin" "$O/encl.ss" product token
}

@test "a machine without /dev/isgx has quotes, but no launch service" {
	aesmd --driver intree
	quote quote.bin
	run "$client" token "$socket" "$O/encl.bin" "$O/encl.ss" debug token
	[ "$status" = 1 ]
	[[ $output == *'error 30: the service is not available' ]]
}

@test "SIGINT and SIGTERM remove the socket; a socket that was left behind is replaced; one in use is not" {
	aesmd
	[ "$(stat -c %a "$socket")" = 777 ]
	run "$swsgx" aesmd --socket "$socket"
	[ "$status" = 1 ]
	[ "$output" = "swsgx: aesmd: $socket: in use: is another aesmd running?" ]
	stop INT
	[ ! -e "$socket" ]
	aesmd
	run stop KILL
	[ -e "$socket" ]
	pid=
	aesmd
	"$client" storm "$socket" 1
	stop TERM
	[ ! -e "$socket" ]
}

@test "what is wrong is said in a line, and nothing is left" {
	SWSGX_STATE=$BATS_TEST_TMPDIR/none
	: >file
	while IFS='|' read -r arguments want; do
		# shellcheck disable=SC2086 # a list of words
		run "$swsgx" $arguments
		echo "$arguments: $output"
		[ "$status" = 1 ]
		[[ $output == $want ]]
	done <<-EOF
		aesmd --tcb-status Fine|swsgx: aesmd: 'Fine' is no TCB status: *
		aesmd x|swsgx: aesmd: 'x': no operand is taken
		aesmd --allow-signer 12|swsgx: aesmd: --allow-signer: '12' is no MRSIGNER of 64 digits
		aesmd --nonsense|swsgx: aesmd: wrong options: see --help
		aesmd --socket $BATS_TEST_TMPDIR/no/socket|swsgx: aesmd: */no/socket: No such file or directory
		aesmd --socket file|swsgx: aesmd: file: in use: *
		collateral|swsgx: collateral: one folder to write to is needed
		collateral --advisory a"b x|swsgx: collateral: --advisory: 'a"b' is no identifier
		collateral --qe-status SWHardeningNeeded x|swsgx: collateral: --qe-status: neither *
		collateral file|swsgx: collateral: file: not a folder
		collateral no/where|swsgx: collateral: no/where: No such file or directory
		pccs --listen x|swsgx: pccs: --listen and --collateral are needed, and no operand
		pccs --listen 127.0.0.1:99999 --collateral .|swsgx: pccs: --listen: '127.0.0.1:99999' is neither *
		pccs --listen x --collateral file|swsgx: pccs: file: not a folder
		pccs --listen 127.0.0.1:0 --collateral . --cert file|swsgx: pccs: --cert and --key go together
		pccs --listen x --collateral . --cert file --key file|swsgx: pccs: --cert: a unix socket needs no TLS
		pccs --listen 127.0.0.1:0 --collateral . --cert file --key none.|swsgx: pccs: open none.: No such file or directory
		pccs --listen 127.0.0.1:0 --collateral . --cert file --key file|swsgx: pccs: file, file: *certificate*
		pccs --listen x --collateral none.|swsgx: pccs: none.: No such file or directory
		--launch=token aesmd|swsgx: --launch, --trace and --stats are for programs, not services
		--state=fd:9 aesmd|swsgx: fd:9: a service wants the platform's folder
	EOF
	[ "$(ls)" = $'file\nnone' ]
	for service in aesmd collateral pccs; do
		run "$swsgx" $service --help
		[ "$status" = 0 ]
		[[ $output == "Usage: swsgx $service"* ]]
	done
}

get() {	# PATH [CURL-OPTION]...: the body; status in $code
	local path=$1
	shift
	code=$(curl -s -o body -D headers -w '%{http_code}' "$@" "$url$path")
	tr -d '\r' <headers >headers.unix
}

header() {	# NAME: decoded
	sed -n "s/^$1: //Ip" headers.unix | tr -d '\n' | sed 's/%/\\x/g' | xargs -0 printf '%b'
}

@test "pccs serves versions 3 and 4 as a PCCS does" {
	"$swsgx" collateral collateral
	start "$swsgx" pccs --listen 127.0.0.1:0 --collateral collateral
	base=$(sed -n 's/^pccs: serving at //p' log)
	for v in 3 4; do
		url=$base/sgx/certification/v$v
		get '/tcb?fmspc=007377736778'
		[ "$code" = 200 ]
		cmp body collateral/tcb_info.json
		[ $v = 3 ] && name=SGX-TCB-Info-Issuer-Chain || name=TCB-Info-Issuer-Chain
		diff <(header $name) collateral/tcb_info_issuer_chain.pem
		get /qe/identity
		cmp body collateral/qe_identity.json
		diff <(header SGX-Enclave-Identity-Issuer-Chain) collateral/qe_identity_issuer_chain.pem
		get '/pckcrl?ca=platform&encoding=der'
		cmp body collateral/pck_crl.der
		diff <(header SGX-PCK-CRL-Issuer-Chain) collateral/pck_crl_issuer_chain.pem
		get '/pckcrl?ca=platform'
		if [ $v = 3 ]; then
			[ "$(cat body)" = "$(od -An -v -tx1 collateral/pck_crl.der | tr -d ' \n')" ]
		else
			openssl crl -in body -outform DER | cmp - collateral/pck_crl.der
		fi
		get /rootcacrl
		[ "$(cat body)" = "$(od -An -v -tx1 collateral/root_ca_crl.der | tr -d ' \n')" ]
		get '/crl?uri=https://swsgx.invalid/root.crl'
		cmp body collateral/root_ca_crl.der
		get '/pckcert?qeid=0&encrypted_ppid=0&cpusvn=01010101010101010101010101010101&pcesvn=0D00&pceid=0000'
		[ "$code" = 200 ]
		cmp <(openssl x509 -in body -outform DER) <(openssl x509 -in collateral/pck_cert_chain.pem -outform DER)
		[ "$(header SGX-TCBm)" = 010101010101010101010101010101010d00 ]
		[ "$(header SGX-FMSPC)" = 007377736778 ]
		[ "$(header SGX-PCK-Certificate-CA-Type)" = platform ]
		diff <(header SGX-PCK-Certificate-Issuer-Chain) collateral/pck_crl_issuer_chain.pem
	done
	[ -n "$(header Request-ID)" ]
	stop
}

@test "pccs says 400 to what is no request and 404 to what it has not" {
	"$swsgx" collateral collateral
	start "$swsgx" pccs --listen "$BATS_TEST_TMPDIR/pccs" --collateral collateral
	url=http://localhost
	while read -r want path; do
		get "$path" --unix-socket pccs
		echo "$path: $code"
		[ "$code" = "$want" ]
	done <<-EOF
		400 /sgx/certification/v4/tcb
		400 /sgx/certification/v4/tcb?fmspc=00
		400 /sgx/certification/v4/pckcrl
		400 /sgx/certification/v4/pckcrl?ca=other
		400 /sgx/certification/v4/pckcert?qeid=0
		400 /sgx/certification/v4/crl?uri=x
		404 /sgx/certification/v4/crl?uri=https://swsgx.invalid/other
		404 /sgx/certification/v4/crl?uri=https://swsgx.invalid/
		404 /sgx/certification/v4/tcb?fmspc=000000000000
		404 /sgx/certification/v4/pckcrl?ca=processor
		404 /tdx/certification/v4/tcb?fmspc=007377736778
		404 /tdx/certification/v4/qe/identity
		404 /tdx/certification/v4/pckcrl?ca=platform
		404 /sgx/certification/v2/rootcacrl
		404 /sgx/certification/v4/qve/identity
		404 /sgx/certification/v4/../../../etc/passwd
		200 /sgx/certification/v4/qe/identity
	EOF
	get /sgx/certification/v4/rootcacrl --unix-socket pccs -X POST -d x
	[ "$code" = 405 ]
	rm collateral/tcb_info.json
	get '/sgx/certification/v4/tcb?fmspc=007377736778' --unix-socket pccs
	[ "$code" = 404 ]
	stop
	[ ! -e pccs ]
}

@test "pccs serves any such folder, also Intel's collateral" {
	vectors=${SGX_VECTORS:-$BATS_TEST_DIRNAME/../../../shared/vectors}/dcap
	[ -d "$vectors" ] || skip 'real collateral is not part of the tree'
	real=$vectors/intel-dcap/out_of_date-2023-05
	start "$swsgx" pccs --listen pccs --collateral "$real"
	url=http://localhost/sgx/certification/v3
	get '/tcb?fmspc=00706E470000' --unix-socket pccs
	cmp body "$real/tcb_info.json"
	get '/pckcrl?ca=processor&encoding=der' --unix-socket pccs
	cmp body "$real/pck_crl.der"
	get '/crl?uri=https://certificates.trustedservices.intel.com/IntelSGXRootCA.der' --unix-socket pccs
	cmp body "$real/root_ca_crl.der"
	get '/pckcert?qeid=0&cpusvn=0&pcesvn=0&pceid=0' --unix-socket pccs
	[ "$(header SGX-FMSPC)" = 00706e470000 ]
	[ "$(header SGX-PCK-Certificate-CA-Type)" = processor ]
}
