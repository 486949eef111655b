# SPDX-License-Identifier: Apache-2.0
# Programs on software SGX as others see them: debuggers and tracers.

bats_require_minimum_version 1.5.0

setup() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	swsgx=$O/bin/swsgx
	host=$O/tests/trap/host
	export SWSGX_STATE=$BATS_TEST_TMPDIR/state
	unset SWSGX_DRIVER LD_PRELOAD DEBUGINFOD_URLS
}

teardown() {
	[ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null || true
}

debug() {	# [GDB OPTION]...
	# ENCLU raises one of these each time.  The sanitizer's search for leaks is a debugger itself.
	ASAN_OPTIONS=detect_leaks=0 gdb -nx -batch -ex 'set pagination off' -ex 'set breakpoint pending on' \
		-ex 'handle SIGSEGV SIGILL SIGSYS nostop noprint pass' "$@" 2>&1
}

start_spinning() {	# the program is in its enclave; pid is its process
	"$swsgx" -- "$host" spin >"$BATS_TEST_TMPDIR/out" &
	pid=$!
	for _ in $(seq 200); do
		grep -q inside "$BATS_TEST_TMPDIR/out" && break
		sleep 0.05
	done
	grep -q inside "$BATS_TEST_TMPDIR/out"
}

stop_spinning() {
	kill -USR1 "$pid"
	wait "$pid"
	pid=
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/out")" = outside ]
}

@test "a debugger runs a program with breakpoints before and after its enclave" {
	expected=$("$swsgx" -- "$host" sum)
	run debug -ex 'break host_checkpoint' -ex run -ex bt -ex continue -ex bt -ex continue \
		--args "$swsgx" -- "$host" sum
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '^Breakpoint 1, .*host_checkpoint' <<<"$output")" = 2 ]
	[ "$(grep -c '^#[12] .* main ' <<<"$output")" = 2 ]
	grep -qx "$expected" <<<"$output"
	grep -q 'exited normally' <<<"$output"
}

@test "a debugger that attaches finds the thread in the enclave, and leaves it there" {
	start_spinning
	# shellcheck disable=SC2016 # the debugger's variable
	run debug -ex "attach $pid" -ex 'info proc mappings' -ex 'printf "rip=%#lx\n", $rip' -ex detach
	echo "$output"
	[ "$status" = 0 ]
	rip=$(sed -n 's/^rip=//p' <<<"$output")
	# The list is the kernel's own here.
	awk -v rip="$rip" '/memfd:sgx_enclave/ && length($1) == length(rip) && $1 <= rip && rip < $2 { found = 1 }
		END { exit !found }' <<<"$output"
	stop_spinning
}

@test "strace attaches to a thread in its enclave, and leaves it there" {
	start_spinning
	timeout -s INT 2 strace -f -p "$pid" -o "$BATS_TEST_TMPDIR/trace" || true
	stop_spinning
}
