# SPDX-License-Identifier: Apache-2.0
# Hooks of an enclave container: each kind runs when the specification says, where it says.

load stack

setup() {
	bundle=$BATS_TEST_TMPDIR/bundle
	id=$(container_id)
	log=$BATS_TEST_TMPDIR/hooks
	: >"$log"
}

teardown() {
	rune delete --force "$id" >/dev/null 2>&1 || true
}

edit() {	# JQ-PROGRAM [JQ-OPTION]...
	jq "$@" "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
}

# Every hook appends its kind and the state's status; those in the container do so in /run/log.
hooked_bundle() {	# PROGRAM [ARG]...
	make_bundle "$bundle" "$(pal 2)" debug "$@"
	mkdir -p "$bundle/rootfs/bin"
	cp /bin/busybox "$bundle/rootfs/bin/sh"
	ln -s sh "$bundle/rootfs/bin/grep"
	# shellcheck disable=SC2016 # the hook's shell's
	edit '.root.readonly = false | .hooks = ([["createRuntime", $log], ["createContainer", $log], ["poststart", $log],
			["poststop", $log], ["startContainer", "/run/log"]] | map({key: .[0], value: [{
			path: "/bin/sh", args: ["sh", "-c", ("echo " + .[0] + " $A $(grep -o \"\\\"status\\\": *\\\"[a-z]*\") >>" + .[1])],
			env: ["A=one  two", "PATH=/bin:/usr/bin"]}]}) | from_entries)' --arg log "$log"
}

create() {
	rune create --bundle "$bundle" "$id" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; return 1; }
}

ran() {	# FILE: the kinds, and the status that each saw
	[ ! -e "$1" ] || tr -d '": ' <"$1" | sed 's/status/ /; s/onetwo//'
}

@test "startContainer and poststart run at start, and the others when they always did" {
	hooked_bundle skeleton spin
	create
	[ "$(ran "$log")" = $'createRuntime creating\ncreateContainer creating' ] || { cat "$log"; false; }
	[ ! -e "$bundle/rootfs/run/log" ]
	[ "$(rune state "$id" | jq -r .status)" = created ]
	rune start "$id"
	[ "$(ran "$log" | tail -n 1)" = 'poststart running' ] || { cat "$log"; false; }
	[ "$(ran "$bundle/rootfs/run/log")" = 'startContainer created' ] || { cat "$bundle/rootfs/run/log"; false; }
	run rune start "$id"
	[ "$status" = 1 ]
	[ "$(grep -c poststart "$log")" = 1 ]
	rune delete --force "$id"
	[ "$(ran "$log" | tail -n 1)" = 'poststop stopped' ] || { cat "$log"; false; }
	nothing_left
}

@test "run runs every hook once" {
	hooked_bundle skeleton exit 3
	run rune run --bundle "$bundle" "$id"
	echo "$output"
	[ "$status" = 3 ]
	for kind in createRuntime createContainer poststart poststop; do
		[ "$(grep -c "$kind" "$log")" = 1 ]
	done
	grep -q startContainer "$bundle/rootfs/run/log"
	nothing_left
}

@test "a hook's arguments, environment and state are as config.json has them" {
	hooked_bundle skeleton spin
	# shellcheck disable=SC2016 # the hook's shell's
	edit '.hooks = {"poststart": [{"path": "/bin/bash", "args": ["mine", "-c",
		("printf \"[%s]\\n\" \"$0\" \"$@\" \"$B\" >>" + $log + "; cat >" + $log + ".state"), "a  b", ""], "env": ["B=c  d"]}]}' --arg log "$log"
	create
	rune start "$id"
	[ "$(cat "$log")" = $'[a  b]\n[]\n[c  d]' ]
	[ "$(jq -r '.id + " " + .bundle' "$log.state")" = "$id $bundle" ]
	kill -0 "$(jq .pid "$log.state")"
}

@test "a hook that fails fails start in one line, and ends the container" {
	for kind in startContainer poststart; do
		hooked_bundle skeleton spin
		edit '.hooks = {($kind): [{"path": "/bin/sh", "args": ["sh", "-c", "echo first; echo bad luck >&2; exit 4"]}]}' --arg kind $kind
		create
		run rune start "$id"
		echo "$output"
		[ "$status" = 1 ]
		[ "$output" = "rune: $kind hook /bin/sh: exit code 4: bad luck" ]
		[ "${#lines[@]}" = 1 ]
		for _ in $(seq 100); do
			[ "$(rune state "$id" | jq -r .status)" = stopped ] && break
			sleep 0.1
		done
		[ "$(rune state "$id" | jq -r .status)" = stopped ]
		rune delete "$id"
	done
	hooked_bundle skeleton spin
	edit '.hooks = {"poststart": [{"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]}'
	create
	run rune start "$id"
	echo "$output"
	[ "$output" = 'rune: poststart hook /bin/sleep: not done after 1 s' ]
	rune delete --force "$id"
	edit '.hooks = {"poststart": [{"path": "sleep"}]}'
	run rune create --bundle "$bundle" "$id" 3>&-
	[ "$status" = 1 ]
	[ "$output" = 'rune: config.json: hooks.poststart: item 1: no absolute path' ]
	nothing_left
}

@test "a startContainer hook has the container's user and no more rights than it" {
	hooked_bundle skeleton spin
	edit '.process.user = {"uid": 1000, "gid": 1000} | .process.capabilities = {} | .hooks = {"startContainer": [
		{"path": "/bin/sh", "args": ["sh", "-c", "grep -E \"^(Uid|CapEff|NoNewPrivs)\" /proc/self/status >/run/rune/log"], "env": ["PATH=/bin"]}]}'
	chown 1000 "$bundle/rootfs/run/rune"
	create
	rune start "$id"
	cat "$bundle/rootfs/run/rune/log"
	grep -q $'^Uid:\t1000\t1000' "$bundle/rootfs/run/rune/log"
	grep -q $'^CapEff:\t0000000000000000$' "$bundle/rootfs/run/rune/log"
	grep -q $'^NoNewPrivs:\t1$' "$bundle/rootfs/run/rune/log"
}

@test "a container whose name begins with a dash has its whole life, hooks and all" {
	hooked_bundle skeleton exit 0
	rune create --bundle "$bundle" -- -x </dev/null >/dev/null 2>&1 3>&-
	[ "$(rune state -- -x | jq -r .status)" = created ]
	rune start -- -x
	for _ in $(seq 100); do
		[ "$(rune state -- -x | jq -r .status)" = stopped ] && break
		sleep 0.1
	done
	grep -q poststart "$log"
	grep -q startContainer "$bundle/rootfs/run/log"
	rune delete -- -x
	hooked_bundle skeleton exit 0
	rune run --bundle "$bundle" -- -x
	nothing_left
}

@test "start with hooks needs no streams" {
	hooked_bundle skeleton spin
	rune create --bundle "$bundle" "$id" <&- >&- 2>&- 3>&-
	rune start "$id" <&- >&- 2>&- 3>&-
	[ "$(rune state "$id" | jq -r .status)" = running ]
	[ "$(ran "$log" | tail -n 1)" = 'poststart running' ] || { cat "$log"; false; }
}
