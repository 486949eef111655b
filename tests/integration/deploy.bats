# SPDX-License-Identifier: Apache-2.0
# What deploy/ holds is taken by the programs it is for.  Its daemon.json, rune.conf and rune.toml are what
# the engines of docker*.bats, podman.bats and containerd.bats run with.

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
}

# All documents of a YAML file as one JSON array.
yaml() {	# FILE
	/usr/bin/python3 -c 'import json, sys, yaml
print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))' "$1"
}

toml() {	# FILE
	/usr/bin/python3 -c 'import json, sys, tomllib
print(json.dumps(tomllib.load(open(sys.argv[1], "rb"))))' "$1"
}

@test "README shows deploy's daemon.json" {
	diff <(awk '/^```json$/ { on = 1; next } /^```$/ && on { exit } on' "$deploy/../README.md" | jq .) \
		<(jq . "$deploy/docker/daemon.json")
}

@test "containerd reads rune.toml as an import and knows the handler" {
	printf 'version = 2\nimports = ["%s"]\n' "$(realpath "$deploy/containerd/rune.toml")" >"$BATS_TEST_TMPDIR/main.toml"
	containerd --config "$BATS_TEST_TMPDIR/main.toml" config dump >"$BATS_TEST_TMPDIR/dump"
	toml "$BATS_TEST_TMPDIR/dump" | jq -e '.plugins["io.containerd.grpc.v1.cri"].containerd |
		.runtimes.rune.runtime_type == "io.containerd.runc.v2" and
		.runtimes.rune.options.BinaryName == "/usr/local/bin/rune" and
		.default_runtime_name == "runc" and (.runtimes | has("runc"))'
}

# Debian has no CRI-O: its documented options, and nothing else.
@test "CRI-O's drop-in is TOML and has its options only" {
	toml "$deploy/crio/10-rune.conf" | jq -e '. == {crio: {runtime: {runtimes: {rune: .crio.runtime.runtimes.rune}}}} and
		(.crio.runtime.runtimes.rune | .runtime_path == "/usr/local/bin/rune" and .runtime_type == "oci" and
		(keys - ["allowed_annotations", "container_min_memory", "default_annotations", "exec_cpu_affinity",
		"inherit_default_runtime", "monitor_cgroup", "monitor_env", "monitor_exec_cgroup", "monitor_path",
		"no_sync_log", "platform_runtime_paths", "privileged_without_host_devices", "runtime_config_path",
		"runtime_path", "runtime_pull_image", "runtime_root", "runtime_type", "seccomp_profile",
		"stream_websockets"]) == [])'
}

# What the API server refuses: a kind of another version, a field it does not know, a label that differs.
@test "the RuntimeClass names the handler that the engines have" {
	yaml "$deploy/kubernetes/runtimeclass.yaml" | jq -e 'length == 1 and (.[0] |
		.apiVersion == "node.k8s.io/v1" and .kind == "RuntimeClass" and
		(keys - ["apiVersion", "handler", "kind", "metadata", "overhead", "scheduling"]) == [])'
	handler=$(yaml "$deploy/kubernetes/runtimeclass.yaml" | jq -r '.[0].handler')
	toml "$deploy/containerd/rune.toml" |
		jq -e --arg h "$handler" '.plugins["io.containerd.grpc.v1.cri"].containerd.runtimes | has($h)'
	toml "$deploy/crio/10-rune.conf" | jq -e --arg h "$handler" '.crio.runtime.runtimes | has($h)'
	[ "$(yaml "$deploy/kubernetes/pod.yaml" | jq -r '.[0].spec.runtimeClassName')" = \
		"$(yaml "$deploy/kubernetes/runtimeclass.yaml" | jq -r '.[0].metadata.name')" ]
}

@test "the pod asks for the SGX device plugin's resources, as integers and quantities" {
	yaml "$deploy/kubernetes/pod.yaml" | jq -e 'length == 1 and (.[0] | .apiVersion == "v1" and .kind == "Pod" and
		(.spec.containers | length == 1) and (.spec.containers[0].resources.limits |
		.["sgx.intel.com/enclave"] == 1 and .["sgx.intel.com/provision"] == 1 and
		(.["sgx.intel.com/epc"] | test("^[1-9][0-9]*(Ki|Mi|Gi)$")) and length == 3))'
}

