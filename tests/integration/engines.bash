# SPDX-License-Identifier: Apache-2.0
# Container engines of a test's own, on private sockets and roots: podman, containerd, its CRI plugin.
# stack.bash has docker's.  They are configured by the files in deploy/, with other paths.

deploy=$BATS_TEST_DIRNAME/../../deploy

fail() {	# LINE
	echo "$1"
	return 1
}

# COMMAND succeeds within 10 seconds.
wait_for() {	# COMMAND...
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	fail "still not so after 10 s: $*"
}

# The enclave's settings as options: -e of docker and podman, --env of ctr.
enclave_env() {	# OPTION PAL ARGS
	local v
	for v in ENCLAVE_TYPE=intelSgx "ENCLAVE_RUNTIME_PATH=$2" "ENCLAVE_RUNTIME_ARGS=$3"; do
		printf '%s\n%s\n' "$1" "$v"
	done
}

# A PAL library of the tests, whose programs do what the skeleton's cannot: ignore or tell signals.
test_pal() {	# VERSION
	echo "$O/tests/integration/runelet-pal-$1.so"
}

# No file below FOLDER, no cgroup, mount or process has NAME in its name.  Shims take a moment to end.
no_trace_of() {	# NAME FOLDER...
	local name=$1
	shift
	for _ in $(seq 50); do
		traces=$(
			find "$@" /sys/fs/cgroup -name "*$name*" 2>/dev/null
			grep -F "$name" /proc/self/mountinfo
			pgrep -fa -- "$name"
		) || true
		[ -n "$traces" ] || return 0
		sleep 0.1
	done
	fail "left behind: $traces"
}

# A terminal for COMMAND: its input is typed, lines end as a terminal ends them.
typed() {	# INPUT COMMAND...
	local input=$1
	shift
	printf '%s' "$input" | script -qec "$(printf '%q ' "$@")" /dev/null | tr -d '\r'
	return "${PIPESTATUS[1]}"
}

# A terminal with nothing typed, and no end: at an end script would type one.
with_tty() {	# COMMAND...
	local quiet=$BATS_TEST_TMPDIR/quiet
	[ -p "$quiet" ] || mkfifo "$quiet"
	script -qec "$(printf '%q ' "$@")" /dev/null <>"$quiet" | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# An image that needs no registry, as `docker save` writes it, on stdout.
image_archive() {	# NAME ROOT-FOLDER CONFIG-JSON
	local dir layer
	dir=$(mktemp -d "$BATS_FILE_TMPDIR/image.XXXXXX")
	tar -C "$2" --sort=name --owner=0 --group=0 --numeric-owner -cf "$dir/layer.tar" .
	layer=$(sha256sum "$dir/layer.tar" | cut -d ' ' -f 1)
	jq -n --argjson config "$3" --arg layer "sha256:$layer" '{architecture: "amd64", os: "linux", config: $config,
		rootfs: {type: "layers", diff_ids: [$layer]}}' >"$dir/config.json"
	jq -n --arg name "$1" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$dir/manifest.json"
	tar -C "$dir" -cf - manifest.json config.json layer.tar
	rm -rf "$dir"
}

# busybox alone, as a root folder.
busybox_root() {	# FOLDER
	mkdir -p "$1/bin"
	cp /bin/busybox "$1/bin/busybox"
	ln -sf busybox "$1/bin/sh"
	ln -sf busybox "$1/bin/sleep"
}

# podman with all that it has below the test's folder.  What its cleanup process must find too has to be
# an option, not a setting: hence a podman of our own on PATH.  The CI machine's root has no
# CAP_SYS_RESOURCE, so podman's own limits, which are higher than root's there, cannot be set.
podman_setup() {
	local dir=$BATS_FILE_TMPDIR/podman
	mkdir -p "$dir/bin"
	export CONTAINERS_CONF=$dir/containers.conf
	cat >"$dir/engine" <<-EOF
	cgroup_manager = "cgroupfs"
	events_logger = "file"
	runtime = "rune"
	EOF
	cat >"$dir/containers" <<-EOF
	[containers]
	default_ulimits = ["nofile=20000:20000", "nproc=1000:1000"]
	netns = "none"
	EOF
	sed -e "s|/usr/local/bin/rune|$O/bin/rune|" -e "/^\[engine\]/r $dir/engine" "$deploy/podman/rune.conf" |
		cat "$dir/containers" - >"$CONTAINERS_CONF"
	real_podman=$(command -v podman)
	export real_podman
	cat >"$dir/bin/podman" <<-EOF
	#!/bin/sh
	exec $real_podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" "\$@"
	EOF
	chmod +x "$dir/bin/podman"
	PATH=$dir/bin:$PATH
}

