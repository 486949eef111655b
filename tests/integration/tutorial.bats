# SPDX-License-Identifier: Apache-2.0
# docs/tutorial.md as its reader types it, and the example that it leads to.

load stack
load document

setup_file() {
	install_for_readers
}

@test "every command of the tutorial does what the tutorial says" {
	type_document "$top/docs/tutorial.md" "$BATS_TEST_TMPDIR/empty"
	# What the reader has in the end is the example of the tree.
	diff -r "$top/examples/my-runtime/enclave" "$BATS_TEST_TMPDIR/empty/tutorial/my-runtime/enclave"
	diff -r "$top/examples/my-runtime/pal" "$BATS_TEST_TMPDIR/empty/tutorial/my-runtime/pal"
}

@test "examples/my-runtime builds against what is installed, keeps the contract, and has one MRENCLAVE" {
	cp -r "$top/examples/my-runtime" "$BATS_TEST_TMPDIR/a"
	cp -r "$top/examples/my-runtime" "$BATS_TEST_TMPDIR/b"
	for f in a b; do
		run installed "$BATS_TEST_TMPDIR/$f" make
		echo "$output"
		[ "$status" = 0 ]
		[[ $output != *warning* ]]
	done
	cmp "$BATS_TEST_TMPDIR/a/encl.bin" "$BATS_TEST_TMPDIR/b/encl.bin"
	run installed "$BATS_TEST_TMPDIR/a" swsgx --state="$BATS_TEST_TMPDIR/state" -- palcheck --args debug ./liberpal-my-runtime.so -- my-runtime
	echo "$output"
	[ "$status" = 0 ]
	run installed "$BATS_TEST_TMPDIR/a" make
	[[ $output != *CC* && $output != *SIGN* ]]
	installed "$BATS_TEST_TMPDIR/a" make clean
	[ ! -e "$BATS_TEST_TMPDIR/a/encl.bin" ] && [ -e "$BATS_TEST_TMPDIR/a/signing_key.pem" ]
}

@test "README begins a runtime of one's own" {
	sed -n '/^## A runtime of your own/,/^## /p' "$top/README.md" | sed -n '/^```sh$/,/^```$/p' | grep -v '^```' >"$BATS_TEST_TMPDIR/commands"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" = 4 ]
	mkdir "$BATS_TEST_TMPDIR/empty"
	run installed "$BATS_TEST_TMPDIR/empty" bash -e "$BATS_TEST_TMPDIR/commands"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'# version 3: 46 of 46 claims hold' ]]
}

@test "skeleton-new refuses what it should with one line, and then has made nothing" {
	cd "$BATS_TEST_TMPDIR"
	mkdir full && touch full/file
	refused() {	# SAID ARGUMENT...
		local said=$1
		shift
		run installed "$BATS_TEST_TMPDIR" skeleton-new "$@"
		[ "$status" = 1 ] && [ "$output" = "skeleton-new: $said" ] || { echo "$output"; false; }
	}
	refused '0 operands, not NAME DIR; --help says more'
	refused '1 operands, not NAME DIR; --help says more' mine
	refused 'My Runtime: a name is of lower-case letters, digits and hyphens' 'My Runtime' dir
	refused '../x: a name is of lower-case letters, digits and hyphens' ../x dir
	refused '--turbo: unknown option; --help says more' --turbo dir
	refused 'full: is there already, and not an empty folder' mine full
	refused 'full/file: is there already, and not an empty folder' mine full/file
	[ ! -e dir ] && [ "$(ls full)" = file ]
}
