// SPDX-License-Identifier: Apache-2.0
/* Keys and signatures of a certification authority; see pki.h. */
#include "lib/crypto/pki.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/crypto/pki_internal.h"

#define PEM_MAX        (64 * 1024)
#define POINT_SIZE     (1 + PKI_PUBLIC_SIZE)
#define SIGNATURE_SIZE 80 /* of P-256, as DER: at most 72 */

int pki_fail(struct err *e, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	err_set(e, -EIO, "%s: %s", what, reason ? reason : "libcrypto gives no reason");
	ERR_clear_error();
	return -EIO;
}

EVP_PKEY *pki_pkey(const struct pki_key *key)
{
	return (EVP_PKEY *)key;
}

void pki_key_freep(struct pki_key **key)
{
	EVP_PKEY_free(pki_pkey(*key));
}

int pki_key_generate(struct pki_key **ret, struct err *e)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	if (pkey == NULL)
		return pki_fail(e, "a key");
	*ret = (struct pki_key *)pkey;
	return 0;
}

int pki_key_load(const char *path, struct pki_key **ret, struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	EVP_PKEY *pkey = NULL;
	char group[32] = "";
	size_t size = 0;
	int r = io_read_file(path, PEM_MAX, &pem, &size, e);
	BIO *bio;

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(pem, (int)size);
	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");
	BIO_free(bio);
	ERR_clear_error();
	if (pkey == NULL || !EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) ||
	    (strcmp(group, "prime256v1") != 0 && strcmp(group, "P-256") != 0)) {
		EVP_PKEY_free(pkey);
		return err_set(e, -EINVAL, "%s: no P-256 key in PEM", path);
	}
	*ret = (struct pki_key *)pkey;
	return 0;
}

/* What a memory BIO holds, as a string; frees the BIO. */
int pki_take_bio(BIO *bio, char **ret, struct err *e)
{
	char *data = NULL;
	long size = BIO_get_mem_data(bio, &data);
	char *text = strndup(data ? data : "", size > 0 ? (size_t)size : 0);

	BIO_free(bio);
	if (text == NULL)
		return err_set(e, -ENOMEM, "out of memory");
	*ret = text;
	return 0;
}

static int private_pem(EVP_PKEY *pkey, char **ret, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL || !PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL)) {
		BIO_free(bio);
		return pki_fail(e, "a key as PEM");
	}
	return pki_take_bio(bio, ret, e);
}

int pki_key_pem(const struct pki_key *key, char **ret, struct err *e)
{
	return private_pem(pki_pkey(key), ret, e);
}

int pki_key_public(const struct pki_key *key, uint8_t ret[PKI_PUBLIC_SIZE], struct err *e)
{
	uint8_t point[POINT_SIZE];
	size_t size = 0;

	if (!EVP_PKEY_get_octet_string_param(pki_pkey(key), "pub", point, sizeof(point), &size) ||
	    size != POINT_SIZE || point[0] != POINT_CONVERSION_UNCOMPRESSED)
		return pki_fail(e, "a public key");
	memcpy(ret, point + 1, PKI_PUBLIC_SIZE);
	return 0;
}

static int raw_signature(const uint8_t *der, size_t size, uint8_t ret[PKI_SIGNATURE_SIZE],
                         struct err *e)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)size);
	int ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, 32) == 32 &&
	         BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	return ok ? 0 : pki_fail(e, "a signature");
}

int pki_sign(const struct pki_key *key, const void *data, size_t size,
             uint8_t ret[PKI_SIGNATURE_SIZE], struct err *e)
{
	uint8_t der[SIGNATURE_SIZE], raw[PKI_SIGNATURE_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t der_size = sizeof(der);
	int ok = context != NULL &&
	         EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pki_pkey(key)) == 1 &&
	         EVP_DigestSign(context, der, &der_size, data, size) == 1;
	int r;

	EVP_MD_CTX_free(context);
	if (!ok)
		return pki_fail(e, "a signature");
	r = raw_signature(der, der_size, raw, e);
	if (r == 0)
		memcpy(ret, raw, sizeof(raw));
	return r;
}

int pki_rsa3072_pem(char **ret, struct err *e)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *exponent = BN_new();
	EVP_PKEY *pkey = NULL;
	int ok = context != NULL && exponent != NULL && BN_set_word(exponent, 3) &&
	         EVP_PKEY_keygen_init(context) == 1 &&
	         EVP_PKEY_CTX_set_rsa_keygen_bits(context, 3072) == 1 &&
	         EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) == 1 &&
	         EVP_PKEY_generate(context, &pkey) == 1;
	int r = ok ? private_pem(pkey, ret, e) : pki_fail(e, "an RSA key");

	EVP_PKEY_free(pkey);
	BN_free(exponent);
	EVP_PKEY_CTX_free(context);
	return r;
}
