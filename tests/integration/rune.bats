# SPDX-License-Identifier: Apache-2.0
# rune alone: real runc and real runelet, but a PAL library without an enclave and software SGX that is
# only there to be mounted.  So what fails here is rune's.

load stack

setup_file() {
	prefix=$BATS_FILE_TMPDIR/prefix
	mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/libexec/rune"
	cp "$O/bin/rune" "$prefix/bin/"
	cp "$O/libexec/rune/runelet" "$prefix/libexec/rune/"
	gcc -shared -fPIC -o "$prefix/lib/libswsgx.so" -x c /dev/null
	export SWSGX_STATE=$prefix/state
}

setup() {
	bundle=$BATS_TEST_TMPDIR/bundle
	id=$(container_id)
	fake=$O/tests/integration/runelet-pal-2.so
}

teardown() {
	rune delete --force "$id" >/dev/null 2>&1 || true
}

rune() {
	"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" "$@"
}

enclave_files() {	# FOLDER: the fake PAL reads none
	mkdir -p "$1"
}

edit() {	# JQ-PROGRAM [JQ-OPTION]...
	jq "$@" "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
}

fake_bundle() {	# ARGS PROGRAM [ARG]...
	local args=$1
	shift
	make_bundle "$bundle" "$fake" "$args" "$@"
}

plain_bundle() {	# SHELL-COMMAND
	make_bundle "$bundle" "" "" none
	mkdir -p "$bundle/rootfs/bin"
	cp /bin/busybox "$bundle/rootfs/bin/sh"
	edit 'del(.annotations) | .process.args = ["/bin/sh", "-c", $command]' --arg command "$1"
}

status_of() {
	rune state "$id" | jq -r .status
}

wait_for() {	# STATUS
	for _ in $(seq 100); do
		[ "$(status_of 2>/dev/null)" = "$1" ] && return
		sleep 0.1
	done
	return 1
}

fingerprint() {
	stat -c '%i %a %u %s' "$bundle/config.json"
	sha256sum "$bundle/config.json"
	find "$bundle" -maxdepth 1 | sort
}

created() {	# ARGS PROGRAM [ARG]...
	fake_bundle "$@"
	rune create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
}

same_as_runc() {	# WORD...
	local name code
	for name in runc rune; do
		code=0
		if [ $name = rune ]; then
			rune "$@" </dev/null >"$BATS_TEST_TMPDIR/$name.out" 2>"$BATS_TEST_TMPDIR/$name.err" || code=$?
		else
			runc --root "$(rune_root)" "$@" </dev/null >"$BATS_TEST_TMPDIR/$name.out" \
				2>"$BATS_TEST_TMPDIR/$name.err" || code=$?
		fi
		echo "$code" >>"$BATS_TEST_TMPDIR/$name.err"
		# logrus writes the time
		sed -i 's/time="[^"]*"//' "$BATS_TEST_TMPDIR/$name.err"
	done
	diff "$BATS_TEST_TMPDIR/runc.out" "$BATS_TEST_TMPDIR/rune.out"
	diff "$BATS_TEST_TMPDIR/runc.err" "$BATS_TEST_TMPDIR/rune.err"
}

@test "what is not rune's is runc's byte for byte, exit codes and all" {
	same_as_runc --version
	same_as_runc nosuchcommand
	same_as_runc --nosuchoption
	same_as_runc state nosuch
	same_as_runc start nosuch
	same_as_runc delete nosuch
	same_as_runc exec nosuch ls
	same_as_runc kill nosuch 9
	same_as_runc --debug list
	same_as_runc list --format json
	same_as_runc create --bundle /nonexistent x
	same_as_runc run
	same_as_runc update --help
}

