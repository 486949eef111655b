# SPDX-License-Identifier: Apache-2.0
# gdb with scripts/skeleton-gdb.py: an enclave is debugged as any program is.

: "${O:=$BATS_TEST_DIRNAME/../../build}"
bats_require_minimum_version 1.5.0

setup() {
	O=$(cd "$O" && pwd)
	script=$BATS_TEST_DIRNAME/../../scripts/skeleton-gdb.py
	lib=$O/lib/liberpal-skeleton-v2.so
	export SWSGX_STATE=$BATS_FILE_TMPDIR/state
	unset SWSGX_DRIVER LD_PRELOAD DEBUGINFOD_URLS
	cd "$BATS_TEST_TMPDIR"
	cp "$O/encl.bin" "$O/encl.ss" "$O/encl.elf" .
}

teardown() {
	[ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null || true
}

debug() {	# [GDB-ARGUMENT]...
	ASAN_OPTIONS=detect_leaks=0 timeout 100 gdb -nx -batch -ex 'set pagination off' -ex 'set breakpoint pending on' \
		-ex 'handle SIGSEGV SIGILL SIGSYS nostop noprint pass' -x "$script" "$@" 2>&1
}

palrun() {	# as the last words of a debugger's command line
	run debug "${commands[@]}" --args "$O/bin/swsgx" -- "$O/tests/pal/palrun" "$@"
	echo "$output"
	[ "$status" = 0 ]
}

has() {	# REGULAR-EXPRESSION: a line of the output
	grep -qE "$1" <<<"$output" || { echo "no line is: $1"; return 1; }
}

@test "a breakpoint in enclave_main, single steps, and a backtrace from there to the host's main" {
	commands=(-ex 'break enclave_main' -ex run -ex 'print argc' -ex 'print argv[1]'
		-ex next -ex step -ex bt -ex 'info breakpoints' -ex 'delete' -ex continue)
	palrun run "$lib" x echo hallo
	has '^Enclave at 0x[0-9a-f]+, 8 threads, symbols of .*encl.elf'
	has 'Breakpoint 1, enclave_main \(argc=3, '
	has '^\$1 = 3$'
	has '^\$2 = 0x[0-9a-f]+ .*"echo"'
	has '^applet_run \(argc=.*enclave/applets.c:|^#0 .*enclave_main'
	has '^#[0-9]+ .* enclave_main .*enclave/app.c:'
	has '^#[0-9]+ .* encl_ecall .*pal/ecall.c:'
	has '^#[0-9]+ .* run_program .*tests/pal/palrun.c:'
	has '^#[0-9]+ .* start_thread '
	[[ $output != *'corrupt stack'* && $output != *'previous frame'* ]]
	has '^hallo'
	has 'exited normally'
}

@test "finish goes through an ocall and back" {
	commands=(-ex 'break encl_write_all' -ex run -ex finish -ex 'info breakpoints' -ex 'delete' -ex continue)
	palrun run "$lib" x echo hallo
	has 'Breakpoint 1.*encl_write'
	has '^hallo'
	has 'exited normally'
}

@test "after a fault the SSA says where and why, with the enclave's symbols" {
	commands=(-ex 'break on_fault' -ex run -ex 'enclave ssa 0' -ex 'info enclave' -ex 'enclave ssa 8' -ex delete -ex continue)
	palrun run "$lib" x crash null
	has '^thread 0, frame 0: EXITINFO 0x8000030e \(#PF\), RIP 0x[0-9a-f]+ [a-z_]+[a-z0-9_.]* .*in section .text'
	has '^  rax .*0x[0-9a-f]{16}  rcx '
	has '^  thread 0: TCS 0x[0-9a-f]+, .*CSSA 1 of 2, running'
	has '^  thread 7: .*CSSA 0 of 2, idle'
	has '^The enclave has no thread 8.'
	has 'exited with code 0213'
}

@test "from a signal handler the backtrace goes through the AEP into the enclave" {
	commands=(-ex 'handle SIG63 SIG64 nostop noprint pass' -ex 'break on_kick' -ex run -ex bt -ex delete -ex continue)
	palrun run -s 15 "$lib" x spin
	has '^#0 +on_kick '
	has '^#1 +<signal handler called>'
	has '^#[0-9]+ .*applet_spin '
	has '^#[0-9]+ .*enclave_main '
	has '^#[0-9]+ .*encl_ecall '
	has '^#[0-9]+ .*run_program '
	has 'exited with code 0217'
}

@test "a debugger that attaches finds the enclave" {
	mkfifo in
	"$O/bin/swsgx" -- "$O/tests/pal/palrun" run "$lib" x spin <in >out 2>&1 &
	pid=$!
	exec 5>in
	for _ in $(seq 100); do
		grep -q sgx_enclave "/proc/$pid/maps" && [ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ] && break
		sleep 0.1
	done
	sleep 0.3
	run debug -p "$pid" -ex 'info enclave' -ex 'thread apply all bt' -ex detach
	exec 5>&-
	echo "$output"
	[ "$status" = 0 ]
	has '^Enclave at 0x[0-9a-f]+, 8 threads'
	has '^  thread 0: .*running'
	has '^#[0-9]+ .*applet_spin '
	has '^#[0-9]+ .*run_program '
	kill -0 "$pid"
}

@test "an encl.elf that is not the enclave's is refused with one line, and the program runs" {
	sed 's/print the arguments/print thy arguments/' "$O/encl.elf" >encl.elf
	printf '\x90\x90\x90\x90' | dd of=encl.elf bs=1 seek=$((0x$(readelf -SW "$O/encl.elf" | awk '$3 == ".text" { print $6 }'))) conv=notrunc status=none
	commands=(-ex run)
	palrun run "$lib" x echo hallo
	[ "$(grep -c 'encl.elf' <<<"$output")" = 1 ]
	has '^skeleton: no encl.elf of the enclave at 0x[0-9a-f]+; tried .*; set skeleton-elf FILE names it'
	has '^hallo'
	commands=(-ex "set skeleton-elf $O/encl.elf" -ex run)
	palrun run "$lib" x echo hallo
	has "^Enclave at 0x[0-9a-f]+, 8 threads, symbols of $O/encl.elf"
}

@test "an encl.elf that differs anywhere in what nobody writes is refused, and one that is empty, no ELF or no file ends no search" {
	file=$((0x$(readelf -SW "$O/encl.elf" | awk '$3 == ".text" { print $6 }')))
	size=$((0x$(readelf -SW "$O/encl.elf" | awk '$3 == ".text" { print $7 }')))
	printf '\x90\x90\x90\x90' | dd of=encl.elf bs=1 seek=$((file + size - 64)) conv=notrunc status=none
	commands=(-ex run)
	palrun run "$lib" x echo hallo
	has '^skeleton: no encl.elf of the enclave at '
	# Beside the script is the right one: what is in the program's folder does not hide it.
	mkdir beside
	cp "$script" "$O/encl.elf" beside
	script=$PWD/beside/skeleton-gdb.py
	for kind in '' 'text, for once longer than an ELF header, which has sixty-four bytes' $'\x7fELF\x02\x01'; do
		printf '%s' "$kind" >encl.elf
		palrun run "$lib" x echo hallo
		has '^Enclave at .*symbols of .*/beside/encl.elf'
	done
	rm encl.elf
	mkdir encl.elf
	palrun run "$lib" x echo hallo
	has '^Enclave at .*symbols of .*/beside/encl.elf'
}

@test "without an enclave the commands say so" {
	run debug -ex 'info enclave' -ex 'enclave ssa'
	[ "$(grep -c '^There is no enclave.$' <<<"$output")" = 2 ]
}

@test "from the exception handler the backtrace goes into the program that it interrupted" {
	commands=(-ex 'break encl_on_exception' -ex run -ex 'print exception->vector' -ex bt -ex delete -ex continue)
	palrun run "$lib" x crash null
	has '^\$1 = 14$'
	has '^#0 +encl_on_exception '
	has '^#2 +<signal handler called>'
	has '^#[0-9]+ .*crash_null '
	has '^#[0-9]+ .* enclave_main '
	has '^#[0-9]+ .* run_program .*tests/pal/palrun.c:'
	has 'exited with code 0213'
}
