# SPDX-License-Identifier: Apache-2.0
# sgx-tools against a running aesmd (gen-token, gen-qe-target-info, gen-quote), and show of every kind of file.

bats_require_minimum_version 1.5.0
load files

setup_file() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	export O PATH="$O/bin:$PATH" SWSGX_STATE=$BATS_FILE_TMPDIR/state
	unset SWSGX_DRIVER SWSGX_LAUNCH LD_PRELOAD
	export socket=$BATS_FILE_TMPDIR/socket vectors=${SGX_VECTORS:-$BATS_TEST_DIRNAME/../../../shared/vectors}
	SWSGX_LAUNCH=token swsgx aesmd --socket "$socket" >"$BATS_FILE_TMPDIR/log" 2>&1 3>&- &
	export aesmd=$!
	for _ in $(seq 300); do
		grep -q 'serving at' "$BATS_FILE_TMPDIR/log" && break
		sleep 0.1
	done
	grep 'serving at' "$BATS_FILE_TMPDIR/log"
}

teardown_file() {
	kill "$aesmd"
	wait "$aesmd" || true
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	client=$O/tests/aesmd/client
	cp "$O/encl.bin" "$O/encl.ss" .
}

refused() { # SAID COMMAND...: in one line, after its name, and nothing on standard output
	local said=$1
	shift
	run --separate-stderr sgx-tools "$@"
	# shellcheck disable=SC2053 # a pattern
	[ "$status" = 1 ] && [ -z "$output" ] && [[ $stderr == "sgx-tools: "$said ]] || {
		echo "$status, $output, $stderr"
		return 1
	}
	[ "$(wc -l <<<"$stderr")" = 1 ]
}

field() { # FILE KEY...: of show --json
	local file=$1
	shift
	sgx-tools show --json "$file" | jq -r "$@"
}

bytes() { # FILE OFFSET COUNT: hexadecimal
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'
}

le() { # BYTES NUMBER...: each little-endian
	local size=$1 n i
	shift
	for n; do
		for ((i = 0; i < size; i++)); do
			printf '%b' "\\x$(printf %02x $((n >> 8 * i & 255)))"
		done
	done
}

zeros() { # COUNT
	head -c "$1" /dev/zero
}

target() {
	sgx-tools gen-qe-target-info --aesm "$socket" --targetinfo target
}

report() { # a REPORT for the quoting enclave in the file report
	target
	swsgx -- "$client" report "$O/tests/trap/key.pem" target report
}

# ---- asking aesmd ----

@test "gen-token asks for the enclave that the SIGSTRUCT signs, and names the token after it" {
	sgx-tools gen-token --aesm "$socket" --signature encl.ss
	[ "$(stat -c %s encl.token)" = 304 ]
	[ "$(bytes encl.token 64 32)" = "$(bytes encl.ss 960 32)" ]
	[ "$(bytes encl.token 48 16)" = "$(bytes encl.ss 928 16)" ]
	mkdir folder.d
	for name in hello.sig folder.d/hello.v1.sig folder.d/hello; do
		cp encl.ss $name
		sgx-tools gen-token --aesm "$socket" --signature $name
	done
	[ "$(ls ./*.token folder.d/*.token)" = $'./encl.token\n./hello.token\nfolder.d/hello.token\nfolder.d/hello.v1.token' ]
	[ "$(field encl.token '[.kind, .valid] | join(" ")')" = 'einittoken 1' ]
}

@test "the flags of the original tool are taken, its defaults kept, and --verbose says what was saved" {
	run --separate-stderr sgx-tools --verbose gen-token -signature encl.ss -token=out.token -aesm "$socket"
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$stderr" = 'token file out.token saved' ]
	for type in ecdsa ECDSA; do
		sgx-tools gen-qe-target-info --quote-type $type --aesm "$socket"
		[ "$(stat -c %s qe_targetinfo.bin)" = 512 ]
		mv qe_targetinfo.bin target
	done
	report
	run --separate-stderr sgx-tools gen-quote -quote-type ecdsa -report report -aesm "$socket"
	[ "$status" = 0 ]
	[ -z "$stderr$output" ]
	[ "$(field quote.bin .kind)" = quote ]
	for command in gen-token gen-qe-target-info gen-quote show; do
		run -0 sgx-tools $command --help
		[[ ${lines[0]} == "usage: sgx-tools $command "* ]]
	done
}

