# SPDX-License-Identifier: Apache-2.0
# The whole circle: a container's enclave is attested, and its quote judged by what the platform publishes.
# aesmd's socket is a private one: whatever is mounted at /var/run/aesmd takes the place of the host's.

bats_require_minimum_version 1.5.0
load stack

setup_file() {
	[ "$(id -u)" = 0 ] || skip 'only root makes containers'
	local bundle=$BATS_FILE_TMPDIR/bundle id
	id=circle-$$
	export SWSGX_STATE=$BATS_FILE_TMPDIR/state PATH="$O/bin:$PATH"
	unset SWSGX_DRIVER SWSGX_LAUNCH LD_PRELOAD
	aesmd_start
	MRENCLAVE=$(sgx-tools measure "$O/encl.elf" | awk '{ print $2 }')
	export MRENCLAVE DATA=0123456789abcdef
	circle_bundle "$bundle" 3
	rune run --detach --bundle "$bundle" "$id" >/dev/null 2>&1 3>&- </dev/null
	rune attest --quote-type ecdsa --report-data $DATA --reportFile "$BATS_FILE_TMPDIR/quote" "$id"
	rune delete --force "$id"
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/aesmd-pid" ] || aesmd_stop
	nothing_left
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_FILE_TMPDIR/quote" quote
	id=$(container_id)
	service=
}

teardown() {
	[ -z "$service" ] || { kill "$service" && wait "$service" || true; }
	rune delete --force "$id" >/dev/null 2>&1 || true
}

# A bundle as stack.bash makes it, that computes for ever, with the private aesmd.
circle_bundle() {	# FOLDER PAL-VERSION
	make_bundle "$1" "$(pal "$2")" debug skeleton spin
	bundle_mount "$1" "$BATS_FILE_TMPDIR/aesmd" /var/run/aesmd
}

start() {	# PAL-VERSION
	circle_bundle bundle "$1"
	rune run --detach --bundle bundle "$id" >/dev/null 2>&1 3>&- </dev/null
}

# verify-quote with all that is known, but what the arguments say otherwise; for collateral of OPTIONs.
collateral() {	# [OPTION]...
	swsgx collateral "$@" collateral
}

verify() {	# STATUS [OPTION]...
	local want=$1
	shift
	run sgx-tools verify-quote --quote quote --collateral collateral "$@"
	echo "$output"
	[ "$status" = "$want" ]
}

known=(--root collateral/root_ca.pem --allow-debug)

@test "the quote of a running container is accepted, with its MRENCLAVE and the report data" {
	collateral
	verify 0 "${known[@]}" --mrenclave "$MRENCLAVE" --report-data $DATA
	[[ $output == *'genuine, accepted'* && $output == *"$MRENCLAVE"* ]]
	verify 0 "${known[@]}" --json
	[ "$(jq -r '.status, .mrenclave, .report_data, .debug' <<<"$output")" = \
		"$(printf '%s\n' UpToDate "$MRENCLAVE" "$DATA$(printf '%0112d' 0)" true)" ]
}

@test "a flipped bit anywhere in what is signed makes it no genuine quote" {
	collateral
	# The report's MRENCLAVE and data, its signature, the attestation key, the QE report and its signature.
	for at in 112 368 436 500 564 948; do
		cp "$BATS_FILE_TMPDIR/quote" quote
		python3 - $at <<-'END'
			import sys
			with open("quote", "r+b") as f:
			    f.seek(int(sys.argv[1]))
			    byte = f.read(1)[0] ^ 1
			    f.seek(int(sys.argv[1]))
			    f.write(bytes([byte]))
		END
		verify 3 "${known[@]}"
	done
}

@test "by Intel's root it is not genuine: what is simulated says so" {
	collateral
	verify 3 --allow-debug
}

@test "another platform's collateral does not make it genuine" {
	SWSGX_STATE=$BATS_TEST_TMPDIR/state swsgx collateral collateral
	verify 3 "${known[@]}"
}

@test "the policy refuses a debug enclave, another enclave, other data" {
	collateral
	verify 2 --root collateral/root_ca.pem
	verify 2 "${known[@]}" --mrenclave "$(printf '%064d' 1)"
	verify 2 "${known[@]}" --report-data 0123456789abcdee
	verify 2 "${known[@]}" --mrsigner "$(printf '%064d' 1)"
}

