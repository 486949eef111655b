# SPDX-License-Identifier: Apache-2.0
# runelet as a container's first process, PID 1 of a PID namespace, with test PAL libraries.

setup() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	runelet=$O/libexec/rune/runelet
}

pal() {	# VERSION
	echo "$O/tests/integration/runelet-pal-$1.so"
}

# Start it as PID 1 in the background; its PID seen from here is in $init.
start() {	# ARGUMENTS-OF-init
	unshare -p -f --mount-proc --kill-child "$runelet" init "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	starter=$!
	for _ in $(seq 500); do
		init=$(tr -d ' ' </proc/$starter/task/$starter/children)
		[ -s "$BATS_TEST_TMPDIR/out" ] && return
		sleep 0.02
	done
	return 1
}

ended() {	# EXIT-CODE
	local code=0
	wait "$starter" || code=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$code" = "$1" ]
}

@test "as PID 1 it reaps orphans" {
	run unshare -p -f --mount-proc "$runelet" init --pal "$(pal 2)" -- orphan
	[ "$output" = "zombies 0" ]
	[ "$status" = 0 ]
}

@test "as PID 1 it leaves the PAL's own children to the PAL" {
	run unshare -p -f --mount-proc "$runelet" init --pal "$(pal 2)" --pal-args fork-child -- wait-child
	echo "$output"
	[ "$status" = 7 ]
}

@test "as PID 1 it passes SIGTERM, SIGINT and SIGHUP on to the program" {
	for sig in TERM INT HUP; do
		start --pal "$(pal 2)" -- block
		kill -s "$sig" "$init"
		ended $((128 + $(kill -l "$sig")))
	done
}

@test "as PID 1 with a version 1 library it ends by SIGTERM" {
	start --pal "$(pal 1)" --notice here -- block
	kill -s TERM "$init"
	ended 143
}

@test "as PID 1 it ends by SIGKILL whatever the program does" {
	start --pal "$(pal 2)" --pal-args kill-ignored -- block
	kill -s TERM "$init"
	sleep 0.1
	kill -s KILL "$init"
	if wait "$starter"; then false; fi
	if kill -0 "$init" 2>/dev/null; then false; fi
}

@test "as PID 1 an abort in pal_init is reported" {
	run unshare -p -f --mount-proc "$runelet" init --pal "$(pal 2)" --pal-args init-aborts -- exit 0
	[ "$output" = "runelet: $(pal 2): the library called abort(): v2.c:12: assertion failed" ]
	[ "$status" = 134 ]
}

@test "the exit code is the same with and without a terminal, whatever pal_destroy closes" {
	for v in 1 2 3; do
		run "$runelet" init --pal "$(pal $v)" --pal-args destroy-closes -- exit 3
		[ "$status" = 3 ]
		run script -qec "$runelet init --pal $(pal $v) --pal-args destroy-closes -- exit 3" /dev/null
		[ "$status" = 3 ]
	done
}

@test "it starts through a dynamic loader that is named, with no environment" {
	ld=$(readelf -l "$runelet" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
	run env -i "$ld" --library-path "$(dirname "$ld")" "$runelet" init --pal "$(pal 2)" -- env
	[ "$output" = "" ]
	[ "$status" = 0 ]
}

@test "it needs no library but libc" {
	run sh -c "readelf -d '$runelet' | sed -n 's/.*NEEDED.*\[\(.*\)]/\1/p' | grep -v -e '^lib[au][sb]*an' -e '^libm.so'"
	[ "$output" = "libc.so.6" ]
}

@test "a command that does not exist is one line" {
	run "$runelet" nonsense
	[ "$output" = "runelet: unknown command: nonsense" ]
	[ "$status" = 1 ]
}