@test "gen-quote makes a quote of the report, which the platform's collateral verifies" {
	report
	sgx-tools gen-quote --quote-type ecdsa --report report --quote quote --aesm "$socket"
	[ "$(bytes quote 48 384)" = "$(bytes report 0 384)" ]
	swsgx collateral collateral
	run "$client" verify quote collateral
	[[ $output == 'UpToDate OK '* ]]
	[ "$(field quote .mrenclave)" = "$(field report .mrenclave)" ]
	[ "$(field quote .fmspc)" = 007377736778 ]
}

@test "an enclave starts with the launch token that gen-token gets where launch control is locked" {
	run swsgx --driver=legacy --launch=token -- "$O/tests/pal/palrun" run "$O/lib/liberpal-skeleton-v3.so" x exit 3
	[ "$status" = 99 ]
	[[ $output == *encl.token* ]]
	sgx-tools gen-token --aesm "$socket" --signature encl.ss
	run swsgx --driver=legacy --launch=token -- "$O/tests/pal/palrun" run "$O/lib/liberpal-skeleton-v3.so" x exit 3
	echo "$output"
	[ "$status" = 3 ]
}

@test "make encl.token asks aesmd for the token of the enclave that was built" {
	cp -r "$O/encl.ss" kept.ss
	make -C "$BATS_TEST_DIRNAME/../.." O="$O" -o "$O/encl.ss" -o "$O/bin/sgx-tools" AESM="$socket" "$O/encl.token"
	mv "$O/encl.token" encl.token
	cmp kept.ss "$O/encl.ss"
	[ "$(bytes encl.token 64 32)" = "$(bytes encl.ss 960 32)" ]
}

@test "what gen-token cannot use is refused in a line, and no token appears" {
	refused 'gen-token: --signature FILE is missing; --help says more' gen-token
	refused 'gen-token: open none.ss: No such file or directory' gen-token --signature none.ss
	head -c 100 encl.ss >short.ss
	refused 'gen-token: short.ss: *1808*' gen-token --signature short.ss
	cp encl.ss bad.ss
	flip bad.ss 960
	refused 'gen-token: bad.ss: the signature does not verify' gen-token --signature bad.ss --aesm "$socket"
	refused 'gen-token: aesmd at none: No such file or directory' gen-token --signature encl.ss --aesm none
	refused 'gen-token: encl.ss: given twice' gen-token --signature encl.ss --token encl.ss --aesm "$socket"
	refused 'gen-token: create no/token: No such file or directory' gen-token --signature encl.ss --token no/token --aesm "$socket"
	refused 'gen-token: -q: unknown option' gen-token -q
	refused 'gen-token: --token: wants a value' gen-token --token
	refused 'gen-token: x: there are no operands; --help says more' gen-token x
	sgxsign -N "$O/signing_key.pem" encl.bin product.ss >/dev/null
	refused 'gen-token: aesmd at *: error 6: *' gen-token --signature product.ss --aesm "$socket"
	[ -z "$(find . -name '*.token*')" ]
}

