# SPDX-License-Identifier: Apache-2.0
# The three PAL libraries, driven by palrun on software SGX: the same body for every version and driver.

: "${O:=$BATS_TEST_DIRNAME/../../build}"
bats_require_minimum_version 1.5.0
load files

setup_file() {
	mkdir -p "$BATS_FILE_TMPDIR/state"
	export DRIVERS="intree dcap dcap-old legacy"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$O/encl.bin" "$O/encl.ss" .
}

palrun() {	# COMMAND [OPTION]... LIBRARY [PROGRAM [ARGUMENT]...]
	timeout 100 "$O/bin/swsgx" --state="$BATS_FILE_TMPDIR/state" --driver="${driver-intree}" \
		--launch="${launch-any}" -- "$O/tests/pal/palrun" "$@"
}

each() {	# VERSIONS COMMAND [ARGUMENT]...: run it with $lib for each of them, on each driver
	local versions=$1 v
	shift
	for driver in $DRIVERS; do
		for v in $versions; do
			lib=$O/lib/liberpal-skeleton-v$v.so
			"$@" || { echo "version $v, driver $driver, status $status: $output"; return 1; }
		done
	done
}

ends() {	# STATUS OUTPUT PROGRAM [ARGUMENT]...
	local want=$1 text=$2
	shift 2
	run palrun run "$lib" "$@"
	[ "$status" = "$want" ] && [ "$output" = "$text" ]
}

claims() {	# SCENARIO [OPTION]...
	run palrun "$@" "$lib" x exit 0
	[ "$status" = 0 ]
}

# pal_init fails with one line, the library's, that matches.
refuses() {	# REGULAR-EXPRESSION [OPTION]...
	local want=$1
	shift
	run palrun run "$@" "$lib"
	[ "$status" = 99 ] && [ "${#lines[@]}" = 1 ] && [[ $output =~ ^liberpal-skeleton:\ $want$ ]]
}

sign() {	# OPTION...: encl.bin anew
	"$O/bin/sgxsign" "$@" "$O/signing_key.pem" encl.bin encl.ss >/dev/null
}

@test "only pal_* is exported, and of each version just its own functions" {
	for v in 1 2 3; do
		want=$(sed -n 's/^PAL(\(.*\), \([1-'$v']\))$/\1/p' "$BATS_TEST_DIRNAME/../../include/liberpal.def" | sort)
		[ "$(nm -D --defined-only "$O/lib/liberpal-skeleton-v$v.so" | awk '{print $3}' | sort)" = "$want" ]
	done
}

@test "a library brings no executable stack, and depends on libc alone" {
	for v in 1 2 3; do
		readelf -lW "$O/lib/liberpal-skeleton-v$v.so" | grep -q 'GNU_STACK.* RW '
		[ "$(readelf -dW "$O/lib/liberpal-skeleton-v$v.so" | grep -c NEEDED)" = 1 ]
	done
}

@test "loading a library and unloading it runs none of our code" {
	for v in 1 2 3; do
		# What is left are the compiler's own entries, one each.
		readelf -dW "$O/lib/liberpal-skeleton-v$v.so" | grep 'INIT_ARRAYSZ.* 8 (bytes)'
		readelf -dW "$O/lib/liberpal-skeleton-v$v.so" | grep 'FINI_ARRAYSZ.* 8 (bytes)'
	done
}

@test "the exit value is the program's" {
	each "1 2 3" ends 0 "" x exit 0
	each "1 2 3" ends 7 "" x exit 7
	each "1 2 3" ends 255 "" x exit 255
}

@test "arguments arrive as they were given" {
	each "1 2 3" ends 0 "one two  three " x echo "one two" "" "three "
	each "1 2 3" ends 0 "a	\"b\" 'c' \$d ü" x echo "a	\"b\" 'c'" '$d' ü
}

@test "the environment arrives with version 2 and 3, and is empty with version 1" {
	has_env() {
		run palrun run "$lib" x env
		[ "$status" = 0 ] && grep -Fxq "TRICKY=a b=c  d" <<<"$output"
	}
	export TRICKY="a b=c  d"
	each "2 3" has_env
	each "1" ends 0 "" x env
}

@test "more arguments than the enclave takes are refused with -E2BIG" {
	too_many() {
		# shellcheck disable=SC2046 # words are wanted
		run palrun run "$lib" x echo $(seq 9000)
		[ "$output" = "palrun: error -7" ]
	}
	each "1 2 3" too_many
}

@test "standard input, output and error are the program's own" {
	copies() {
		status=0 output=
		head -c 300000 /dev/urandom >in
		palrun run "$lib" x cat <in >out && cmp in out
	}
	each "1 2 3" copies
}

