# The software processor.  Who links it also links $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y).
swsgx-cpu-y := $(wildcard swsgx/cpu/*.c) $(wildcard swsgx/cpu/leaf/*.c)

swsgx-cpu-tests := life access aex xstate vectors \
	$(patsubst tests/unit/swsgx/cpu/%.c,%,$(sort $(wildcard tests/unit/swsgx/cpu/leaf/*.c)))
tests += $(swsgx-cpu-tests:%=tests/unit/swsgx/cpu/%)
$(foreach t,$(swsgx-cpu-tests),$(eval tests/unit/swsgx/cpu/$t-y := tests/unit/swsgx/cpu/$t.c \
	tests/unit/swsgx/cpu/fixture.c tests/unit/swsgx/cpu/evict.c tests/unit/swsgx/cpu/rows.c tests/unit/lib/crypto/keys.c \
	$$(swsgx-cpu-y) $$(lib-sgx-y) $$(lib-crypto-y) $$(lib-base-y)))
$(foreach t,$(swsgx-cpu-tests),$(eval tests/unit/swsgx/cpu/$t-libs := -lcmocka -lcrypto))
