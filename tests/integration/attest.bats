# SPDX-License-Identifier: Apache-2.0
# rune attest: the report of a running container's enclave, for a given target and with given data.

load stack

setup() {
	bundle=$BATS_TEST_TMPDIR/bundle
	id=$(container_id)
	report=$BATS_TEST_TMPDIR/report
}

teardown() {
	rune delete --force "$id" >/dev/null 2>&1 || true
}

running() {	# PAL-VERSION
	make_bundle "$bundle" "$(pal "$1")" debug skeleton spin
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	rune start "$id"
}

target() {	# a TARGETINFO of some enclave
	head -c 512 /dev/zero >"$BATS_TEST_TMPDIR/target"
	printf '\x5a' | dd of="$BATS_TEST_TMPDIR/target" conv=notrunc status=none
	echo "$BATS_TEST_TMPDIR/target"
}

bytes() {	# OFFSET COUNT: of the report, in hexadecimal
	od -An -v -tx1 -j "$1" -N "$2" "$report" | tr -d ' \n'
}

mrenclave() {
	"$O/bin/sgx-tools" show "$O/encl.ss" | awk 'tolower($1) ~ /^(mrenclave|enclavehash)/ { print $NF }'
}

refused() {	# REGULAR-EXPRESSION ATTEST-ARGUMENT...
	local expected=$1
	shift
	run rune attest "$@"
	echo "$output"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output =~ ^rune:\ attest:\ $expected ]]
}

@test "attest writes the enclave's report, with its MRENCLAVE and the data" {
	running 3
	rune attest --targetinfo "$(target)" --report-data 0011aaff "$id" >"$report"
	[ "$(stat -c %s "$report")" = 432 ]
	[ "$(bytes 64 32)" = "$(mrenclave)" ]
	[ "$(bytes 320 64)" = "0011aaff$(printf '%0120d' 0)" ]
	# DEBUG and INIT and MODE64BIT
	[ "$(bytes 48 8)" = 0700000000000000 ]
}

@test "attest takes the data from a file, and the file for the report" {
	running 3
	head -c 64 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	(umask 027; rune attest --targetinfo="$(target)" --report-data "$BATS_TEST_TMPDIR/data" \
		--reportFile "$report" "$id")
	cmp <(tail -c +321 "$report" | head -c 64) "$BATS_TEST_TMPDIR/data"
	[ "$(stat -c %a "$report")" = 640 ]
	rune attest --targetinfo "$(target)" --reportFile /dev/stdout "$id" | wc -c | grep -qx 432
}

@test "without data they are zeros, and another target has another MAC" {
	running 3
	rune attest --targetinfo "$(target)" "$id" >"$report"
	[ "$(bytes 320 64)" = "$(printf '%0128d' 0)" ]
	cp "$report" "$report.first"
	printf '\x5b' | dd of="$BATS_TEST_TMPDIR/target" conv=notrunc status=none
	rune attest --targetinfo "$BATS_TEST_TMPDIR/target" "$id" >"$report"
	cmp -n 384 "$report" "$report.first"
	never cmp -s "$report" "$report.first"
}

@test "attest works before start, and the container can then be started" {
	make_bundle "$bundle" "$(pal 3)" debug skeleton exit 0
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	rune attest --targetinfo "$(target)" "$id" | wc -c | grep -qx 432
	rune start "$id"
}

@test "the original's options are accepted" {
	running 3
	for type in epidLinkable epidUnlinkable ecdsa; do
		rune attest --quote-type $type --spid 00 --subscription-key 00 --targetinfo "$(target)" \
			--reportFile "$report" "$id"
		[ "$(stat -c %s "$report")" = 432 ]
	done
}

@test "what cannot be attested is one line" {
	refused "container $id does not exist" --targetinfo "$(target)" "$id"
	refused 'needs one container, not 0'
	refused 'unknown option: --nosuch' --nosuch "$id"
	refused '--quote-type: tdx: not one of' --quote-type tdx "$id"
	running 3
	refused 'needs one container, not 2' "$id" more
	refused '--targetinfo: .*nosuch: No such file' --targetinfo "$BATS_TEST_TMPDIR/nosuch" "$id"
	head -c 511 /dev/zero >"$BATS_TEST_TMPDIR/short"
	refused '--targetinfo: .*short: not a TARGETINFO of 512 bytes' --targetinfo "$BATS_TEST_TMPDIR/short" "$id"
	refused '--report-data: 65 bytes, at most 64' --report-data "$(printf '%0130d' 0)" --targetinfo "$(target)" "$id"
	refused '--report-data: neither hexadecimal nor a file: .*xyz: No such file' --report-data xyz --targetinfo "$(target)" "$id"
	head -c 65 /dev/zero >"$BATS_TEST_TMPDIR/long"
	refused '--report-data: .*long: more than 64 bytes' --report-data "$BATS_TEST_TMPDIR/long" --targetinfo "$(target)" "$id"
	run rune attest --targetinfo "$(target)" --reportFile /nonexistent/report "$id"
	[ "$status" = 1 ]
	[[ $output == 'rune: '*'/nonexistent/report'* ]]
	[ "${#lines[@]}" = 1 ]
	rune kill "$id" KILL
	for _ in $(seq 100); do
		[ "$(rune state "$id" | jq -r .status)" = stopped ] && break
		sleep 0.1
	done
	refused "container $id is not running" --targetinfo "$(target)" "$id"
}