@test "a platform whose TCB is out of date is refused, unless that will do" {
	collateral --tcb-status OutOfDate
	verify 2 "${known[@]}"
	[[ $output == *OutOfDate* ]]
	verify 0 "${known[@]}" --accept OutOfDate
	collateral --tcb-status Revoked
	verify 2 "${known[@]}" --accept OutOfDate
	# Who accepts it still reads that Intel's library calls it an error.
	run sgx-tools verify-quote --quote quote --collateral collateral "${known[@]}" --accept Revoked --json
	[ "$status" = 0 ]
	[ "$(jq -r '.error + " " + .status' <<<"$output")" = 'TCB_REVOKED Revoked' ]
	collateral --tcb-status UpToDate
	verify 0 "${known[@]}"
}

@test "the collateral can come from swsgx pccs, at a port and at a socket" {
	collateral
	for listen in 127.0.0.1:0 "$BATS_TEST_TMPDIR/socket"; do
		swsgx pccs --listen "$listen" --collateral collateral >log 2>&1 3>&- &
		service=$!
		for _ in $(seq 100); do
			grep -q 'serving at' log && break
			sleep 0.1
		done
		base=$(sed -n 's/^pccs: serving at //p' log)
		[[ $base == http://* ]] || base=unix:$listen
		run sgx-tools verify-quote --quote quote --pccs "$base" --cache cache "${known[@]}" --mrenclave "$MRENCLAVE"
		echo "$output"
		[ "$status" = 0 ]
		kill "$service"
		wait "$service" || true
		service=
		# Of this root, too, what is kept will do.
		run sgx-tools verify-quote --quote quote --pccs "$base" --cache cache "${known[@]}" --mrenclave "$MRENCLAVE"
		echo "$output"
		[ "$status" = 0 ]
		rm -r cache
	done
}

@test "each quote is over its own data, and they are zeros where none are given" {
	collateral
	start 3
	rune attest --isRA --report-data 01 --reportFile quote "$id"
	verify 0 "${known[@]}" --report-data 01
	rune attest --quote-type ecdsa "$id" >quote
	verify 0 "${known[@]}" --report-data 00
	verify 2 "${known[@]}" --report-data 01
}

@test "a local report is for the quoting enclave, or for the target that is given" {
	start 3
	rune attest --report-data $DATA --reportFile report "$id"
	sgx-tools gen-quote --quote-type ecdsa --aesm "$BATS_FILE_TMPDIR/aesmd/aesm.socket" --report report --quote quote
	collateral
	verify 0 "${known[@]}" --mrenclave "$MRENCLAVE" --report-data $DATA
	sgx-tools gen-qe-target-info --quote-type ecdsa --aesm "$BATS_FILE_TMPDIR/aesmd/aesm.socket" --targetinfo target
	rune attest --quote-type ecdsa --targetinfo target --report-data $DATA --reportFile report "$id"
	[ "$(stat -c %s report)" = 432 ]
	sgx-tools gen-quote --quote-type ecdsa --aesm "$BATS_FILE_TMPDIR/aesmd/aesm.socket" --report report --quote quote
	verify 0 "${known[@]}" --report-data $DATA
	# For nobody: no quoting enclave can check it.
	head -c 512 /dev/zero >target
	rune attest --targetinfo target --reportFile report "$id"
	run sgx-tools gen-quote --quote-type ecdsa --aesm "$BATS_FILE_TMPDIR/aesmd/aesm.socket" --report report --quote none
	echo "$output"
	[ "$status" = 1 ] && [ ! -e none ]
}

@test "a runtime of PAL version 1 or 2 makes no quote, and says so" {
	for version in 1 2; do
		start $version
		run rune attest --quote-type ecdsa --reportFile none "$id"
		echo "$output"
		[ "$status" = 1 ]
		[ "$output" = "rune: attest: PAL version $version makes no report, only version 3 does" ]
		[ ! -e none ]
		rune delete --force "$id"
	done
}

@test "a container on another platform's software SGX gets no quote of this one's" {
	circle_bundle bundle 3
	SWSGX_STATE=$BATS_TEST_TMPDIR/state rune run --detach --bundle bundle "$id" >/dev/null 2>&1 3>&- </dev/null
	run rune attest --quote-type ecdsa --reportFile none "$id"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == 'rune: attest: '*'error 47: the report is not valid' ]]
	[ ! -e none ]
}
