# Fuzz targets (libFuzzer), always built by clang with its sanitizers; tests/fuzz/<target>.c each.
#
#   make fuzz FUZZ_SECONDS=60   every target for so long, from its kept corpus on
#
# `make check` runs the kept corpus and a few seconds more: scripts/check-fuzz.
FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang

fuzz-targets := image sigstruct contents enclu encls ioctl quote chain document messages
fuzz-machine-y := tests/fuzz/machine.c $(swsgx-cpu-y) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
fuzz-image-y := tests/fuzz/image.c
fuzz-sigstruct-y := tests/fuzz/sigstruct.c
fuzz-contents-y := tests/fuzz/contents.c
fuzz-enclu-y := tests/fuzz/enclu.c tests/fuzz/ops.c tests/fuzz/ops_encls.c
fuzz-encls-y := tests/fuzz/encls.c tests/fuzz/ops.c tests/fuzz/ops_encls.c
fuzz-ioctl-y := tests/fuzz/ioctl.c tests/fuzz/program.c tests/fuzz/requests.c tests/fuzz/watch.c \
	tests/fuzz/forge.c $(wildcard swsgx/driver/*.[cS])

fuzz-messages-y = tests/fuzz/messages.c aesmd/service.c aesm/message.c aesm/aesm.pb-c.c
fuzz-messages-libs = $(aesm-libs)
fuzz-dcap-y := $(wildcard lib/dcap/*.c) $(lib-x509-y)
fuzz-quote-y := tests/fuzz/quote.c $(fuzz-dcap-y)
fuzz-chain-y := tests/fuzz/chain.c $(fuzz-dcap-y)
fuzz-document-y := tests/fuzz/document.c $(fuzz-dcap-y)
$(foreach t,quote chain document,$(eval fuzz-$t-libs := -ljson-c -lcrypto))

fuzz_flags := $(cflags) -O1 -g -fPIE -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=fuzzer$(comma)address$(comma)undefined
fuzz_obj = $(patsubst %,$O/fuzz/%.o,$(basename $(fuzz-machine-y) $(fuzz-$(1)-y)))

.PHONY: fuzz fuzz-programs
fuzz-programs: $(fuzz-targets:%=$O/fuzz/%)
tests: fuzz-programs
checks += scripts/check-fuzz

fuzz:
	@scripts/deps check
	@$(MAKE) fuzz-programs
	@O=$O scripts/check-fuzz $(FUZZ_SECONDS)

$(fuzz-targets:%=$O/fuzz/%): $O/fuzz/%: $$(call fuzz_obj,$$*)
	$(call say,LINK)
	$(Q)$(FUZZ_CC) $(fuzz_flags) -pie $(call fuzz_obj,$*) $(fuzz-$*-libs) -o $@

$O/fuzz/%.o: %.c tests/fuzz/module.mk
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(FUZZ_CC) $(fuzz_flags) $($*-cflags) -c $< -o $@

$O/fuzz/%.o: %.S
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(FUZZ_CC) $(fuzz_flags) -c $< -o $@