@test "a program whose reader has gone ends as by SIGPIPE, and the host lives" {
	broken() {
		palrun run "$lib" x cat <in 2>err | true
		output="${PIPESTATUS[0]} $(cat err)"
		[ "$output" = "141 " ]
	}
	head -c 1000000 /dev/zero >in
	each "1 2 3" broken
}

@test "a program that faults ends as by the fault's signal, and a line says which" {
	crashes() {
		run palrun run "$lib" x crash "$1"
		[ "$status" = "$2" ] && [[ ${lines[0]} =~ ^enclave:\ $4\ at\ 0x[0-9a-f]+\ of\ encl.elf ]] &&
			[[ ${lines[1]} =~ ^liberpal-skeleton:\ pid\ 1:\ exception\ $3\ in ]]
	}
	each "1 2 3" crashes ud2 132 6 "exception 6 \(#UD\)"
	each "1 2 3" crashes null 139 14 "exception 14 \(#PF\)"
	each "1 2 3" crashes write 139 14 "exception 14 \(#PF\)"
	each "1 2 3" crashes divide 136 0 "exception 0 \(#DE\)"
	each "1 2 3" crashes stack 139 14 "stack overflow"
}

@test "programs beyond the enclave's threads wait their turn" {
	jobs() {
		run palrun jobs -n 30 "$lib" x exit 3
		[ "$output" = "$(printf '3 %.0s' {1..29})3" ]
	}
	each "1 2 3" jobs
}

@test "pal_kill ends a program that computes, and those that wait for a thread" {
	killed() {
		run palrun jobs -n 12 -s 15 "$lib" x spin
		[ "$output" = "$(printf '143 %.0s' {1..11})143" ]
	}
	each "2 3" killed
}

@test "pal_kill ends a program that waits for input" {
	waits() {
		mkfifo fifo
		sleep 30 >fifo 3>&- &
		run palrun run -s 9 "$lib" x cat <fifo
		kill $!
		rm fifo
		[ "$status" = 137 ]
	}
	each "2 3" waits
}

@test "pal_kill aims, ignores, refuses, and leaves the host's signals as they were" {
	each "2 3" claims kill
}

@test "calls out of order, without arguments or for no program have their errno" {
	each "1 2 3" claims order
}

@test "a report is made for its target, and writes not a byte too many" {
	each "3" claims report
}

@test "an enclave that is handed over is used, and garbage is taken for none" {
	handed_over() {
		# Of the old drivers an enclave belongs to an address in one process: any descriptor of the device leads there.
		local taken='^mapped.* handed over,\|^child.* handed over,'
		[[ $driver != legacy && $driver != dcap-old ]] || taken='^mapped.* handed over,\|^descriptor of no.* handed over,'
		claims adopt &&
		[ "$(grep -c "$taken" <<<"$output")" = 3 ] &&
		[ "$(grep -c ' handed over,' <<<"$output")" = 3 ] &&
		[ "$(grep -c '^liberpal.* built' <<<"$output")" = 8 ]
	}
	each "3" handed_over
}

@test "load, init, exec, destroy, unload a hundred times leaves nothing behind" {
	each "1 2 3" claims cycle -n 100
}

@test "args: empty, only blanks, commas and blanks mixed" {
	quiet() {
		run palrun run -a "$1" "$lib" x exit 0
		[ "$status" = 0 ] && [ -z "$output" ]
	}
	for text in debug " debug," "debug debug" "	debug"; do
		each "1 2 3" quiet "$text"
	done
	sign -N
	for text in "" " " ", ,,"; do
		each "1 2 3" quiet "$text"
	done
}

@test "args: an unknown option is named" {
	each "1 2 3" refuses 'unknown option "turbo": this runtime knows only "debug"' -a "debug,turbo"
}

@test "log level: an unknown one is named, fatal says why it fails, panic and off nothing" {
	silent() {
		for level in panic off; do
			run palrun run -l "$level" -a turbo "$lib"
			[ "$status" = 99 ] && [ -z "$output" ]
		done
	}
	each "1 2 3" refuses 'unknown log level "loud": .*' -l loud
	each "1 2 3" refuses '.*turbo.*' -l fatal -a turbo
	each "1 2 3" silent
}

@test "a line for a pipe that nobody reads does not end the host" {
	deaf() {
		rm -f pipe && mkfifo pipe && exec 4<>pipe 5>pipe 4<&-
		run bash -c '"$0" run -a turbo "$1" 2>&5' "$O/tests/pal/palrun" "$lib"
		exec 5>&-
		[ "$status" = 99 ]
	}
	each "1 2 3" deaf
}