podman_teardown() {
	podman rm -fa -t 1 >/dev/null 2>&1 || true
	forget_cgroups libpod_parent
	umount "$BATS_FILE_TMPDIR/podman/root/overlay" 2>/dev/null || true
}

# bats's own folders are root's alone, and podman wants short paths.
rootless_folder() {
	mktemp -d /tmp/rootless.XXXXXX
}

# A user's podman in a namespace of its own, on all that this user needs in one folder that the user can
# reach: rune, its libraries, the enclave, a home.  Without further numbers all files have to be root's.
rootless_setup() {	# FOLDER
	local home=$1/home
	mkdir -p "$1/bin" "$1/lib" "$1/libexec/rune" "$home/.config/containers" "$home/run"
	cp "$O/bin/rune" "$O/bin/swsgx" "$1/bin/"
	cp "$O"/lib/*.so "$1/lib/"
	cp "$O/libexec/rune/runelet" "$1/libexec/rune/"
	enclave_files "$1/image/run/rune"
	image_archive localhost/skeleton-enclave:latest "$1/image" '{"Cmd": ["skeleton"], "WorkingDir": "/run/rune"}' >"$1/image.tar"
	printf '[storage]\ndriver = "vfs"\n' >"$home/.config/containers/storage.conf"
	sed -e "s|/usr/local|$1|" -e "/^\[engine\]/r $BATS_FILE_TMPDIR/podman/engine" "$deploy/podman/rune.conf" |
		cat "$BATS_FILE_TMPDIR/podman/containers" - >"$home/.config/containers/containers.conf"
	chmod -R a+rX "$1"
	chmod 700 "$home/run"
	chown -R nobody: "$home"
}

# $rootless_with: a command that runs another.
rootless_podman() {	# FOLDER ARG...
	local dir=$1
	shift
	(cd "$dir/home" && ${rootless_with-} env -i PATH="$PATH" HOME="$dir/home" XDG_RUNTIME_DIR="$dir/home/run" TMPDIR="$dir/home" \
		setpriv --reuid nobody --regid nogroup --clear-groups "$real_podman" --log-level error "$@")
}

# podman keeps a process that holds the user's namespace.
rootless_teardown() {	# FOLDER
	rootless_podman "$1" rm -fa -t 1 || true
	rootless_podman "$1" system migrate || true
	rm -rf "$1"
}

# Remove a parent cgroup that an engine made and keeps.  podman 4.3 makes its own for every version 1
# controller it knows; where the machine lacks one, that is a folder with files on the tmpfs, which it
# cannot remove.
forget_cgroups() {	# NAME
	local d
	for d in /sys/fs/cgroup/*/"$1"; do
		if [ "$(stat -f -c %T "$d" 2>/dev/null)" = tmpfs ]; then
			rm -r "$d"
			rmdir --ignore-fail-on-non-empty "${d%/*}"
		elif [ -d "$d" ]; then
			find "$d" -depth -type d -exec rmdir {} + 2>/dev/null || true
		fi
	done
}

# CRI asks for an oom_score_adj that root may not set without CAP_SYS_RESOURCE: restrict_oom_score_adj.
containerd_config() {	# FOLDER
	cat <<-EOF
	version = 2
	root = "$1/root"
	state = "$1/state"
	disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
		"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
	[grpc]
	address = "$1/sock"
	[plugins."io.containerd.internal.v1.opt"]
	path = "$1/opt"
	[plugins."io.containerd.grpc.v1.cri"]
	sandbox_image = "docker.io/test/pause:1"
	restrict_oom_score_adj = true
	[plugins."io.containerd.grpc.v1.cri".cni]
	bin_dir = "$1/cni"
	conf_dir = "$1/cni"
	EOF
	sed -e '/^version/d' -e "s|/usr/local/bin/rune|$O/bin/rune|" "$deploy/containerd/rune.toml"
	echo "Root = \"$1/runc\""
}

containerd_start() {
	local dir=$BATS_FILE_TMPDIR/containerd
	mkdir -p "$dir"
	export CONTAINERD_ADDRESS=$dir/sock
	containerd_config "$dir" >"$dir/config.toml"
	# fd 3 is bats's own: a daemon that holds it keeps bats from ending.
	containerd --config "$dir/config.toml" >"$dir/log" 2>&1 3>&- &
	echo $! >"$dir/pid"
	wait_for ctr version || { tail -n 20 "$dir/log"; return 1; }
}

