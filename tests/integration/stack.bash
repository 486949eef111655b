# SPDX-License-Identifier: Apache-2.0
# The whole stack for a test: bundles for rune, and a docker daemon of the test's own.  O is the output folder.

: "${O:=$BATS_TEST_DIRNAME/../../build}"
export DOCKER_HOST

pal() {	# VERSION: path of a skeleton library
	echo "$O/lib/liberpal-skeleton-v$1.so"
}

enclave_files() {	# FOLDER: a copy of the signed enclave
	mkdir -p "$1"
	cp "$O/encl.bin" "$O/encl.elf" "$O/encl.ss" "$1/"
}

# A bundle whose container runs PROGRAM [ARG]... in the enclave.  $bundle_env: extra variables, one a line.
make_bundle() {	# FOLDER PAL ARGS PROGRAM [ARG]...
	local dir=$1 lib=$2 args=$3
	shift 3
	rm -rf "$dir"
	enclave_files "$dir/rootfs/run/rune"
	runc spec --bundle "$dir"
	jq --arg lib "$lib" --arg args "$args" --arg env "${bundle_env-}" '
		.process.terminal = false | .process.cwd = "/run/rune" | .process.args = $ARGS.positional |
		.process.env += ($env | split("\n") | map(select(. != ""))) |
		.annotations += {"enclave.type": "intelSgx", "enclave.runtime.path": $lib, "enclave.runtime.args": $args}
		' --args "$@" <"$dir/config.json" >"$dir/config.new"
	mv "$dir/config.new" "$dir/config.json"
}

# The host's folder is in the container as well.
bundle_mount() {	# BUNDLE SOURCE DESTINATION
	jq --arg from "$2" --arg to "$3" \
		'.mounts += [{destination: $to, type: "bind", source: $from, options: ["bind", "rw"]}]' "$1/config.json" >"$1/config.new"
	mv "$1/config.new" "$1/config.json"
}

# COMMAND, for which nobody, and only nobody, has a range of subordinate ids.
with_subids() {	# COMMAND...
	# shellcheck disable=SC2016 # that shell's own
	unshare --mount sh -c 'printf "nobody:300000:65536\n" >"$0" && chmod 644 "$0" && mount --bind "$0" /etc/subuid &&
		mount --bind "$0" /etc/subgid && exec "$@"' "$BATS_TEST_TMPDIR/subids" "$@"
}

# swsgx aesmd for the tests of a file, at $BATS_FILE_TMPDIR/aesmd/aesm.socket: mount the folder at /var/run/aesmd.
aesmd_start() {
	local dir=$BATS_FILE_TMPDIR/aesmd
	mkdir -p "$dir"
	"$O/bin/swsgx" aesmd --socket "$dir/aesm.socket" >"$BATS_FILE_TMPDIR/aesmd-log" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/aesmd-pid"
	for _ in $(seq 300); do
		grep -q 'serving at' "$BATS_FILE_TMPDIR/aesmd-log" && return
		sleep 0.1
	done
	cat "$BATS_FILE_TMPDIR/aesmd-log"
	return 1
}

aesmd_stop() {
	local pid
	pid=$(cat "$BATS_FILE_TMPDIR/aesmd-pid")
	kill "$pid"
	wait "$pid" || true
	! kill -0 "$pid" 2>/dev/null
}

rune_root() {
	echo "$BATS_FILE_TMPDIR/rune-root"
}

rune() {
	"$O/bin/rune" --root "$(rune_root)" "$@"
}

# `! COMMAND` fails no test unless it stands last; this does.
never() {	# COMMAND...
	! "$@"
}

container_id() {
	echo "t-$BATS_SUITE_TEST_NUMBER-$$-${1-0}"
}

# Nothing of any container is left in rune's root.
nothing_left() {
	local left
	left=$(find "$(rune_root)" -mindepth 1 2>/dev/null || true)
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

docker_start() {
	local dir=$BATS_FILE_TMPDIR/docker
	mkdir -p "$dir"
	DOCKER_HOST=unix://$dir/docker.sock
	# What a user copies, with paths and a network of this test's own.
	jq --arg rune "$O/bin/rune" --arg dir "$dir" --arg host "$DOCKER_HOST" '.runtimes.rune.path = $rune | . + {
		"data-root": "\($dir)/data", "exec-root": "\($dir)/exec", pidfile: "\($dir)/pid", hosts: [$host],
		"storage-driver": "overlay2", bridge: "none", iptables: false, ip6tables: false
		}' "$BATS_TEST_DIRNAME/../../deploy/docker/daemon.json" >"$dir/daemon.json"
	# fd 3 is bats's own: a daemon that holds it keeps bats from ending.
	dockerd --config-file "$dir/daemon.json" >"$dir/log" 2>&1 3>&- &
	echo $! >"$dir/dockerd-pid"
	for _ in $(seq 150); do
		docker info >/dev/null 2>&1 && return
		sleep 0.1
	done
	tail -n 20 "$dir/log"
	return 1
}

docker_stop() {
	local dir=$BATS_FILE_TMPDIR/docker pid
	pid=$(cat "$dir/dockerd-pid") || return 0
	kill "$pid"
	for _ in $(seq 150); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	# dockerd makes its folder a mount, and does not always get rid of it.
	umount "$dir/data" 2>/dev/null || true
	! kill -0 "$pid" 2>/dev/null
}

# The README's image, from the files that make leaves and the README's own Dockerfile.
docker_image() {	# NAME
	local context=$BATS_FILE_TMPDIR/context
	enclave_files "$context"
	sed -n '/^```dockerfile$/,/^```$/p' "$BATS_TEST_DIRNAME/../../README.md" | grep -v '^```' >"$context/Dockerfile"
	docker build -q -t "$1" "$context"
}

docker_rune() {	# PAL ARGS [DOCKER-OPTION]... IMAGE [ARG]...
	local lib=$1 args=$2
	shift 2
	docker run --rm --runtime=rune -e ENCLAVE_TYPE=intelSgx -e "ENCLAVE_RUNTIME_PATH=$lib" \
		-e "ENCLAVE_RUNTIME_ARGS=$args" "$@"
}
