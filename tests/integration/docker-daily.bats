# SPDX-License-Identifier: Apache-2.0
# What an operator does with docker all day, on enclave containers: run, exec, stop, kill, logs, restart,
# health, settings, hardening.  docker.bats has the specification's own steps.

load stack
load engines

setup_file() {
	docker_start
	docker_image skeleton-enclave
	export DOCKER_HOST
}

teardown_file() {
	docker_stop
}

setup() {
	DOCKER_HOST=unix://$BATS_FILE_TMPDIR/docker/docker.sock
	name=c-$BATS_TEST_NUMBER
}

teardown() {
	docker rm -f "$name" >/dev/null 2>&1 || true
}

# A container of the skeleton enclave, in the background.
start() {	# [DOCKER-OPTION]... IMAGE [ARG]...
	mapfile -t settings < <(enclave_env -e "$(pal 2)" debug)
	docker run -d --name "$name" --runtime=rune "${settings[@]}" "$@" >/dev/null
}

# One whose program and library are the tests'.
start_test_pal() {	# ARGS PROGRAM [DOCKER-OPTION]...
	local args=$1 program=$2
	shift 2
	mapfile -t settings < <(enclave_env -e "$(test_pal 2)" "debug $args")
	docker run -d --name "$name" --runtime=rune "${settings[@]}" "$@" skeleton-enclave "$program" >/dev/null
}

state() {	# FIELD
	docker inspect -f "{{.State.$1}}" "$name"
}

is() {	# FIELD VALUE
	[ "$(state "$1")" = "$2" ]
}

said() {	# LINE
	docker logs "$name" 2>/dev/null | grep -qx "$1"
}

@test "what is typed at docker run -it reaches the program" {
	mapfile -t settings < <(enclave_env -e "$(pal 2)" debug)
	with_tty docker run --name "$name" --rm -it --runtime=rune "${settings[@]}" skeleton-enclave skeleton cat \
		>"$BATS_TEST_TMPDIR/screen" 3>&- &
	screen=$!
	wait_for is Running true
	printf 'typed\n\004' >"$BATS_TEST_TMPDIR/quiet"
	wait "$screen"
	cat "$BATS_TEST_TMPDIR/screen"
	# once as the terminal's echo, once from the program
	[ "$(grep -c '^typed$' "$BATS_TEST_TMPDIR/screen")" = 2 ]
}

@test "docker exec gives arguments, environment and exit code exactly, with and without a terminal" {
	start skeleton-enclave skeleton spin
	[ "$(docker exec "$name" skeleton echo 'a  b' '' c)" = 'a  b  c' ]
	docker exec -e 'A=b  c' "$name" skeleton env | grep -qx 'A=b  c'
	run docker exec "$name" skeleton exit 9
	[ "$status" = 9 ]
	run with_tty docker exec -it "$name" skeleton echo 'a  b'
	[ "$status" = 0 ]
	[ "$output" = 'a  b' ]
	run with_tty docker exec -it "$name" skeleton exit 8
	[ "$status" = 8 ]
}

@test "docker exec --user runs as that user, root or not" {
	start skeleton-enclave skeleton spin
	run docker exec --user 1000 "$name" skeleton exit 9
	echo "$output"
	[ "$status" = 9 ]
	docker rm -f "$name"
	start --user 1000 skeleton-enclave skeleton spin
	run docker exec --user 0 "$name" skeleton exit 8
	echo "$output"
	[ "$status" = 8 ]
}

@test "docker run --init runs the program all the same" {
	mapfile -t settings < <(enclave_env -e "$(pal 2)" debug)
	run docker run --rm --init --runtime=rune "${settings[@]}" skeleton-enclave skeleton exit 7
	echo "$output"
	[ "$status" = 7 ]
}

@test "docker exec passes standard input" {
	start skeleton-enclave skeleton spin
	[ "$(printf 'a\nb' | docker exec -i "$name" skeleton cat)" = "$(printf 'a\nb')" ]
}

