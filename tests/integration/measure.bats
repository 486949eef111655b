#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sgx-tools measure: one MRENCLAVE from every form of the tree's own enclave, and every refusal.

bats_require_minimum_version 1.5.0

setup() {
	export PATH="${O:-$PWD/build}/bin:$PATH"
	cd "$BATS_TEST_TMPDIR" || return 1
	for f in encl.elf encl.bin encl.ss signing_key.pem; do
		ln -s "${O:-$OLDPWD/build}/$f" .
	done
}

refused() { # SAID ARGUMENT...
	local said=$1
	shift
	run --separate-stderr sgx-tools measure "$@"
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "$stderr" = "sgx-tools: measure: $said" ] || { echo "$stderr"; false; }
}

@test "encl.elf, encl.bin and the stream have the MRENCLAVE that was signed" {
	signed=$(sgx-tools show encl.ss | awk '$1 == "MRENCLAVE" || $1 == "ENCLAVEHASH" { print $2 }' | head -n 1)
	[ "${#signed}" = 64 ]
	sgx-tools measure --sgxs encl.sgxs encl.bin >said
	for f in encl.elf encl.bin encl.sgxs; do
		[ "$(sgx-tools measure "$f")" = "MRENCLAVE $signed" ]
	done
	[ "$(cat said)" = "MRENCLAVE $signed" ]
	[ "$(sha256sum <encl.sgxs)" = "$signed  -" ]
}

@test "the placing options measure what sgxsign signs with them" {
	for options in '-s 0x10000000' '-n' '-n -m 20000' '-n -m 0x20000 -s 0x20000000'; do
		# shellcheck disable=SC2086 # words
		[ "$(sgx-tools measure $options encl.elf)" = "$(sgxsign $options signing_key.pem encl.bin x.ss | head -n 1)" ]
	done
	[ "$(sgx-tools measure -n encl.bin)" != "$(sgx-tools measure encl.bin)" ]
}

@test "the stream of a placed enclave is the one that is measured" {
	said=$(sgx-tools measure -n --sgxs placed.sgxs encl.bin)
	[ "$said" = "MRENCLAVE $(sha256sum <placed.sgxs | cut -d ' ' -f 1)" ]
}

@test "what is no enclave is refused by name, and nothing is written" {
	echo text >text
	refused 'text: neither an enclave image, nor ELF, nor an SGXS stream' --sgxs out text
	refused 'open absent: No such file or directory' --sgxs out absent
	head -c 5000 encl.bin >short
	refused 'short: 5000 bytes, not a multiple of 4096' --sgxs out short
	head -c 100 encl.elf >short.elf
	refused 'short.elf: program headers outside the file' --sgxs out short.elf
	refused "$(command -v sgx-tools): an ELF file without an enclave image" --sgxs out "$(command -v sgx-tools)"
	sgx-tools measure --sgxs good encl.bin >/dev/null
	head -c 100000 good >cut.sgxs
	run sgx-tools measure cut.sgxs
	[ "$status" = 1 ]
	[[ $output =~ ^'sgx-tools: measure: cut.sgxs: at byte '[0-9]+': a '(chunk|record)' is cut short'$ ]]
	[ ! -e out ]
}

@test "a wrong command line is one line" {
	refused '0 operands, not FILE; --help says more'
	refused '2 operands, not FILE; --help says more' encl.bin encl.elf
	refused '--wrong: unknown option' --wrong encl.bin
	refused '-s x: not a number' -s x encl.bin
	refused '--sgxs: wants a value' --sgxs
	sgx-tools measure --sgxs good encl.bin >/dev/null
	refused 'good: a stream already, it takes no option' -n good
	run sgx-tools measure --help
	[ "$status" = 0 ]
	[[ $output == 'usage: sgx-tools measure'* ]]
}

@test "the stream never replaces its own image" {
	cp encl.bin own
	run sgx-tools measure --sgxs own own
	[ "$status" = 1 ]
	cmp own encl.bin
}
