lib-crypto-y := $(wildcard lib/crypto/*.c lib/crypto/*.S)

lib-crypto-tests := load sha256 cmac gcm rsa key
tests += $(lib-crypto-tests:%=tests/unit/lib/crypto/%)
$(foreach t,$(lib-crypto-tests),$(eval tests/unit/lib/crypto/$t-y := \
	tests/unit/lib/crypto/$t.c $$(lib-crypto-y) $$(lib-base-y)))
$(foreach t,$(lib-crypto-tests),$(eval tests/unit/lib/crypto/$t-libs := -lcmocka))
# These tests link libcrypto: it judges what lib/crypto makes of it, and makes their keys.
$(foreach t,cmac gcm rsa key,$(eval tests/unit/lib/crypto/$t-libs += -lcrypto))
$(foreach t,rsa key,$(eval tests/unit/lib/crypto/$t-y += tests/unit/lib/crypto/keys.c))