@test "help is the low-level runtime's, byte for byte, with what is rune's behind it" {
	for word in --help -h help h; do
		expected=$(runc "$word")
		output=$(rune "$word")
		[ "${output:0:${#expected}}" = "$expected" ]
		[[ ${output:${#expected}} == *'--oci-runtime PATH'*'run pal_init'* ]]
	done
}

@test "an ordinary container runs as under runc" {
	plain_bundle 'read line; echo "got $line"; echo err >&2; exit 7'
	before=$(fingerprint)
	run rune run --bundle "$bundle" "$id" <<<hello
	echo "$output"
	[ "$status" = 7 ]
	[ "$(sort <<<"$output")" = $'err\ngot hello' ]
	[ "$(fingerprint)" = "$before" ]
	nothing_left
}

@test "an ordinary container's life is runc's, state and list byte for byte" {
	plain_bundle 'sleep 100'
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	same_as_runc state "$id"
	same_as_runc list
	rune start "$id"
	same_as_runc list --format json
	same_as_runc exec "$id" sh -c 'echo in; exit 5'
	rune delete --force "$id"
	nothing_left
}

@test "create runs pal_init and no program; state and list say created until start" {
	created debug block
	[ "$(status_of)" = created ]
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	rune list | grep "$id" | grep -w created
	[ "$(rune list --format json | jq -r '.[].status')" = created ]
	kill -0 "$(cat "$BATS_TEST_TMPDIR/pid")"
	rune start "$id"
	[ "$(status_of)" = running ]
	grep -qx blocks "$BATS_TEST_TMPDIR/out"
	run rune start "$id"
	[ "$status" = 1 ]
	rune kill "$id" TERM
	wait_for stopped
	rune delete "$id"
	nothing_left
}

@test "the warning comes once, on the container's stderr" {
	created debug block
	rune start "$id"
	[ "$(grep -c simulated "$BATS_TEST_TMPDIR/err")" = 1 ]
	fake_bundle debug echo x
	rune delete --force "$id"
	rune run --bundle "$bundle" "$id" 2>"$BATS_TEST_TMPDIR/err" >/dev/null
	[ "$(grep -c simulated "$BATS_TEST_TMPDIR/err")" = 1 ]
}

@test "config.json is the user's again, the same file" {
	fake_bundle debug echo x
	before=$(fingerprint)
	rune run --bundle "$bundle" "$id"
	[ "$(fingerprint)" = "$before" ]
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	[ "$(fingerprint)" = "$before" ]
	rune delete "$id"
	nothing_left
}

@test "a created container is deleted without --force" {
	created debug block
	rune delete "$id"
	nothing_left
}

@test "run gives arguments, environment and exit code exactly" {
	fake_bundle debug echo 'a  b' '' "c'd" $'e\nf'
	[ "$(rune run --bundle "$bundle" "$id" 2>/dev/null)" = $'[a  b]\n[]\n[c\'d]\n[e\nf]' ]
	bundle_env=$'A=b  c\nENCLAVE_RUNTIME_LOGLEVEL=debug' fake_bundle debug env
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	grep -qx 'A=b  c' <<<"$output"
	never grep -Eq '^(ENCLAVE_|SWSGX|LD_)' <<<"$output"
	fake_bundle debug exit 42
	run rune run --bundle "$bundle" "$id"
	[ "$status" = 42 ]
	nothing_left
}

@test "run passes stdin" {
	fake_bundle debug cat
	[ "$(printf 'a\nb' | rune run --bundle "$bundle" "$id" 2>/dev/null)" = $'a\nb' ]
}

@test "a failing pal_init is one line on stderr, exit 1, nothing left" {
	fake_bundle debug,fail-line echo no
	before=$(fingerprint)
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = 'rune: pal_init: encl.ss: signature differs' ]
	[ "$(fingerprint)" = "$before" ]
	nothing_left
	run rune create --bundle "$bundle" "$id" 3>&-
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = 'rune: pal_init: encl.ss: signature differs' ]
	run rune run --detach --bundle "$bundle" "$id" 3>&-
	[ "$status" = 1 ]
	[ "$(fingerprint)" = "$before" ]
	nothing_left
}

@test "a pid file is there when the container is, and not when pal_init has failed" {
	for command in create run 'run --detach'; do
		fake_bundle debug,fail-line block
		echo old >"$BATS_TEST_TMPDIR/pid"
		# shellcheck disable=SC2086 # two words
		run rune $command --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" </dev/null
		echo "$output"
		[ "$status" = 1 ]
		[ ! -e "$BATS_TEST_TMPDIR/pid" ]
		# What the low-level runtime refuses changes nothing.
		echo old >"$BATS_TEST_TMPDIR/pid"
		edit '.root.path = "nosuch"'
		# shellcheck disable=SC2086
		run rune $command --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" </dev/null
		[ "$status" = 1 ]
		[ "$(cat "$BATS_TEST_TMPDIR/pid")" = old ]
		nothing_left
	done
	fake_bundle debug block
	rune run --detach --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" </dev/null >/dev/null 2>&1 3>&-
	kill -0 "$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "a library that crashes in pal_init is told, and nothing is left" {
	fake_bundle debug,init-aborts echo no
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'abort()'* ]]
	nothing_left
}

@test "the log's last line is the error, in JSON when asked" {
	fake_bundle debug,fail-line echo no
	run rune --log "$BATS_TEST_TMPDIR/log" --log-format json create --bundle "$bundle" "$id" 3>&-
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/log" | jq -r '.level + ": " + .msg')" = \
		'error: pal_init: encl.ss: signature differs' ]
	tail -n 1 "$BATS_TEST_TMPDIR/log" | jq -r .time | date -f - >/dev/null
}

@test "run --detach returns once the program may run" {
	fake_bundle debug block
	rune run --detach --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	[ "$(status_of)" = running ]
	rune kill "$id" 9
	wait_for stopped
	rune delete "$id"
	nothing_left
}

@test "exec gives arguments, environment, folder and exit code" {
	created debug block
	rune start "$id"
	run rune exec "$id" echo 'one two' '' -b
	echo "$output"
	[ "$output" = $'[one two]\n[]\n[-b]' ]
	run rune exec --env 'A=b  c' -e ENCLAVE_TYPE=x "$id" env
	grep -qx 'A=b  c' <<<"$output"
	never grep -q ENCLAVE <<<"$output"
	run rune exec "$id" exit 9
	[ "$status" = 9 ]
	[ "$(printf 'x\ny' | rune exec "$id" cat)" = $'x\ny' ]
}

@test "exec with a process.json, as daemons call it" {
	created debug block
	rune start "$id"
	jq '.process | .args = ["echo", "one two", "x"] | .env += ["B=1"]' "$bundle/config.json" >"$BATS_TEST_TMPDIR/process.json"
	before=$(sha256sum "$BATS_TEST_TMPDIR/process.json")
	run rune exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = $'[one two]\n[x]' ]
	[ "$(sha256sum "$BATS_TEST_TMPDIR/process.json")" = "$before" ]
	rune exec --detach --pid-file "$BATS_TEST_TMPDIR/exec-pid" --process "$BATS_TEST_TMPDIR/process.json" "$id" \
		>"$BATS_TEST_TMPDIR/exec-out" 2>&1 3>&-
	[ -s "$BATS_TEST_TMPDIR/exec-pid" ]
}

