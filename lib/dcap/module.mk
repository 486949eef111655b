# Link lib-dcap-libs with it.
lib-dcap-y := $(wildcard lib/dcap/*.c)
lib-dcap-libs := -ljson-c -lcrypto

lib-dcap-tests := vectors quote pck documents files verify_collateral verify_quote verify_tcb
# A world that these tests make: a certification authority, and quotes and collateral of it.
lib-dcap-world-y := $(addprefix tests/unit/lib/dcap/,world.c world_pki.c extension.c)
tests += $(lib-dcap-tests:%=tests/unit/lib/dcap/%)
$(foreach t,$(lib-dcap-tests),$(eval tests/unit/lib/dcap/$t-y := \
	tests/unit/lib/dcap/$t.c $$(lib-dcap-y) $$(lib-x509-y) $$(lib-base-y)))
$(foreach t,$(lib-dcap-tests),$(eval tests/unit/lib/dcap/$t-libs := $$(lib-dcap-libs) -lcmocka))
$(foreach t,$(filter-out vectors,$(lib-dcap-tests)),$(eval tests/unit/lib/dcap/$t-y += $$(lib-dcap-world-y)))
