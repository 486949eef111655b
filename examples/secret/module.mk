# The example is built by its own Makefile, from what is installed; here only its cryptography is tested.
example-secret-y := $(addprefix examples/secret/enclave/,aead.c sha256.c x25519.c)
tests += tests/unit/examples/secret/crypto
tests/unit/examples/secret/crypto-y = tests/unit/examples/secret/crypto.c $(example-secret-y) $(lib-base-y)
tests/unit/examples/secret/crypto-libs := -lcmocka -lcrypto
$(foreach f,aead sha256 x25519,$(eval examples/secret/enclave/$f-cflags := -Iexamples/secret))
tests/unit/examples/secret/crypto-cflags := -Iexamples/secret

installs += $(foreach f,Makefile README.md server.c,examples/secret/$f:share/skeleton/examples/secret:644) \
	$(foreach f,$(wildcard examples/secret/enclave/*.[ch]),$f:share/skeleton/examples/secret/enclave:644) \
	$(foreach f,$(wildcard examples/secret/pal/*.[ch]),$f:share/skeleton/examples/secret/pal:644)
