# Certificates and ECDSA: linked with -lcrypto, by programs that check or make what is signed.
lib-x509-y := $(wildcard $(addprefix lib/crypto/,ecdsa.c der.c pem.c x509*.c pki*.c))
lib-crypto-y := $(filter-out $(lib-x509-y),$(wildcard lib/crypto/*.c lib/crypto/*.S))

lib-crypto-tests := load sha256 aes cmac gcm rsa key
tests += $(lib-crypto-tests:%=tests/unit/lib/crypto/%)
$(foreach t,$(lib-crypto-tests),$(eval tests/unit/lib/crypto/$t-y := \
	tests/unit/lib/crypto/$t.c $$(lib-crypto-y) $$(lib-base-y)))
$(foreach t,$(lib-crypto-tests),$(eval tests/unit/lib/crypto/$t-libs := -lcmocka))
# These tests link libcrypto: it judges what lib/crypto makes of it, and makes their keys.
$(foreach t,cmac gcm rsa key,$(eval tests/unit/lib/crypto/$t-libs += -lcrypto))
$(foreach t,rsa key,$(eval tests/unit/lib/crypto/$t-y += tests/unit/lib/crypto/keys.c))

lib-x509-tests := der x509 x509_name
tests += $(lib-x509-tests:%=tests/unit/lib/crypto/%)
$(foreach t,$(lib-x509-tests),$(eval tests/unit/lib/crypto/$t-y := \
	tests/unit/lib/crypto/$t.c $$(lib-x509-y) $$(lib-base-y)))
$(foreach t,$(lib-x509-tests),$(eval tests/unit/lib/crypto/$t-libs := -lcmocka -lcrypto))
