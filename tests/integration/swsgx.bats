# SPDX-License-Identifier: Apache-2.0
# The swsgx launcher, as a user calls it.

bats_require_minimum_version 1.5.0

setup() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	swsgx=$O/bin/swsgx
	export SWSGX_STATE=$BATS_TEST_TMPDIR/state
	unset SWSGX_DRIVER LD_PRELOAD
}

one_line() {	# the output is just this line
	[ "${#lines[@]}" = 1 ]
	[[ ${lines[0]} == $1 ]]
}

@test "a program runs with its arguments, streams and exit status" {
	run bash -c "echo input | '$swsgx' -- sh -c 'cat; echo \"\$0 \$1\"; exit 7' 'a b' c"
	[ "$status" = 7 ]
	[ "$output" = $'input\na b c' ]
}

@test "the node is there for programs and for what they start, and nowhere else" {
	"$swsgx" -- sh -c '[ -c /dev/sgx_enclave ] && exec 5</dev/sgx_enclave'
	"$swsgx" -- env -i /bin/sh -c 'exec 5</dev/sgx_enclave'
	[ -c /dev/sgx_enclave ] || ! [ -e /dev/sgx_enclave ]
}

@test "--driver selects the nodes" {
	"$swsgx" --driver=dcap -- sh -c 'exec 5</dev/sgx/enclave'
	run ! "$swsgx" --driver=dcap -- sh -c 'exec 5</dev/sgx_enclave'
	"$swsgx" --driver=intree,dcap -- sh -c 'exec 5</dev/sgx/enclave 6</dev/sgx_enclave'
	"$swsgx" --driver=dcap-old -- sh -c 'exec 5</dev/sgx 6</dev/sgx_prv'
	"$swsgx" --driver=legacy -- sh -c 'exec 5</dev/isgx'
	run ! "$swsgx" --driver=legacy -- sh -c 'exec 5</dev/sgx_enclave'
	"$swsgx" --driver=intree,dcap,legacy -- sh -c 'exec 5</dev/sgx/enclave 6</dev/sgx_enclave 7</dev/isgx'
}

@test "--driver refuses what is no driver" {
	for list in isgx intree,, , intree,x; do
		run "$swsgx" --driver=$list -- true
		[ "$status" = 1 ]
		one_line 'swsgx: --driver: not a list of intree, dcap, dcap-old and legacy'
	done
}

@test "dcap and dcap-old, to which /dev/sgx is not the same thing, are refused together" {
	for list in dcap,dcap-old intree,dcap-old,legacy,dcap; do
		run "$swsgx" --driver=$list -- true
		[ "$status" = 1 ]
		one_line 'swsgx: --driver: not dcap and dcap-old at once: /dev/sgx is a folder to one and a device to the other'
		run env SWSGX_DRIVER=$list "$swsgx" -- sh -c 'exec 5</dev/sgx_enclave'
		[ "$status" = 0 ]
		one_line 'libswsgx: SWSGX_DRIVER: not dcap and dcap-old at once: /dev/sgx is a folder to one and a device to the other; there is intree only'
	done
	"$swsgx" --driver=intree,dcap-old,legacy -- true
}

@test "--launch is any or token, and what a program starts hears of it" {
	[ "$("$swsgx" --launch=token -- env -i /bin/sh -c 'echo $SWSGX_LAUNCH')" = token ]
	"$swsgx" --launch=any -- true
	for which in '' all any,token; do
		run "$swsgx" --launch=$which -- true
		[ "$status" = 1 ]
		one_line 'swsgx: --launch: neither any nor token'
	done
	run env SWSGX_LAUNCH=x "$swsgx" -- true
	[ "$status" = 0 ]
	one_line 'libswsgx: SWSGX_LAUNCH: neither any nor token; any enclave is launched'
}

@test "a program that opens no node leaves no state" {
	"$swsgx" -- true
	[ ! -e "$SWSGX_STATE" ]
	"$swsgx" -- sh -c 'exec 5</dev/sgx_enclave'
	[ "$(stat -c %a "$SWSGX_STATE")" = 700 ]
	[ "$(stat -c %a "$SWSGX_STATE/platform")" = 600 ]
}

@test "state makes the key file once and prints its path" {
	run "$swsgx" state
	[ "$status" = 0 ]
	[ "$output" = "$SWSGX_STATE/platform" ]
	cp "$output" "$BATS_TEST_TMPDIR/first"
	run "$swsgx" state
	cmp "$output" "$BATS_TEST_TMPDIR/first"
	[ "$(ls "$SWSGX_STATE")" = platform ]
	cd "$BATS_TEST_TMPDIR"
	run "$swsgx" --state=other state
	[ "$output" = "$BATS_TEST_TMPDIR/other/platform" ]
}

@test "many who make the key file at once have one" {
	for _ in 1 2 3 4 5 6 7 8; do
		"$swsgx" -- sh -c "exec 5</dev/sgx_enclave && cat '$SWSGX_STATE/platform' | sha256sum" >>"$BATS_TEST_TMPDIR/sums" 3>&- &
	done
	wait
	[ "$(sort -u "$BATS_TEST_TMPDIR/sums" | wc -l)" = 1 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/sums")" = 8 ]
	[ "$(ls "$SWSGX_STATE")" = platform ]
}