@test "a PAL of version 2 makes no report, and says so" {
	running 2
	refused 'PAL version 2 makes no report, only version 3 does' --targetinfo "$(target)" "$id"
	[ "$(rune state "$id" | jq -r .status)" = running ]
}

@test "a PAL that knows no report data says so, and makes the report without" {
	make_bundle "$bundle" "$O/tests/integration/runelet-pal-3.so" debug block
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	refused 'pal_get_local_report: this PAL library takes no REPORTDATA' --report-data 01 --targetinfo "$(target)" "$id"
	rune attest --targetinfo "$(target)" --report-data 00 "$id" | wc -c | grep -qx 432
}

@test "an ordinary container is not attested" {
	make_bundle "$bundle" '' '' none
	mkdir -p "$bundle/rootfs/bin"
	cp /bin/busybox "$bundle/rootfs/bin/sh"
	jq 'del(.annotations) | .process.args = ["sh", "-c", "sleep 100"]' "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	refused "container $id is not an enclave container" --targetinfo "$(target)" "$id"
}

@test "checkpoint refuses an enclave container, which goes on" {
	running 3
	run rune checkpoint --image-path "$BATS_TEST_TMPDIR/image" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = "rune: checkpoint: $id: the memory of an enclave cannot be written down" ]
	[ "$(rune state "$id" | jq -r .status)" = running ]
}

@test "without --targetinfo, and for a quote, the container needs an aesmd" {
	# Whatever this host has: nothing is below /run.
	make_bundle "$bundle" "$(pal 3)" debug skeleton spin
	cat >"$BATS_TEST_TMPDIR/try" <<-TRY
		mount -t tmpfs tmpfs /run
		"$O/bin/rune" --root "$(rune_root)" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
		for options in "" "--report-data 01" "--isRA" "--isRA --quote-type ecdsa" "--quote-type ecdsa"; do
			"$O/bin/rune" --root "$(rune_root)" attest \$options "$id" && exit 1
		done
		"$O/bin/rune" --root "$(rune_root)" delete "$id"
	TRY
	run unshare --mount --propagation private sh "$BATS_TEST_TMPDIR/try"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -cx 'rune: attest: aesmd at /var/run/aesmd/aesm.socket: No such file or directory' <<<"$output")" = 5 ]
	[ "${#lines[@]}" = 5 ]
	refused '--quote-type: epidLinkable: the service that verified EPID quotes has ended' --isRA --quote-type epidLinkable "$id"
	refused 'a quote \(--isRA\) is for everybody' --isRA --targetinfo "$(target)" "$id"
}

@test "with an aesmd: a report for its quoting enclave, and a quote of the enclave with the data" {
	make_bundle "$bundle" "$(pal 3)" debug skeleton spin
	cat >"$BATS_TEST_TMPDIR/try" <<-TRY
		set -u
		mount -t tmpfs tmpfs /run
		mkdir /run/aesmd
		"$O/bin/swsgx" aesmd >"$BATS_TEST_TMPDIR/aesmd" 2>&1 &
		aesmd=\$!
		for i in \$(seq 100); do [ -S /run/aesmd/aesm.socket ] && break; sleep 0.1; done
		rune="$O/bin/rune --root $(rune_root)"
		\$rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
		code=0
		\$rune attest --report-data 01 "$id" >"$report" || code=\$?
		\$rune attest --isRA --quote-type ecdsa --report-data 0102 --reportFile "$report.quote" "$id" || code=\$?
		\$rune delete "$id"
		kill \$aesmd
		wait \$aesmd
		exit \$code
	TRY
	run unshare --mount --propagation private sh "$BATS_TEST_TMPDIR/try" 3>&-
	echo "$output"
	cat "$BATS_TEST_TMPDIR/aesmd"
	[ "$status" = 0 ]
	[ "$(stat -c %s "$report")" = 432 ]
	[ "$(bytes 64 32)" = "$(mrenclave)" ]
	[ "$(bytes 320 1)" = 01 ]
	# A quote of version 3 with an ECDSA key; behind its 48 bytes of header the report without its MAC.
	report=$report.quote
	[ "$(bytes 0 4)" = 03000200 ]
	[ "$(bytes 112 32)" = "$(mrenclave)" ]
	[ "$(bytes 368 64)" = "0102$(printf '%0124d' 0)" ]
	nothing_left
}
