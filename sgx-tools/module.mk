progs += bin/sgxsign bin/sgx-tools
sgx-tools-y := $(wildcard sgx-tools/*.c) $(aesm-y) $(lib-dcap-y) $(lib-x509-y) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
sgx-tools-libs := $(lib-dcap-libs) $(aesm-libs)
# One program: it looks at its name.
bin/sgxsign-y := $(sgx-tools-y)
bin/sgx-tools-y := $(sgx-tools-y)
bin/sgxsign-libs := $(sgx-tools-libs)
bin/sgx-tools-libs := $(sgx-tools-libs)
installs += $O/bin/sgxsign:bin:755 $O/bin/sgx-tools:bin:755 \
	man/sgxsign.1:share/man/man1:644 man/sgx-tools.1:share/man/man1:644 \
	man/sgx-tools-sign.1:share/man/man1:644 man/sgx-tools-show.1:share/man/man1:644 \
	man/sgx-tools-measure.1:share/man/man1:644 man/sgx-tools-verify-quote.1:share/man/man1:644 \
	$(foreach c,gen-token gen-qe-target-info gen-quote,man/sgx-tools-$c.1:share/man/man1:644)

tests += tests/unit/sgx-tools/gen tests/unit/sgx-tools/show tests/unit/sgx-tools/daemon
tests/unit/sgx-tools/gen-y := tests/unit/sgx-tools/gen.c sgx-tools/gen.c sgx-tools/output.c $(aesm-y) $(lib-base-y)
tests/unit/sgx-tools/gen-libs := -lcmocka $(aesm-libs)
tests/unit/sgx-tools/show-y := tests/unit/sgx-tools/show.c sgx-tools/show_sink.c sgx-tools/show_fields.c $(lib-base-y)
tests/unit/sgx-tools/show-libs := -lcmocka -ljson-c
tests/unit/sgx-tools/daemon-y := tests/unit/sgx-tools/daemon.c tests/unit/lib/crypto/keys.c \
	$(addprefix sgx-tools/,gen.c output.c cmd_gen_token.c cmd_gen_qe_target_info.c cmd_gen_quote.c) \
	lib/dcap/quote.c $(aesm-y) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
tests/unit/sgx-tools/daemon-libs := -lcmocka -lcrypto $(aesm-libs)
