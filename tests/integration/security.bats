# SPDX-License-Identifier: Apache-2.0
# What a hostile image, its creator and the container's other users cannot do to the host, to rune or to each
# other; and how little a container may have and still run an enclave.

load stack

setup() {
	bundle=$BATS_TEST_TMPDIR/bundle
	canary=$BATS_TEST_TMPDIR/canary
	id=$(container_id)
	lib=$(pal 3)
	mkdir "$canary"
	echo unharmed >"$canary/file"
}

teardown() {
	rune delete --force "$id" >/dev/null 2>&1 || true
	# Nothing of the host's was written to, whatever the test did.
	[ "$(ls -A "$canary")" = file ]
	[ "$(cat "$canary/file")" = unharmed ]
}

enclave_bundle() {	# PROGRAM [ARG]...
	make_bundle "$bundle" "$lib" debug "$@"
	mkdir -p "$bundle/rootfs/bin"
	cp /bin/busybox "$bundle/rootfs/bin/sh"
}

edit() {	# JQ-PROGRAM [JQ-OPTION]...
	jq "$@" "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
}

started() {
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; return 1; }
	rune start "$id"
}

inside() {	# [RUNC-EXEC-OPTION]... SHELL-COMMAND: an ordinary process in the enclave container
	runc --root "$(rune_root)" exec "${@:1:$#-1}" "$id" /bin/sh -c "${@: -1}"
}

runs() {
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'Hello from the skeleton enclave!'* ]]
	nothing_left
}

refused() {	# REGULAR-EXPRESSION
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output =~ $1 ]]
	[ "$(grep -c '^rune: ' <<<"$output")" = 1 ]
	nothing_left
}

@test "everything below /.rune is read-only, nosuid and nodev, and stays so" {
	enclave_bundle skeleton spin
	edit '.root.readonly = false'
	started
	inside 'cat /proc/self/mountinfo' | awk '$5 ~ /^\/\.rune/' >"$BATS_TEST_TMPDIR/mounts"
	cat "$BATS_TEST_TMPDIR/mounts"
	grep -q ' /.rune/ld.so ' "$BATS_TEST_TMPDIR/mounts"
	grep -q ' /.rune/lib/liberpal-skeleton-v3.so ' "$BATS_TEST_TMPDIR/mounts"
	[ -z "$(awk '$6 !~ /(^|,)ro(,|$)/ || $6 !~ /nosuid/ || $6 !~ /nodev/' "$BATS_TEST_TMPDIR/mounts")" ]
	for try in '>/.rune/new' 'mkdir /.rune/lib/new' '>/.rune/lib/libc.so.6' 'rm /.rune/runelet' \
		'ln -s /bin/sh /.rune/lib/x' 'chmod 4755 /.rune/runelet' 'umount /.rune/ld.so' \
		'mount -o remount,rw /.rune' 'mv /.rune /other'; do
		run inside "$try"
		echo "$try: $status $output"
		[ "$status" != 0 ]
	done
}

@test "an image's own /.rune is hidden, or refused, wherever it points" {
	enclave_bundle skeleton hello
	mkdir -p "$bundle/rootfs/.rune/lib" "$bundle/rootfs/etc"
	printf '#!/bin/sh\necho mine\n' | tee "$bundle/rootfs/.rune/ld.so" >"$bundle/rootfs/.rune/lib/libc.so.6"
	chmod +x "$bundle/rootfs/.rune/ld.so"
	runs
	for name in ld.so runelet lib agent.sock; do
		rm -rf "$bundle/rootfs/.rune"
		mkdir "$bundle/rootfs/.rune"
		ln -s "$canary" "$bundle/rootfs/.rune/$name"
		runs
	done
	rm -rf "$bundle/rootfs/.rune"
	echo 'a file' >"$bundle/rootfs/.rune"
	refused '^rune: /.rune in the image is not a folder: '
	for target in "$canary" ../../canary "../../../../../../../..$canary" /etc /proc nowhere; do
		ln -sfn "$target" "$bundle/rootfs/.rune"
		refused '^rune: /.rune in the image is not a folder: '
	done
}