@test "the pod runs, as a kubelet would have containerd run it" {
	yaml "$deploy/kubernetes/pod.yaml" | sed "s|/usr/local/lib|$O/lib|" >"$BATS_TEST_TMPDIR/pod.json"
	config=$(jq -r '.[0].spec.containers[0] | "image { image: \(.image | tojson) }",
		"args: \(.args[] | tojson)", (.env[] | "envs { key: \(.name | tojson) value: \(.value | tojson) }")' \
		"$BATS_TEST_TMPDIR/pod.json")
	security=$(jq -r '.[0].spec.containers[0].securityContext | "run_as_user { value: \(.runAsUser) }",
		"readonly_rootfs: \(.readOnlyRootFilesystem)", "no_new_privs: \(.allowPrivilegeEscalation | not)",
		"capabilities { drop_capabilities: \(.capabilities.drop[] | tojson) }"' "$BATS_TEST_TMPDIR/pod.json")
	run_pod pod
	create_container "$config" "$security"
	start_container
	wait_for container_is EXITED
	cat "$BATS_TEST_TMPDIR/log"
	[ "$(container_code)" = 0 ]
	grep -q 'arguments: skeleton hello from a pod$' "$BATS_TEST_TMPDIR/log"
	remove_pod
}

@test "the installing DaemonSet is one that the API server takes" {
	yaml "$deploy/kubernetes/install.yaml" | jq -e '
		map(.apiVersion + " " + .kind) == ["v1 Namespace", "apps/v1 DaemonSet"] and
		.[1].metadata.namespace == .[0].metadata.name and
		(.[1].spec | .selector.matchLabels == .template.metadata.labels and
		(.template.spec | (.volumes | map(.name)) as $volumes |
		(.initContainers + .containers | all(.name and .image and
		((.volumeMounts // []) | all(.mountPath and ([.name] - $volumes == [])))))))'
}

# A node: a root folder with containerd's configuration, and a systemctl that tells what it was asked.
make_node() {	# FOLDER CONFIG-LINE...
	local dir=$1
	shift
	busybox_root "$dir"
	mkdir -p "$dir/etc/containerd"
	printf '%s\n' "$@" >"$dir/etc/containerd/config.toml"
	printf '#!/bin/sh\necho "$SYSTEMD_IGNORE_CHROOT $*" >>/asked\n' >"$dir/bin/systemctl"
	chmod +x "$dir/bin/systemctl"
	: >"$dir/asked"
}

# The installer's image: its Dockerfile, with what make install would have put beside it.
installer_image() {
	local context=$BATS_FILE_TMPDIR/installer
	[ ! -d "$context" ] || return 0
	mkdir -p "$context/root/bin" "$context/root/usr/local/bin" "$context/root/usr/local/lib" \
		"$context/root/usr/local/libexec/rune"
	cp "$O/bin/rune" "$O/bin/swsgx" "$context/root/usr/local/bin/"
	cp "$O"/lib/*.so "$context/root/usr/local/lib/"
	cp "$O/libexec/rune/runelet" "$context/root/usr/local/libexec/rune/"
	cp /bin/busybox "$context/root/bin/"
	cp "$deploy"/kubernetes/installer/* "$deploy/containerd/rune.toml" "$context/"
	podman_setup
	podman build -q -t docker.io/test/installer:1 "$context"
	podman save docker.io/test/installer:1 | ctr images import -
	podman_teardown
}

# What the DaemonSet says about a container, as one JSON value.
daemonset() {	# JQ-FILTER
	yaml "$deploy/kubernetes/install.yaml" | jq -r ".[1].spec.template.spec | $1"
}

run_installer() {	# [CTR-OPTION]... ID [ARG]...
	ctr run --runc-root "$BATS_FILE_TMPDIR/containerd/runc" --privileged "$@"
}

# By containerd, with the node at /host.
install_on() {	# NODE
	installer_image
	run_installer --rm --mount "type=bind,src=$1,dst=/host,options=rbind:rw" docker.io/test/installer:1 \
		"install-$BATS_TEST_NUMBER" /bin/busybox sh "$(daemonset '.initContainers[0].args[0]')" \
		"$(daemonset '.initContainers[0].args[1]')"
}

@test "the installer puts a rune that works on the node, and the handler into containerd's configuration, once" {
	node=$BATS_TEST_TMPDIR/node
	make_node "$node" 'version = 2' '[plugins."io.containerd.grpc.v1.cri"]' 'sandbox_image = "mine"'
	install_on "$node"
	[ "$(cat "$node/asked")" = '1 restart containerd' ]
	cp "$node/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/once"
	install_on "$node"
	cmp "$node/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/once"
	[ "$(wc -l <"$node/asked")" = 1 ]
	containerd --config "$node/etc/containerd/config.toml" config dump >"$BATS_TEST_TMPDIR/dump"
	toml "$BATS_TEST_TMPDIR/dump" | jq -e '.plugins["io.containerd.grpc.v1.cri"] |
		.sandbox_image == "mine" and (.containerd.runtimes |
		has("runc") and .rune.options.BinaryName == "/usr/local/bin/rune")'
	make_bundle "$BATS_TEST_TMPDIR/bundle" "$node/usr/local/lib/liberpal-skeleton-v2.so" debug skeleton exit 5
	run "$node/usr/local/bin/rune" --root "$(rune_root)" run --bundle "$BATS_TEST_TMPDIR/bundle" "$(container_id)"
	echo "$output"
	[ "$status" = 5 ]
}

@test "the installer knows version 3 of containerd's configuration, and refuses a node without one" {
	node=$BATS_TEST_TMPDIR/node
	make_node "$node" 'version = 3' "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]"
	install_on "$node"
	toml "$node/etc/containerd/config.toml" |
		jq -e '.plugins["io.containerd.cri.v1.runtime"].containerd.runtimes | keys == ["runc", "rune"] and
		.rune.options.BinaryName == "/usr/local/bin/rune"'
	rm "$node/etc/containerd/config.toml"
	run install_on "$node"
	[ "$status" = 1 ]
	[[ $output == *'/host/etc/containerd/config.toml: no such file'* ]]
}

@test "the DaemonSet's container waits, and ends when it is told to" {
	installer_image
	run_installer -d docker.io/test/installer:1 waits /bin/busybox sh "$(daemonset '.containers[0].args[0]')" \
		"$(daemonset '.containers[0].args[1]')"
	is() { ctr task ls | grep -Eq "^waits .*$1"; }
	is RUNNING
	ctr task kill -s SIGTERM waits
	wait_for is STOPPED
	ctr task delete waits || true
	ctr container delete waits
}

# podman reads CDI specifications from /etc/cdi: one of its own, in a mount namespace of its own, with a
# node that stands for the device.
@test "podman gives a container the SGX device that the CDI specification names" {
	podman_setup
	busybox_root "$BATS_TEST_TMPDIR/root"
	image_archive localhost/plain:1 "$BATS_TEST_TMPDIR/root" '{"Cmd": ["sh"], "Env": ["PATH=/bin"]}' | podman load -q
	mkdir -p "$BATS_TEST_TMPDIR/etc" "$BATS_TEST_TMPDIR/work" "$BATS_TEST_TMPDIR/dev"
	cat >"$BATS_TEST_TMPDIR/script" <<-EOF
	set -e
	mount -t overlay -o lowerdir=/etc,upperdir=$BATS_TEST_TMPDIR/etc,workdir=$BATS_TEST_TMPDIR/work overlay /etc
	mkdir /etc/cdi
	cp "$deploy/cdi/sgx.json" /etc/cdi/
	mount -t tmpfs -o mode=755,dev tmpfs "$BATS_TEST_TMPDIR/dev"
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$BATS_TEST_TMPDIR/dev/"
	mknod "$BATS_TEST_TMPDIR/dev/sgx_enclave" c 1 3
	mount --rbind "$BATS_TEST_TMPDIR/dev" /dev
	mkdir /dev/shm /dev/pts
	exec podman run --rm --device intel.com/sgx=enclave localhost/plain:1 \
		sh -c 'test -c /dev/sgx_enclave && test ! -e /dev/sgx_provision && echo there >/dev/sgx_enclave && echo given'
	EOF
	run unshare -m sh "$BATS_TEST_TMPDIR/script"
	echo "$output"
	podman_teardown
	[ "$status" = 0 ]
	[ "$output" = given ]
}
