# SPDX-License-Identifier: Apache-2.0
# podman with rune: run, exec, pods, stop, logs, user namespaces, without a daemon.

load stack
load engines

setup_file() {
	podman_setup
	podman_images
}

teardown_file() {
	podman_teardown
}

setup() {
	name=c-$BATS_TEST_NUMBER
	mapfile -t settings < <(enclave_env -e "$(pal 2)" debug)
}

teardown() {
	podman rm -f -t 1 "$name" >/dev/null 2>&1 || true
}

podman_images() {
	local root=$BATS_FILE_TMPDIR/busybox
	busybox_root "$root"
	image_archive localhost/plain:1 "$root" '{"Cmd": ["sleep", "60"], "Env": ["PATH=/bin"]}' | podman load -q
	enclave_files "$BATS_FILE_TMPDIR/enclave/run/rune"
	image_archive localhost/skeleton-enclave:latest "$BATS_FILE_TMPDIR/enclave" \
		'{"Cmd": ["skeleton"], "WorkingDir": "/run/rune"}' | podman load -q
}

start() {	# [PODMAN-OPTION]... IMAGE [ARG]...
	podman run -d --name "$name" "${settings[@]}" "$@" >/dev/null
}

is() {	# FIELD VALUE
	[ "$(podman inspect -f "{{.State.$1}}" "$name")" = "$2" ]
}

@test "podman info names rune as the runtime, with its version" {
	[ "$(podman info --format '{{.Host.OCIRuntime.Name}}')" = rune ]
	podman info --format '{{.Host.OCIRuntime.Version}}' | grep -q spec
}

@test "podman run greets from the enclave and gives the program's exit code" {
	run podman run --rm "${settings[@]}" skeleton-enclave skeleton 'one two' three
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'one two'* ]]
	[[ $output =~ MRENCLAVE[^0-9a-f]*[0-9a-f]{64} ]]
	run podman run --rm "${settings[@]}" skeleton-enclave skeleton exit 42
	[ "$status" = 42 ]
}

@test "podman run gives the program a terminal" {
	run with_tty podman run --rm -it "${settings[@]}" skeleton-enclave skeleton exit 41
	echo "$output"
	[ "$status" = 41 ]
}

@test "podman exec gives arguments, environment and exit code exactly, with and without a terminal" {
	start skeleton-enclave skeleton spin
	[ "$(podman exec "$name" skeleton echo 'a  b' '' c)" = 'a  b  c' ]
	podman exec -e 'A=b  c' "$name" skeleton env | grep -qx 'A=b  c'
	run podman exec "$name" skeleton exit 9
	[ "$status" = 9 ]
	run with_tty podman exec -it "$name" skeleton echo 'a  b'
	[ "$status" = 0 ]
	[ "$output" = 'a  b' ]
	[ "$(printf 'a\nb' | podman exec -i "$name" skeleton cat)" = "$(printf 'a\nb')" ]
}

@test "podman stop ends the program with 128 + SIGTERM, before the time limit" {
	start skeleton-enclave skeleton spin
	podman stop -t 20 "$name"
	is ExitCode 143
	is Status exited
}

@test "podman kill sends a signal by name" {
	start skeleton-enclave skeleton spin
	podman kill -s INT "$name"
	[ "$(podman wait "$name")" = 130 ]
}

@test "podman logs has the program's words" {
	podman run --name "$name" "${settings[@]}" skeleton-enclave skeleton echo words
	[ "$(podman logs "$name" 2>/dev/null)" = words ]
}

@test "the restart policy starts a failing program again, as often as it says" {
	start --restart on-failure:2 skeleton-enclave skeleton exit 6
	restarted() { [ "$(podman inspect -f '{{.RestartCount}} {{.State.Status}}' "$name")" = '2 exited' ]; }
	wait_for restarted
	is ExitCode 6
}

@test "an enclave container lives in a pod, beside an ordinary one" {
	podman pod create --name "pod-$name" --infra-image localhost/plain:1
	start --pod "pod-$name" skeleton-enclave skeleton spin
	podman run -d --pod "pod-$name" --name "$name-plain" localhost/plain:1
	[ "$(podman exec "$name" skeleton echo 'in  pod')" = 'in  pod' ]
	podman exec "$name-plain" sh -c 'exit 5' && code=0 || code=$?
	[ "$code" = 5 ]
	podman stop -t 20 "$name"
	is ExitCode 143
	podman pod stop -t 0 "pod-$name"
	forget_cgroups libpod_parent
	podman pod rm -f "pod-$name"
	[ -z "$(podman ps -aq)" ]
}

@test "a hardened container runs: read-only, no capability, no new privilege, an ordinary user" {
	run podman run --rm --read-only --cap-drop=all --security-opt no-new-privileges --user 1000 \
		"${settings[@]}" skeleton-enclave skeleton exit 4
	echo "$output"
	[ "$status" = 4 ]
}

