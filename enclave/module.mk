# The enclave: encl.elf, encl.bin (what the processor measures) and encl.ss (its signature).
#
#   make LVI=1   an LFENCE behind every load (LVI, CVE-2020-0551): another MRENCLAVE, much slower.
#                Off by default: only processors that are affected need it, and attestation tells a
#                relying party of those (SW_HARDENING_NEEDED).

LVI ?= 0

encl-src := $(wildcard enclave/*.c enclave/*.S)
encl-obj := $(patsubst %,$O/%.encl.o,$(basename $(encl-src)))

encl-is-clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
encl-cflags-gcc := -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr \
	-mindirect-branch-register -mharden-sls=all -fno-tree-loop-distribute-patterns
encl-cflags-clang := -fdirect-access-external-data -ftrivial-auto-var-init=zero \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
# GNU as puts the fences into C and assembly alike; clang's own assembler cannot.
encl-cflags-lvi := -Wa,-mlfence-after-load=yes -Wa,-mlfence-before-indirect-branch=all \
	-Wa,-mlfence-before-ret=shl $(if $(encl-is-clang),-fno-integrated-as)
# 40 is TD_CANARY of enclave/thread.h.
encl-cflags := $(trusted) -fvisibility=hidden -mno-red-zone -fno-strict-aliasing -fwrapv \
	-fno-delete-null-pointer-checks -fno-jump-tables -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-unwind-tables \
	-fstack-protector-strong -mstack-protector-guard=tls -mstack-protector-guard-reg=gs \
	-mstack-protector-guard-offset=40 -fstack-clash-protection -Wvla \
	$(if $(encl-is-clang),$(encl-cflags-clang),$(encl-cflags-gcc)) \
	$(if $(filter 1,$(LVI)),$(encl-cflags-lvi))
encl-ldflags := -nostdlib -pie -Wl,--no-dynamic-linker,-z,text,-z,defs,-z,noexecstack \
	-Wl,-z,separate-code,-z,max-page-size=4096,-z,norelro,--build-id=none,--hash-style=sysv \
	-Wl,--fatal-warnings,--orphan-handling=error

# A flag that changes what is built, or how it is signed, is a prerequisite of it.
define encl-remember
@mkdir -p $(@D)
@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' > $@
endef

$O/encl-flags: FORCE
	$(call encl-remember,$(CC) $(CFLAGS) | $(encl-cflags) | $(encl-ldflags))

$O/enclave/%.encl.o: enclave/%.c $O/encl-flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(encl-cflags) $(CFLAGS) -c $< -o $@

$O/enclave/%.encl.o: enclave/%.S $O/encl-flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(encl-cflags) -g -c $< -o $@

$O/encl.elf: $(encl-obj) enclave/enclave.lds $O/encl-flags
	$(call say,LINK)
	$(Q)$(CC) $(encl-ldflags) -Wl,-T,enclave/enclave.lds $(encl-obj) -o $@

$O/encl.bin: $O/encl.elf
	$(call say,OBJCOPY)
	$(Q)$(OBJCOPY) -O binary $< $@

# The tree's own key: made once, kept, the user's alone.
$O/signing_key.pem:
	@mkdir -p $(@D)
	$(call say,KEY)
	$(Q)umask 077 && openssl genrsa -3 -out $@ 3072 2>/dev/null

$O/sign-flags: FORCE
	$(call encl-remember,PRODUCT_ENCLAVE=$(PRODUCT_ENCLAVE) $(SIGNING_KEY))

$O/encl.ss: $O/encl.bin $O/bin/sgxsign $(SIGNING_KEY) $O/sign-flags
	$(call say,SIGN)
	$(Q)$O/bin/sgxsign $(if $(filter 1,$(PRODUCT_ENCLAVE)),-N) $(SIGNING_KEY) $O/encl.bin $@

files += $O/encl.elf $O/encl.bin $O/encl.ss

# Where a Dockerfile's COPY finds them.
ifeq ($O,build)
files += encl.elf encl.bin encl.ss
encl.elf encl.bin encl.ss: %: $O/%
	$(Q)cp -f $< $@
endif

# Tests: the real image in a traced child, and the C files compiled for the host.
encl-machine-y := $(addprefix tests/unit/enclave/,machine.c processor.c program.c)
encl-machine-tests := $(addprefix tests/unit/enclave/,entry exception main)
tests += $(encl-machine-tests)
$(foreach t,$(encl-machine-tests),$(eval $t-y := $t.c $(encl-machine-y)))
$(foreach t,$(encl-machine-tests),$(eval $t-libs := -lcmocka))
$(foreach t,$(encl-machine-tests),$(eval $t-deps := $O/encl.bin))

encl-host-tests := bounds string io heap
tests += $(encl-host-tests:%=tests/unit/enclave/%)
tests/unit/enclave/bounds-y := tests/unit/enclave/bounds.c enclave/bounds.c
tests/unit/enclave/string-y := tests/unit/enclave/string.c enclave/string.c
tests/unit/enclave/io-y := tests/unit/enclave/io.c enclave/io.c enclave/print.c enclave/bounds.c
tests/unit/enclave/heap-y := tests/unit/enclave/heap.c enclave/heap.c
$(foreach t,$(encl-host-tests),$(eval tests/unit/enclave/$t-libs := -lcmocka))
# Beside libc's: the enclave's functions under names of their own.
encl-renamed := $(foreach f,memcpy memmove memset memcmp strlen strcmp strrchr,-D$f=encl_$f)
enclave/string-cflags := $(encl-renamed) -fno-builtin
tests/unit/enclave/string-cflags := -fno-builtin

checks += scripts/check-enclave
installs += $(foreach f,encl.elf encl.bin encl.ss,$O/$f:share/skeleton:644)
# Beside encl.elf, where it looks for it.
installs += scripts/skeleton-gdb.py:share/skeleton:644