# The host of the rest of the shell has one SGX device node, without a driver, and a folder of aesmd.
with_sgx_nodes() {	# SHELL-COMMAND...
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private sh -eu -c '
		mkdir -p "$1/dev" "$1/aesmd"
		mount -t tmpfs -o mode=755 tmpfs "$1/dev"
		for node in null zero full random urandom tty ptmx pts fd stdin stdout stderr; do
			cp -a "/dev/$node" "$1/dev/" 2>/dev/null || :
		done
		mknod -m 640 "$1/dev/sgx_enclave" c 10 125
		chown 0:77 "$1/dev/sgx_enclave"
		mount --bind "$1/dev" /dev
		mount -t tmpfs -o mode=755 tmpfs /run
		mkdir /run/aesmd
		: >/run/aesmd/canary
		shift
		eval "$@"
	' sh "$BATS_TEST_TMPDIR" "$@"
}

@test "a container gets the host's SGX nodes, and its devices cgroup allows those and no others" {
	enclave_bundle skeleton spin
	cat >"$BATS_TEST_TMPDIR/try" <<-TRY
		rune="$O/bin/rune --root $(rune_root) --simulation=always"
		\$rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
		\$rune start "$id"
		runc --root "$(rune_root)" exec "$id" sh -c 'ls -ln /dev; cat /proc/self/cgroup; ls /var/run/aesmd'
		pid=\$(\$rune state "$id" | jq .pid)
		cat /sys/fs/cgroup/devices\$(sed -n 's/.*:devices://p' /proc/\$pid/cgroup)/devices.list || :
		\$rune delete --force "$id"
	TRY
	run with_sgx_nodes ". $BATS_TEST_TMPDIR/try"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output =~ crw-r-----\ .*\ 0\ +77\ .*\ 10,\ 125\ .*\ /?sgx_enclave ]]
	[[ $output != *sgx_provision* && $output != *isgx* ]]
	grep -qx canary <<<"$output"
	# Where the hierarchy is version 1 the list can be read.
	if [ -d /sys/fs/cgroup/devices ]; then
		grep -qx 'c 10:125 rw' <<<"$output"
		never grep -Eqx '[abc] \*:\* rwm' <<<"$output"
		[ -z "$(grep -E '^[bc] ' <<<"$output" | grep -v '^[bc] \*:\* m$' |
			grep -Ev '^c (1:[35789]|5:[012]|136:\*|10:200|10:125) rw')" ]
	fi
}

@test "a hostile root cannot turn the mounts of aesmd's folder and of the devices to the host" {
	enclave_bundle skeleton hello
	mkdir -p "$bundle/rootfs/var"
	# One line of rune's, since runc 1.1 would write to where the link points on the host.
	for target in "$canary" ../../canary "../../../../../../../..$canary"; do
		ln -sfn "$target" "$bundle/rootfs/dev"
		refused '^rune: /dev in the image is not a folder: '
	done
	rm "$bundle/rootfs/dev"
	for target in "$canary" ../../../canary "../../../../../../../..$canary"; do
		ln -sfn "$target" "$bundle/rootfs/var/run"
		run with_sgx_nodes "$O/bin/rune --root $(rune_root) --simulation=always run --bundle $bundle $id </dev/null 3>&-"
		echo "$output"
		[ "$(ls -A "$canary")" = file ]
		nothing_left
	done
	rm "$bundle/rootfs/var/run"
	mkdir -p "$bundle/rootfs/var/run" "$bundle/rootfs/dev"
	ln -s "$canary" "$bundle/rootfs/var/run/aesmd"
	ln -s "$canary/file" "$bundle/rootfs/dev/sgx_enclave"
	# Without a /dev of the container's own, the nodes go into the image's.
	edit '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false'
	run with_sgx_nodes "$O/bin/rune --root $(rune_root) --simulation=always run --bundle $bundle $id </dev/null 3>&-"
	echo "$output"
	[ "$(ls -A "$canary")" = file ]
	nothing_left
}

@test "a container of a host without SGX gets no device" {
	[ ! -e /dev/sgx_enclave ] || skip 'there is SGX here'
	enclave_bundle skeleton spin
	started
	run inside 'ls /dev'
	echo "$output"
	[[ $output != *sgx* ]]
}

