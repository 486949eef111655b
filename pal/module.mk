# One core, three libraries; what each exports comes from include/liberpal.def.
pal-core-y := $(filter-out pal/v%.c,$(wildcard pal/*.c pal/*.S)) pal/vdso.c \
	pal/driver/driver.c pal/driver/intree.c pal/driver/owns.c pal/driver/dcap.c pal/driver/legacy.c
pal-lib-y := $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
pal-libs := $(foreach v,1 2 3,lib/liberpal-skeleton-v$v.so)

libs += $(pal-libs)
$(foreach v,1 2 3,$(eval lib/liberpal-skeleton-v$v.so-y := pal/v$v.c $$(pal-core-y) $$(pal-lib-y)))
$(foreach v,1 2 3,$(eval lib/liberpal-skeleton-v$v.so-map := $O/pal/v$v.map))
$(foreach v,1 2 3,$(eval installs += $O/lib/liberpal-skeleton-v$v.so:lib:755))
installs += include/liberpal.h:include:644 man/liberpal.3:share/man/man3:644

$O/pal/v%.map: pal/exports.map.in include/liberpal.def $O/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -I. -DPAL_VERSION=$* $< -o $@

# Users copy the libraries from the tree's top folder.
ifeq ($O,build)
files += $(notdir $(pal-libs))
$(notdir $(pal-libs)): %: $O/lib/%
	$(Q)cp --remove-destination $< $@
endif

# The libraries' driver for the integration tests; its parts are the core's, to build enclaves itself.
pal-test-y := $(pal-core-y) pal/driver/null.c $(pal-lib-y)
tools += tests/pal/palrun tests/pal/launch
tests/pal/palrun-y := $(filter-out %/launch.c,$(wildcard tests/pal/*.c)) $(pal-core-y) $(pal-lib-y)
tests/pal/launch-y := tests/pal/launch.c $(pal-core-y) $(pal-lib-y) \
	swsgx/cpu/keys.c swsgx/cpu/platform.c swsgx/driver/state.c

pal-tests := aex args range vdso process ocall enter ecall build image legacy token
tests += $(pal-tests:%=tests/unit/pal/%)
$(foreach t,$(pal-tests),$(eval tests/unit/pal/$t-y := tests/unit/pal/$t.c $$(pal-test-y)))
$(foreach t,$(pal-tests),$(eval tests/unit/pal/$t-libs := -lcmocka))
$(foreach t,enter ecall,$(eval tests/unit/pal/$t-y += tests/unit/pal/fake.S))
pal-sample-y := tests/unit/pal/sample.c tests/unit/lib/crypto/keys.c
$(foreach t,build legacy,$(eval tests/unit/pal/$t-y += $$(pal-sample-y)))
$(foreach t,build legacy,$(eval tests/unit/pal/$t-libs += -lcrypto))
# Its device is its own.
tests/unit/pal/legacy-y += tests/unit/pal/device.c
tests/unit/pal/legacy-libs += -Wl,--wrap=ioctl,--wrap=mmap,--wrap=mprotect
# It includes aex.c.
tests/unit/pal/aex-y := tests/unit/pal/aex.c $(filter-out pal/aex.c,$(pal-test-y))

# What a runtime of one's own is built from (scripts/runtime.mk): the sources, below src by their paths.
runtime-src := $(wildcard $(addprefix enclave/,*.[chS] *.def *.lds flags.mk) $(addprefix pal/,*.[chS] *.in driver/*.[ch]) \
	sgx/*.h sgx/uapi/*.h include/liberpal.* $(foreach f,base crypto sgx,$(addprefix lib/$f/,*.h *.def))) \
	$(lib-base-y) $(lib-crypto-y) $(lib-sgx-y)
$(foreach f,$(runtime-src),$(eval installs += $f:share/skeleton/src/$(patsubst %/,%,$(dir $f)):644))
installs += examples/null-pal/null-pal.c:share/skeleton/examples/null-pal:644
installs += scripts/runtime.mk:share/skeleton:644 scripts/skeleton-new:bin:755 man/skeleton-new.1:share/man/man1:644
