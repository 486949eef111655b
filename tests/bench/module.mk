tools += tests/bench/container tests/bench/enclave tests/bench/swsgx tests/bench/start tests/bench/roundtrip tests/bench/dcap tests/bench/process
tests/bench/enclave-y := tests/bench/enclave.c $(lib-base-y) $(lib-crypto-y)
tests/bench/dcap-y := tests/bench/dcap.c $(lib-dcap-world-y) $(lib-dcap-y) $(lib-x509-y) $(lib-base-y)
tests/bench/dcap-libs := $(lib-dcap-libs) -lcmocka
tests/bench/process-y := tests/bench/process.c lib/base/hex.c
tests/bench/container-y := tests/bench/container.c lib/base/hex.c
tests/bench/start-y := tests/bench/start.c lib/base/hex.c
tests/bench/swsgx-y := tests/bench/swsgx.c tests/trap/enclave.c tests/trap/code.S \
	tests/trap/raw.S $(lib-base-y) $(lib-crypto-y) $(lib-sgx-y)
tests/bench/roundtrip-y := tests/bench/roundtrip.c tests/trap/enclave.c tests/trap/code.S \
	tests/trap/raw.S $(lib-base-y) $(lib-crypto-y) $(lib-sgx-y)
tests/bench/roundtrip-deps := $O/tests/bench/key.pem
tests/bench/swsgx-deps := $O/tests/bench/key.pem
$O/tests/bench/key.pem: $O/tests/trap/key.pem
	@mkdir -p $(@D)
	$(Q)cp $< $@