@test "many docker execs at once" {
	start skeleton-enclave skeleton spin
	pids=()
	for i in 1 2 3 4 5 6; do
		docker exec "$name" skeleton exit "$i" 3>&- &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6; do
		code=0
		wait "${pids[i - 1]}" || code=$?
		[ "$code" = "$i" ]
	done
}

@test "docker stop ends a program that handles SIGTERM, with its own exit code, before the time limit" {
	start_test_pal '' signals
	wait_for said ready
	docker stop -t 20 "$name"
	said 'signal 15'
	is ExitCode 5
}

@test "docker stop kills a program that does not end" {
	start_test_pal kill-ignored block
	wait_for said blocks
	docker stop -t 1 "$name"
	is ExitCode 137
}

@test "docker kill sends a signal by name and by number" {
	start_test_pal '' signals
	wait_for said ready
	docker kill -s USR1 "$name"
	wait_for said 'signal 10'
	docker kill -s SIGHUP "$name"
	wait_for said 'signal 1'
	docker kill -s 12 "$name"
	wait_for said 'signal 12'
	is Running true
	docker kill "$name"
	wait_for is Running false
	is ExitCode 137
}

@test "docker logs keeps standard output and standard error apart" {
	start skeleton-enclave skeleton echo words
	docker wait "$name"
	[ "$(docker logs "$name" 2>/dev/null)" = words ]
	[[ $(docker logs "$name" 2>&1 >/dev/null) == *simulated* ]]
}

@test "the restart policy starts a failing program again, as often as it says" {
	start --restart on-failure:2 skeleton-enclave skeleton exit 6
	restarted() { [ "$(docker inspect -f '{{.RestartCount}} {{.State.Status}}' "$name")" = '2 exited' ]; }
	wait_for restarted
	is ExitCode 6
	[ "$(docker logs "$name" 2>&1 | grep -c simulated)" = 3 ]
}

@test "a stopped container starts again, and docker restart restarts it" {
	start skeleton-enclave skeleton spin
	docker stop "$name"
	docker start "$name"
	is Running true
	pid=$(state Pid)
	docker restart "$name"
	is Running true
	[ "$(state Pid)" != "$pid" ]
	docker exec "$name" skeleton exit 0
}

@test "a health check runs in the enclave" {
	printf 'FROM skeleton-enclave\nHEALTHCHECK --interval=200ms --retries=1 CMD ["skeleton", "exit", "0"]\n' |
		docker build -q -t healthy -
	printf 'FROM skeleton-enclave\nHEALTHCHECK --interval=200ms --retries=1 CMD ["skeleton", "exit", "1"]\n' |
		docker build -q -t unhealthy -
	start healthy skeleton spin
	wait_for is Health.Status healthy
	docker rm -f "$name"
	start unhealthy skeleton spin
	wait_for is Health.Status unhealthy
}

@test "the settings may come from a file, as compose's env_file" {
	{
		echo '# an enclave'
		enclave_env '' "$(pal 2)" debug | grep .
		echo 'GREETING=one  two'
	} >"$BATS_TEST_TMPDIR/env"
	run docker run --rm --runtime=rune --env-file "$BATS_TEST_TMPDIR/env" -e MORE=x skeleton-enclave skeleton env
	echo "$output"
	[ "$status" = 0 ]
	grep -qx 'GREETING=one  two' <<<"$output"
	grep -qx MORE=x <<<"$output"
	! grep -q ENCLAVE_ <<<"$output"
}

@test "a hardened container runs: read-only, no capability, no new privilege, an ordinary user" {
	hard=(--read-only --cap-drop=ALL --security-opt no-new-privileges --user 1000:1000)
	start "${hard[@]}" skeleton-enclave skeleton spin
	run docker exec "$name" skeleton exit 4
	[ "$status" = 4 ]
	docker stop -t 20 "$name"
	is ExitCode 143
}

