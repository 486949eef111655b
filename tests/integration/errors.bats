# SPDX-License-Identifier: Apache-2.0
# A user's mistakes: each gives one line that names the cause, through rune run and through docker run, a
# non-zero exit, and leaves no container behind.

load files
load stack

setup_file() {
	docker_start
	docker_image skeleton-enclave
	export DOCKER_HOST
	broken_libraries
	other_enclave
}

teardown_file() {
	docker_stop
}

setup() {
	DOCKER_HOST=unix://$BATS_FILE_TMPDIR/docker/docker.sock
	files=$BATS_TEST_TMPDIR/files
	enclave_files "$files"
	lib=$(pal 2) args=debug type=intelSgx
}

broken_libraries() {
	local dir=$BATS_FILE_TMPDIR
	echo 'no library' >"$dir/text.so"
	gcc -shared -fPIC -o "$dir/missing.so" -x c - <<<'int pal_init(void *a) { return a ? 0 : -22; }
		int pal_destroy(void) { return 0; }'
	gcc -shared -fPIC -o "$dir/four.so" -x c - <<<'int pal_get_version(void) { return 4; }
		int pal_init(void *a) { return a ? 0 : -22; } int pal_exec(void *a) { return a ? 0 : -22; }
		int pal_create_process(void *a) { return a ? 0 : -22; } int pal_kill(int p, int s) { return p + s; }
		int pal_destroy(void) { return 0; }'
}

# The same image signed as production, and a good signature over an image that differs in one bit.
other_enclave() {
	local dir=$BATS_FILE_TMPDIR
	"$O/bin/sgxsign" -N "$O/signing_key.pem" "$O/encl.bin" "$dir/production.ss" >/dev/null
	cp "$O/encl.bin" "$dir/other.bin"
	flip "$dir/other.bin" $(($(stat -c %s "$dir/other.bin") - 100))
	"$O/bin/sgxsign" "$O/signing_key.pem" "$dir/other.bin" "$dir/other.ss" >/dev/null
}

# Both ways must end with one line of the runtime's that matches.
fails_with() {	# REGULAR-EXPRESSION
	through_rune "$1"
	through_docker "$1"
}

one_line() {	# REGULAR-EXPRESSION
	echo "$output"
	[ "$status" != 0 ]
	[ "$(grep -Evc '^(WARNING|rune: warning)|simulated' <<<"$output")" = 1 ]
	grep -Eq "$1" <<<"$output"
}

through_rune() {
	local bundle=$BATS_TEST_TMPDIR/bundle
	make_bundle "$bundle" "$lib" "$args" skeleton
	rm -rf "$bundle/rootfs/run/rune"
	cp -r "$files" "$bundle/rootfs/run/rune"
	jq --arg type "$type" '.annotations["enclave.type"] = $type' "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
	run rune run --bundle "$bundle" "$(container_id)"
	one_line "$1"
	nothing_left
	[ -z "$(runc --root "$(rune_root)" list -q)" ]
}

through_docker() {
	run docker run --rm --runtime=rune -e "ENCLAVE_TYPE=$type" -e "ENCLAVE_RUNTIME_PATH=$lib" \
		-e "ENCLAVE_RUNTIME_ARGS=$args" -v "$files:/run/rune" skeleton-enclave
	# docker frames the line and may add a hint of its own
	output=$(grep -v -e '^Run .docker run --help' -e '^See .docker run --help' -e '^$' <<<"$output")
	one_line "$1"
	[ -z "$(docker ps -aq)" ]
}

@test "no PAL library at the path" {
	lib=/nonexistent/liberpal.so
	fails_with '/nonexistent/liberpal.so: No such file'
}

@test "the PAL library is not a shared library" {
	lib=$BATS_FILE_TMPDIR/text.so
	fails_with 'text.so: not a shared library'
}

@test "the PAL library lacks a required symbol" {
	lib=$BATS_FILE_TMPDIR/missing.so
	fails_with 'missing.so: .*pal_exec'
}

@test "the PAL library speaks version 4" {
	lib=$BATS_FILE_TMPDIR/four.so
	fails_with 'four.so: .*version 4'
}

@test "the enclave type is unknown" {
	type=sev
	fails_with "sev"
}

@test "encl.bin is missing" {
	rm "$files/encl.bin"
	fails_with 'encl.bin: No such file'
}

@test "encl.bin is truncated" {
	truncate -s 8192 "$files/encl.bin"
	fails_with 'encl.bin: .*(cut|trunc|short)'
}

@test "encl.ss is a pipe that nobody writes to: an image cannot make create wait" {
	rm "$files/encl.ss"
	mkfifo "$files/encl.ss"
	fails_with 'encl.ss: not a SIGSTRUCT of'
}

@test "one bit of encl.bin is flipped: the measurement differs" {
	size=$(stat -c %s "$files/encl.bin")
	flip "$files/encl.bin" $((size - 100))
	fails_with 'encl.ss: MRENCLAVE of the image is [0-9a-f]{64}, signed is'
}

@test "one bit of encl.ss is flipped: the signature is wrong" {
	flip "$files/encl.ss" 600
	fails_with 'encl.ss: .*signature'
}

@test "encl.ss is of another enclave" {
	cp "$BATS_FILE_TMPDIR/other.ss" "$files/encl.ss"
	fails_with 'encl.ss: MRENCLAVE of the image is [0-9a-f]{64}, signed is'
}

@test "a production enclave without an SGX device" {
	cp "$BATS_FILE_TMPDIR/production.ss" "$files/encl.ss"
	args=
	fails_with '/dev/sgx_enclave.*--simulation=always'
}

@test "debug asked of an enclave whose signature forbids it" {
	cp "$BATS_FILE_TMPDIR/production.ss" "$files/encl.ss"
	fails_with 'encl.ss: .*forbids debug'
}
