# SPDX-License-Identifier: Apache-2.0
# The specification's own steps with docker: a daemon of the test's own, the README's image, v1 to v3.

load stack

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
}

# docker run with a terminal: script makes one.  Lines end as a terminal ends them.  Its own input is a
# pipe that says nothing and never ends: at an end script would type one.
with_tty() {	# COMMAND...
	local quiet=$BATS_TEST_TMPDIR/quiet
	[ -p "$quiet" ] || mkfifo "$quiet"
	script -qec "$(printf '%q ' "$@")" /dev/null <>"$quiet" | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

same_both_ways() {	# VERSION [ARG]...
	local lib plain=0 tty=0 opts=(run --rm --runtime=rune -e ENCLAVE_TYPE=intelSgx)
	lib=$(pal "$1")
	shift
	opts+=(-e "ENCLAVE_RUNTIME_PATH=$lib" -e ENCLAVE_RUNTIME_ARGS=debug)
	docker "${opts[@]}" skeleton-enclave "$@" >"$BATS_TEST_TMPDIR/plain" 2>&1 </dev/null || plain=$?
	with_tty docker "${opts[@]}" -it skeleton-enclave "$@" >"$BATS_TEST_TMPDIR/tty" || tty=$?
	cat "$BATS_TEST_TMPDIR/plain"
	[ "$plain" = "$tty" ]
	diff <(sort "$BATS_TEST_TMPDIR/plain") <(sort "$BATS_TEST_TMPDIR/tty")
	return "$plain"
}

@test "docker info lists the runtime rune" {
	docker info --format '{{range $name, $r := .Runtimes}}{{$name}} {{end}}' | grep -qw rune
}

greets() {
	run same_both_ways "$1" skeleton 'one two' three
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'one two'* ]]
	[[ $output =~ MRENCLAVE[^0-9a-f]*[0-9a-f]{64} ]]
	[ "$(grep -c simulated <<<"$output")" = 1 ]
}

exits() {
	run same_both_ways "$1" skeleton exit 42
	echo "$output"
	[ "$status" = 42 ]
}

@test "docker run greets from the enclave with v1, the same with and without -it" {
	greets 1
}

@test "docker run gives the program's exit code with v1, the same with and without -it" {
	exits 1
}

@test "docker run greets from the enclave with v2, the same with and without -it" {
	greets 2
}

@test "docker run gives the program's exit code with v2, the same with and without -it" {
	exits 2
}

@test "docker run greets from the enclave with v3, the same with and without -it" {
	greets 3
}

@test "docker run gives the program's exit code with v3, the same with and without -it" {
	exits 3
}

@test "the MRENCLAVE in the greeting is the one that was signed" {
	want=$("$O/bin/sgx-tools" show "$O/encl.ss" | grep -io '[0-9a-f]\{64\}' | head -n 1)
	[ -n "$want" ]
	docker_rune "$(pal 2)" debug skeleton-enclave | grep -q "$want"
}

@test "the program reads docker's stdin and writes its stdout" {
	[ "$(printf 'a\nb c\n' | docker_rune "$(pal 2)" debug -i skeleton-enclave skeleton cat)" = "$(printf 'a\nb c')" ]
}

@test "ENCLAVE_ variables are not passed on, others are, exactly" {
	run docker_rune "$(pal 3)" debug -e 'GREETING=one  two' skeleton-enclave skeleton env
	echo "$output"
	[ "$status" = 0 ]
	grep -qx 'GREETING=one  two' <<<"$output"
	! grep -Eq '^(ENCLAVE_|SWSGX|LD_)' <<<"$output"
}

@test "docker exec runs a second program in the enclave" {
	id=$(docker_rune "$(pal 2)" debug -d skeleton-enclave skeleton spin)
	run docker exec "$id" skeleton echo 'one two' three
	echo "$output"
	docker kill "$id" >/dev/null
	[ "$status" = 0 ]
	[[ $output == *'one two three'* ]]
}

@test "docker stop ends a computing program at once, with 128 + SIGTERM" {
	docker run -d --name stopped --runtime=rune -e ENCLAVE_TYPE=intelSgx -e "ENCLAVE_RUNTIME_PATH=$(pal 2)" \
		-e ENCLAVE_RUNTIME_ARGS=debug skeleton-enclave skeleton spin
	# A stop that needs its time limit ends in SIGKILL: 137.
	docker stop -t 20 stopped
	code=$(docker inspect -f '{{.State.ExitCode}}' stopped)
	docker rm stopped
	[ "$code" = 143 ]
}

@test "an ordinary container runs under rune as under runc" {
	cp /bin/busybox "$BATS_TEST_TMPDIR/busybox"
	printf 'FROM scratch\nCOPY busybox /bin/sh\n' >"$BATS_TEST_TMPDIR/Dockerfile"
	docker build -q -t plain "$BATS_TEST_TMPDIR"
	run docker run --rm --runtime=rune plain /bin/sh -c 'echo plain; exit 7'
	[ "$status" = 7 ]
	[ "$output" = plain ]
}

@test "docker export, rune spec, three annotations, rune run: the bundle way" {
	bundle=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$bundle/rootfs"
	id=$(docker create skeleton-enclave)
	docker export "$id" | tar -C "$bundle/rootfs" -xf -
	docker rm "$id" >/dev/null
	(cd "$bundle" && rune spec)
	jq --arg lib "$(pal 2)" '.process.terminal = false | .process.cwd = "/run/rune" | .process.args = ["skeleton"] |
		.annotations["enclave.type"] = "intelSgx" | .annotations["enclave.runtime.path"] = $lib |
		.annotations["enclave.runtime.args"] = "debug"' "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
	cd "$bundle"
	run rune run "$(container_id)"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output =~ MRENCLAVE[^0-9a-f]*[0-9a-f]{64} ]]
	nothing_left
}
