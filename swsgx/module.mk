# Software SGX: the library that is preloaded, and the launcher that preloads it.
libs  += lib/libswsgx.so
progs += bin/swsgx
lib/libswsgx.so-y := $(wildcard swsgx/driver/*.[cS]) $(wildcard swsgx/trap/*.[cS]) \
	$(wildcard swsgx/vdso/*.[cS]) $(wildcard swsgx/preload/*.c) \
	$(swsgx-cpu-y) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
lib/libswsgx.so-map := swsgx/preload/swsgx.map
# Before the constructors of other libraries, which may look for SGX.
lib/libswsgx.so-libs := -Wl,-z,initfirst
bin/swsgx-y := $(wildcard swsgx/*.c) swsgx/driver/state.c $(lib-base-y)
bin/swsgx-pie := $(call static_pie,rcrt1.o libc.a)
installs += $O/lib/libswsgx.so:lib:0755 $O/bin/swsgx:bin:0755

# Each test program starts itself again under bin/swsgx, from its own place below $O.
swsgx-tests := vdso registers signals handlers driver descriptor batch writer mapping sharing dcap legacy isgx2 launch address exceptions illegal sgx2 dynamic processes cpuid storms frames maps roundtrips steps untrapped forks limits rights
tests += $(swsgx-tests:%=tests/trap/%)
$(foreach t,$(swsgx-tests),$(eval tests/trap/$t-y := tests/trap/$t.c tests/trap/harness.c \
	tests/trap/enclave.c tests/trap/code.S tests/trap/raw.S \
	$$(lib-sgx-y) $$(lib-crypto-y) $$(lib-base-y)))
$(foreach t,exceptions frames,$(eval tests/trap/$t-y += tests/trap/faults.c))
$(foreach t,batch writer limits,$(eval tests/trap/$t-y += tests/trap/adding.c))
$(foreach t,signals handlers storms forks,$(eval tests/trap/$t-y += tests/trap/interrupt.c))
$(foreach t,sgx2 dynamic processes untrapped,$(eval tests/trap/$t-y += tests/trap/change.c))
$(foreach t,legacy isgx2 launch address,$(eval tests/trap/$t-y += tests/trap/isgx.c))
$(eval tests/trap/roundtrips-y += tests/trap/full.S)
$(eval tests/trap/untrapped-y += tests/trap/filter.c)
$(eval tests/trap/launch-y += $$(swsgx-cpu-y))
$(foreach t,$(swsgx-tests),$(eval tests/trap/$t-deps := \
	$O/tests/trap/key.pem $O/bin/swsgx $O/lib/libswsgx.so))
# A program for tests of debuggers.
tools += tests/trap/host
tests/trap/host-y := tests/trap/host.c tests/trap/harness.c tests/trap/enclave.c tests/trap/interrupt.c \
	tests/trap/code.S tests/trap/raw.S $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
tests/trap/host-deps := $O/tests/trap/key.pem
# A program for tests of --trace.
tools += tests/trap/traced
tests/trap/traced-y := tests/trap/traced.c tests/trap/harness.c tests/trap/enclave.c tests/trap/code.S \
	tests/trap/raw.S $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
tests/trap/traced-deps := $O/tests/trap/key.pem
$O/tests/trap/key.pem:
	@mkdir -p $(@D)
	$(Q)openssl genrsa -3 -out $@ 3072 2>/dev/null
checks += scripts/check-exports
installs += man/swsgx.1:share/man/man1:0644 man/libswsgx.7:share/man/man7:0644
