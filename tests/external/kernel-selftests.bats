# SPDX-License-Identifier: Apache-2.0
# The Linux kernel's own SGX selftests, unpacked from Debian's source packages, built as they are and run on software
# SGX: they must not be able to tell it from hardware, ten times in a row.

bats_require_minimum_version 1.5.0

totals='# Totals: pass:16 fail:0 xfail:0 xpass:0 skip:0 error:0'

unpack() {	# VERSION: the files that the test is built of, below linux-VERSION
	local source=linux-source-$1
	tar -xJf "/usr/src/$source.tar.xz" -C "$BATS_FILE_TMPDIR" --wildcards "$source/tools/testing/selftests/*" \
		"$source/tools/include/*" "$source/arch/x86/include/*"
}

setup_file() {
	unpack 6.1 &
	unpack 6.12
	wait $!
}

setup() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	export SWSGX_STATE=$BATS_TEST_TMPDIR/state
	unset SWSGX_DRIVER SWSGX_EPC_SIZE LD_PRELOAD
	"$O/bin/swsgx" --check | grep -q '^CPUID faulting *yes' || skip 'this processor cannot fault CPUID'
}

build() {	# VERSION; the Makefile knows where to build when no other make has called it
	cd "$BATS_FILE_TMPDIR/linux-source-$1/tools/testing/selftests/sgx" || return
	env -i PATH="$PATH" make >"$BATS_TEST_TMPDIR/make" 2>&1 || { cat "$BATS_TEST_TMPDIR/make"; return 1; }
}

passes() {	# ROUND
	run "$O/bin/swsgx" -- ./test_sgx
	if [ "$status" != 0 ] || [ "${lines[-1]}" != "$totals" ]; then
		printf 'round %s: exit status %s\n%s\n' "$1" "$status" "$output"
		return 1
	fi
}

@test "the selftests of Linux 6.1 pass ten times in a row" {
	build 6.1
	for round in {1..10}; do passes "$round"; done
}

@test "the selftests of Linux 6.12 pass ten times in a row" {
	build 6.12
	for round in {1..10}; do passes "$round"; done
}

@test "they do not pass without software SGX" {
	build 6.1
	[ ! -e /dev/sgx_enclave ] || skip 'this machine has an SGX driver'
	run ./test_sgx
	[ "$status" != 0 ]
	[ "${lines[-1]}" != "$totals" ]
}

@test "an EPC of another size is used to its end" {
	build 6.1
	SWSGX_EPC_SIZE=16M passes 1
	[[ $output == *'16777216 bytes heap'* ]]
}
