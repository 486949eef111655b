# SPDX-License-Identifier: Apache-2.0
# The life of an enclave container under rune: create runs pal_init, start runs the program, and so on to delete.

load stack

setup() {
	bundle=$BATS_TEST_TMPDIR/bundle
	id=$(container_id)
}

teardown() {
	rune delete --force "$id" >/dev/null 2>&1 || true
}

created() {	# PROGRAM [ARG]...
	make_bundle "$bundle" "$(pal 2)" debug "$@"
	# A daemon-like caller: the container's streams are files.
	rune create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
}

status_of() {
	rune state "$id" | jq -r .status
}

wait_stopped() {
	for _ in $(seq 100); do
		[ "$(status_of)" = stopped ] && return
		sleep 0.1
	done
	return 1
}

@test "create runs pal_init and no program; the state is created until start" {
	created skeleton echo started
	[ "$(status_of)" = created ]
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	kill -0 "$(cat "$BATS_TEST_TMPDIR/pid")"
	rune list | grep "$id" | grep -w created
	rune start "$id"
	wait_stopped
	grep -qx started "$BATS_TEST_TMPDIR/out"
	rune delete "$id"
	nothing_left
}

@test "a failing pal_init fails create with the PAL's words and leaves no container" {
	make_bundle "$bundle" "$(pal 2)" debug skeleton
	rm "$bundle/rootfs/run/rune/encl.bin"
	run rune create --bundle "$bundle" "$id" 3>&-
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *encl.bin* ]]
	nothing_left
}

@test "a created container can be deleted" {
	created skeleton spin
	rune delete "$id" || rune delete --force "$id"
	nothing_left
}

@test "exec on a created container fails with a clear line and the container lives" {
	created skeleton spin
	run rune exec "$id" skeleton echo no
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *created* ]]
	[ "$(status_of)" = created ]
}

@test "exec runs a further program with its arguments, environment and exit code" {
	created skeleton spin
	rune start "$id"
	run rune exec "$id" skeleton echo 'one two' three
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = 'one two three' ]
	run rune exec --env 'A=b  c' "$id" skeleton env
	grep -qx 'A=b  c' <<<"$output"
	run rune exec "$id" skeleton exit 9
	[ "$status" = 9 ]
}

@test "kill SIGTERM ends the program and the container" {
	created skeleton spin
	rune start "$id"
	rune kill "$id" TERM
	wait_stopped
	rune delete "$id"
	nothing_left
}

@test "kill by number 9 ends everything, delete leaves nothing" {
	created skeleton spin
	rune start "$id"
	rune kill "$id" 9
	wait_stopped
	rune delete "$id"
	nothing_left
}

@test "run gives the exit code, the arguments and the environment, exactly" {
	make_bundle "$bundle" "$(pal 2)" debug skeleton echo 'a  b' '' "c'd"
	output=$(rune run --bundle "$bundle" "$id" 2>/dev/null)
	[ "$output" = "a  b  c'd" ]
	make_bundle "$bundle" "$(pal 1)" debug skeleton exit 255
	run rune run --bundle "$bundle" "$id"
	[ "$status" = 255 ]
	nothing_left
}

@test "run of a crashing program gives 128 + signal" {
	for v in 1 2 3; do
		make_bundle "$bundle" "$(pal $v)" debug skeleton crash
		run rune run --bundle "$bundle" "$id"
		echo "$output"
		[ "$status" = 132 ]
	done
}

@test "a bundle can be run twice: its config.json is as the user left it" {
	make_bundle "$bundle" "$(pal 2)" debug skeleton
	sum=$(sha256sum "$bundle/config.json")
	rune run --bundle "$bundle" "$id"
	[ "$(sha256sum "$bundle/config.json")" = "$sum" ]
	rune run --bundle "$bundle" "$id"
	nothing_left
}

@test "ctrl-C on rune run ends the program" {
	make_bundle "$bundle" "$(pal 2)" debug skeleton spin
	"$O/bin/rune" --root "$(rune_root)" run --bundle "$bundle" "$id" 3>&- &
	pid=$!
	for _ in $(seq 100); do
		[ "$(status_of 2>/dev/null)" = running ] && break
		sleep 0.1
	done
	sleep 0.3
	kill -INT "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" = 130 ]
	nothing_left
}

# What a container may leave: processes, cgroups, mounts on the host, files below the root, sockets' names.
traces() {
	pgrep -cf "$id" || true
	find /sys/fs/cgroup -name "*$id*"
	grep -c "$id\|$bundle" /proc/self/mountinfo || true
	grep "$id" /proc/net/unix || true
	find "$(rune_root)" -mindepth 1 2>/dev/null || true
}

@test "delete of a created, a running and a stopped container leaves no trace of it" {
	make_bundle "$bundle" "$(pal 2)" debug skeleton spin
	before=$(traces)
	for end in created running killed stopped exec; do
		rune create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" </dev/null >/dev/null 2>&1 3>&-
		pid=$(cat "$BATS_TEST_TMPDIR/pid")
		[ "$(traces)" != "$before" ]
		[ $end = created ] || rune start "$id"
		case $end in
		created) rune delete "$id" ;;
		running) rune delete --force "$id" ;;
		killed) rune kill "$id" KILL && wait_stopped && rune delete "$id" ;;
		stopped) rune kill "$id" TERM && wait_stopped && rune delete "$id" ;;
		exec)
			rune exec --detach "$id" skeleton spin </dev/null >/dev/null 2>&1 3>&-
			rune delete --force "$id"
			;;
		esac
		# A zombie is whoever's it is to wait for: the test's init.
		never grep -sq '^State:.[^Z]' "/proc/$pid/status"
		for _ in $(seq 50); do
			[ "$(traces)" = "$before" ] && break
			sleep 0.1
		done
		diff <(echo "$before") <(traces)
	done
}
