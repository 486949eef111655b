# SPDX-License-Identifier: Apache-2.0
# containerd with rune: by ctr, and through its CRI plugin as a kubelet drives it.

load stack
load engines

setup_file() {
	containerd_start
	containerd_images
}

teardown_file() {
	containerd_stop
}

setup() {
	CONTAINERD_ADDRESS=$BATS_FILE_TMPDIR/containerd/sock
	id=t-$BATS_TEST_NUMBER
}

teardown() {
	ctr task kill -s 9 "$id" >/dev/null 2>&1 || true
	ctr task delete "$id" >/dev/null 2>&1 || true
	ctr container delete "$id" >/dev/null 2>&1 || true
}

run_rune() {	# [CTR-OPTION]... IMAGE ID [ARG]...
	mapfile -t settings < <(enclave_env --env "$(pal 2)" debug)
	ctr run --runtime io.containerd.runc.v2 --runc-binary "$O/bin/rune" --runc-root "$BATS_FILE_TMPDIR/containerd/runc" \
		"${settings[@]}" "$@"
}

task_is() {	# STATUS
	ctr task ls | grep -Eq "^$id .*$1"
}

@test "ctr run greets from the enclave and gives the program's exit code" {
	run run_rune --rm docker.io/test/skeleton:1 "$id" skeleton 'one two' three
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'one two'* ]]
	[[ $output =~ MRENCLAVE[^0-9a-f]*[0-9a-f]{64} ]]
	run run_rune --rm docker.io/test/skeleton:1 "$id" skeleton exit 42
	[ "$status" = 42 ]
}

@test "ctr run -t gives the program a terminal" {
	mapfile -t settings < <(enclave_env --env "$(pal 2)" debug)
	run with_tty ctr run --rm -t --runc-binary "$O/bin/rune" --runc-root "$BATS_FILE_TMPDIR/containerd/runc" \
		"${settings[@]}" docker.io/test/skeleton:1 "$id" skeleton exit 41
	echo "$output"
	[ "$status" = 41 ]
}

@test "ctr task exec, kill and delete work, and leave nothing" {
	run_rune -d docker.io/test/skeleton:1 "$id" skeleton spin
	task_is RUNNING
	[ "$(ctr task exec --exec-id e1 "$id" skeleton echo 'a  b' '' c)" = 'a  b  c' ]
	run ctr task exec --exec-id e2 "$id" skeleton exit 9
	[ "$status" = 9 ]
	ctr task kill -s SIGTERM "$id"
	wait_for task_is STOPPED
	[[ $(ctr task delete "$id" 2>&1) == *143* ]]
	ctr container delete "$id"
	no_trace_of "$id" "$BATS_FILE_TMPDIR/containerd/state" "$BATS_FILE_TMPDIR/containerd/runc"
}

@test "ctr task pause and resume hold the program and let it go on" {
	run_rune -d docker.io/test/skeleton:1 "$id" skeleton spin
	ctr task pause "$id"
	task_is PAUSED
	ctr task resume "$id"
	[ "$(ctr task exec --exec-id e1 "$id" skeleton echo on)" = on ]
}

@test "a failing enclave fails ctr run with the PAL's words" {
	run run_rune --rm --cwd / docker.io/test/skeleton:1 "$id"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *encl.bin* ]]
}

@test "an ordinary container runs under rune as under runc" {
	for binary in runc "$O/bin/rune"; do
		run ctr run --rm --runc-binary "$binary" --runc-root "$BATS_FILE_TMPDIR/containerd/runc" \
			docker.io/test/pause:1 "$id" sh -c 'echo plain; exit 7'
		[ "$status" = 7 ]
		[ "$output" = plain ]
	done
}

# The README's image in the pod, created.
create() {	# SECURITY [ARG]...
	local security=$1
	shift
	create_container "image { image: \"skeleton-enclave\" } $(printf 'args: "%s" ' "$@")
		envs { key: \"ENCLAVE_TYPE\" value: \"intelSgx\" }
		envs { key: \"ENCLAVE_RUNTIME_PATH\" value: \"$(pal 2)\" }
		envs { key: \"ENCLAVE_RUNTIME_ARGS\" value: \"debug\" }" "$security"
}

@test "a pod's life through the CRI: create, start, exec, stop, remove, and nothing left" {
	run_pod "pod-$id"
	create '' skeleton spin
	start_container
	container_is RUNNING
	cri ExecSync <<<"container_id: \"$container\" cmd: \"skeleton\" cmd: \"echo\" cmd: \"a  b\"" | grep -qF 'stdout: "a  b\n"'
	cri ExecSync <<<"container_id: \"$container\" cmd: \"skeleton\" cmd: \"exit\" cmd: \"9\"" | grep -q 'exit_code: 9'
	cri StopContainer <<<"container_id: \"$container\" timeout: 20"
	container_is EXITED
	[ "$(container_code)" = 143 ]
	grep -q 'stderr F .*simulated' "$BATS_TEST_TMPDIR/log"
	cri RemoveContainer <<<"container_id: \"$container\""
	remove_pod
	[ -z "$(cri ListPodSandbox </dev/null)$(cri ListContainers </dev/null)" ]
	no_trace_of "$container" "$BATS_FILE_TMPDIR/containerd"
	no_trace_of "$pod" "$BATS_FILE_TMPDIR/containerd"
}

exec_url() {	# EXEC-REQUEST-IN-TEXT-FORMAT
	cri Exec <<<"container_id: \"$container\" cmd: \"skeleton\" $1" | field url
}

@test "the CRI's Exec streams, as kubectl exec and kubectl exec -it" {
	run_pod "pod-$id"
	create '' skeleton spin
	start_container
	run "$BATS_TEST_DIRNAME/cri-stream" "$(exec_url 'cmd: "echo" cmd: "a  b" stdout: true stderr: true')"
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = 'a  b' ]
	run "$BATS_TEST_DIRNAME/cri-stream" "$(exec_url 'cmd: "exit" cmd: "9" stdout: true stderr: true')"
	[ "$status" = 9 ]
	run "$BATS_TEST_DIRNAME/cri-stream" "$(exec_url 'cmd: "cat" tty: true stdin: true stdout: true')" $'typed\n\004'
	echo "$output"
	[ "$status" = 0 ]
	# once as the terminal's echo, once from the program
	[ "$(tr -d '\r' <<<"$output" | grep -c '^typed$')" = 2 ]
	remove_pod
}

@test "the CRI's log has the program's words" {
	run_pod "pod-$id"
	create '' skeleton echo 'two  words'
	start_container
	wait_for container_is EXITED
	grep -q 'stdout F two  words$' "$BATS_TEST_TMPDIR/log"
	remove_pod
}

@test "a pod's container under the restricted policy runs: no capability, no new privilege, an ordinary user, read-only" {
	run_pod "pod-$id"
	create 'capabilities { drop_capabilities: "ALL" } readonly_rootfs: true no_new_privs: true
		run_as_user { value: 1000 }' skeleton exit 4
	start_container
	wait_for container_is EXITED
	[ "$(container_code)" = 4 ]
	remove_pod
}

@test "removing a pod ends the containers that run in it" {
	run_pod "pod-$id"
	create '' skeleton spin
	start_container
	remove_pod
	[ -z "$(cri ListContainers </dev/null)" ]
	no_trace_of "$container" "$BATS_FILE_TMPDIR/containerd"
}

@test "a handler that containerd does not know is refused" {
	run cri RunPodSandbox <<<"config { metadata { name: \"p\" uid: \"1\" namespace: \"default\" } } runtime_handler: \"nobody\""
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *nobody* ]]
}
