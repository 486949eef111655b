# SPDX-License-Identifier: Apache-2.0
# docs/attestation.md, the README's section about attestation and examples/secret/README.md, as they are typed.

load stack
load document

setup_file() {
	install_for_readers
}

@test "every command of docs/attestation.md does what the page says" {
	type_document "$top/docs/attestation.md" "$BATS_TEST_TMPDIR/empty"
}

@test "the README attests a container and verifies its quote" {
	{
		# What the section takes for granted: an aesmd, and the container of the sections before.
		cat <<-'END'
			```sh
			swsgx aesmd >aesmd.log 2>&1 &
			until grep -q 'serving at' aesmd.log; do sleep 0.1; done
			mkdir -p bundle/rootfs/var/run/rune
			cp /usr/local/share/skeleton/encl.bin /usr/local/share/skeleton/encl.ss bundle/rootfs/var/run/rune
			rune spec --bundle bundle
			sed -i -e 's|/usr/lib/liberpal-skeleton-v2.so|/usr/local/lib/liberpal-skeleton-v3.so|' \
				-e 's|"terminal": true|"terminal": false|' -e 's|"sh"|"skeleton", "spin"|' bundle/config.json
			rune run --detach --bundle bundle skeleton-enclave-container >log 2>&1 </dev/null
			```
		END
		sed -n '/^## Attest a running container/,/^## Settings/p' "$top/README.md"
	} >"$BATS_TEST_TMPDIR/README.md"
	[ "$(grep -c '^```sh' "$BATS_TEST_TMPDIR/README.md")" = 3 ]
	grep -q '^```text' "$BATS_TEST_TMPDIR/README.md"
	type_document "$BATS_TEST_TMPDIR/README.md" "$BATS_TEST_TMPDIR/empty"
}

@test "every command of examples/secret/README.md does what the page says" {
	type_document "$top/examples/secret/README.md" "$BATS_TEST_TMPDIR/empty"
}
