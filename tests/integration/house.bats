# SPDX-License-Identifier: Apache-2.0
# The checks of the house can fail, and the documents name what is there.

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

@test "shell scripts pass shellcheck" {
	# shellcheck disable=SC2046 # names without blanks
	shellcheck $(grep -lE '^#!/bin/(ba)?sh' scripts/* .ci/run)
}

@test "every subcommand of rune and sgx-tools has a man page" {
	missing=
	for c in $(sed -n 's/^CMD(\([a-z_]*\),.*/\1/p' sgx-tools/commands.def); do
		[ -s "man/sgx-tools-${c//_/-}.1" ] || missing="$missing sgx-tools-$c"
	done
	for c in $(sed -n 's/^CMD(\([a-z_]*\),.*/\1/p' rune/commands.def); do
		[ -s "man/rune-${c//_/-}.8" ] || missing="$missing rune-$c"
	done
	echo "$missing"
	[ -z "$missing" ]
}

@test "the documents that README names exist" {
	missing=$(grep -oE '\]\([^)#:]+\)' README.md | tr -d '])(' | while read -r f; do [ -e "$f" ] || echo "$f"; done)
	echo "$missing"
	[ -z "$missing" ]
}
