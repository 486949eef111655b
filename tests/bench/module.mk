tools += tests/bench/enclave
tests/bench/enclave-y := tests/bench/enclave.c $(wildcard lib/base/*.c lib/crypto/*.c)