# The README's image; the same with the enclave elsewhere, because ctr mounts an empty /run; a pod's sandbox.
containerd_images() {
	local dir=$BATS_FILE_TMPDIR/images name n
	enclave_files "$dir/skeleton-enclave/run/rune"
	enclave_files "$dir/skeleton/enclave"
	busybox_root "$dir/pause"
	image_archive docker.io/library/skeleton-enclave:latest "$dir/skeleton-enclave" \
		'{"Cmd": ["skeleton"], "WorkingDir": "/run/rune"}' >"$dir/skeleton-enclave.tar"
	image_archive docker.io/test/skeleton:1 "$dir/skeleton" \
		'{"Cmd": ["skeleton"], "WorkingDir": "/enclave"}' >"$dir/skeleton.tar"
	image_archive docker.io/test/pause:1 "$dir/pause" \
		'{"Entrypoint": ["/bin/sleep", "600"], "Env": ["PATH=/bin"]}' >"$dir/pause.tar"
	for n in default k8s.io; do
		for name in skeleton-enclave skeleton pause; do
			ctr -n "$n" images import "$dir/$name.tar"
		done
	done
}

# A shim outlives its containerd: what a failed test left has to end first.
containerd_stop() {
	local pid n t
	for pod in $(cri ListPodSandbox </dev/null | field id); do
		remove_pod
	done
	for n in default k8s.io; do
		for t in $(ctr -n "$n" task ls -q); do
			ctr -n "$n" task delete -f "$t"
		done
	done
	pid=$(cat "$BATS_FILE_TMPDIR/containerd/pid") || return 0
	kill "$pid"
	gone() { ! kill -0 "$pid" 2>/dev/null; }
	wait_for gone
	forget_cgroups default
	forget_cgroups k8s.io
}

# One call of the CRI, in protobuf's text format: gRPC is a length, a message, and HTTP/2 around them.
cri() {	# METHOD <REQUEST >RESPONSE
	local dir size
	dir=$(mktemp -d "$BATS_FILE_TMPDIR/cri.XXXXXX")
	protoc -I "$BATS_TEST_DIRNAME" --encode="runtime.v1.$1Request" cri.proto >"$dir/message" || return
	size=$(printf '%08x' "$(stat -c %s "$dir/message")")
	printf '%b' "\\0\\x${size:0:2}\\x${size:2:2}\\x${size:4:2}\\x${size:6:2}" | cat - "$dir/message" >"$dir/request"
	curl -sS --http2-prior-knowledge --unix-socket "$CONTAINERD_ADDRESS" -D "$dir/headers" -o "$dir/response" \
		-H 'content-type: application/grpc' -H 'te: trailers' --data-binary "@$dir/request" \
		"http://localhost/runtime.v1.RuntimeService/$1" || return
	grep -qi '^grpc-status: 0' "$dir/headers" || { grep -i '^grpc-' "$dir/headers"; rm -r "$dir"; return 1; }
	tail -c +6 "$dir/response" | protoc -I "$BATS_TEST_DIRNAME" --decode="runtime.v1.$1Response" cri.proto
	rm -r "$dir"
}

# The value of a response's field.
field() {	# NAME
	sed -n "s/^ *$1: \"\\{0,1\\}\\([^\"]*\\)\"\\{0,1\\}\$/\\1/p"
}

# A pod on the node's network, which needs no CNI, and a container in it: what a kubelet does.
run_pod() {	# NAME
	sandbox="metadata { name: \"$1\" uid: \"1\" namespace: \"default\" } log_directory: \"$BATS_TEST_TMPDIR\"
		linux { security_context { namespace_options { network: NODE pid: CONTAINER } } }"
	pod=$(cri RunPodSandbox <<<"config { $sandbox } runtime_handler: \"rune\"" | field pod_sandbox_id)
	[ -n "$pod" ]
}

create_container() {	# CONFIG-IN-TEXT-FORMAT SECURITY-IN-TEXT-FORMAT
	container=$(cri CreateContainer <<-EOF | field container_id
	pod_sandbox_id: "$pod" sandbox_config { $sandbox }
	config {
		metadata { name: "c" } log_path: "log" $1
		linux { security_context { namespace_options { network: NODE pid: CONTAINER } $2 } }
	}
	EOF
	)
	[ -n "$container" ]
}

start_container() {
	cri StartContainer <<<"container_id: \"$container\""
}

container_is() {	# STATE
	cri ContainerStatus <<<"container_id: \"$container\"" | grep -q "state: CONTAINER_$1"
}

container_code() {
	local code
	code=$(cri ContainerStatus <<<"container_id: \"$container\"" | field exit_code)
	echo "${code:-0}"	# the text format leaves zeros out
}

remove_pod() {
	cri StopPodSandbox <<<"pod_sandbox_id: \"$pod\""
	cri RemovePodSandbox <<<"pod_sandbox_id: \"$pod\""
}