@test "exec on a created container fails with 255 and the container lives" {
	created debug block
	run rune exec "$id" echo no
	echo "$output"
	[ "$status" = 255 ]
	[[ $output == "rune: exec: container $id is created, not started" ]]
	[ "$(status_of)" = created ]
}

@test "without a terminal SIGINT and SIGTERM to rune run end the program" {
	for sig in INT TERM; do
		rm -f "$BATS_TEST_TMPDIR/out"
		fake_bundle debug block
		"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" run --bundle "$bundle" "$id" \
			>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		pid=$!
		for _ in $(seq 100); do
			grep -qsx blocks "$BATS_TEST_TMPDIR/out" && break
			sleep 0.1
		done
		cat "$BATS_TEST_TMPDIR/out"
		kill -$sig "$pid"
		code=0
		wait "$pid" || code=$?
		[ "$code" = $((128 + $(kill -l $sig))) ]
		nothing_left
	done
}

@test "a terminal works: the program writes to it, ctrl-C ends it" {
	fake_bundle debug block
	edit '.process.terminal = true'
	cat >"$BATS_TEST_TMPDIR/run" <<-RUN
		#!/bin/sh
		"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" run --bundle "$bundle" "$id"
		echo "code \$?"
	RUN
	chmod 755 "$BATS_TEST_TMPDIR/run"
	(
		for _ in $(seq 100); do
			grep -q blocks "$BATS_TEST_TMPDIR/tty" 2>/dev/null && break
			sleep 0.1
		done
		printf '\003'
		sleep 2
	) | script -qefc "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/tty" >/dev/null 3>&-
	cat -v "$BATS_TEST_TMPDIR/tty"
	grep -q blocks "$BATS_TEST_TMPDIR/tty"
	grep -q 'code 130' "$BATS_TEST_TMPDIR/tty"
	nothing_left
}

@test "rune killed in the middle: the next run finds the user's config.json" {
	fake_bundle debug,init-hangs echo x
	before=$(fingerprint)
	"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" create --bundle "$bundle" "$id" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 100); do
		grep -qx hangs "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	kill -KILL "$pid"
	wait "$pid" || true
	rune delete --force "$id"
	# As if it had been killed before config.json was put back.
	ln "$bundle/config.json" "$bundle/.config.json.rune"
	jq '.process.args = ["/.rune/ld.so"]' "$bundle/.config.json.rune" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
	run rune run --bundle "$bundle" nosuch/id
	[ "$status" != 0 ]
	[ "$(fingerprint)" = "$before" ]
}

@test "a rune that was killed leaves its agent's socket to the next one, which removes no other's" {
	fake_bundle debug echo x
	cp -r "$bundle" "$bundle-next"
	# The low-level runtime, whose parent is rune, runs it.
	edit '.hooks.createRuntime = [{path: "/bin/sh",
		args: ["sh", "-c", "read -r _ _ _ rune _ </proc/$PPID/stat; kill -KILL $rune"]}]'
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 137 ]
	socks=("$(rune_root)"/.rune-*)
	[ -S "${socks[0]}" ]
	never grep -F .rune- <<<"$(rune list 2>&1)"
	rune delete --force "$id"
	next=("$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" run --bundle "$bundle-next" "$id")
	# Another rune is about to listen, so it seems; somebody listens.
	flock --shared "$(rune_root)" "${next[@]}"
	[ -S "${socks[0]}" ]
	python3 -c 'import socket, subprocess, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(sys.argv[1])
listener.listen()
sys.exit(subprocess.call(sys.argv[2:]))' "$(rune_root)/.rune-listens" "${next[@]}"
	[ ! -e "${socks[0]}" ]
	[ -S "$(rune_root)/.rune-listens" ]
	: >"$(rune_root)/.rune-file"
	"${next[@]}"
	[ -e "$(rune_root)/.rune-file" ]
	rm "$(rune_root)/.rune-file"
	nothing_left
}

@test "SIGTERM to a create whose pal_init hangs leaves nothing" {
	fake_bundle debug,init-hangs echo x
	before=$(fingerprint)
	"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" create --bundle "$bundle" "$id" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 100); do
		grep -qx hangs "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	kill -TERM "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" = 1 ]
	[ "$(fingerprint)" = "$before" ]
	nothing_left
}

@test "a hangup that the caller ignores ends neither create nor run" {
	for case in 'create init-hangs hangs 1' 'run debug blocks 143'; do
		read -r command args words expected <<<"$case"
		fake_bundle "debug,$args" block
		rm -f "$BATS_TEST_TMPDIR/out"
		(trap '' HUP; exec "$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" "$command" --bundle "$bundle" "$id") \
			</dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		pid=$!
		for _ in $(seq 100); do
			grep -qsx "$words" "$BATS_TEST_TMPDIR/out" && break
			sleep 0.1
		done
		# Were both taken, the first would end it: the lower number comes first.
		kill -HUP "$pid"
		kill -TERM "$pid"
		code=0
		wait "$pid" || code=$?
		cat "$BATS_TEST_TMPDIR/out"
		[ "$code" = "$expected" ]
		[ "$command" = run ] || grep -q 'ended by signal 15' "$BATS_TEST_TMPDIR/out"
		nothing_left
	done
}

