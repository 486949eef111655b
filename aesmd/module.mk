# The simulated aesmd, with its quoting and launch enclave inside; `swsgx aesmd` starts it.
aesmd-encl-cflags = $(trusted) -fvisibility=hidden -mno-red-zone -fno-strict-aliasing -fno-jump-tables \
	-fcf-protection=none -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables \
	$(if $(encl-is-clang),,-fno-tree-loop-distribute-patterns)
aesmd-encl-ldflags = -nostdlib -pie -Wl,--no-dynamic-linker,-z,text,-z,defs,-z,noexecstack \
	-Wl,-z,separate-code,-z,max-page-size=4096,-z,norelro,--build-id=none,--hash-style=sysv
aesmd-encl-y := $(addprefix $O/aesmd/enclave/,entry.arch.o main.arch.o cmac.arch.o string.arch.o)

$O/aesmd/enclave/%.arch.o: aesmd/enclave/%.c $O/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(aesmd-encl-cflags) $(CFLAGS) -c $< -o $@
$O/aesmd/enclave/%.arch.o: aesmd/enclave/%.S $O/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(aesmd-encl-cflags) -g -c $< -o $@
$O/aesmd/enclave.lds: aesmd/enclave/enclave.lds aesmd/enclave/enclave.h $O/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x assembler-with-cpp -I. $< -o $@
$O/aesmd/%e.elf: $O/aesmd/enclave/%e.arch.o $(aesmd-encl-y) $O/aesmd/enclave.lds
	$(call say,LINK)
	$(Q)$(CC) $(aesmd-encl-ldflags) -Wl,-T,$O/aesmd/enclave.lds $(aesmd-encl-y) $< -o $@
$O/aesmd/%e.bin: $O/aesmd/%e.elf
	$(call say,OBJCOPY)
	$(Q)$(OBJCOPY) -O binary $< $@
$O/aesmd/blobs.o: aesmd/blobs.S $O/aesmd/qe.bin $O/aesmd/le.bin
	$(call say,CC)
	$(Q)$(CC) $(host) $(CFLAGS) -Wa,-I$O -c $< -o $@
.SECONDARY: $(aesmd-encl-y) $(foreach e,qe le,$O/aesmd/enclave/$e.arch.o $O/aesmd/$e.elf $O/aesmd/$e.bin)

# One program: it looks at its name.
aesmd-y = $(addprefix aesmd/,main.c server.c listen.c service.c quoting.c launch.c load.c enter.S \
	images.c blobs.S platform.c platform_make.c pck.c collateral.c) lib/crypto/pki.c lib/crypto/pki_x509.c \
	$(aesm-y) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
aesmd-libs = -lcrypto $(aesm-libs)
files += $O/aesmd/qe.elf $O/aesmd/le.elf
progs += libexec/swsgx/aesmd libexec/swsgx/collateral
libexec/swsgx/aesmd-y = $(aesmd-y)
libexec/swsgx/aesmd-libs = $(aesmd-libs)
libexec/swsgx/collateral-y = $(aesmd-y)
libexec/swsgx/collateral-libs = $(aesmd-libs)
installs += $O/libexec/swsgx/aesmd:libexec/swsgx:0755 $O/libexec/swsgx/collateral:libexec/swsgx:0755

progs += libexec/swsgx/pccs
libexec/swsgx/pccs-y = aesmd/pccs.c aesmd/pccs_paths.c $(lib-dcap-y) $(lib-x509-y) $(lib-base-y)
libexec/swsgx/pccs-libs = -lmicrohttpd $(lib-dcap-libs)
installs += $O/libexec/swsgx/pccs:libexec/swsgx:0755

# What tests ask of it.
tools += tests/aesmd/client
tests/aesmd/client-y = $(wildcard tests/aesmd/*.c) $(addprefix aesmd/,load.c enter.S images.c blobs.S) \
	$(aesm-y) $(lib-dcap-y) $(lib-x509-y) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
tests/aesmd/client-libs = $(aesm-libs) $(lib-dcap-libs)
tests/aesmd/client-deps = $O/tests/trap/key.pem $(addprefix $O/libexec/swsgx/,aesmd collateral pccs) \
	$O/bin/swsgx $O/lib/libswsgx.so

aesmd-tests := cmac pck service
tests += $(aesmd-tests:%=tests/unit/aesmd/%)
tests/unit/aesmd/cmac-y = tests/unit/aesmd/cmac.c aesmd/enclave/cmac.c aesmd/enclave/string.c \
	$(lib-crypto-y) $(lib-base-y)
tests/unit/aesmd/pck-y = tests/unit/aesmd/pck.c aesmd/pck.c $(lib-dcap-y) $(lib-x509-y) $(lib-base-y)
tests/unit/aesmd/service-y = tests/unit/aesmd/service.c $(filter-out aesmd/main.c,$(aesmd-y))
tests/unit/aesmd/cmac-libs := -lcmocka
tests/unit/aesmd/pck-libs = -lcmocka $(lib-dcap-libs)
tests/unit/aesmd/service-libs = -lcmocka $(aesmd-libs)
# Beside libc's: the enclaves' functions under names of their own.
aesmd/enclave/string-cflags := -Dmemcpy=arch_memcpy -Dmemset=arch_memset -fno-builtin

installs += $(foreach m,aesmd collateral pccs,man/swsgx-$m.1:share/man/man1:0644)

# The certification authority, whose work the verifier's code judges.
tests += tests/unit/lib/crypto/pki
tests/unit/lib/crypto/pki-y = tests/unit/lib/crypto/pki.c $(lib-x509-y) $(lib-crypto-y) $(lib-base-y)
tests/unit/lib/crypto/pki-libs := -lcmocka -lcrypto