@test "what the quoting commands cannot use is refused in a line, and nothing appears" {
	refused 'gen-qe-target-info: --quote-type p384: neither *' gen-qe-target-info --quote-type p384
	refused 'gen-qe-target-info: aesmd at none: No such file or directory' gen-qe-target-info --aesm none
	refused 'gen-qe-target-info: aesmd at *: error 30: the service is not available' gen-qe-target-info --quote-type epidLinkable --aesm "$socket"
	[ ! -e qe_targetinfo.bin ]
	report
	refused 'gen-quote: --report FILE is missing; --help says more' gen-quote --quote-type ecdsa
	refused 'gen-quote: --spid HEX is missing: *' gen-quote --quote-type epidUnlinkable --report report
	refused 'gen-quote: --spid 12: not 32 hexadecimal digits' gen-quote --quote-type epidLinkable --spid 12 --report report
	refused 'gen-quote: aesmd at *: error *' gen-quote --quote-type epidLinkable --spid 00112233445566778899aabbccddeeff --report report --aesm "$socket"
	refused 'gen-quote: target: not a REPORT of 432 bytes' gen-quote --report target --aesm "$socket"
	refused 'gen-quote: report: given twice' gen-quote --report report --quote report --aesm "$socket"
	zeros 432 >other
	refused 'gen-quote: aesmd at *: error 47: the report is not valid' gen-quote --report other --aesm "$socket"
	[ ! -e quote.bin ]
}

# ---- show ----

@test "show prints a launch token, a target and a report" {
	report
	sgx-tools gen-token --aesm "$socket" --signature encl.ss
	run -0 sgx-tools show encl.token
	[ "${lines[0]}" = 'encl.token: EINITTOKEN' ]
	[[ $output =~ VALID\ +1 ]]
	[[ $output =~ ATTRIBUTES\ +0x6\ DEBUG\ MODE64BIT ]]
	[ "$(field encl.token '[.mrenclave, .launch_enclave.attributes.names[0]] | join(" ")')" = "$(bytes encl.ss 960 32) INIT" ] ||
		{ field encl.token .; false; }
	run -0 sgx-tools show target
	[ "${lines[0]}" = 'target: TARGETINFO' ]
	[ "$(field target '[.kind, .measurement] | join(" ")')" = "targetinfo $(bytes target 0 32)" ]
	run -0 sgx-tools show report
	[ "${lines[0]}" = 'report: REPORT' ]
	[ "$(field report '[.kind, .mrenclave, .report_data, .mac, .debug] | join(" ")')" = \
		"report $(bytes report 64 32) $(bytes report 320 64) $(bytes report 416 16) false" ]
}

@test "show prints collateral: TCB info, QE identity, certificates and revocation lists in every encoding" {
	swsgx collateral --revoke-pck collateral
	cd collateral
	[ "$(field tcb_info.json '[.kind, .fmspc, .levels[0].status, (.levels[0].svns | length)] | join(" ")')" = 'tcb_info 007377736778 UpToDate 16' ]
	[ "$(field qe_identity.json '[.kind, .id, .levels[0].status] | join(" ")')" = 'qe_identity QE UpToDate' ]
	[ "$(field pck_cert_chain.pem '[.kind, (.certificates | length), .certificates[0].fmspc, .certificates[1].fmspc] | map(tostring) | join(" ")')" = \
		'certificates 3 007377736778 null' ]
	serial=$(openssl x509 -in pck_cert_chain.pem -noout -serial)
	[ "$(field pck_cert_chain.pem .certificates[0].serial_number)" = "$(sed 's/.*=//; s/^0*//; s/.*/\L&/' <<<"$serial")" ]
	openssl x509 -in pck_cert_chain.pem -outform DER -out cert.der
	[ "$(field cert.der .certificates[0].fmspc)" = 007377736778 ]
	openssl x509 -in pck_cert_chain.pem -text -out cert.txt
	[ "$(field cert.txt .certificates[0].fmspc)" = 007377736778 ]
	openssl crl -inform DER -in pck_crl.der -out pck_crl.pem
	od -An -v -tx1 pck_crl.der | tr -d ' \n' >pck_crl.hex
	for f in pck_crl.der pck_crl.pem pck_crl.hex; do
		[ "$(field $f '[.kind, .revoked_certificates, .revoked[0]] | join(" ")')" = \
			"crl 1 $(field cert.der .certificates[0].serial_number)" ]
	done
	run -0 sgx-tools show tcb_info.json
	[ "${lines[0]}" = 'tcb_info.json: TCB info' ]
	[[ $output =~ level\ 1\ +SVNs\ [0-9\ ]+,\ PCESVN\ [0-9]+,\ status\ UpToDate,\ TCB\ date ]]
}

