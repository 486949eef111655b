# SPDX-License-Identifier: Apache-2.0
# What docs/threat-model.md promises of the enclave and no unit test can show: a loader that builds
# another enclave, the build against LVI, exceptions that a whole stack carries, and that the checks of
# all this can fail.

bats_require_minimum_version 1.5.0

: "${O:=$BATS_TEST_DIRNAME/../../build}"

setup() {
	O=$(cd "$O" && pwd)
	cd "$BATS_TEST_TMPDIR"
	cp "$O/encl.bin" "$O/encl.ss" "$O/encl.elf" .
}

palrun() {
	run timeout 100 "$O/bin/swsgx" --state="$BATS_FILE_TMPDIR/state" -- "$O/tests/pal/palrun" run \
		"$O/lib/liberpal-skeleton-v2.so" "$@"
	echo "$output"
}

word() {	# OFFSET: 8 bytes of encl.bin
	od -An -tu8 -j "$1" -N 8 encl.bin | tr -d ' '
}

put() {	# OFFSET VALUE: 8 bytes
	local i v=$2
	for i in 0 1 2 3 4 5 6 7; do
		printf '%b' "\\x$(printf %02x $((v >> (8 * i) & 255)))"
	done | dd of=encl.bin bs=1 seek="$1" conv=notrunc status=none
}

# The file offset of the first TCS, from the layout page: the segment whose SECINFO is 0x100.
tcs() {
	local i
	for i in $(seq 0 63); do
		[ "$(word $((72 + 40 * i + 24)))" != 256 ] || { word $((72 + 40 * i + 16)); return; }
	done
}

refused() {	# after an edit of encl.bin: EINIT does not start it
	run ! cmp -s encl.bin "$O/encl.bin"
	palrun x echo started
	[ "$status" != 0 ]
	[[ $output != *started* ]]
	[[ $output == *"$1"* ]]
	cp "$O/encl.bin" encl.bin
}