@test "the caller's own descriptors keep their numbers" {
	plain=$BATS_TEST_TMPDIR/plain
	echo 'from outside' >"$plain"
	fake_bundle debug echo x
	run rune run --preserve-fds 2 --bundle "$bundle" "$id" 3<"$plain" 4<"$plain"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'[x]'* ]]
}

@test "two runs at one bundle take turns" {
	fake_bundle debug echo x
	before=$(fingerprint)
	rune run --bundle "$bundle" "$id-a" >"$BATS_TEST_TMPDIR/a" 2>&1 3>&- &
	first=$!
	rune run --bundle "$bundle" "$id-b" >"$BATS_TEST_TMPDIR/b" 2>&1 3>&-
	wait "$first"
	grep -qxF '[x]' "$BATS_TEST_TMPDIR/a"
	grep -qxF '[x]' "$BATS_TEST_TMPDIR/b"
	[ "$(fingerprint)" = "$before" ]
	nothing_left
}

@test "a second container of a bundle runs while the first does" {
	fake_bundle debug block
	rune run --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	first=$!
	for _ in $(seq 100); do
		grep -qx blocks "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	edit '.process.args = ["echo", "second"]'
	run timeout 20 "$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" run --bundle "$bundle" "$id-b"
	echo "$output"
	rune kill "$id" 9
	wait "$first" || true
	[[ $output == *'[second]'* ]]
	nothing_left
}

@test "without an SGX device only debug is simulated, or what is told to be" {
	[ ! -e /dev/sgx_enclave ] || skip 'there is SGX here'
	fake_bundle '' echo x
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'/dev/sgx_enclave'*'--simulation=always'* ]]
	run rune --simulation always run --bundle "$bundle" "$id"
	[ "$status" = 0 ]
	fake_bundle debug echo x
	run rune --simulation=never run --bundle "$bundle" "$id"
	[ "$status" = 1 ]
	[[ $output == *'/dev/sgx_enclave'* ]]
	run rune --simulation=perhaps state x
	[ "$status" = 1 ]
	nothing_left
}

@test "rune's own options are taken out, wherever they stand among the globals" {
	run rune --oci-runtime /usr/sbin/runc --debug --simulation=auto list -q
	[ "$status" = 0 ]
	run rune --oci-runtime /nonexistent/runc list
	[ "$status" = 1 ]
	[ "$output" = 'rune: --oci-runtime: /nonexistent/runc: No such file or directory' ]
	PATH=/nonexistent run rune list
	[ "$status" = 1 ]
	[[ $output == 'rune: no OCI runtime'* ]]
}

@test "features lists the enclave annotations and is JSON, stderr included" {
	rune features 2>&1 | jq -e '.potentiallyUnsafeConfigAnnotations | index("enclave.runtime.path")'
	rune features | jq -e '.potentiallyUnsafeConfigAnnotations | index("enclave.")'
	rune features | jq -er '.annotations["enclave.simulation"]' | grep -q 'protects nothing'
	[ "$(rune --simulation=never features | jq -r '.annotations["enclave.simulation"]')" = never ]
	# Everything of the low-level runtime's is there as it was.
	[ "$(rune features | jq -S 'del(.potentiallyUnsafeConfigAnnotations, .annotations["enclave.simulation"])')" = \
		"$(runc features | jq -S .)" ]
	[ "$(rune features 2>&1 >/dev/null | wc -c)" = 0 ]
	[ "$(rune features | jq -r .ociVersionMin)" = "$(runc features | jq -r .ociVersionMin)" ]
}

@test "spec makes an enclave container's config.json" {
	mkdir -p "$bundle"
	rune spec --bundle "$bundle"
	[ "$(jq -r '.annotations["enclave.type"]' "$bundle/config.json")" = intelSgx ]
	run rune spec --bundle "$bundle"
	[ "$status" = 1 ]
}

@test "a config.json that rune cannot read is not passed on" {
	fake_bundle debug echo x
	truncate -s -5 "$bundle/config.json"
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == "rune: $bundle/config.json: "* ]]
	[ "${#lines[@]}" = 1 ]
}

@test "a quick program's container leaves nothing, again and again" {
	fake_bundle debug exit 3
	for _ in $(seq 30); do
		run rune run --bundle "$bundle" "$id"
		[ "$status" = 3 ]
	done
	nothing_left
}

@test "a failing system call leaves nothing, and one line" {
	fake_bundle debug echo x
	before=$(fingerprint)
	for call in linkat rename socket bind listen pipe2 signalfd4 memfd_create chown,fchownat clone,fork,vfork; do
		for n in 1 2 3; do
			ASAN_OPTIONS=detect_leaks=0 run timeout 20 strace -o /dev/null -e "trace=$call" -e "inject=$call:error=EIO:when=$n" \
				"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" run --bundle "$bundle" "$id"
			echo "$call $n: $status $output"
			[ "$status" = 0 ] || [ "$(grep -v '^rune: warning' <<<"$output" | grep -c '^rune: ')" = 1 ]
			[ "$(fingerprint)" = "$before" ]
			nothing_left
		done
	done
}

@test "restore refuses an enclave container" {
	fake_bundle debug echo x
	run rune restore --bundle "$bundle" "$id"
	[ "$status" = 1 ]
	[[ $output == *'cannot be restored' ]]
	nothing_left
}