@test "encl.bin that is missing, cut or no image is named" {
	rm encl.bin
	each "1 2 3" refuses 'encl.bin: No such file or directory'
	head -c 100 "$O/encl.bin" >encl.bin
	each "2" refuses 'encl.bin: not an enclave image: 100 bytes, less than a page'
	head -c 8192 "$O/encl.bin" >encl.bin
	each "2" refuses 'encl.bin: cut short: 8192 bytes of .*'
	head -c 8000 "$O/encl.bin" >encl.bin
	each "2" refuses 'encl.bin: 8000 bytes, not a multiple of 4096'
	head -c 8192 /dev/zero >encl.bin
	each "2" refuses 'encl.bin: not an enclave image: no layout page'
	rm encl.bin && mkdir encl.bin
	each "2" refuses 'encl.bin: not a regular file'
	rmdir encl.bin && mkfifo encl.bin
	each "2" refuses 'encl.bin: not a regular file'
}

@test "one flipped byte of encl.bin is a measurement that differs" {
	# The second page is a TCS, whose reserved bytes the processor refuses before anything is measured.
	flip encl.bin 5000
	each "1 2 3" refuses 'encl.ss: MRENCLAVE of the image is [0-9a-f]{64}, signed is [0-9a-f]{64}'
	cp "$O/encl.bin" encl.bin
	flip encl.bin $(($(stat -c %s encl.bin) - 1))
	each "1 2 3" refuses 'encl.ss: MRENCLAVE of the image is [0-9a-f]{64}, signed is [0-9a-f]{64}'
}

@test "encl.ss that is missing, cut or damaged anywhere is named" {
	rm encl.ss
	each "1 2 3" refuses '.*encl.ss: No such file or directory'
	head -c 1000 "$O/encl.ss" >encl.ss
	each "2" refuses 'encl.ss: not a SIGSTRUCT of 1808 bytes'
	# HEADER, SWDEFINED, reserved, modulus, exponent, signature, MISCSELECT, attributes, mask, MRENCLAVE, Q1, Q2
	for offset in 0 40 41 50 200 512 600 900 928 929 944 960 1024 1100 1500; do
		cp "$O/encl.ss" encl.ss
		flip encl.ss $offset
		each "2" refuses 'encl.ss: .*'
	done
}

@test "encl.ss of another enclave is a measurement that differs" {
	flip encl.bin $(($(stat -c %s encl.bin) - 1))
	sign
	cp "$O/encl.bin" .
	each "1 2 3" refuses 'encl.ss: MRENCLAVE of the image is [0-9a-f]{64}, signed is [0-9a-f]{64}'
}

@test "debug where the signature forbids it, and none where it demands it" {
	sign -N
	each "1 2 3" refuses 'encl.ss: the signature forbids debug.*' -a debug
	sign -D
	each "1 2 3" refuses 'encl.ss: the signature .*debug.*' -a ""
}

@test "a production enclave runs without debug" {
	runs() {
		run palrun run -a "" "$lib"
		[ "$status" = 0 ] && grep -q '^debug enclave: no$' <<<"$output"
	}
	sign -N
	each "1 2 3" runs
}

@test "an image signed for another size, and for a range that starts at 0, is loaded like that" {
	sign -s 0x4000000
	each "1 2 3" ends 5 "" x exit 5
	sign -n
	each "1 2 3" ends 5 "" x exit 5
}

@test "with /dev/isgx a launch token is asked for, and the one that fits is taken" {
	wants() {
		local new="make a new one \(sgx-tools gen-token\)"
		rm -f encl.token
		refuses "encl.token: No such file: the /dev/isgx driver needs a launch token \(sgx-tools gen-token\)" &&
		token && refuses "encl.token: was made for other attributes: $new" &&
		token debug && ends 3 "" x exit 3 &&
		flip encl.token 64 && refuses "encl.token: has another enclave's MRENCLAVE: $new" &&
		token debug && flip encl.token 256 && refuses "encl.token: is not from this machine's launch enclave: $new" &&
		token debug && printf '\377' | dd of=encl.token bs=1 seek=207 conv=notrunc status=none && refuses "encl.token: is for a newer security version .*: $new" &&
		head -c 303 /dev/zero >encl.token && refuses 'encl.token: not a launch token of 304 bytes'
	}
	token() {
		SWSGX_STATE=$BATS_FILE_TMPDIR/state "$O/tests/pal/launch" "$@" >encl.token
	}
	launch=token
	DRIVERS=legacy each "1 2 3" wants
	# Nobody else looks at it.
	DRIVERS="intree dcap dcap-old" each "3" ends 3 "" x exit 3
}

@test "no SGX device: the line names those that were looked for" {
	[ ! -e /dev/sgx_enclave ] && [ ! -e /dev/sgx ] && [ ! -e /dev/isgx ] || skip "this machine has SGX"
	for v in 1 2 3; do
		run "$O/tests/pal/palrun" run "$O/lib/liberpal-skeleton-v$v.so"
		[ "$status" = 99 ]
		[ "$output" = "liberpal-skeleton: no SGX device: none of /dev/sgx_enclave, /dev/sgx/enclave, /dev/sgx, /dev/isgx is here" ]
	done
}
