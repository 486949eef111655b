# SPDX-License-Identifier: Apache-2.0
# sgx-tools verify-quote on quotes that Intel's machines have signed, and on a service that serves their
# collateral: verdicts, policy, exit statuses, and every refusal of the command line.

: "${O:=$BATS_TEST_DIRNAME/../../build}"
bats_require_minimum_version 1.5.0

setup_file() {
	export vectors=${SGX_VECTORS:-$BATS_TEST_DIRNAME/../../../shared/vectors}
	export good=$vectors/dcap/intel-dcap/sw_hardening-2023-05
}

setup() {
	[ -d "$good" ] || skip 'the vectors of real quotes are not here'
	cd "$BATS_TEST_TMPDIR"
	service=
}

teardown() {
	[ -z "$service" ] || { kill "$service" && wait "$service" || true; }
}

tool() {
	"$O/bin/sgx-tools" verify-quote "$@"
}

at() {	# FOLDER
	jq .verify_at_unix "$1/expected.json"
}

verify() {	# [OPTION]...: the good quote, with a status that is accepted
	run --separate-stderr tool --quote "$good/quote.bin" --collateral "$good" --at "$(at "$good")" --accept SWHardeningNeeded "$@"
}

serve() {	# FOLDER LISTEN [OPTION]...: swsgx pccs; its address is $base
	: >log
	"$O/bin/swsgx" pccs --listen "$2" --collateral "$1" "${@:3}" >>log 2>&1 3>&- &
	service=$!
	for _ in $(seq 100); do
		base=$(sed -n 's/^pccs: serving at //p' log)
		[ -z "$base" ] || return 0
		sleep 0.05
	done
	cat log
	return 1
}

@test "every real quote has the verdict, advisories, TCB date and identity that are known of it" {
	count=0
	while IFS= read -r expected; do
		d=${expected%/expected.json}
		tool --quote "$d/quote.bin" --collateral "$d" --at "$(at "$d")" --json --allow-debug \
			--accept SWHardeningNeeded,ConfigurationNeeded,ConfigurationAndSWHardeningNeeded,OutOfDate,OutOfDateConfigurationNeeded >out && code=0 || code=$?
		if [ "$(jq .expected.ok "$expected")" = true ]; then
			[ "$code" = 0 ]
			for key in status platform_status component_statuses advisories tcb_date expired collateral_expiration_status fmspc pcesvn svns \
				debug mrenclave mrsigner mrtd report_data; do
				# Of a TD's DEBUG it says nothing.
				[ "$key" != debug ] || [ "$(jq .expected.debug "$expected")" != null ] || continue
				[ "$(jq -cS ".expected.$key" "$expected")" = "$(jq -cS ".$key" out)" ] || { echo "$d: $key"; cat out; return 1; }
			done
		else
			[ "$code" = 3 ]
			[ "$(jq -r .expected.error "$expected" | cut -d ' ' -f 1)" = "$(jq -r .error out)" ] || { echo "$d"; cat out; return 1; }
			[ "$(jq .status out)" = null ]
		fi
		count=$((count + 1))
	done < <(find "$vectors/dcap" "$vectors/negative" -name expected.json)
	[ "$count" -ge 20 ]
}