@test "a loader that changes a TCS builds another enclave, and EINIT refuses it" {
	t=$(tcs)
	[ "$(word $((t + 32)))" = $((16#$(nm encl.elf | awk '$3 == "encl_entry" { print $1 }'))) ]
	put $((t + 16)) $(($(word $((t + 16))) + 4096))		# OSSA
	refused 'MRENCLAVE of the image is'
	put $((t + 24)) $((3 << 32))				# NSSA
	refused 'MRENCLAVE of the image is'
	put $((t + 32)) $(($(word $((t + 32))) + 16))		# OENTRY
	refused 'MRENCLAVE of the image is'
	put $((t + 56)) $(($(word $((t + 56))) + 8192))		# OGSBASE: another thread's TD
	refused 'MRENCLAVE of the image is'
}

@test "a loader that leaves a page out, or gives it other permissions, builds another enclave" {
	for i in 1 2 3; do
		put $((72 + 40 * i + 8)) $(($(word $((72 + 40 * i + 8))) - 4096))	# a page less
		refused ''
	done
	put $((72 + 40 + 24)) $((0x207))			# text that can be written
	refused 'writable and executable'
	put $((72 + 80 + 24)) $((0x203))			# read-only data, too
	refused 'MRENCLAVE of the image is'
}

@test "text that a loader changes is another enclave" {
	text=$(word $((72 + 40 + 16)))
	put "$text" 0
	refused 'MRENCLAVE of the image is'
}

@test "make LVI=1: a fence behind each load and before each return, and all checks hold" {
	make -C "$BATS_TEST_DIRNAME/../.." O="$BATS_TEST_TMPDIR/lvi" LVI=1 CC="$(cut -d ' ' -f 1 "$O/encl-flags")" \
		"$BATS_TEST_TMPDIR/lvi/encl.bin" >log 2>&1 || { cat log; false; }
	"$BATS_TEST_DIRNAME/../../scripts/check-enclave" "$PWD/lvi/encl.elf" "$PWD/lvi/encl.bin"
	bare=$(objdump -d --no-show-raw-insn lvi/encl.elf | awk -F '\t' '
		$2 ~ /^ret/ && last !~ /lfence/ { print }
		load != "" && $2 !~ /^lfence/ { print load " then " $0 }
		{ load = $2 ~ /^(mov[a-z]*|pop|popf) .*\),%|^pop/ ? $2 : "" }
		NF > 1 { last = $2 }')
	echo "$bare"
	[ -z "$bare" ]
	[ "$(objdump -d lvi/encl.elf | grep -c lfence)" -gt 200 ]
}

@test "CPUID in a program is answered by the enclave, as often as it asks" {
	grep -qw cpuid_fault /proc/cpuinfo || skip 'this processor cannot fault CPUID'
	palrun x cpuid
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 10 ]
	[ "${lines[0]}" = 'leaf 0: eax 1, ebx 6c656b53, ecx 6c636e45, edx 6e6f7465' ]
	[ "${lines[1]}" = 'leaf 1: eax 0, ebx 0, ecx 40802201, edx 7008111' ]
	[ "${lines[7]}" = 'leaf 7: eax 0, ebx 0, ecx 0, edx 0' ]
}

@test "RDTSC in a program has a later answer each time" {
	palrun x rdtsc
	[ "$status" = 0 ]
	[[ $output =~ ^first\ ([0-9]+),\ then\ ([0-9]+)$ ]]
	[ "${BASH_REMATCH[2]}" -gt "${BASH_REMATCH[1]}" ]
}

@test "where a program faulted is a place for addr2line" {
	palrun x crash divide
	[ "$status" = 136 ]
	[[ ${lines[0]} =~ ^enclave:\ exception\ 0\ \(#DE\)\ at\ (0x[0-9a-f]+)\ of\ encl.elf$ ]]
	addr2line -f -i -e encl.elf "${BASH_REMATCH[1]}" | grep -q crash_divide
}

@test "a stack that overflows says so and ends the program alone" {
	palrun x crash stack
	[ "$status" = 139 ]
	[[ ${lines[0]} == 'enclave: stack overflow at 0x'*' of encl.elf' ]]
}

@test "a program whose standard error has gone still ends by its exception" {
	run bash -c '{ timeout 100 "$0" --state="$1" -- "$2" run "$3" x crash ud2; echo $? >&3; } 3>code 2> >(:)' \
		"$O/bin/swsgx" "$BATS_FILE_TMPDIR/state" "$O/tests/pal/palrun" "$O/lib/liberpal-skeleton-v2.so"
	[ "$(cat code)" = 132 ]
}

# A runtime of one's own: its files take the place of the skeleton's.
own_runtime() {
	tree=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	mkdir -p sk my/enclave
	ln -s "$tree" sk/src
	cp "$tree/scripts/runtime.mk" sk
	cat >my/enclave/handler.c <<-'END'
		#include "enclave/handler.h"

		/* A division by zero is 42. */
		bool encl_on_exception(struct encl_exception *exception)
		{
			static const uint8_t divl[] = { 0xf7 };

			if (exception->vector != ENCL_VECTOR_DE)
				return false;
			exception->rip += encl_text_is(exception->rip, divl, 1) ? 2 : 3;
			exception->rax = 42;
			return true;
		}
	END
	cat >my/enclave/app.c <<-'END'
		#include "enclave/app.h"

		#include "enclave/insn.h"
		#include "enclave/io.h"

		int enclave_main(int argc, char **argv, char **envp)
		{
			(void)argv;
			(void)envp;
			do {
				if (encl_printf("%u\n", raw_divide(1, 0)) < 0)
					return 1;
				while (argc > 2)
					raw_divide(1, 0);
			} while (argc > 1);
			return 0;
		}
	END
	printf 'NAME := my\ninclude %s/sk/runtime.mk\n' "$PWD" >my/Makefile
	make -C my O=build SGXSIGN="$O/bin/sgxsign" encl.ss >log 2>&1 || { cat log; false; }
	cp my/encl.bin my/encl.ss .
}

@test "an author's handler takes the place of the skeleton's: its program goes on, as often as it likes, and can be killed" {
	own_runtime
	palrun x
	[ "$status" = 0 ]
	[ "$output" = 42 ]
	lib=$O/lib/liberpal-skeleton-v2.so
	run timeout 100 "$O/bin/swsgx" --state="$BATS_FILE_TMPDIR/state" -- "$O/tests/pal/palrun" run -s 15 "$lib" x for ever
	echo "$output"
	[ "$status" = 143 ]
	[ "${lines[0]}" = 42 ]
}

@test "check-hardening fails for a test that passes without the defence, an edit of nothing, and no test" {
	mkdir tree
	cd "$BATS_TEST_DIRNAME/../.."
	cp -r --parents enclave sgx scripts/weaken scripts/check-hardening scripts/check-enclave tests/defences "$BATS_TEST_TMPDIR/tree"
	cd "$BATS_TEST_TMPDIR/tree"
	mkdir -p out/tests/unit
	cp -r "$O/enclave" "$O/encl-flags" out
	cp -r "$O/tests/unit/enclave" out/tests/unit
	sed -i 's/^\tentry a_cssa_that_cannot_be_is_refused_untouched/\tentry init_is_first_and_once/
		s/^\tentry an_exit_to_the_inside_ends_the_enclave/\tentry a_test_of_nothing/
		s/0x1fbf\/0x1f80/0x1fbe\/0x1f80/' tests/defences
	O=out run scripts/check-hardening cssa exit-target mxcsr align
	echo "$output"
	[ "$status" != 0 ]
	[[ ${lines[0]} == 'not ok 1 - without cssa '* ]]
	[[ $output == *'entry: passes: init_is_first_and_once'* ]]
	[[ $output == *'not ok 2 - without exit-target '*'there is no test a_test_of_nothing'* ]]
	[[ $output == *'not ok 3 - without mxcsr '*'the edit does not change enclave/entry.S'* ]]
	[[ $output == *'ok 4 - without align '* ]]
}

@test "check-enclave refuses an image that lacks a defence" {
	"$BATS_TEST_DIRNAME/../../scripts/weaken" align "$O"
	run "$BATS_TEST_DIRNAME/../../scripts/check-enclave" "$O/weak/align/encl.elf" "$O/weak/align/encl.bin"
	rm -r "$O/weak"
	[ "$status" != 0 ]
	[[ $output == *'not ok '*' - no defence was taken out'* ]]
}
