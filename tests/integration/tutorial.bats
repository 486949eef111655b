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
	MACHINE_IMAGE="$BATS_TEST_TMPDIR/a" "${O:-$top/build}/tests/unit/enclave/greeting"
	run installed "$BATS_TEST_TMPDIR/a" swsgx --state="$BATS_TEST_TMPDIR/state" -- palcheck --args debug ./liberpal-my-runtime.so -- my-runtime
	echo "$output"
	[ "$status" = 0 ]
	run installed "$BATS_TEST_TMPDIR/a" make
	[[ $output != *CC* && $output != *SIGN* ]]
	installed "$BATS_TEST_TMPDIR/a" make clean
	[ ! -e "$BATS_TEST_TMPDIR/a/encl.bin" ] && [ -e "$BATS_TEST_TMPDIR/a/signing_key.pem" ]
}

made() {	# [WORD]...: make in the folder of the test before
	run installed "$BATS_TEST_TMPDIR/a" make "$@"
	echo "$output"
	[ "$status" = 0 ]
}

signed() {	# REGULAR-EXPRESSION: a line of what encl.ss says
	installed "$BATS_TEST_TMPDIR/a" sgx-tools show encl.ss | grep -qE "$1"
}

@test "how an enclave is signed, and with which sources it is built, is never what an earlier make was told" {
	cp -r "$top/examples/my-runtime" "$BATS_TEST_TMPDIR/a"
	cd "$BATS_TEST_TMPDIR/a"
	made
	signed '^  ATTRIBUTES .* DEBUG '
	cp encl.ss first.ss && cp encl.bin first.bin
	made PRODUCT_ENCLAVE=1
	signed '^  debug +forbidden'
	[[ $output != *' CC '* ]]
	made
	signed '^  ATTRIBUTES .* DEBUG '
	openssl genrsa -3 -out other.pem 3072 2>/dev/null
	touch -d 2020-01-01 other.pem
	made SIGNING_KEY=other.pem
	! cmp -s <(tail -c +129 encl.ss | head -c 384) <(tail -c +129 first.ss | head -c 384) || false
	made
	cmp <(tail -c +129 encl.ss | head -c 384) <(tail -c +129 first.ss | head -c 384)
	sed 's|stack overflow at|STACK OVERFLOW AT|' "$dest/usr/local/share/skeleton/src/enclave/handler.c" >enclave/handler.c
	touch -d 2020-01-01 enclave/handler.c
	made
	grep -q 'STACK OVERFLOW AT' encl.bin
	rm enclave/handler.c
	made
	cmp encl.bin first.bin
	made PAL_VERSION=1
	made
	[ "$(nm -D liberpal-my-runtime.so | grep -c ' T pal_')" = 7 ]
	made
	[[ $output != *CC* && $output != *SIGN* && $output != *LINK* ]]
}

@test "runtime.mk says what is wrong with PAL_VERSION, and that openssl is not there" {
	cp -r "$top/examples/my-runtime" "$BATS_TEST_TMPDIR/a"
	run installed "$BATS_TEST_TMPDIR/a" make PAL_VERSION=4
	[ "$status" = 2 ] && [[ $output == *'PAL_VERSION is 4: the API has the versions 1, 2 and 3'* ]]
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in make sh mkdir printf cmp; do
		ln -s "$(type -P "$tool")" "$BATS_TEST_TMPDIR/bin"
	done
	run installed "$BATS_TEST_TMPDIR/a" env PATH="$BATS_TEST_TMPDIR/bin" make signing_key.pem
	echo "$output"
	[ "$status" = 2 ] && [[ $output == *'openssl is not installed: it makes signing_key.pem'* ]]
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
	refused 'DIR is empty' mine ''
	refused 'full/file: cannot be made' mine full/file/dir
	refused 'full/file/a: cannot be made' mine full/file/a/b
	refused 'full/file: is there already, and not an empty folder' mine full/file
	[ ! -e dir ] && [ "$(ls full)" = file ]
	[ "$(ls -A)" = full ]
}

@test "skeleton-new on a full disk, and where it may not write or look, says so in one line and leaves nothing" {
	cd "$BATS_TEST_TMPDIR"
	mkdir small
	# shellcheck disable=SC2016 # the inner shell's words
	run installed "$BATS_TEST_TMPDIR" bash -c 'mount -t tmpfs -o nr_inodes=4 tmpfs small && { skeleton-new mine small/a/b; ls -A small; }'
	echo "$output"
	[[ $output == 'skeleton-new: small/a/b'*': cannot be '* ]] && [ "${#lines[@]}" = 1 ]
	# shellcheck disable=SC2016 # the inner shell's words
	run installed "$BATS_TEST_TMPDIR" bash -c 'mount -t tmpfs -o size=4k tmpfs small && mkdir small/e && { skeleton-new mine small/e; ls -A small/e; }'
	echo "$output"
	[[ $output == 'skeleton-new: small/e'*': cannot be written' ]] && [ "${#lines[@]}" = 1 ]
	mkdir --mode=700 /tmp/closed.$$
	run installed / setpriv --reuid=65534 --clear-groups skeleton-new mine "/tmp/closed.$$"
	rmdir "/tmp/closed.$$"
	[ "$status" = 1 ] && [ "$output" = "skeleton-new: /tmp/closed.$$: cannot be read" ]
	run installed / setpriv --reuid=65534 --clear-groups skeleton-new mine /usr/mine
	[ "$status" = 1 ] && [ "$output" = 'skeleton-new: /usr/mine: cannot be made' ]
}

@test "skeleton-new takes an empty folder, a name that begins with a hyphen, a new path and a symlink to itself" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	installed "$BATS_TEST_TMPDIR/empty" skeleton-new mine .
	[ -e "$BATS_TEST_TMPDIR/empty/enclave/app.c" ]
	installed "$BATS_TEST_TMPDIR" skeleton-new mine -p
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/-p")" = 755 ]
	diff -r "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/-p"
	ln -s /usr/local/bin/skeleton-new "$BATS_TEST_TMPDIR/begin"
	installed "$BATS_TEST_TMPDIR" ./begin mine a/b
	diff -r "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/a/b"
	# What docker build sends has no signing key in it.
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/a/b/.dockerignore")" = '*' ]
	[ "$(sed -n 's/^!//p' "$BATS_TEST_TMPDIR/a/b/.dockerignore" | sort)" = "$(sed -n 's/^COPY \(.*\) .\/$/\1/p' "$BATS_TEST_TMPDIR/a/b/Dockerfile" | tr ' ' '\n' | sort)" ]
}