@test "a container in a user namespace has its own agent" {
	fake_bundle debug block
	edit '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
		.linux.gidMappings = .linux.uidMappings | .root.readonly = false'
	chown -R 100000:100000 "$bundle/rootfs"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; false; }
	rune start "$id"
	run rune exec "$id" exit 3
	echo "$output"
	[ "$status" = 3 ]
	rune delete --force "$id"
	nothing_left
}

@test "a container whose user is not root has its own agent" {
	fake_bundle debug block
	edit '.process.user = {"uid": 1000, "gid": 1000}'
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; false; }
	rune start "$id"
	run rune exec "$id" exit 3
	echo "$output"
	[ "$status" = 3 ]
	rune delete --force "$id"
	nothing_left
}

@test "exec runs as whatever user it is told to, the agent being root's" {
	created debug block
	rune start "$id"
	run rune exec --user 1234:5678 "$id" exit 9
	echo "$output"
	[ "$status" = 9 ]
	jq '.process | .args = ["exit", "8"] | .user = {"uid": 1234, "gid": 5678}' "$bundle/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run rune exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
	echo "$output"
	[ "$status" = 8 ]
	rune delete --force "$id"
	fake_bundle debug block
	edit '.process.user = {"uid": 1000, "gid": 1000}'
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
	rune start "$id"
	run rune exec --user 0 "$id" exit 7
	[ "$status" = 7 ]
}

@test "exec passes the caller's own descriptors on, and its connection behind them" {
	created debug block
	rune start "$id"
	run rune exec --preserve-fds 2 "$id" echo x 3</dev/null 4</dev/null
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = '[x]' ]
	run rune exec --preserve-fds many "$id" echo x
	echo "$output"
	[ "$status" != 0 ]
	[[ $output != *'[x]'* ]]
}

@test "the loader's variables of an image reach the program, and not the host's loader" {
	bundle_env=$'LD_PRELOAD=/nonexistent.so\nLD_LIBRARY_PATH=/a:/b\nLD_DEBUG=all' fake_bundle debug env
	run rune run --bundle "$bundle" "$id"
	[ "$status" = 0 ]
	[ "$(grep -c . <<<"$output")" -lt 20 ]
	grep -qx LD_PRELOAD=/nonexistent.so <<<"$output"
	grep -qx LD_LIBRARY_PATH=/a:/b <<<"$output"
	never grep -q 'cannot be preloaded' <<<"$output"
	created debug block
	rune start "$id"
	run rune exec --env LD_PRELOAD=/nonexistent.so -e LD_DEBUG=all "$id" env
	echo "$output"
	grep -qx LD_PRELOAD=/nonexistent.so <<<"$output"
	grep -qx LD_DEBUG=all <<<"$output"
	never grep -q 'cannot be preloaded' <<<"$output"
}

@test "exec's program has config.json's loader variables, and its own before them" {
	bundle_env=$'LD_PRELOAD=/nonexistent.so\nLD_AUDIT=/no.so\nLD_DEBUG=libs\nLD_PRELOAD=/nosuch.so' created debug block
	rune start "$id"
	run rune exec -e LD_AUDIT= --env LD_DEBUG=all "$id" env
	echo "$output"
	[ "$(grep '^LD_' <<<"$output" | sort)" = $'LD_AUDIT=\nLD_DEBUG=all\nLD_PRELOAD=/nosuch.so' ]
	never grep -q nonexistent <<<"$output"
	[ "$(grep -c . <<<"$output")" -lt 20 ]
	run rune exec "$id" env
	[ "$(grep '^LD_' <<<"$output" | sort)" = $'LD_AUDIT=/no.so\nLD_DEBUG=libs\nLD_PRELOAD=/nosuch.so' ]
	[ "$(grep -c . <<<"$output")" -lt 20 ]
}

@test "an engine's init before the program is left out" {
	fake_bundle debug echo 'one two'
	edit '.process.args |= ["/sbin/docker-init", "--"] + .'
	[ "$(rune run --bundle "$bundle" "$id" 2>/dev/null)" = '[one two]' ]
}

@test "many execs at once: each has its own arguments, streams and exit code" {
	created debug block
	rune start "$id"
	for n in $(seq 20); do
		(
			code=0
			out=$(printf 'in %s' "$n" | rune exec "$id" cat) || code=$?
			[ "$code $out" = "0 in $n" ]
			code=0
			rune exec "$id" exit $((n + 100)) || code=$?
			[ "$code" = $((n + 100)) ]
		) 3>&- &
		pids[n]=$!
	done
	for n in $(seq 20); do
		wait "${pids[n]}"
	done
}

@test "a signal to rune exec reaches its program and no other" {
	created debug block
	rune start "$id"
	"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" exec "$id" signals >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	for _ in $(seq 100); do
		grep -qsx ready "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	kill -USR1 "$pid"
	for _ in $(seq 100); do
		grep -qsx 'signal 10' "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	kill -TERM "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" = 5 ]
	grep -qx 'signal 10' "$BATS_TEST_TMPDIR/out"
	grep -qx 'signal 15' "$BATS_TEST_TMPDIR/out"
	[ "$(status_of)" = running ]
}

@test "exec with a terminal" {
	created debug block
	rune start "$id"
	printf '#!/bin/sh\nexec "%s" --root "%s" exec --tty "%s" echo "one two"\n' \
		"$BATS_FILE_TMPDIR/prefix/bin/rune" "$(rune_root)" "$id" >"$BATS_TEST_TMPDIR/exec"
	chmod 755 "$BATS_TEST_TMPDIR/exec"
	run script -qefc "$BATS_TEST_TMPDIR/exec" /dev/null </dev/null 3>&-
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'[one two]'* ]]
}

