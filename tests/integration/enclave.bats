# SPDX-License-Identifier: Apache-2.0
# What keeps the enclave's image in order can fail: the link and scripts/check-enclave, each on a copy of
# the tree in which just one thing is wrong.  For the tests, scripts/check-hardening does the same.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export tree=$BATS_FILE_TMPDIR/tree CC
	CC=$(cut -d ' ' -f 1 "$O/encl-flags")
	mkdir "$tree"
	git ls-files -co --exclude-standard -z | xargs -0 tar -cf - | tar -C "$tree" -xf -
	build
	cp -r "$tree/enclave" "$BATS_FILE_TMPDIR/good"
}

setup() {
	cd "$tree"
	cp -r "$BATS_FILE_TMPDIR/good/." enclave
}

build() {	# [TARGET...]
	# What these edits make of a constant may draw a warning.
	make -C "$tree" O="$tree/out" CC="$CC" WERROR=0 "${@:-$tree/out/encl.bin}" >"$BATS_FILE_TMPDIR/log" 2>&1
}

# Put code into the program; it is run first.
program() {	# DEFINITIONS STATEMENTS
	printf '%s\nint changed(void);\nint changed(void)\n{\n%s\nreturn 0;\n}\n' "$1" "$2" >enclave/changed.c
}

link_fails() {	# MESSAGE
	run build
	[ "$status" != 0 ]
	grep -q "$1" "$BATS_FILE_TMPDIR/log" || { cat "$BATS_FILE_TMPDIR/log"; false; }
	rm -f enclave/changed.c
}

check_fails() {	# CLAIM
	build || { cat "$BATS_FILE_TMPDIR/log"; false; }
	run scripts/check-enclave out/encl.elf out/encl.bin
	rm -f enclave/changed.c
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"not ok"*"$1"* ]]
}

# Edit a file; it must change.
edit() {	# FILE SED-SCRIPT
	sed -E "$2" "enclave/$1" >"$BATS_TEST_TMPDIR/edited"
	run ! cmp -s "$BATS_TEST_TMPDIR/edited" "enclave/$1"
	cp "$BATS_TEST_TMPDIR/edited" "enclave/$1"
}

@test "an untouched copy in another folder has the same encl.bin and passes its checks" {
	build
	cmp out/encl.bin "$O/encl.bin"
	scripts/check-enclave out/encl.elf out/encl.bin
}

@test "the link refuses a pointer in data" {
	program 'extern const char *const words[]; const char *const words[] = { "a" };' ''
	link_fails 'has relocations'
}

@test "the link refuses a thread-local variable" {
	program '__thread int x; int *f(void); int *f(void) { return &x; }' ''
	link_fails 'thread-local'
}

@test "the link refuses a constructor" {
	program '__attribute__((constructor)) static void f(void) { __asm__ volatile("nop"); }' ''
	link_fails 'constructors do not run\|has relocations'
}

@test "the link refuses an undefined symbol" {
	program 'void nowhere(void);' 'nowhere();'
	link_fails 'undefined reference'
}

@test "the link refuses a section that its script does not place" {
	program '__attribute__((section("elsewhere"), used)) static int x = 1;' ''
	link_fails 'orphan section'
}

@test "check-enclave finds instructions that have no place in an enclave" {
	for i in syscall cpuid rdtsc 'int $0x80' sysenter hlt; do
		program '' "__asm__ volatile(\"$i\");"
		check_fails 'faults in an enclave'
	done
	program '' '__asm__ volatile("wrfsbase %rax");'
	check_fails 'FS and GS base'
	program '' '__asm__ volatile("ldmxcsr (%rax)");'
	check_fails 'only entry code loads'
	program '' '__asm__ volatile("movaps %xmm1, %xmm0");'
	check_fails 'vector registers'
	program '' '__asm__ volatile("jmp *(%rax)");'
	check_fails 'pointer in memory'
	program '' '__asm__ volatile("popfq");'
	check_fails 'stack flags'
}

@test "check-enclave finds a second EEXIT" {
	program '' '__asm__ volatile("mov $4, %eax\n\tenclu");'
	check_fails 'exactly one EEXIT'
	program '' '__asm__ volatile("mov $4, %eax\n\tnop\n\tenclu");'
	check_fails 'no other is an EEXIT'
}

@test "check-enclave finds an entry that does not begin with CLD" {
	edit entry.S 's/^\tcld$/\tnop/'
	check_fails 'first instruction'
}

@test "check-enclave finds a partial write to the host without its fences" {
	edit insn.h 's/"mfence\\n\\t"/"nop\\n\\t"/'
	check_fails 'VERW, store, MFENCE'
}

@test "check-enclave finds stacks without holes, and TCSs that are wrong" {
	edit image.h 's/(define ENCL_GUARD +)0x1000/\10/'
	check_fails 'layout is well-formed'
	setup
	edit layout.S 's/(SEGMENT.OFFSET.TD.i.*)PAGE_RW/\10x207/'
	check_fails 'layout is well-formed'
	setup
	edit layout.S 's/OFFSET\(encl_entry\)/OFFSET(encl_entry) + 16/'
	check_fails 'each TCS'
	setup
	edit layout.S 's/\.long\t0, ENCL_NSSA/.long\t0, 3/'
	check_fails 'each TCS'
}
