# The enclave: encl.elf, encl.bin (what the processor measures) and encl.ss (its signature).
#
#   make LVI=1   an LFENCE behind every load (LVI, CVE-2020-0551): another MRENCLAVE, much slower.
#                Off by default: only processors that are affected need it, and attestation tells a
#                relying party of those (SW_HARDENING_NEEDED).

LVI ?= 0

encl-src := $(wildcard enclave/*.c enclave/*.S)
encl-obj := $(patsubst %,$O/%.encl.o,$(basename $(encl-src)))

include enclave/flags.mk

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

# Only on request, since it needs an aesmd: what EINIT wants where launch control is locked to Intel.
$O/encl.token: $O/encl.ss $O/bin/sgx-tools
	$(call say,TOKEN)
	$(Q)$O/bin/sgx-tools gen-token --signature $< --token $@ $(if $(AESM),--aesm $(AESM))

# Where a Dockerfile's COPY finds them.
ifeq ($O,build)
files += encl.elf encl.bin encl.ss
encl.elf encl.bin encl.ss encl.token: %: $O/%
	$(Q)cp -f $< $@
else
.PHONY: encl.token
encl.token: $O/encl.token
endif

# Tests: the real image in a traced child, and the C files compiled for the host.
encl-machine-y := $(addprefix tests/unit/enclave/,machine.c processor.c program.c)
encl-machine-tests := $(addprefix tests/unit/enclave/,answers emulate entry exception handler hostile main poison stages)
tests += $(encl-machine-tests)
$(foreach t,$(encl-machine-tests),$(eval $t-y := $t.c $(encl-machine-y)))
$(foreach t,$(encl-machine-tests),$(eval $t-libs := -lcmocka))
$(foreach t,$(encl-machine-tests),$(eval $t-deps := $O/encl.bin))

# For the image of examples/my-runtime, which tests/integration/tutorial.bats builds.
tools += tests/unit/enclave/greeting
tests/unit/enclave/greeting-y := tests/unit/enclave/greeting.c $(encl-machine-y)
tests/unit/enclave/greeting-libs := -lcmocka

encl-host-tests := bounds string io heap
tests += $(encl-host-tests:%=tests/unit/enclave/%)
tests/unit/enclave/bounds-y := tests/unit/enclave/bounds.c enclave/bounds.c
tests/unit/enclave/string-y := tests/unit/enclave/string.c enclave/string.c
tests/unit/enclave/io-y := tests/unit/enclave/io.c enclave/io.c enclave/ocall.c enclave/print.c enclave/bounds.c
tests/unit/enclave/heap-y := tests/unit/enclave/heap.c enclave/heap.c
$(foreach t,$(encl-host-tests),$(eval tests/unit/enclave/$t-libs := -lcmocka))
# Beside libc's: the enclave's functions under names of their own.
encl-renamed := $(foreach f,memcpy memmove memset memcmp strlen strcmp strrchr,-D$f=encl_$f)
enclave/string-cflags := $(encl-renamed) -fno-builtin
tests/unit/enclave/string-cflags := -fno-builtin

checks += scripts/check-enclave scripts/check-hardening
installs += $(foreach f,encl.elf encl.bin encl.ss,$O/$f:share/skeleton:644)
# Beside encl.elf, where it looks for it.
installs += scripts/skeleton-gdb.py:share/skeleton:644