@test "state that cannot be made is one line" {
	: >"$BATS_TEST_TMPDIR/file"
	run "$swsgx" --state="$BATS_TEST_TMPDIR/file/x" state
	[ "$status" = 1 ]
	one_line "swsgx: $BATS_TEST_TMPDIR/file/x*: Not a directory"
}

@test "an open descriptor is as good as a folder" {
	path=$("$swsgx" state)
	cd /
	SWSGX_STATE=fd:8 "$swsgx" -- sh -c 'exec 5</dev/sgx_enclave' 8<"$path"
	run env SWSGX_STATE=fd:8 "$swsgx" -- sh -c 'exec 5</dev/sgx_enclave'
	[ "$status" != 0 ]
	[[ ${lines[0]} == 'libswsgx: fd:8: Bad file descriptor' ]]
}

@test "a key file that is none is named, and the node cannot be opened" {
	mkdir "$SWSGX_STATE"
	echo rubbish >"$SWSGX_STATE/platform"
	run "$swsgx" -- sh -c 'exec 5</dev/sgx_enclave'
	[ "$status" != 0 ]
	[ "${lines[0]}" = "libswsgx: $SWSGX_STATE/platform: not a platform file of swsgx" ]
}

@test "programs that cannot be preloaded are refused, each with its line" {
	run "$swsgx" -- /bin/busybox true
	[ "$status" = 126 ]
	one_line 'swsgx: /bin/busybox: statically linked: no library can be preloaded into it'
	cp /bin/true "$BATS_TEST_TMPDIR/setuid"
	chown nobody "$BATS_TEST_TMPDIR/setuid"
	chmod 4755 "$BATS_TEST_TMPDIR/setuid"
	run "$swsgx" -- "$BATS_TEST_TMPDIR/setuid"
	[ "$status" = 126 ]
	one_line "swsgx: */setuid: runs with another user's rights: nothing is preloaded into it"
	run "$swsgx" -- /tmp
	[ "$status" = 126 ]
	one_line 'swsgx: /tmp: not a program'
	: >"$BATS_TEST_TMPDIR/plain"
	run "$swsgx" -- "$BATS_TEST_TMPDIR/plain"
	[ "$status" = 126 ]
	one_line 'swsgx: */plain: Permission denied'
}

@test "a program that does not exist is 127" {
	run -127 "$swsgx" -- no-such-program
	[ "$status" = 127 ]
	one_line 'swsgx: no-such-program: not found'
	run -127 "$swsgx" -- ./no-such-program
	[ "$status" = 127 ]
	one_line 'swsgx: ./no-such-program: No such file or directory'
}

@test "without a program, with a word that is none or with an unknown option one line says so" {
	for arguments in '' '--' 'true' 'state more' '--nonsense -- true' '--driver'; do
		# shellcheck disable=SC2086 # a list of words
		run "$swsgx" $arguments
		echo "$output"
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 1 ]
	done
	run "$swsgx"
	one_line 'swsgx: no program to run; --help says more'
	run "$swsgx" state more
	one_line 'swsgx: state: there are no operands'
	run "$swsgx" true
	one_line 'swsgx: true: no command; a program goes behind --; --help says more'
}

@test "help and check say what they are to say" {
	run "$swsgx" --help
	[ "$status" = 0 ]
	[[ $output == *'PROTECTS NOTHING'* ]]
	run "$swsgx" --check
	[ "$status" = 0 ]
	[[ $output == *"can be used here" ]]
	run "$swsgx" --version
	[[ $output == 'swsgx '* ]]
}

@test "what is preloaded already stays" {
	run env LD_PRELOAD=libm.so.6 "$swsgx" -- sh -c 'echo "$LD_PRELOAD"'
	[ "$output" = "$O/lib/libswsgx.so:libm.so.6" ]
}

@test "a program in Go runs, whose runtime reads the vDSO and takes signals its own way" {
	run "$swsgx" -- runc --version
	[ "$status" = 0 ]
	[[ $output == 'runc version '* ]]
}

@test "where CPUID cannot fault, an enclave works all the same" {
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 TESTS_TRAP_RUNNING=1 run strace -f -o "$BATS_TEST_TMPDIR/trace" \
		-e trace=arch_prctl -e inject=arch_prctl:error=ENODEV:when=2+ -E LD_PRELOAD="$O/lib/libswsgx.so" \
		"$O/tests/trap/vdso" 1
	[ "$status" = 0 ]
	[[ $output == *'ok 1 - '* ]]
	grep -q 'ARCH_SET_CPUID.*ENODEV' "$BATS_TEST_TMPDIR/trace"
	[ "$(grep -c ARCH_SET_CPUID "$BATS_TEST_TMPDIR/trace")" = 1 ]
}

@test "a crash is the program's own, with its cause and its address" {
	run strace -f -o "$BATS_TEST_TMPDIR/trace" "$swsgx" -- perl -e '$x = unpack("p", pack("Q", 8))'
	[ "$status" = 139 ]
	grep -e '--- SIG' "$BATS_TEST_TMPDIR/trace" | tail -n 1 | grep 'si_code=SEGV_MAPERR, si_addr=0x8}'
}
