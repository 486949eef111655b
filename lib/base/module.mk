lib-base-y := $(wildcard lib/base/*.c)

lib-base-tests := err hex io
tests += $(lib-base-tests:%=tests/unit/lib/base/%)
$(foreach t,$(lib-base-tests),$(eval tests/unit/lib/base/$t-y := \
	tests/unit/lib/base/$t.c $$(lib-base-y)))
$(foreach t,$(lib-base-tests),$(eval tests/unit/lib/base/$t-libs := -lcmocka))
