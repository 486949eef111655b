# SPDX-License-Identifier: Apache-2.0
# rune check: a line a subject, advice where something is missing, and an exit code that can be relied on.

load stack

check() {	# [GLOBAL-OPTION]...
	run "$O/bin/rune" "$@" check
	echo "$output"
}

# On another host: /dev has only what is listed, PATH what is in $BATS_TEST_TMPDIR/bin.
elsewhere() {	# MOUNT-OPTIONS NODES SHELL-COMMAND
	# shellcheck disable=SC2016 # the inner shell's
	run unshare --mount --propagation private sh -eu -c '
		mkdir -p "$1/dev"
		mount -t tmpfs -o mode=755 tmpfs "$1/dev"
		cp -a /dev/null /dev/zero /dev/urandom "$1/dev/"
		minor=125
		for node in $3; do
			mkdir -p "$(dirname "$1/dev/$node")"
			mknod "$1/dev/$node" c 10 $((minor += 1))
		done
		mount --move "$1/dev" /dev
		mount -o "remount,$2" /dev
		shift 3
		eval "$@"
	' sh "$BATS_TEST_TMPDIR" "$@"
	echo "$output"
}

@test "check says that enclaves can be simulated here, and how SGX would come" {
	[ ! -e /dev/sgx_enclave ] || skip 'there is SGX here'
	check
	[ "$status" = 0 ]
	grep -qx "ok  low-level runtime: $(command -v runc) (runc version .*)" <<<"$output"
	grep -q '^ok  software SGX: ' <<<"$output"
	grep -A 1 '^--  /dev/sgx_enclave: no SGX device' <<<"$output" | grep -q '^    .*CONFIG_X86_SGX'
	[ "${lines[-1]}" = 'Enclaves with the argument debug run on software SGX, which protects nothing; others do not run.' ]
	check --simulation=always
	[ "$status" = 0 ]
	[ "${lines[-1]}" = 'All enclaves run on software SGX, which protects nothing.' ]
}

@test "what check says of this host is what run does" {
	[ ! -e /dev/sgx_enclave ] || skip 'there is SGX here'
	make_bundle "$BATS_TEST_TMPDIR/bundle" "$(pal 2)" debug skeleton exit 0
	check
	[ "$status" = 0 ]
	rune run --bundle "$BATS_TEST_TMPDIR/bundle" "$(container_id)"
	check --simulation=never
	[ "$status" = 1 ]
	[ "${lines[-1]}" = 'Enclaves cannot run.' ]
	run rune --simulation=never run --bundle "$BATS_TEST_TMPDIR/bundle" "$(container_id)"
	[ "$status" = 1 ]
	nothing_left
}

@test "check goes on where there is no low-level runtime, and fails" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	run env "PATH=$BATS_TEST_TMPDIR/empty" "$O/bin/rune" check
	echo "$output"
	[ "$status" = 1 ]
	grep -q '^no  low-level runtime: no OCI runtime to work with: install runc' <<<"$output"
	grep -q '^ok  software SGX' <<<"$output"
	[ "${lines[-1]}" = 'Enclaves cannot run.' ]
	check --oci-runtime /nonexistent/runc
	[ "$status" = 1 ]
	grep -qx 'no  low-level runtime: --oci-runtime: /nonexistent/runc: No such file or directory' <<<"$output"
	check --oci-runtime false
	[ "$status" = 1 ]
	grep -qx "no  low-level runtime: $(type -P false) --version fails" <<<"$output"
}

@test "check names the driver behind each SGX device" {
	elsewhere exec 'sgx_enclave sgx_provision' "$O/bin/rune --simulation=never check"
	[ "$status" = 0 ]
	grep -q "^ok  /dev/sgx_enclave: the kernel's own driver (10:126, mode 0644)" <<<"$output"
	grep -q '^ok  /dev/sgx_provision: for quotes' <<<"$output"
	grep -qx 'ok  /dev: not mounted noexec' <<<"$output"
	[ "${lines[-1]}" = 'Enclaves run on SGX.' ]
	elsewhere exec 'sgx/enclave' "$O/bin/rune --simulation=never check"
	[ "$status" = 0 ]
	grep -q '^ok  /dev/sgx/enclave: the DCAP driver' <<<"$output"
	grep -q '^--  /dev/sgx_provision: not there' <<<"$output"
	elsewhere exec isgx "$O/bin/rune --simulation=never check"
	grep -q '^ok  /dev/isgx: linux-sgx-driver, with launch tokens' <<<"$output"
}

@test "check and run both tell of a /dev that is mounted noexec" {
	elsewhere noexec sgx_enclave "$O/bin/rune check"
	[ "$status" = 1 ]
	grep -A 1 '^no  /dev: mounted noexec' <<<"$output" | grep -q 'mount -o remount,exec /dev'
	[ "${lines[-1]}" = 'Enclaves cannot run.' ]
	make_bundle "$BATS_TEST_TMPDIR/bundle" "$(pal 2)" '' skeleton
	jq '.mounts |= map(if .destination == "/dev" then .options += ["noexec"] else . end)' \
		"$BATS_TEST_TMPDIR/bundle/config.json" >"$BATS_TEST_TMPDIR/new"
	mv "$BATS_TEST_TMPDIR/new" "$BATS_TEST_TMPDIR/bundle/config.json"
	elsewhere exec sgx_enclave "$O/bin/rune --root $(rune_root) run --bundle $BATS_TEST_TMPDIR/bundle $(container_id)"
	[ "$status" = 1 ]
	[ "$output" = 'rune: config.json: /dev is mounted noexec, so that no enclave can be mapped from its SGX device' ]
	nothing_left
}

@test "check finds aesmd when it listens" {
	command -v python3 >/dev/null || skip 'no python3'
	check
	[ -e /var/run/aesmd/aesm.socket ] || grep -q '^--  aesmd: /var/run/aesmd/aesm.socket: No such file' <<<"$output"
	cat >"$BATS_TEST_TMPDIR/listen" <<-PY
		import socket, subprocess, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind("/run/aesmd/aesm.socket")
		s.listen()
		sys.exit(subprocess.call(["$O/bin/rune", "check"]))
	PY
	run unshare --mount --propagation private sh -eu -c \
		"mount -t tmpfs tmpfs /run; mkdir /run/aesmd; python3 $BATS_TEST_TMPDIR/listen"
	echo "$output"
	[ "$status" = 0 ]
	grep -qx 'ok  aesmd: /var/run/aesmd/aesm.socket' <<<"$output"
}

@test "check takes no arguments" {
	run rune check now
	[ "$status" = 1 ]
	[ "$output" = 'rune: check: takes no arguments: now' ]
	run rune check --help
	[ "$status" = 0 ]
}
