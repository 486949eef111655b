progs += bin/sgxsign bin/sgx-tools
sgx-tools-y := $(wildcard sgx-tools/*.c) $(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
# One program: it looks at its name.
bin/sgxsign-y := $(sgx-tools-y)
bin/sgx-tools-y := $(sgx-tools-y)
installs += $O/bin/sgxsign:bin:755 $O/bin/sgx-tools:bin:755 \
	man/sgxsign.1:share/man/man1:644 man/sgx-tools.1:share/man/man1:644 \
	man/sgx-tools-sign.1:share/man/man1:644 man/sgx-tools-show.1:share/man/man1:644 \
	man/sgx-tools-measure.1:share/man/man1:644
