# SPDX-License-Identifier: Apache-2.0
# runc's own tests, those that fit the time of every run: the commands that engines call, terminals, hooks and user
# namespaces.  `make judges` runs them all, and crun's.  What is compared is in scripts/judges.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export O=${O:-$PWD/build}
	scripts/judges "$O" prepare runc
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
}

agrees() {	# FILE...
	run scripts/judges "$O" run runc "${@/%/.bats}"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c "^ok .* passed, " <<<"$output")" = $# ]
}

@test "rune and runc come to the same results in runc's tests of create, run, start, delete and their options" {
	agrees create debug delete root run start start_detached
}

@test "rune and runc come to the same results in runc's tests of exec" {
	agrees exec
}

@test "rune and runc come to the same results in runc's tests of state, list, ps, kill and pause" {
	agrees kill list pause ps state
}

@test "rune and runc come to the same results in runc's tests of terminals, hooks, user namespaces and help" {
	agrees help hooks tty userns
}

@test "a difference between rune and runc is found, and a failure that nobody expects" {
	# An output folder whose rune fails where runc does not.
	mkdir -p "$BATS_TEST_TMPDIR/out/bin"
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/out/bin/rune"
	chmod +x "$BATS_TEST_TMPDIR/out/bin/rune"
	JUDGES_CACHE=${JUDGES_CACHE-$O/external} run scripts/judges "$BATS_TEST_TMPDIR/out" run runc version.bats
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'-runc version'*'+runc version'*'not ok 1 - runc/version.bats'* ]]
}

@test "a suite that runs nothing, or ends halfway, has not passed" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/bats" <<-'EOF'
		#!/bin/sh
		echo 1..2
		[ ! -e "${0%/*}/halfway" ] || echo 'ok 1 runc version'
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/bats"
	for way in nothing halfway; do
		touch "$BATS_TEST_TMPDIR/bin/$way"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH run scripts/judges "$O" run runc version.bats
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *'not ok 1 - runc/version.bats'*'not run to its end'* ]]
	done
}

@test "the judge comes to its results whatever the user's shell is, and without a folder for its files fails at once" {
	run env -u SHELL scripts/judges "$O" run runc version.bats
	[ "$status" = 0 ]
	[[ $output == *': 1 passed, 0 failed, 0 skipped'* ]]
	run env SHELL=/usr/sbin/nologin scripts/judges "$O" run runc version.bats
	[ "$status" = 0 ]
	run env TMPDIR="$BATS_TEST_TMPDIR/none" timeout 60 scripts/judges "$O" run runc version.bats
	[ "$status" = 1 ]
	[[ $output == *"$BATS_TEST_TMPDIR/none"* ]]
}
