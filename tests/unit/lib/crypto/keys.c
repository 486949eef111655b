// SPDX-License-Identifier: Apache-2.0
/* Keys for the tests; see keys.h. */
#include "tests/unit/lib/crypto/keys.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void keys_make(struct keys *keys)
{
	const char *base = getenv("TMPDIR");

	snprintf(keys->folder, sizeof(keys->folder), "%s/unit-XXXXXX", base ? base : P_tmpdir);
	assert_non_null(mkdtemp(keys->folder));
}

void keys_remove(struct keys *keys)
{
	DIR *dir = opendir(keys->folder);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			unlink(keys_path(keys, entry->d_name));
	}
	closedir(dir);
	assert_int_equal(rmdir(keys->folder), 0);
}

const char *keys_path(const struct keys *keys, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", keys->folder, name);
	return path;
}

static FILE *create(const struct keys *keys, const char *name)
{
	FILE *f = fopen(keys_path(keys, name), "w");

	assert_non_null(f);
	return f;
}

const char *keys_text(const struct keys *keys, const char *name, const char *text)
{
	FILE *f = create(keys, name);

	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return keys_path(keys, name);
}

EVP_PKEY *keys_rsa(unsigned int bits, unsigned long exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	assert_true(BN_set_word(e, exponent));
	assert_true(EVP_PKEY_keygen_init(ctx) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) > 0);
	assert_true(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) > 0);
	assert_true(EVP_PKEY_keygen(ctx, &pkey) > 0);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

EVP_PKEY *keys_ec(void)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	assert_non_null(pkey);
	return pkey;
}

static int write_certificate(FILE *f, EVP_PKEY *pkey)
{
	X509 *cert = X509_new();
	int ok;

	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	ok = X509_set_pubkey(cert, pkey) && X509_sign(cert, pkey, EVP_sha256()) &&
	     PEM_write_X509(f, cert);
	X509_free(cert);
	return ok;
}

const char *keys_pem(const struct keys *keys, const char *name, EVP_PKEY *pkey, enum keys_form form)
{
	static unsigned char passphrase[] = "secret";
	FILE *f = create(keys, name);
	int ok = 0;

	switch (form) {
	case KEYS_PRIVATE: ok = PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL); break;
	case KEYS_ENCRYPTED:
		ok = PEM_write_PrivateKey(f, pkey, EVP_aes_128_cbc(), passphrase, 6, NULL, NULL);
		break;
	case KEYS_PUBLIC: ok = PEM_write_PUBKEY(f, pkey); break;
	case KEYS_CERTIFICATE: ok = write_certificate(f, pkey); break;
	}
	assert_true(ok);
	assert_int_equal(fclose(f), 0);
	return keys_path(keys, name);
}
