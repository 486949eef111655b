# SPDX-License-Identifier: Apache-2.0
# The checks of the house can fail.

load stack

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
}

# A copy of the tree's sources in which something is wrong.
broken_tree() {
	mkdir "$BATS_TEST_TMPDIR/tree"
	git ls-files -co --exclude-standard -z | xargs -0 tar -cf - | tar -C "$BATS_TEST_TMPDIR/tree" -xf -
	cd "$BATS_TEST_TMPDIR/tree"
}

@test "check-layers refuses an edge that the table does not have, and names file and line" {
	broken_tree
	printf '#include "swsgx/cpu/cpu.h"\n' >pal/bad.c
	run scripts/check-layers
	[ "$status" != 0 ]
	[[ $output == *'pal/bad.c:1: pal may not include swsgx/cpu/cpu.h'* ]]
}

@test "check-layers refuses a system header in freestanding code" {
	broken_tree
	printf '#include <stdio.h>\n' >enclave/bad.c
	run scripts/check-layers
	[ "$status" != 0 ]
	[[ $output == *'enclave/bad.c:1'* ]]
}

@test "check-layers refuses a file in no layer" {
	broken_tree
	mkdir nowhere
	: >nowhere/x.c
	run scripts/check-layers
	[ "$status" != 0 ]
	[[ $output == *nowhere/x.c* ]]
}

@test "check-docs refuses a rule whose test does not exist" {
	broken_tree
	sed -i 's/`page already valid`/`page already vali`/' docs/conformance.md
	run scripts/check-docs
	[ "$status" != 0 ]
	[[ $output == *'docs/conformance.md:'*'no test is called: page already vali'* ]]
}

@test "check-docs refuses a rule with neither a test nor a reason" {
	broken_tree
	sed -i 's/`page already valid`/pending/' docs/conformance.md
	run scripts/check-docs
	[ "$status" != 0 ]
	[[ $output == *'neither tests nor a reason: pending'* ]]
}

@test "check-docs refuses an attack without defence or test, and a defence without attack" {
	broken_tree
	sed -i 's/^| E2 | sets RFLAGS.AC | `flags`/| E2 | sets RFLAGS.AC | `flugs`/; /^| E5 /d
		s/`stages: an_exception_is_handled_once` |$/`stages: an_exception_is_handled_twice` |/; s/not here: the image compares/the image compares/' docs/threat-model.md
	echo 'new-one: nothing' >>tests/defences
	run scripts/check-docs
	[ "$status" != 0 ]
	[[ $output == *'E2: no defence is called flugs'* ]]
	[[ $output == *'E6 follows E4'* ]]
	[[ $output == *'S5: no test is called stages: an_exception_is_handled_twice'* ]]
	[[ $output == *'B4: neither defences nor a reason'* ]]
	[[ $output == *'docs/threat-model.md has no word of new-one'* ]]
}

@test "check-docs refuses a leaf without rules, a subcommand without a page, a link to nowhere and a lost path" {
	broken_tree
	echo 'LEAF(SGX_EPA, EFOO, leaf_epa)' >>swsgx/cpu/encls.def
	echo 'CMD(foo, "nothing")' >>rune/commands.def
	echo '[x](nowhere.md) `docs/lost.md`' >>README.md
	run scripts/check-docs
	[ "$status" != 0 ]
	[[ $output == *'nothing about EFOO'* ]]
	[[ $output == *'man/rune-foo.8'* ]]
	[[ $output == *'README.md: nowhere.md does not exist'* ]]
	[[ $output == *'README.md: docs/lost.md does not exist'* ]]
}

