# SPDX-License-Identifier: Apache-2.0
# palcheck: our libraries and the smallest keep the contract, and every promise that a library breaks is
# told by the test named for it.

: "${O:=$BATS_TEST_DIRNAME/../../build}"
bats_require_minimum_version 1.5.0

setup_file() {
	export broken=$BATS_FILE_TMPDIR/broken top=$BATS_TEST_DIRNAME/../..
	export program=$O/libexec/palcheck/program
	mkdir "$broken"
}

palcheck() {
	timeout 300 "$O/bin/palcheck" "$@"
}

library() {	# NAME [COMPILER-OPTION]...: a PAL that breaks this promise; its path
	local name=$1
	shift
	gcc -std=gnu17 -D_GNU_SOURCE -O1 -w -fPIC -shared -I"$top" -DBROKEN="\"$name\"" "$top/tests/palcheck/pal.c" \
		-o "$broken/$name.so" "$@"
	echo "$broken/$name.so"
}

# The test of this name, alone and as one of all that it is asked with, fails for this reason.
told() {	# NAME[:VARIANT] REASON [COMPILER-OPTION]...
	local name=${1%%:*} broken_as=$1 reason=$2 lib
	shift 2
	lib=$(library "$broken_as" "$@")
	run palcheck --timeout "${limit-20}" --only "$name" "$lib" -- "$program"
	echo "$output"
	[ "$status" = 1 ]
	[[ ${lines[2]} == "not ok 1 - $name: "* ]]
	[[ ${lines[3]} =~ ^'# '.*$reason ]]
}

@test "the skeleton's three libraries keep all of the contract" {
	for v in 1 2 3; do
		run timeout 500 "$O/bin/swsgx" --state="$BATS_FILE_TMPDIR/state" -- "$O/bin/palcheck" --cwd "$O" --args debug \
			"$O/lib/liberpal-skeleton-v$v.so" -- skeleton
		echo "$output"
		[ "$status" = 0 ]
		[[ $output == *"# version $v: "* ]]
		[[ $output != *SKIP* ]]
	done
}

@test "the smallest PAL keeps the basic part" {
	gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Werror -fPIC -shared -I"$top/include" "$top/examples/null-pal/null-pal.c" \
		-o "$broken/liberpal-null.so"
	run palcheck --basic "$broken/liberpal-null.so" -- "$program"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(wc -l <"$top/examples/null-pal/null-pal.c")" -lt 100 ]
}

@test "an unbroken library of processes keeps all, and the MAC that needs an enclave is not asked without SGX" {
	[ ! -e /dev/sgx_enclave ] || skip "this machine has SGX"
	run palcheck "$(library none)" -- "$program"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '# SKIP' <<<"$output")" = 1 ]
	[ "${lines[-1]}" = '# version 3: 45 of 46 claims hold, 1 skipped' ]
	[[ $output == *"ok "*" - report_mac: "*"# SKIP no enclave to make a report for: /dev/sgx_enclave: No such file or directory"* ]]
}

@test "what is wrong with the file is told" {
	echo text >"$broken/text.so"
	run palcheck --only file "$broken/text.so" -- "$program"
	[ "$status" = 1 ] && [[ $output == *"not ok 1 - file: "*"not a shared library"* ]]
	told version 'returned 3, then 4'
	told symbols 'pal_kill is missing, which version 3 has' -Dpal_kill=pal_quit
	told stack 'PT_GNU_STACK asks for an executable stack' -z execstack
	told needed 'DT_RUNPATH /opt/pal: in a container that is a folder of its image' -Wl,-rpath,/opt/pal
	told constructors 'it printed something'
}

@test "what is wrong with pal_init is told" {
	told init 'pal_init returned 1, neither 0 nor a negative errno'
	told init_null 'pal_init\(NULL\) returned 0'
	told init_args 'signal 6 .* ended its process'
	told init_level 'log level fatal: Invalid argument'
	told init_twice 'the second pal_init returned 0'
	told init_handed_over 'a closed fd, addr 0: Bad file descriptor'
}

@test "what is wrong with a program's arguments, environment and streams is told" {
	told argv 'wanted "one  two   three .*", arrived "one two three.n"'
	told env 'TRICKY=a b=c  d is missing'
	told env:appended "a variable of the host's arrived: "
	told copied 'an argument that changed after pal_create_process arrived'
	told stdin '300000 bytes that were copied by cat are others'
	told stdio 'descriptors 200 and 100 carried ""'
	told stdio:stderr 'descriptor 101, for standard error, carried ""'
	told stdio_duplicated 'pal_exec: Bad file descriptor'
	told stdio_open 'descriptor 0 was closed'
	told stdio_open:replaced 'descriptor 0 is another file now'
}