@test "what docker has against containers stays on: seccomp, and no capability more" {
	start skeleton-enclave skeleton spin
	status=/proc/$(state Pid)/status
	grep -Eq '^Seccomp:\s*2$' "$status"
	docker run -d --name "$name-runc" -v /bin/busybox:/busybox skeleton-enclave /busybox sleep 60
	[ "$(grep ^Cap "$status")" = "$(grep ^Cap "/proc/$(docker inspect -f '{{.State.Pid}}' "$name-runc")/status")" ]
	docker rm -f "$name-runc"
}

@test "docker pause holds the program, unpause lets it go on" {
	start skeleton-enclave skeleton spin
	docker pause "$name"
	is Status paused
	run docker exec "$name" skeleton exit 0
	[ "$status" != 0 ]
	docker unpause "$name"
	docker exec "$name" skeleton exit 0
}

@test "docker update, stats and top work" {
	start skeleton-enclave skeleton spin
	docker update --pids-limit 77 "$name"
	[ "$(docker inspect -f '{{.HostConfig.PidsLimit}}' "$name")" = 77 ]
	docker stats --no-stream --format '{{.PIDs}}' "$name" | grep -qx '[1-9][0-9]*'
	docker top "$name" | grep -q runelet
}

@test "a failing enclave fails docker run with the PAL's words, and leaves nothing" {
	printf 'FROM skeleton-enclave\nCOPY empty encl.ss\n' >"$BATS_TEST_TMPDIR/Dockerfile"
	: >"$BATS_TEST_TMPDIR/empty"
	docker build -q -t broken "$BATS_TEST_TMPDIR"
	mapfile -t settings < <(enclave_env -e "$(pal 2)" debug)
	run docker run --cidfile "$BATS_TEST_TMPDIR/id" --rm --runtime=rune "${settings[@]}" broken
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *encl.ss* ]]
	no_trace_of "$(cat "$BATS_TEST_TMPDIR/id")" "$BATS_FILE_TMPDIR/docker"
}

@test "docker run --rm leaves no process, mount, cgroup or file" {
	mapfile -t settings < <(enclave_env -e "$(pal 2)" debug)
	docker run --cidfile "$BATS_TEST_TMPDIR/id" --rm --runtime=rune "${settings[@]}" skeleton-enclave skeleton exit 0
	no_trace_of "$(cat "$BATS_TEST_TMPDIR/id")" "$BATS_FILE_TMPDIR/docker"
}

@test "docker rm -f of a running container leaves no process, mount, cgroup or file" {
	start skeleton-enclave skeleton spin
	id=$(docker inspect -f '{{.Id}}' "$name")
	docker rm -f "$name"
	no_trace_of "$id" "$BATS_FILE_TMPDIR/docker"
}

@test "an ordinary container lives, execs and stops under rune as under runc" {
	busybox_root "$BATS_TEST_TMPDIR/root"
	image_archive plain:1 "$BATS_TEST_TMPDIR/root" '{"Cmd": ["sleep", "60"], "Env": ["PATH=/bin"]}' | docker load
	for runtime in runc rune; do
		docker run -d --name "$name" --init --runtime="$runtime" plain:1
		docker exec "$name" sh -c 'echo "$1"; exit 3' sh 'a  b' && code=0 || code=$?
		echo "$code"
		docker stop -t 20 "$name"
		state ExitCode
		docker rm "$name"
	done >"$BATS_TEST_TMPDIR/out"
	cat "$BATS_TEST_TMPDIR/out"
	sed -i '/^[0-9a-f]\{64\}$/d' "$BATS_TEST_TMPDIR/out"
	[ "$(sed -n 1,4p "$BATS_TEST_TMPDIR/out")" = "$(sed -n 6,9p "$BATS_TEST_TMPDIR/out")" ]
	[ "$(sed -n 1,2p "$BATS_TEST_TMPDIR/out")" = "$(printf 'a  b\n3')" ]
}