@test "an enclave container runs in a user namespace, as rootless ones do" {
	start --uidmap 0:200000:65536 --gidmap 0:200000:65536 skeleton-enclave skeleton spin
	pid=$(podman inspect -f '{{.State.Pid}}' "$name")
	[ "$(stat -c %u "/proc/$pid")" = 200000 ]
	run podman exec "$name" skeleton exit 9
	[ "$status" = 9 ]
}

@test "rootless podman runs, execs and stops an enclave container" {
	dir=$(rootless_folder)
	rootless_setup "$dir"
	mapfile -t settings < <(enclave_env -e "$dir/lib/liberpal-skeleton-v2.so" debug)
	rootless() {
		rootless_podman "$dir" load -q -i "$dir/image.tar"
		rootless_podman "$dir" run --rm "${settings[@]}" skeleton-enclave
		rootless_podman "$dir" run -d --name "$name" "${settings[@]}" skeleton-enclave skeleton spin
		rootless_podman "$dir" exec "$name" skeleton echo 'a  b'
		rootless_podman "$dir" exec "$name" skeleton exit 9 || echo "exec $?"
		rootless_podman "$dir" stop -t 20 "$name"
		rootless_podman "$dir" inspect -f '{{.State.ExitCode}}' "$name"
	}
	run rootless
	echo "$output"
	rootless_teardown "$dir"
	[[ $output =~ MRENCLAVE[^0-9a-f]*[0-9a-f]{64} ]]
	grep -qx 'a  b' <<<"$output"
	grep -qx 'exec 9' <<<"$output"
	[ "${lines[-1]}" = 143 ]
	wait_for no_trace_of "$dir" /nowhere
}

@test "rootless podman with subordinate ids: the program is the user, root or somebody else" {
	dir=$(rootless_folder)
	rootless_setup "$dir"
	mapfile -t settings < <(enclave_env -e "$dir/lib/liberpal-skeleton-v2.so" debug)
	rootless_with=with_subids
	lives() {
		rootless_podman "$dir" load -q -i "$dir/image.tar"
		for option in --user=0 --userns=keep-id --user=1000; do
			rootless_podman "$dir" run -d --name "$name" "$option" "${settings[@]}" skeleton-enclave skeleton spin
			stat -c 'uid %u' "/proc/$(rootless_podman "$dir" inspect -f '{{.State.Pid}}' "$name")"
			rootless_podman "$dir" exec "$name" skeleton echo 'a  b'
			rootless_podman "$dir" exec --user 5 "$name" skeleton exit 9 || echo "exec $?"
			rootless_podman "$dir" stop -t 20 "$name"
			rootless_podman "$dir" inspect -f '{{.State.ExitCode}}' "$name"
			rootless_podman "$dir" rm "$name"
		done
	}
	run lives
	echo "$output"
	rootless_teardown "$dir"
	[ "$(grep -E '^(uid .*|a  b|exec .*|[0-9]{1,3})$' <<<"$output")" = "$(for uid in 65534 65534 300999; do
		printf 'uid %s\na  b\nexec 9\n143\n' "$uid"
	done)" ]
	wait_for no_trace_of "$dir" /nowhere
}

@test "podman run --init runs the program all the same" {
	run podman run --rm --init --init-path "$(command -v tini)" "${settings[@]}" skeleton-enclave skeleton exit 7
	echo "$output"
	[ "$status" = 7 ]
}

@test "a failing enclave fails podman run with the PAL's words" {
	: >"$BATS_TEST_TMPDIR/empty"
	run podman run --rm -v "$BATS_TEST_TMPDIR/empty:/run/rune/encl.ss:ro" "${settings[@]}" skeleton-enclave
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *encl.ss* ]]
}

@test "podman rm leaves no process, mount, cgroup or file" {
	start skeleton-enclave skeleton spin
	id=$(podman inspect -f '{{.Id}}' "$name")
	podman rm -f -t 1 "$name"
	no_trace_of "$id" "$BATS_FILE_TMPDIR/podman"
}

@test "an ordinary container lives, execs and stops under rune as under runc" {
	for runtime in runc rune; do
		podman --runtime "$runtime" run -d --name "$name" --stop-signal KILL localhost/plain:1 >/dev/null
		podman --runtime "$runtime" exec "$name" sh -c 'echo "$1"; exit 3' sh 'a  b' && code=0 || code=$?
		echo "$code"
		podman --runtime "$runtime" stop "$name" >/dev/null
		podman inspect -f '{{.State.ExitCode}}' "$name"
		podman rm "$name" >/dev/null
	done >"$BATS_TEST_TMPDIR/out"
	cat "$BATS_TEST_TMPDIR/out"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = "$(printf 'a  b\n3\n137\na  b\n3\n137')" ]
}