@test "what is wrong with a program's course is told" {
	told exit_code '`exit 128` has the exit value 0'
	limit=3 told parallel 'not done after 3 s'
	told broken_pipe 'signal 13 .* ended its process'
	told broken_pipe:value 'a cat that could not write has the exit value 1, not that of SIGPIPE, 141'
	told pids 'two programs have the number 1'
	told exec_once 'pal_exec of a program that has ended returned 0'
	told exec_once:running 'of two pal_exec of one program at once, 2 returned 0'
}

@test "what is wrong with pal_kill is told" {
	told kill_term 'the exit value after signal 15 is 15, not 143'
	told kill_kill 'the exit value after signal 9 is 0, not 137'
	limit=3 told kill_all 'not done after 3 s'
	limit=3 told kill_first 'not done after 3 s'
	told kill_aims 'the exit value after signal 9 is 143, not 137|No such process'
	limit=3 told kill_waiting 'not done after 3 s'
	told kill_ignored 'No such process'
	told kill_wrong 'pal_kill with signal 65 returned 0'
}

@test "what is wrong with reports is told" {
	told report_size 'a byte behind the report was written'
	told report_size:negative 'room for -1 bytes returned 0'
	told report_size:outputs 'room for 431 bytes was refused, and \*report_len is 432'
	told report_target:data 'REPORTDATA is not zeros'
	told report_target "the reports' bodies differ"
	told report_parallel 'Device or resource busy'
}

@test "a report with a MAC of nobody's is told" {
	lib=$(library report_mac)
	run timeout 100 "$O/bin/swsgx" --state="$BATS_FILE_TMPDIR/state" -- "$O/bin/palcheck" --only report_mac "$lib" -- "$program"
	echo "$output"
	[ "$status" = 1 ]
	[ "${lines[3]}" = '# the MAC is not that of a report for this target' ]
}

@test "what is wrong with the order of calls, and with the end, is told" {
	told null 'signal 11 .* ended its process'
	told order_before 'pal_create_process returned 0'
	told order_after 'afterwards pal_init fails'
	limit=3 told destroy_running 'not done after 3 s'
	told destroy_created 'pal_destroy: Device or resource busy'
	told signals 'the handler of signal 12 has changed'
	told environment 'the environment has changed'
	HOME=/root told environment:overwritten 'the environment has changed'
	told signals:flags "the flags of signal 10's handler have changed"
	told signals:mask "the mask of signal 10's handler has changed"
	told leak_fds '12 rounds left 12 descriptors open'
	told leak_threads '12 rounds left 12 threads or children' -Wl,-z,nodelete
	told leak_memory 'rounds left [0-9]+ (mappings|bytes on the heap)'
}

@test "every test has a library here that breaks its promise" {
	for name in $(palcheck --list | cut -d ' ' -f 1); do
		grep -qE "told $name |library $name\)|--only $name " "$BATS_TEST_FILENAME" || { echo "$name"; false; }
	done
}

@test "a wrong command line is one line and status 2" {
	wrong() {	# SAID ARGUMENT...
		local said=$1
		shift
		run --separate-stderr palcheck "$@"
		[ "$status" = 2 ] && [ -z "$output" ] && [ "$stderr" = "palcheck: $said" ] || { echo "$stderr"; false; }
	}
	wrong 'one LIBRARY is wanted; --help says more' -- x
	wrong 'no PROGRAM after --; --help says more' "$program"
	wrong 'no PROGRAM after --; --help says more' "$program" --
	wrong '--turbo: unknown option, or one that lacks its value; --help says more' --turbo lib -- x
	wrong '-x: unknown option, or one that lacks its value; --help says more' -xy lib -- x
	wrong '--args: unknown option, or one that lacks its value; --help says more' lib --args -- x
	wrong 'ten: not a number of seconds up to 3600; --help says more' --timeout ten lib -- x
	wrong 'absent.so: No such file or directory' absent.so -- x
	wrong "--cwd /absent: No such file or directory" --cwd /absent "$program" -- x
	wrong 'nothing*: no test of this library is called that; --help says more' --only 'nothing*' "$(library none)" -- x
}