@test "published quotes that must not verify do not, whatever the collateral" {
	for quote in "$vectors"/negative/*.bin; do
		run tool --quote "$quote" --collateral "$good" --at "$(at "$good")"
		echo "$output"
		[ "$status" = 3 ]
		[[ ${lines[0]} == "$quote: NOT GENUINE: "* ]]
	done
}

@test "the policy: what is wanted is accepted, each thing that is not is told, with status 2" {
	identity() { jq -r ".expected.$1" "$good/expected.json"; }
	verify --mrenclave "$(identity mrenclave)" --mrsigner "$(identity mrsigner)" --isvprodid 0 --min-isvsvn 0 --report-data "$(identity report_data)"
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "$good/quote.bin: genuine, accepted" ]
	other=$(printf '0%.0s' {1..64})
	verify --mrenclave "$other" --mrsigner "$other" --isvprodid 7 --min-isvsvn 3 --report-data 00
	echo "$output"
	[ "$status" = 2 ]
	[ "${lines[0]}" = "$good/quote.bin: genuine, REFUSED" ]
	[ "$(grep -c "MRENCLAVE is $(identity mrenclave)\|MRSIGNER is $(identity mrsigner)\|ISVPRODID is 0, not 7\|ISVSVN is 0, less than 3\|report data is 0001" <<<"$output")" = 5 ]
	run tool --quote "$good/quote.bin" --collateral "$good" --at "$(at "$good")" --json
	[ "$status" = 2 ]
	[ "$(jq -c '[.genuine, .accepted, .status, .refused]' <<<"$output")" = '[true,false,"SWHardeningNeeded",["TCB status is SWHardeningNeeded"]]' ]
}

@test "debug enclaves are refused unless they are allowed" {
	found=
	while IFS= read -r expected; do
		d=${expected%/expected.json}
		[ "$(jq .expected.debug "$expected")" = true ] || continue
		found=1
		options=(--quote "$d/quote.bin" --collateral "$d" --at "$(at "$d")" --accept "$(jq -r .expected.status "$expected")")
		run tool "${options[@]}"
		[ "$status" = 2 ]
		[[ $output == *'it is a debug enclave'* || $output == *'it is a debug TD'* ]]
		run tool "${options[@]}" --allow-debug
		[ "$status" = 0 ]
	done < <(find "$vectors/dcap" -name expected.json)
	[ -n "$found" ]
}

@test "collateral comes from a service, over TCP and a unix socket, with and without a path, and is cached" {
	# It serves the CRL of just the one certification authority that this platform has.
	serve "$good" 127.0.0.1:0
	options=(--quote "$good/quote.bin" --at "$(at "$good")" --accept SWHardeningNeeded)
	for url in "$base" "${base%/sgx/*}" "${base%/sgx/*}/" "${base%/sgx/*}/sgx/certification/v3" "${base%/sgx/*}/sgx/certification/v4/"; do
		run tool "${options[@]}" --pccs "$url"
		echo "$url: $output"
		[ "$status" = 0 ]
	done
	mkdir cache
	run tool "${options[@]}" --pccs "$base" --cache cache
	[ "$status" = 0 ]
	kill "$service" && wait "$service" || true
	service=
	run tool "${options[@]}" --pccs "$base" --cache cache
	echo "$output"
	[ "$status" = 0 ]
	# A kept folder is one that --collateral takes.
	run tool "${options[@]}" --collateral cache/*
	[ "$status" = 0 ]
	# What is kept has expired a year later: then the service is asked, and is not there.
	run tool --quote "$good/quote.bin" --at 2024-06-18T00:00:00Z --pccs "$base" --cache cache
	[ "$status" = 1 ]
	[[ $output =~ ^'sgx-tools: verify-quote: http://127.0.0.1:'.*': '.*[Cc]onnect ]]
	serve "$good" "$BATS_TEST_TMPDIR/socket"
	run tool "${options[@]}" --pccs "unix:$BATS_TEST_TMPDIR/socket"
	echo "$output"
	[ "$status" = 0 ]
}

@test "a cache folder that cannot be made is told before anything is fetched" {
	run tool --quote "$good/quote.bin" --pccs http://127.0.0.1:1 --cache no/cache
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = 'sgx-tools: verify-quote: --cache no/cache: No such file or directory' ]
}

@test "a service that lacks something is told with address and status" {
	mkdir other
	cp "$good"/* other
	sed 's/"fmspc":"[0-9A-Fa-f]*"/"fmspc":"000000000000"/' "$good/tcb_info.json" >other/tcb_info.json
	serve other 127.0.0.1:0
	run tool --quote "$good/quote.bin" --pccs "$base"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == "sgx-tools: verify-quote: "*"/tcb?fmspc=00606a000000: HTTP status 404" ]]
}

certify() {	# NAME SUBJECT-ALTERNATIVE-NAME: NAME.pem and NAME.key, signed by itself
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -days 2 \
		-addext "subjectAltName=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

@test "an https service is believed when its certificate is good for the address and issued by one who is trusted" {
	certify ours IP:127.0.0.1
	certify other IP:127.0.0.1
	certify elsewhere IP:127.0.0.2
	options=(--quote "$good/quote.bin" --at "$(at "$good")" --accept SWHardeningNeeded)
	serve "$good" 127.0.0.1:0 --cert ours.pem --key ours.key
	[[ $base == https://127.0.0.1:* ]]
	run tool "${options[@]}" --pccs "$base" --pccs-ca ours.pem
	echo "$output"
	[ "$status" = 0 ]
	for ca in '' '--pccs-ca other.pem'; do
		# shellcheck disable=SC2086 # two words, or none
		run tool "${options[@]}" --pccs "$base" $ca
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == "sgx-tools: verify-quote: $base/"*certificate* ]]
	done
	# Plain HTTP gets nothing from it.
	run tool "${options[@]}" --pccs "http${base#https}"
	[ "$status" = 1 ]
	kill "$service" && wait "$service" || true
	serve "$good" 127.0.0.1:0 --cert elsewhere.pem --key elsewhere.key
	run tool "${options[@]}" --pccs "$base" --pccs-ca elsewhere.pem
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"127.0.0.1"*"certificate"* || $output == *"certificate"*"127.0.0.1"* ]]
	run tool "${options[@]}" --pccs "$base" --pccs-ca none.pem
	[ "$status" = 1 ]
	[ "$output" = 'sgx-tools: verify-quote: open none.pem: No such file or directory' ]
	run tool "${options[@]}" --pccs "$base" --pccs-ca "$good/quote.bin"
	[ "$status" = 1 ]
	[ "$output" = "sgx-tools: verify-quote: $good/quote.bin: holds no certificate in PEM" ]
}

@test "collateral in one JSON file does as a folder does" {
	jq -n --rawfile a "$good/pck_crl_issuer_chain.pem" --arg b "$(od -An -v -tx1 "$good/root_ca_crl.der" | tr -d " \n")" --arg c "$(od -An -v -tx1 "$good/pck_crl.der" | tr -d " \n")" \
		--rawfile d "$good/tcb_info_issuer_chain.pem" --rawfile e "$good/tcb_info.json" --rawfile f "$good/qe_identity_issuer_chain.pem" \
		--rawfile g "$good/qe_identity.json" '{pck_crl_issuer_chain: $a, root_ca_crl: $b, pck_crl: $c, tcb_info_issuer_chain: $d, tcb_info: $e,
		qe_identity_issuer_chain: $f, qe_identity: $g}' >one.json
	run tool --quote "$good/quote.bin" --collateral one.json --at "$(at "$good")" --accept SWHardeningNeeded
	echo "$output"
	[ "$status" = 0 ]
	# Signatures apart, objects as objects.
	jq '.tcb_info_signature = (.tcb_info | fromjson | .signature) | .tcb_info = (.tcb_info | fromjson | .tcbInfo)' one.json >two.json
	run tool --quote "$good/quote.bin" --collateral two.json --at "$(at "$good")" --accept SWHardeningNeeded
	echo "$output"
	[ "$status" = 0 ]
	jq 'del(.pck_crl)' one.json >three.json
	run tool --quote "$good/quote.bin" --collateral three.json
	[ "$status" = 1 ]
	[ "$output" = 'sgx-tools: verify-quote: three.json: pck_crl is missing' ]
}

@test "another root than Intel's is trusted only when it is named, and Intel's only when it is not" {
	openssl ecparam -name prime256v1 -genkey -noout -out key
	openssl req -x509 -new -key key -subj /CN=mine -days 2 -out mine.pem
	verify --root mine.pem
	[ "$status" = 3 ]
	[[ $output == *PCK_CERT_CHAIN_UNTRUSTED* ]]
	# Intel's own, by name.
	awk '/BEGIN/ { n++ } n == 3' "$good/pck_cert_chain.pem" >intel.pem
	verify --root intel.pem
	[ "$status" = 0 ]
}

@test "the original's options are taken, with one dash or two" {
	run tool -quote "$good/quote.bin" -quote-type ecdsa -spid 00112233445566778899aabbccddeeff -subscription-key x \
		-collateral "$good" -at "$(at "$good")" -accept SWHardeningNeeded
	echo "$output"
	[ "$status" = 0 ]
}

@test "times are seconds or RFC 3339, and decide what has expired" {
	for time in 1684165303 2023-05-15T15:41:43Z 2023-05-15T17:41:43+02:00 2023-05-15T09:11:43-06:30; do
		run tool --quote "$good/quote.bin" --collateral "$good" --at "$time" --json
		[ "$(jq -c '[.verified_at_unix, .collateral_expiration_status]' <<<"$output")" = '[1684165303,0]' ]
	done
	run tool --quote "$good/quote.bin" --collateral "$good" --json
	[ "$(jq .collateral_expiration_status <<<"$output")" = 1 ]
	[ "$(jq -r .earliest_expiry <<<"$output")" = QE_IDENTITY ]
}

@test "a wrong command line, a missing file and a broken one are one line and status 1" {
	wrong() {	# SAID ARGUMENT...
		local said=$1
		shift
		run --separate-stderr tool "$@"
		[ "$status" = 1 ] && [ -z "$output" ] && [ "$stderr" = "sgx-tools: verify-quote: $said" ] || { echo "$stderr"; false; }
	}
	q=(--quote "$good/quote.bin" --collateral "$good")
	wrong '--quote FILE is missing; --help says more'
	wrong 'neither --collateral nor --pccs says where the collateral is' --quote x
	wrong '--collateral and --pccs exclude each other' "${q[@]}" --pccs x
	wrong '--pccs-ca is for --pccs, and there is none' "${q[@]}" --pccs-ca x
	wrong '--cache keeps what --pccs fetches, and there is none' "${q[@]}" --cache x
	wrong 'more: there are no operands; --help says more' "${q[@]}" more
	wrong '--turbo: unknown option' "${q[@]}" --turbo
	wrong '--quote-type epidLinkable: the service that verified EPID quotes ended on 2 April 2025' "${q[@]}" --quote-type epidLinkable
	wrong '--quote-type x: not one of ecdsa, epidLinkable, epidUnlinkable' "${q[@]}" --quote-type x
	wrong '--at: wants a value' "${q[@]}" --at
	wrong '--at yesterday: neither seconds since 1970 nor a time of RFC 3339' "${q[@]}" --at yesterday
	wrong '--at 2023-05-15T17:41:43+-1:30: neither seconds since 1970 nor a time of RFC 3339' "${q[@]}" --at 2023-05-15T17:41:43+-1:30
	wrong '--at 2023-13-01T00:00:00Z: neither seconds since 1970 nor a time of RFC 3339' "${q[@]}" --at 2023-13-01T00:00:00Z
	wrong '--mrenclave 00: not 64 hexadecimal digits' "${q[@]}" --mrenclave 00
	wrong '--mrsigner xyz: not 64 hexadecimal digits' "${q[@]}" --mrsigner xyz
	wrong '--isvprodid 65536: not a number up to 65535' "${q[@]}" --isvprodid 65536
	wrong '--min-isvsvn -1: not a number up to 65535' "${q[@]}" --min-isvsvn -1
	wrong '--report-data 0: not 1 to 64 bytes in hexadecimal' "${q[@]}" --report-data 0
	wrong '--accept Fine: not a TCB status such as SWHardeningNeeded' "${q[@]}" --accept UpToDate,Fine
	wrong 'open none: No such file or directory' --quote none --collateral "$good"
	wrong '--collateral none: No such file or directory' --quote "$good/quote.bin" --collateral none
	echo '[' >broken
	wrong 'broken: neither a folder nor a JSON object of collateral' --quote "$good/quote.bin" --collateral broken
	wrong 'open none: No such file or directory' "${q[@]}" --root none
	run tool "${q[@]}" --root broken
	[ "$status" = 1 ] && [[ $output == 'sgx-tools: verify-quote: broken: '* ]]
	: >empty
	run tool --quote empty --collateral "$good"
	[ "$status" = 3 ]
}
