# palcheck: anybody's PAL library against the contract; and the program that it asks for.
progs += bin/palcheck libexec/palcheck/program
bin/palcheck-y := $(filter-out %/program.c,$(wildcard palcheck/*.c)) rune/closure.c rune/elf.c rune/ldcache.c \
	aesmd/load.c aesmd/enter.S aesmd/images.c aesmd/blobs.S lib/crypto/pki.c lib/crypto/pki_x509.c \
	$(lib-sgx-y) $(lib-crypto-y) $(lib-base-y)
bin/palcheck-libs := -ljson-c -lcrypto
libexec/palcheck/program-y := palcheck/program.c
installs += $O/bin/palcheck:bin:755 $O/libexec/palcheck/program:libexec/palcheck:755 man/palcheck.1:share/man/man1:644
