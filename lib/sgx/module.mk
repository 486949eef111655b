lib-sgx-y := $(wildcard lib/sgx/*.c)

lib-sgx-tests := measure image sigstruct ssaframe sgxs vectors
tests += $(lib-sgx-tests:%=tests/unit/lib/sgx/%)
$(foreach t,$(lib-sgx-tests),$(eval tests/unit/lib/sgx/$t-y := \
	tests/unit/lib/sgx/$t.c $$(lib-sgx-y) $$(lib-crypto-y) $$(lib-base-y)))
$(foreach t,measure image sigstruct ssaframe sgxs,$(eval tests/unit/lib/sgx/$t-libs := -lcmocka))
tests/unit/lib/sgx/image-y += tests/unit/lib/sgx/imagefile.c
tests/unit/lib/sgx/sgxs-y += tests/unit/lib/sgx/imagefile.c
tests/unit/lib/sgx/sigstruct-y += tests/unit/lib/crypto/keys.c
tests/unit/lib/sgx/sigstruct-libs += -lcrypto