@test "exec with a terminal: its new size reaches the program, with the signal" {
	created debug block
	rune start "$id"
	run python3 -c 'import fcntl, os, pty, signal, struct, sys, termios
signal.alarm(60)
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
told = b""
while b"ready" not in told:
    told += os.read(terminal, 4096)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 91, 0, 0))
while b"91 columns" not in told:
    told += os.read(terminal, 4096)
os.write(terminal, b"\x03")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' \
		"$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" exec --tty "$id" window 3>&-
	echo "$output"
	[ "$output" = 130 ]
}

@test "exec --detach returns at once, its pid file names a process that ends with the program" {
	created debug block
	rune start "$id"
	rune exec --detach --pid-file "$BATS_TEST_TMPDIR/exec-pid" "$id" block >"$BATS_TEST_TMPDIR/exec-out" 2>&1 </dev/null 3>&-
	pid=$(cat "$BATS_TEST_TMPDIR/exec-pid")
	for _ in $(seq 100); do
		grep -qsx blocks "$BATS_TEST_TMPDIR/exec-out" && break
		sleep 0.1
	done
	kill -TERM "$pid"
	for _ in $(seq 100); do
		[ ! -e "/proc/$pid/ns" ] || ! grep -q runelet "/proc/$pid/cmdline" && break
		sleep 0.1
	done
	never grep -qs runelet "/proc/$pid/cmdline"
	[ "$(status_of)" = running ]
}

@test "a signal by name or number reaches pal_kill, whatever signal it is" {
	created debug signals
	rune start "$id"
	for sig in USR1 SIGUSR2 hup 28 CHLD 17 SIGCHLD 34 37 64 CONT WINCH SEGV sigill BUS 8 TRAP SIGSYS 11 15; do
		rune kill "$id" "$sig"
		case $sig in
		[0-9]*) number=$sig ;;
		*) number=$(kill -l "$sig") ;;
		esac
		for _ in $(seq 100); do
			tail -n 1 "$BATS_TEST_TMPDIR/out" | grep -qsx "signal $number" && break
			sleep 0.05
		done
		tail -n 1 "$BATS_TEST_TMPDIR/out" | grep -qx "signal $number" || { cat "$BATS_TEST_TMPDIR/out"; false; }
	done
	wait_for stopped
	run rune kill "$id" 37
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'container not running'* ]]
	rune delete "$id"
	same_as_runc kill "$id" 37
	nothing_left
}

@test "a signal ends a created container as it would a process" {
	created debug block
	rune kill "$id" WINCH
	rune kill "$id" 17
	[ "$(status_of)" = created ]
	rune kill "$id" 40
	wait_for stopped
	rune delete "$id"
	nothing_left
}

@test "without --root rune looks where the low-level runtime does, whoever calls" {
	# One trace of both, since one becomes the other: the folders in which they look for a container.
	local xdg=$BATS_TEST_TMPDIR/xdg try
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	for try in 'env USER=root' 'env USER=alice' 'unshare -Ur env USER=alice' 'unshare -Ur env USER=root' \
		'setpriv --reuid 4242 --clear-groups env USER=root'; do
		rm -rf "$xdg"
		mkdir -m 777 "$xdg"
		# shellcheck disable=SC2086 # words
		ASAN_OPTIONS=detect_leaks=0 XDG_RUNTIME_DIR=$xdg $try strace -f -e trace=openat,newfstatat,mkdirat \
			"$BATS_FILE_TMPDIR/prefix/bin/rune" state nosuch-container >"$BATS_TEST_TMPDIR/trace" 2>&1 || true
		grep -o '"/[^"]*/runc["/]' "$BATS_TEST_TMPDIR/trace" | tr -d '"' | sed 's,/$,,' |
			grep -v bin/runc | sort -u >"$BATS_TEST_TMPDIR/roots"
		echo "$try: $(cat "$BATS_TEST_TMPDIR/roots")"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/roots")" = 1 ]
		grep -q 'nosuch-container/state.json' "$BATS_TEST_TMPDIR/trace" || grep -q 'O_PATH' "$BATS_TEST_TMPDIR/trace"
	done
}

@test "a paused container: signals wait, start and exec say that it is paused" {
	created debug signals
	rune pause "$id"
	run rune start "$id"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'cannot start a container in the paused state'* ]]
	run rune attest --targetinfo /dev/null "$id"
	[ "$status" = 1 ]
	[ "$output" = "rune: attest: container $id does not answer: is it paused?" ]
	rune resume "$id"
	rune start "$id"
	rune pause "$id"
	[ "$(status_of)" = paused ]
	rune kill "$id" 37
	run rune exec "$id" echo no
	[ "$status" = 255 ]
	[[ $output == *paused* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = ready ]
	rune resume "$id"
	for _ in $(seq 100); do
		grep -qx 'signal 37' "$BATS_TEST_TMPDIR/out" && break
		sleep 0.05
	done
	grep -qx 'signal 37' "$BATS_TEST_TMPDIR/out"
}

