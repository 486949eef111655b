tools += tests/bench/enclave tests/bench/swsgx tests/bench/start
tests/bench/enclave-y := tests/bench/enclave.c $(wildcard lib/base/*.c lib/crypto/*.c)
tests/bench/start-y := tests/bench/start.c lib/base/hex.c
tests/bench/swsgx-y := tests/bench/swsgx.c tests/trap/enclave.c tests/trap/code.S \
	tests/trap/raw.S $(wildcard lib/base/*.c lib/crypto/*.c lib/sgx/*.c)
tests/bench/swsgx-deps := $O/tests/bench/key.pem
$O/tests/bench/key.pem: $O/tests/trap/key.pem
	@mkdir -p $(@D)
	$(Q)cp $< $@