@test "show prints an image, an SGXS stream and a SIGSTRUCT as JSON, with one MRENCLAVE" {
	sgx-tools measure --sgxs encl.sgxs encl.bin >said
	for f in encl.bin encl.sgxs encl.ss; do
		[ "MRENCLAVE $(field $f .mrenclave)" = "$(cat said)" ]
	done
	[ "$(field encl.bin '.segments[0].permissions')" = r-- ]
	[ "$(field encl.ss '[.kind, .debug, .attributes.value, .attributes.names[0], .attributes.mask, .verdict] | join(" ")')" = \
		'sigstruct required 0x6 DEBUG 0x6 verifies' ]
	[ "$(field encl.sgxs .pages)" -gt 0 ]
}

# A quote of zeros but for what makes it one: its certification data is of TYPE, from standard input.
make_quote() { # VERSION TEE TYPE
	local body=384 data size
	cat >data
	data=$(stat -c %s data)
	le 2 "$1" 2
	le 4 "$2"
	zeros 4
	printf '\x93\x9a\x72\x33\xf7\x9c\x4c\xa9\x94\x0a\x0d\xb3\x95\x7f\x06\x07'
	zeros 20
	if [ "$1" = 5 ]; then
		[ "$2" = 0 ] && le 2 1 || { le 2 4; body=885; }
		le 4 $body
	elif [ "$2" != 0 ]; then
		body=584
	fi
	zeros $body
	size=$((384 + 64 + 2 + 6 + data))
	if [ "$1" = 3 ]; then
		le 4 $((128 + size))
		zeros 128
	else
		le 4 $((128 + 6 + size))
		zeros 128
		le 2 6
		le 4 $size
	fi
	zeros 448
	le 2 0 "$3"
	le 4 "$data"
	cat data
}