@test "check-fuzz reports a target that breaks, with what it said, and one that was not built" {
	mkdir -p "$BATS_TEST_TMPDIR/out/fuzz"
	for t in tests/fuzz/corpus/*; do
		printf '#!/bin/sh\nexit 0\n' >"$BATS_TEST_TMPDIR/out/fuzz/${t##*/}"
	done
	printf '#!/bin/sh\necho broken: children\nexit 77\n' >"$BATS_TEST_TMPDIR/out/fuzz/encls"
	chmod +x "$BATS_TEST_TMPDIR/out/fuzz"/*
	rm "$BATS_TEST_TMPDIR/out/fuzz/image"
	O=$BATS_TEST_TMPDIR/out run scripts/check-fuzz 1
	[ "$status" != 0 ]
	[[ $output == *'not ok '*' - encls survives'*'# broken: children'* ]]
	[[ $output == *'not ok '*' - image survives'* ]]
	[[ $output == *'ok '*' - contents survives'* ]]
}

@test "every source file has its SPDX line" {
	missing=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.S' '*.def' '*.lds' '*.bats' '*.bash' 'scripts/*' |
		while read -r f; do [ ! -f "$f" ] || head -n 3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$f"; done)
	echo "$missing"
	[ -z "$missing" ]
}

@test "no file is longer than 500 lines" {
	long=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.S' | while read -r f; do
		[ ! -f "$f" ] || [ "$(wc -l <"$f")" -le 500 ] || echo "$f"; done)
	echo "$long"
	[ -z "$long" ]
}

@test "the sources are formatted" {
	command -v clang-format >/dev/null || skip 'no clang-format'
	run sh -c "git ls-files -co --exclude-standard '*.c' '*.h' | xargs ls 2>/dev/null | xargs clang-format --dry-run -Werror"
	echo "$output" | head -n 20
	[ "$status" = 0 ]
}

# bash's errexit does not see a command behind "!" fail: bats has `run !` for that.
deaf() {	# FILE...
	awk 'FNR == 1 { last = "" }
		last != "" && !/^}/ { print last }
		{ last = /^[ \t]+! / && !/\|\|/ ? FILENAME ":" FNR ":" $0 : "" }' "$@"
}

@test "no test has a negated command whose success nobody notices" {
	printf '@test "x" {\n\t! true\n\ttrue\n}\n@test "y" {\n\ttrue\n\t! false\n}\n' >"$BATS_TEST_TMPDIR/bad"
	[ "$(deaf "$BATS_TEST_TMPDIR/bad")" = "$BATS_TEST_TMPDIR/bad:2:	! true" ]
	found=$(deaf tests/*/*.bats tests/*/*.bash)
	echo "$found"
	[ -z "$found" ]
}

@test "shell scripts pass shellcheck" {
	# shellcheck disable=SC2046 # names without blanks
	shellcheck $(grep -lE '^#!/bin/(ba)?sh' scripts/* .ci/run deploy/*/*/*.sh)
}

# One TAP program through the runner, without O's prefix: what it says.
judged() {	# LINE...
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/program"
	printf 'echo "%s"\n' "$@" >>"$BATS_TEST_TMPDIR/program"
	chmod +x "$BATS_TEST_TMPDIR/program"
	run scripts/run-tests "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/program"
	echo "$output"
}

@test "run-tests fails for a failed test, a plan that is not kept, no test, and a skip without a permit" {
	judged 1..1 'ok 1 - a'
	[ "$status" = 0 ]
	[ "${lines[-1]}" = '1 passed, 0 failed, 0 skipped' ]
	judged 1..2 'ok 1 - a' 'not ok 2 - b'
	[ "$status" = 1 ]
	[ "${lines[-1]}" = '1 passed, 1 failed, 0 skipped' ]
	judged 1..3 'ok 1 - a'
	[ "$status" = 1 ]
	judged nothing
	[ "$status" = 1 ]
	judged 1..1 'ok 1 - a # SKIP for no reason'
	[ "$status" = 1 ]
	judged 1..1 'not ok 1 # SKIP as cmocka says it'
	[ "$status" = 1 ]
	[ "${lines[-1]}" = '0 passed, 1 failed, 0 skipped' ]
}