@test "every way to name the bundle leads into the enclave" {
	fake_bundle debug echo inside
	cd "$bundle"
	for way in '' '--bundle=' '--bundle .' "-b $bundle" "--bundle $bundle" "-bundle=$bundle" "--bundle /nowhere --bundle $bundle"; do
		# shellcheck disable=SC2086 # words
		run rune run $way "$id"
		echo "$way: $output"
		[ "$status" = 0 ]
		[[ $output == *'[inside]'* ]]
	done
	# Behind the id, where the low-level runtime takes it as well.
	cd /
	run rune run "$id" --bundle "$bundle"
	echo "$output"
	[[ $status != 0 || $output == *'[inside]'* ]]
	cd "$bundle"
	run rune restore --bundle= "$id"
	[[ $output == *'cannot be restored' ]]
	nothing_left
}

@test "create and run with --help, or with a name that is taken, leave that container alone" {
	created debug block
	rune start "$id"
	for words in 'create --help' 'create -h' 'run --detach --help' 'run --help=T'; do
		# shellcheck disable=SC2086 # words
		same_as_runc $words --bundle "$bundle" "$id"
		[ "$(status_of)" = running ]
	done
	for words in create 'create --help=F' 'run --detach' run; do
		# shellcheck disable=SC2086 # words
		run rune $words --bundle "$bundle" "$id" 3>&-
		echo "$words: $output"
		[ "$status" = 1 ]
		[[ $output == *'already exists'* ]]
		[ "$(status_of)" = running ]
	done
	# A name that no container has: --help=F is no help, and leads into the enclave.
	rune kill "$id" KILL
	wait_for stopped
	rune delete "$id"
	fake_bundle debug echo inside
	[[ $(rune run --help=F --bundle "$bundle" "$id") == *'[inside]'* ]]
	nothing_left
}

@test "a terminal that goes away takes the container of rune run with it" {
	fake_bundle debug signals
	cat >"$BATS_TEST_TMPDIR/run" <<-RUN
		#!/bin/sh
		echo \$\$ >"$BATS_TEST_TMPDIR/leader"
		exec "$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" run --bundle "$bundle" "$id" \
			</dev/null >"$BATS_TEST_TMPDIR/out" 2>&1
	RUN
	chmod 755 "$BATS_TEST_TMPDIR/run"
	script -qfc "exec $BATS_TEST_TMPDIR/run" /dev/null >/dev/null </dev/null 3>&- &
	terminal=$!
	for _ in $(seq 100); do
		grep -qsx ready "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	leader=$(cat "$BATS_TEST_TMPDIR/leader")
	[ "$(ps -o sid= -p "$leader" | tr -d ' ')" = "$leader" ]
	kill -KILL "$terminal"
	wait "$terminal" || true
	for _ in $(seq 100); do
		grep -qx 'signal 1' "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/out"
	grep -qx 'signal 1' "$BATS_TEST_TMPDIR/out"
	rune kill "$id" TERM
	for _ in $(seq 100); do
		kill -0 "$leader" 2>/dev/null || break
		sleep 0.1
	done
	nothing_left
}

@test "a caller that ignores SIGCHLD changes nothing" {
	local ignoring="env --ignore-signal=CHLD $BATS_FILE_TMPDIR/prefix/bin/rune --root $(rune_root)"
	fake_bundle debug block
	$ignoring create --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	[ "$($ignoring state "$id" | jq -r .status)" = created ]
	$ignoring list | grep "$id" | grep -w created
	$ignoring features | jq -e .potentiallyUnsafeConfigAnnotations
	$ignoring start "$id"
	[ "$(status_of)" = running ]
	rune delete --force "$id"
	nothing_left
}

@test "a PAL that cannot run the program is told, whatever its errno" {
	for how in create-fails,Argument create-fails-srch,'No such process'; do
		created "debug,${how%,*}" echo no
		run rune start "$id"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == 'rune: pal_create_process: echo: '${how#*,}* ]]
		rune delete --force "$id"
		run rune run --bundle "$bundle" "$id"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *'rune: pal_create_process: echo: '${how#*,}* ]]
		nothing_left
	done
}

@test "run --detach that fails leaves nothing, however late the low-level runtime ends" {
	# It ends when the failure has long been known.
	cat >"$BATS_TEST_TMPDIR/slow" <<-'SLOW'
		#!/bin/sh
		runc "$@"
		code=$?
		case " $* " in *' run '*) sleep 1 ;; esac
		exit $code
	SLOW
	chmod 755 "$BATS_TEST_TMPDIR/slow"
	fake_bundle debug,create-fails echo no
	run rune --oci-runtime "$BATS_TEST_TMPDIR/slow" run --detach --bundle "$bundle" "$id" </dev/null 3>&-
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'Argument list too long'* ]]
	nothing_left
}

@test "start and kill with --help only help, and start with a word too many starts nothing" {
	created debug signals
	same_as_runc start --help "$id"
	same_as_runc start "$id" -h
	same_as_runc start "$id" more
	same_as_runc kill --help "$id" 37
	rune list | grep "$id" | grep -w created
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	rune start -- "$id"
	[ "$(status_of)" = running ]
}

# In this folder, accepts and goes: a container that ends just as it is asked.
ending_agent() {	# after|before the request
	rm -f agent.sock
	python3 - "$1" 3>&- <<'AGENT' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("agent.sock")
s.listen(8)
open("listens", "w").close()
while True:
    c, _ = s.accept()
    if sys.argv[1] == "after":
        c.recv(4096)
    c.close()
AGENT
	agent=$!
	for _ in $(seq 100); do
		[ -e listens ] && break
		sleep 0.1
	done
	rm listens
}