@test "a PAL library is an absolute path to a regular file of somebody to trust" {
	local dir=$BATS_TEST_TMPDIR/libraries
	mkdir "$dir"
	cp "$(pal 2)" "$dir/pal.so"
	lib=liberpal-skeleton-v2.so
	enclave_bundle skeleton hello
	refused '^rune: enclave.runtime.path: liberpal-skeleton-v2.so: not an absolute path$'
	edit '.process.env += ["ENCLAVE_RUNTIME_PATH=../pal.so"]'
	refused '^rune: ENCLAVE_RUNTIME_PATH: ../pal.so: not an absolute path$'
	lib=$dir
	enclave_bundle skeleton hello
	refused "^rune: $dir: not a regular file$"
	mkfifo "$dir/pipe"
	lib=$dir/pipe
	enclave_bundle skeleton hello
	refused "^rune: $dir/pipe: not a regular file$"
	lib=$dir/pal.so
	chmod o+w "$lib"
	enclave_bundle skeleton hello
	refused "^rune: $lib: everybody may write to it$"
	chmod o-w "$lib"
	chown 4242 "$lib"
	refused "^rune: $lib: belongs to user 4242, neither root nor the caller$"
	chown 0 "$lib"
	chmod 777 "$dir"
	refused "^rune: $lib: everybody may write to its folder $dir$"
	chmod 755 "$dir"
	runs
}

# PAL libraries that need libdep.so: host/libdep.so on the host; the image's own is in the same folder.
rpath_pal() {	# LINKER-OPTION
	local dir=$BATS_TEST_TMPDIR/rpath
	mkdir -p "$dir/host" "$dir/image"
	for side in host image; do
		gcc -shared -fPIC -o "$dir/$side/libdep.so" -x c - <<-C
			#include <unistd.h>
			int say(void) { return (int)write(1, "from the $side\n", sizeof("from the $side\n") - 1); }
		C
	done
	gcc -shared -fPIC -o "$dir/pal.so" "-Wl,$1" "-Wl,-rpath,$dir/host" -x c - -L"$dir/host" -ldep <<-'C'
		int say(void);
		int pal_init(void *a) { return a ? 0 : -22; }
		int pal_exec(char *p, char **v, void *io, int *code) { (void)p, (void)v, (void)io; *code = 0; return say() > 0 ? 0 : -5; }
		int pal_destroy(void) { return 0; }
	C
	lib=$dir/pal.so
	enclave_bundle anything
	mkdir -p "$bundle/rootfs$dir"
	cp -r "$dir/image" "$bundle/rootfs$dir/host"
}

@test "a PAL's DT_RPATH and DT_RUNPATH find libraries on the host, not in the image" {
	for option in --disable-new-dtags --enable-new-dtags; do
		rpath_pal $option
		run rune run --bundle "$bundle" "$id"
		echo "$output"
		[ "$status" = 0 ]
		grep -qx 'from the host' <<<"$output"
		never grep -q 'from the image' <<<"$output"
	done
	chmod 777 "$BATS_TEST_TMPDIR/rpath/host"
	refused "^rune: .*/rpath/host/libdep.so: everybody may write to its folder"
}

agent_client() {	# a shell command: a program of one's own in the enclave
	echo '/.rune/ld.so --library-path /.rune/lib /.rune/runelet exec -- skeleton exit 7'
}

@test "the agent serves the container's root and its own user, and nobody else" {
	enclave_bundle skeleton spin
	started
	run inside "$(agent_client)"
	[ "$status" = 7 ]
	run inside --user 1001 "$(agent_client)"
	echo "$output"
	[ "$status" = 255 ]
	[[ $output == *'Permission denied'* ]]
	rune delete --force "$id"
	edit '.process.user = {"uid": 1000, "gid": 1000}'
	started
	run inside --user 1000 "$(agent_client)"
	[ "$status" = 7 ]
	run inside --user 1001:1000 "$(agent_client)"
	echo "$output"
	[ "$status" = 255 ]
	[[ $output == *'Permission denied'* ]]
	# A user of the host with the same number does not get there.
	run setpriv --reuid 1000 --regid 1000 --clear-groups stat "$(rune_root)/$id/agent.sock"
	echo "$output"
	[ "$status" != 0 ]
}

