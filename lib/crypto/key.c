// SPDX-License-Identifier: Apache-2.0
/* RSA-3072 keys with exponent 3, from PEM files: the only ones that EINIT takes. */
#include "lib/crypto/openssl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/crypto/crypto.h"

#define PEM_MAX (64 * 1024)

struct rsa3072_key {
	EVP_PKEY *pkey;
	bool has_private;
	uint8_t modulus[RSA3072_SIZE];
};

static void pkey_freep(EVP_PKEY **pkey)
{
	ossl.EVP_PKEY_free(*pkey);
}

static void bn_freep(BIGNUM **bn)
{
	ossl.BN_free(*bn);
}

static void context_freep(EVP_PKEY_CTX **context)
{
	ossl.EVP_PKEY_CTX_free(*context);
}

void rsa3072_key_free(struct rsa3072_key *key)
{
	if (!key)
		return;
	ossl.EVP_PKEY_free(key->pkey);
	free(key);
}

void rsa3072_key_freep(struct rsa3072_key **key)
{
	rsa3072_key_free(*key);
}

/* Nobody is asked for a passphrase: a library does not talk. */
static int refuse_passphrase(char *buf, int size, int writing, void *was_asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)was_asked = true;
	return -1;
}

typedef EVP_PKEY *pem_reader(BIO *bio, bool *encrypted);

static EVP_PKEY *read_private(BIO *bio, bool *encrypted)
{
	return ossl.PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, encrypted);
}

static EVP_PKEY *read_public(BIO *bio, bool *encrypted)
{
	return ossl.PEM_read_bio_PUBKEY(bio, NULL, refuse_passphrase, encrypted);
}

static EVP_PKEY *read_certificate(BIO *bio, bool *encrypted)
{
	X509 *cert = ossl.PEM_read_bio_X509(bio, NULL, refuse_passphrase, encrypted);
	EVP_PKEY *pkey = cert ? ossl.X509_get_pubkey(cert) : NULL;

	ossl.X509_free(cert);
	return pkey;
}

static EVP_PKEY *read_pem(const char *pem, size_t size, pem_reader *read, bool *encrypted)
{
	BIO *bio = ossl.BIO_new_mem_buf(pem, (int)size);
	EVP_PKEY *pkey;

	crypto_must(bio != NULL);
	pkey = read(bio, encrypted);
	ossl.BIO_free(bio);
	ossl.ERR_clear_error(); /* the queue is the process's, not ours to fill */
	return pkey;
}

/* Takes pkey over on success. */
static int key_from(const char *path, EVP_PKEY *pkey, bool has_private, struct rsa3072_key **ret,
                    struct err *e)
{
	_cleanup_(bn_freep) BIGNUM *modulus = NULL;
	_cleanup_(bn_freep) BIGNUM *exponent = NULL;
	struct rsa3072_key *key;

	if (!ossl.EVP_PKEY_is_a(pkey, "RSA"))
		return err_set(e, -EINVAL, "%s: not an RSA key", path);
	if (!ossl.EVP_PKEY_get_bn_param(pkey, "n", &modulus) ||
	    !ossl.EVP_PKEY_get_bn_param(pkey, "e", &exponent))
		return err_set(e, -EINVAL, "%s: %s", path, crypto_reason());
	if (ossl.BN_num_bits(modulus) != RSA3072_SIZE * 8)
		return err_set(e, -EINVAL, "%s: an RSA key of %d bits, SGX takes only 3072", path,
		               ossl.BN_num_bits(modulus));
	if (!ossl.BN_is_word(exponent, 3))
		return err_set(e, -EINVAL,
		               "%s: an RSA key whose exponent is not 3, SGX takes only 3", path);
	key = calloc(1, sizeof(*key));
	if (!key)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	crypto_must(ossl.BN_bn2lebinpad(modulus, key->modulus, RSA3072_SIZE) == RSA3072_SIZE);
	key->pkey = pkey;
	key->has_private = has_private;
	*ret = key;
	return 0;
}

static int load_with(const char *path, pem_reader *const *readers, size_t count,
                     struct rsa3072_key **ret, struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	_cleanup_(pkey_freep) EVP_PKEY *pkey = NULL;
	bool encrypted = false, has_private = false;
	size_t size;
	int r = io_read_file(path, PEM_MAX, &pem, &size, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count && !pkey; i++) {
		pkey = read_pem(pem, size, readers[i], &encrypted);
		has_private = readers[i] == read_private;
	}
	explicit_bzero(pem, size);
	if (!pkey && encrypted)
		return err_set(e, -EINVAL, "%s: the key is encrypted", path);
	if (!pkey)
		return err_set(e, -EINVAL, "%s: no %s key in PEM", path,
		               count > 1 ? "public" : "private");
	r = key_from(path, pkey, has_private, ret, e);
	if (r == 0)
		(void)take_ptr(pkey);
	return r;
}

int rsa3072_key_load(const char *path, struct rsa3072_key **ret, struct err *e)
{
	static pem_reader *const readers[] = { read_private };

	return load_with(path, readers, 1, ret, e);
}

int rsa3072_public_load(const char *path, struct rsa3072_key **ret, struct err *e)
{
	static pem_reader *const readers[] = { read_public, read_certificate, read_private };

	return load_with(path, readers, 3, ret, e);
}

void rsa3072_modulus(const struct rsa3072_key *key, uint8_t ret[RSA3072_SIZE])
{
	memcpy(ret, key->modulus, RSA3072_SIZE);
}

int rsa3072_sign(const struct rsa3072_key *key, const uint8_t digest[SHA256_SIZE],
                 uint8_t signature[RSA3072_SIZE], struct err *e)
{
	uint8_t big_endian[RSA3072_SIZE];
	size_t size = sizeof(big_endian);

	if (!key->has_private)
		return err_set(e, -EINVAL, "a public key does not sign");
	_cleanup_(context_freep) EVP_PKEY_CTX *context = ossl.EVP_PKEY_CTX_new(key->pkey, NULL);
	ossl.ERR_clear_error();
	if (!context || ossl.EVP_PKEY_sign_init(context) <= 0 ||
	    ossl.EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) <= 0 ||
	    ossl.EVP_PKEY_CTX_set_signature_md(context, ossl.EVP_sha256()) <= 0 ||
	    ossl.EVP_PKEY_sign(context, big_endian, &size, digest, SHA256_SIZE) <= 0 ||
	    size != sizeof(big_endian))
		return err_set(e, -EIO, "RSA signature: %s", crypto_reason());
	for (size_t i = 0; i < size; i++)
		signature[i] = big_endian[size - 1 - i];
	return 0;
}