@test "show prints quotes of versions 3, 4 and 5, of SGX and TDX, with certification data of every type" {
	{ zeros 16; printf '%s' 0123456789abcdef; le 2 13 0x1234; } >tcb
	for version in 3 4 5; do
		make_quote $version 0 1 <tcb >quote
		[ "$(field quote '[.version, .tee, .cert_type, .ppid, .pcesvn, .pceid] | map(tostring) | join(" ")')" = \
			"$version SGX 1 00000000000000000000000000000000 13 3412" ] || { field quote .; false; }
	done
	for size in 256:2 384:3; do
		{ zeros ${size%:*}; zeros 20; } | make_quote 4 0 ${size#*:} >quote
		[ "$(field quote '[.cert_type, (.encrypted_ppid | length)] | map(tostring) | join(" ")')" = "${size#*:} $((2 * ${size%:*}))" ]
	done
	zeros 10 | make_quote 3 0 2 >quote
	[ "$(field quote .content)" = 00000000000000000000 ]
	printf manifest | make_quote 4 129 7 >quote
	[ "$(field quote '[.tee, .cert_type, .content, (.mrtd | length)] | map(tostring) | join(" ")')" = 'TDX 7 6d616e6966657374 96' ]
	run -0 sgx-tools show quote
	[[ $output =~ certification\ data\ +7,\ platform\ manifest ]]
	printf x | make_quote 5 129 9 >quote
	[ "$(field quote '[.tee, .cert_type, .body_type, .vmid] | map(tostring) | join(" ")')" = 'TDX 9 4 00' ]
	swsgx collateral collateral
	openssl x509 -in collateral/pck_cert_chain.pem -out leaf.pem
	make_quote 4 0 4 <leaf.pem >quote
	[ "$(field quote '[.cert_type, .fmspc, (.svns | length)] | map(tostring) | join(" ")')" = '4 007377736778 16' ]
	make_quote 5 129 5 <collateral/pck_cert_chain.pem >quote
	printf 123 >>quote
	[ "$(field quote '[.cert_type, .fmspc, (.certificates | length), .trailing_bytes] | map(tostring) | join(" ")')" = '5 007377736778 3 3' ]
}

@test "show prints an EPID quote" {
	{ le 2 2 1; printf 'GRUP'; le 2 9 14; le 4 5; zeros 32; zeros 384; le 4 8; printf 'eightbit'; } >quote
	[ "$(field quote '[.kind, .version, .sign_type, .epid_group_id, .qe_svn, .extended_epid_group, .signature] | map(tostring) | join(" ")')" = \
		'epid_quote 2 1 47525550 9 5 6569676874626974' ]
	run -0 sgx-tools show quote
	[[ $output =~ sign\ type\ +1,\ linkable ]]
}

@test "show prints nothing of a file that is broken" {
	sgx-tools measure --sgxs encl.sgxs encl.bin >said
	head -c 500 encl.sgxs >cut.sgxs
	refused 'show: cut.sgxs: *' show cut.sgxs
	swsgx collateral collateral
	sed 's/UpToDate/Fine/' collateral/tcb_info.json >tcb.json
	refused 'show: tcb.json: *' show --json tcb.json
	sed 's/"version":2/"version":7/' collateral/qe_identity.json >qe.json
	refused 'show: qe.json: *' show qe.json
	head -n 30 collateral/pck_cert_chain.pem | sed '25s/.*/!/' >chain.pem
	refused 'show: chain.pem: certificate *' show chain.pem
	head -c -1 collateral/pck_crl.der >cut.der
	refused 'show: cut.der: *' show cut.der
	printf x | make_quote 3 0 5 >quote
	refused 'show: quote: no certificate in PEM' show quote
	head -c 1100 quote >cut.quote
	make_quote 3 0 5 <collateral/pck_cert_chain.pem | head -c 2000 >cut.quote
	refused 'show: cut.quote: signature data of *' show cut.quote
	: >empty
	refused 'show: empty: no kind of file that show knows; --help lists them' show empty
	refused 'show: 2 operands, not FILE; --help says more' show encl.ss encl.bin
}

@test "what is in a file cannot steer a terminal, nor break JSON" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -days 1 -utf8 \
		-subj $'/CN=a\e[2Jb\xc3\xa9' -out cert.pem 2>/dev/null
	run -0 sgx-tools show cert.pem
	[[ $output != *$'\e'* ]]
	[[ $output == *'CN='* ]]
	sgx-tools show --json cert.pem | jq -e .certificates[0].subject
}

@test "show of real quotes agrees with what is known of them, and of every other real file it makes JSON" {
	[ -d "$vectors" ] || skip 'the vectors of real quotes are not here'
	count=0
	while read -r expected; do
		# Keys that both have; a value that only a verification can know is not shown.
		sgx-tools show --json "${expected%/*}/quote.bin" >shown.json
		jq -e --slurpfile shown shown.json '.expected as $want | $shown[0] as $got |
			["fmspc", "pcesvn", "svns", "qe_isvsvn", "debug", "mrenclave", "mrsigner", "isvprodid", "isvsvn", "mrtd", "report_data"] |
			map(select($want[.] != null and $want[.] != $got[.])) == []' "$expected" >/dev/null || {
			echo "$expected"
			false
		}
		count=$((count + 1))
		for f in "${expected%/*}"/*.pem "${expected%/*}"/*.der "${expected%/*}"/tcb_info.json "${expected%/*}"/qe_identity.json; do
			sgx-tools show --json "$f" >shown.json
			jq -e .kind shown.json >/dev/null
		done
	done < <(find "$vectors/dcap" -name expected.json)
	[ "$count" -ge 10 ]
	for f in "$vectors"/sigstruct/*.sig "$vectors"/sigstruct/*.token "$vectors"/sigstruct/*.sgxs "$vectors"/sigstruct/*.bin "$vectors"/negative/*.bin; do
		sgx-tools show --json "$f" | jq -e .kind >/dev/null
	done
	[ "$(field "$vectors/sigstruct/test_enclave.sgxs" .mrenclave)" = "$(field "$vectors/sigstruct/test_enclave.sig" .mrenclave)" ]
}