@test "without capabilities, new privileges, a writable root or root's number, and in what mixture" {
	enclave_bundle skeleton hello
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/plain.json"
	for change in '.process.capabilities = {}' \
		'.process.noNewPrivileges = true' \
		'.root.readonly = true' \
		'.process.user = {"uid": 1000, "gid": 1000}' \
		'.process.capabilities = {} | .process.noNewPrivileges = true | .root.readonly = true | .process.user = {"uid": 1000, "gid": 1000, "umask": 63}' \
		'.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": ["ptrace", "process_vm_readv", "mount", "setns", "unshare", "keyctl", "bpf", "userfaultfd"], "action": "SCMP_ACT_ERRNO"}]}'; do
		edit "$change" <"$BATS_TEST_TMPDIR/plain.json"
		runs
		cp "$BATS_TEST_TMPDIR/plain.json" "$bundle/config.json"
	done
}

# As another user, with all files and folders of their own.  $rootless_with: a command that runs another.
rootless() {	# SHELL-COMMAND
	local home=$BATS_TEST_TMPDIR/home user=${rootless_user-4242}
	mkdir -p "$home"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	chown -R "$user:$user" "$home" "$bundle"
	${rootless_with-} setpriv --reuid "$user" --regid "$user" --clear-groups env -i "PATH=$PATH" "HOME=$home" "XDG_RUNTIME_DIR=$home" \
		sh -c "$1" </dev/null 3>&-
}

rootless_bundle() {	# PROGRAM [ARG]...
	enclave_bundle "$@"
	edit '.linux.namespaces |= map(select(.type != "network")) | del(.linux.resources) |
		.linux.namespaces += [{"type": "user"}] |
		.linux.uidMappings = [{"containerID": 0, "hostID": 4242, "size": 1}] | .linux.gidMappings = .linux.uidMappings |
		.mounts |= map(if .destination == "/sys" then {"destination": "/sys", "type": "none", "source": "/sys",
			"options": ["rbind", "nosuid", "noexec", "nodev", "ro"]} else . end |
			if .options then .options |= map(select(startswith("gid=") | not)) else . end)'
}

# From create to delete, with a line of the shell's while it runs.
rootless_life() {	# SHELL-COMMAND: with $rune
	cat >"$BATS_TEST_TMPDIR/life" <<-LIFE
		set -eu
		rune="$O/bin/rune --root \$HOME/root"
		cd \$HOME
		\$rune create --bundle "$bundle" "$id" >create.out 2>&1 || { cat create.out; exit 1; }
		\$rune state "$id" | grep '"created"'
		\$rune start "$id"
		\$rune exec "$id" skeleton echo 'one two' three >exec.out 2>&1
		cat exec.out
		$1
		\$rune kill "$id" TERM
		for i in \$(seq 100); do \$rune state "$id" | grep -q '"stopped"' && break; sleep 0.1; done
		\$rune delete "$id"
		find root -mindepth 1
	LIFE
	run rootless "sh $BATS_TEST_TMPDIR/life"
	echo "$output"
	[ "$status" = 0 ]
	grep -qx 'one two three' <<<"$output"
	[[ $output != *root/* ]]
}

@test "rootless: the whole life of a container whose runtime is nobody special" {
	rootless_bundle skeleton spin
	rootless_life "head -c 512 /dev/zero >target; \$rune attest --targetinfo target --reportFile report $id"
	[ "$(stat -c '%s %u' "$BATS_TEST_TMPDIR/home/report")" = '432 4242' ]
}

@test "rootless with subordinate ids: the program is one of them, and rune still speaks to its agent" {
	rootless_bundle skeleton spin
	edit '.process.user = {"uid": 1000, "gid": 1000} |
		.linux.uidMappings = [{"containerID": 0, "hostID": 65534, "size": 1},
			{"containerID": 1, "hostID": 300000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
	rootless_user=65534 rootless_with=with_subids
	rootless_life "stat -c 'uid %u' /proc/\$(\$rune state $id | jq .pid)"
	grep -qx 'uid 300999' <<<"$output"
}

@test "rootless inside a user namespace, where the host's root has no number" {
	rootless_bundle skeleton hello
	edit '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)'
	run rootless "unshare --user --map-root-user --mount $O/bin/rune --root \$HOME/root run --bundle $bundle $id >\$HOME/out 2>&1 || echo failed; cat \$HOME/out; find \$HOME/root -mindepth 1"
	echo "$output"
	[[ $output == *'Hello from the skeleton enclave!'* ]]
	[[ $output != *root/* && $output != *failed* ]]
}