@test "start and kill of a container that is just ending say what the low-level runtime says" {
	cd "$BATS_TEST_TMPDIR"
	for how in after before; do
		mkdir -p "$(rune_root)/$id"
		cd "$(rune_root)/$id"
		ending_agent "$how"
		cd "$BATS_TEST_TMPDIR"
		same_as_runc start "$id"
		same_as_runc kill "$id" 37
		kill "$agent"
		wait "$agent" || true
	done
	rm -r "$(rune_root)/${id:?}"
}

@test "no option leads around the enclave, whatever the low-level runtime makes of it" {
	fake_bundle debug echo inside
	mkdir "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho passed on\n' | tee "$BATS_TEST_TMPDIR/bin/runc" >"$BATS_TEST_TMPDIR/bin/crun"
	chmod 755 "$BATS_TEST_TMPDIR/bin/crun" "$BATS_TEST_TMPDIR/bin/runc"
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/empty/enclave.json"
	cd "$BATS_TEST_TMPDIR/empty"
	for words in "run --config enclave.json $id" "create -f $bundle/config.json $id" "run -b$bundle $id" \
		"create --bund $bundle $id" "run --conf=enclave.json $id" "exec -uroot $id sh" \
		"--new value run --bundle $bundle $id" "--roo=/x run --bundle $bundle $id"; do
		# shellcheck disable=SC2086 # words
		run rune --oci-runtime "$BATS_TEST_TMPDIR/bin/crun" $words
		echo "$words: $output"
		[ "$status" != 0 ]
		[[ $output == 'rune: '*-* && $output != *'passed on'* ]]
	done
	run rune --oci-runtime "$BATS_TEST_TMPDIR/bin/runc" --new value run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = 'rune: --new: unknown option' ]
	# Known, with its value.
	rune --oci-runtime "$BATS_TEST_TMPDIR/bin/crun" --log-level debug list
	run rune --log-level debug run --bundle "$bundle" "$id"
	[[ $output != *'[inside]'* ]]
	nothing_left
}

@test "a paused container that many have asked in vain keeps nobody waiting" {
	local waiting=()
	created debug block
	rune start "$id"
	rune pause "$id"
	# Each leaves a connection that nobody accepts, until the listener takes no more.
	for _ in $(seq 80); do
		timeout 30 "$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" kill "$id" 37 3>&- &
		waiting+=($!)
	done
	for pid in "${waiting[@]}"; do
		wait "$pid"
	done
	timeout 30 "$BATS_FILE_TMPDIR/prefix/bin/rune" --root "$(rune_root)" list | grep "$id" | grep -w paused
	rune delete --force "$id"
	nothing_left
}

@test "a stderr that nobody reads ends no program: the warning is rune's own affair" {
	fake_bundle debug exit 7
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	exec 4<>"$BATS_TEST_TMPDIR/fifo" 5>"$BATS_TEST_TMPDIR/fifo" 4>&-
	code=0
	rune run --bundle "$bundle" "$id" 2>&5 5>&- 3>&- || code=$?
	exec 5>&-
	[ "$code" = 7 ]
	fake_bundle debug signals
	exec 4<>"$BATS_TEST_TMPDIR/fifo" 5>"$BATS_TEST_TMPDIR/fifo" 4>&-
	rune create --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&5 5>&- 3>&-
	exec 5>&-
	rune start "$id"
	rune kill "$id" USR1
	for _ in $(seq 100); do
		grep -qx 'signal 10' "$BATS_TEST_TMPDIR/out" && break
		sleep 0.1
	done
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = $'ready\nsignal 10' ]
}

@test "a name in config.json or process.json that only runc would know is refused" {
	fake_bundle debug echo inside
	edit '.Annotations = .annotations | del(.annotations)'
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = 'rune: config.json: Annotations: its name is annotations' ]
	created debug block
	rune start "$id"
	jq '.process | .Args = ["sh"]' "$bundle/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run rune exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
	echo "$output"
	[ "$status" = 255 ]
	[[ $output == *'Args: its name is args' ]]
}

@test "a member that is there twice, of which runc may take another than rune, is refused" {
	fake_bundle debug echo outside
	mkdir -p "$bundle/rootfs/bin"
	cp /bin/busybox "$bundle/rootfs/bin/echo"
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/once.json"
	for second in '"annotations": {}' '"\u0061nnotations": null' '"process": {"env": []}'; do
		jq -c . "$BATS_TEST_TMPDIR/once.json" | sed "s|}\$|, ${second//\\/\\\\}}|" >"$bundle/config.json"
		run rune run --bundle "$bundle" "$id"
		echo "$output"
		[ "$status" = 1 ]
		[ "$output" = "rune: $bundle/config.json: line 1: ${second%%:*} is there twice" ]
	done
	nothing_left
	created debug block
	rune start "$id"
	jq -c '.process' "$bundle/config.json" | sed 's|}$|, "args": ["sh"]}|' >"$BATS_TEST_TMPDIR/process.json"
	run rune exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
	echo "$output"
	[ "$status" = 255 ]
	[[ $output == *'"args" is there twice' ]]
}

@test "list, state and features that cannot be written fail" {
	created debug block
	for words in list 'list --format json' features "state $id"; do
		# shellcheck disable=SC2086 # words
		code=0
		rune $words >/dev/full 2>"$BATS_TEST_TMPDIR/err" || code=$?
		[ "$code" = 1 ]
		grep -q "No space left" "$BATS_TEST_TMPDIR/err"
	done
	rune list >/dev/null
}
