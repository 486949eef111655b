# SPDX-License-Identifier: Apache-2.0
# What make promises: its products, signing, installing, and one MRENCLAVE wherever it is built.

load stack

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export copy=$BATS_FILE_TMPDIR/elsewhere
	mkdir "$copy"
	git ls-files -co --exclude-standard -z | xargs -0 tar -cf - | tar -C "$copy" -xf -
}

# As a user types it: nothing of the make or the settings that run these tests.
user_make() {
	env -i PATH="$PATH" HOME="$HOME" make --no-print-directory -C "$copy" CFLAGS=-O2 "$@"
}

@test "make leaves the specification's files where it was typed" {
	user_make >"$BATS_TEST_TMPDIR/log" 2>&1 || { tail "$BATS_TEST_TMPDIR/log"; false; }
	for f in liberpal-skeleton-v1.so liberpal-skeleton-v2.so liberpal-skeleton-v3.so encl.elf encl.bin encl.ss; do
		[ -s "$copy/$f" ]
	done
}

@test "two builds in different folders have one MRENCLAVE" {
	cmp "$copy/encl.bin" "$O/encl.bin"
}

@test "another user in another folder, place, language and year gets that MRENCLAVE too" {
	[ "$(id -u)" = 0 ] || skip 'only root can become another user'
	theirs=$(mktemp -d /var/tmp/skeleton-build.XXXXXX)
	tar -C "$copy" --exclude=./build -cf - . | tar -C "$theirs" --no-same-owner -xf -
	chmod 755 "$theirs"
	chown -R 65534:65534 "$theirs"
	(
		umask 077
		cd "$theirs"
		setpriv --reuid 65534 --regid 65534 --clear-groups \
			env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 LANG=tr_TR TZ=Asia/Tokyo \
			faketime '2031-07-01 12:00:00' make CFLAGS='-O2 -g' O="$theirs/elsewhere" "$theirs/elsewhere/encl.bin"
	) >"$BATS_TEST_TMPDIR/log" 2>&1 || tail "$BATS_TEST_TMPDIR/log"
	run cmp "$theirs/elsewhere/encl.bin" "$O/encl.bin"
	rm -rf "$theirs"
	echo "$output"
	[ "$status" = 0 ]
}

@test "PRODUCT_ENCLAVE=1 signs again, with DEBUG off and enforced, and only signs" {
	before=$(stat -c %Y.%i "$copy/encl.bin")
	user_make PRODUCT_ENCLAVE=1 >/dev/null
	[ "$(stat -c %Y.%i "$copy/encl.bin")" = "$before" ]
	# ATTRIBUTES.DEBUG is bit 1: clear in ATTRIBUTES (928), set in ATTRIBUTEMASK (944)
	[ $(($(od -An -tu1 -j 928 -N 1 "$copy/encl.ss") & 2)) = 0 ]
	[ $(($(od -An -tu1 -j 944 -N 1 "$copy/encl.ss") & 2)) = 2 ]
	user_make PRODUCT_ENCLAVE=0 >/dev/null
	[ $(($(od -An -tu1 -j 928 -N 1 "$copy/encl.ss") & 2)) = 2 ]
}

@test "a second make does nothing" {
	run user_make
	[ "$status" = 0 ]
	[ -z "$(grep -v 'Nothing to be done' <<<"$output")" ]
}

@test "make install puts everything below DESTDIR, and an installed rune runs the enclave" {
	dest=$BATS_TEST_TMPDIR/dest
	user_make install DESTDIR="$dest" prefix=/opt/skeleton >/dev/null
	for f in bin/rune bin/sgxsign bin/sgx-tools bin/swsgx lib/libswsgx.so libexec/rune/runelet \
		lib/liberpal-skeleton-v1.so lib/liberpal-skeleton-v2.so lib/liberpal-skeleton-v3.so \
		include/liberpal.h share/skeleton/encl.bin share/skeleton/encl.elf share/skeleton/encl.ss \
		share/man/man8/rune.8 share/man/man1/swsgx.1; do
		[ -s "$dest/opt/skeleton/$f" ] || { echo "$f is missing"; false; }
	done
	make_bundle "$BATS_TEST_TMPDIR/bundle" "$dest/opt/skeleton/lib/liberpal-skeleton-v2.so" debug skeleton exit 5
	run "$dest/opt/skeleton/bin/rune" --root "$(rune_root)" run --bundle "$BATS_TEST_TMPDIR/bundle" "$(container_id)"
	echo "$output"
	[ "$status" = 5 ]
}

@test "rune and swsgx start without the dynamic loader" {
	user_make all >/dev/null
	for f in rune swsgx; do
		readelf -hlW "$copy/build/bin/$f" >"$BATS_TEST_TMPDIR/headers"
		grep -q 'Type: *DYN' "$BATS_TEST_TMPDIR/headers" # at a random address still
		[ "$(grep -c INTERP "$BATS_TEST_TMPDIR/headers")" = 0 ]
	done
}

@test "make run ends with the enclave's own words" {
	run user_make run
	echo "$output"
	[ "$status" = 0 ]
	[[ $output =~ MRENCLAVE[^0-9a-f]*[0-9a-f]{64} ]]
	[ "$(grep -c simulated <<<"$output")" = 1 ]
}
