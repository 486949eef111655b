// SPDX-License-Identifier: Apache-2.0
/* Keys, certificates and revocation lists of the test world, made by OpenSSL. */
#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "tests/unit/lib/dcap/world.h"

static EVP_PKEY *keys[K_COUNT];

static EVP_PKEY *key_of(enum world_key key)
{
	if (!keys[key])
		keys[key] = EVP_EC_gen("P-256");
	assert(keys[key]);
	return keys[key];
}

__attribute__((destructor)) static void free_keys(void)
{
	for (int i = 0; i < K_COUNT; i++)
		EVP_PKEY_free(keys[i]);
}

const void *world_point(enum world_key key)
{
	static uint8_t point[65];
	size_t size;

	assert(EVP_PKEY_get_octet_string_param(key_of(key), OSSL_PKEY_PARAM_PUB_KEY, point,
	                                       sizeof(point), &size) == 1 &&
	       size == 65);
	return point + 1;
}

void world_sign(enum world_key key, const void *data, size_t size, uint8_t signature[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128];
	const unsigned char *at = der;
	size_t der_size = sizeof(der);
	ECDSA_SIG *sig;

	assert(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key_of(key)) == 1 &&
	       EVP_DigestSign(ctx, der, &der_size, data, size) == 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)der_size);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + 32, 32);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

static X509_NAME *name_of(const char *common, bool shuffled)
{
	static const char *const parts[][2] = {
		{ "O", "Test" }, { "L", "Town" }, { "ST", "State" }, { "C", "XX" }
	};
	X509_NAME *name = X509_NAME_new();

	if (!shuffled)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)common, -1,
		                           -1, 0);
	for (size_t i = 0; i < 4; i++)
		X509_NAME_add_entry_by_txt(name, parts[i][0], MBSTRING_ASC,
		                           (const uint8_t *)parts[i][1], -1, -1, 0);
	if (shuffled)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)common, -1,
		                           -1, 0);
	return name;
}

static X509_EXTENSION *extension(const ASN1_OBJECT *oid, const void *der, size_t size)
{
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *x;

	ASN1_OCTET_STRING_set(data, der, (int)size);
	x = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
	ASN1_OCTET_STRING_free(data);
	return x;
}

/* Their contents are well formed and mean nothing: nobody reads them. */
static const struct {
	int nid;
	const char *der;
	size_t size;
} standard[] = {
	{ NID_authority_key_identifier,
	  "\x30\x06\x80\x04"
	  "abcd",
	  8 },
	{ NID_crl_distribution_points, "\x30\x00", 2 },
	{ NID_subject_key_identifier,
	  "\x04\x04"
	  "abcd",
	  6 },
	{ NID_key_usage, "\x03\x02\x01\x06", 4 },
	{ NID_basic_constraints, "\x30\x00", 2 },
};

static void add_extensions(const struct world *w, const struct world_cert *c, X509 *x)
{
	X509_EXTENSION *one;
	struct out sgx;

	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++) {
		if (standard[i].nid == c->omit_nid)
			continue;
		one = extension(OBJ_nid2obj(standard[i].nid), standard[i].der, standard[i].size);
		X509_add_ext(x, one, -1);
		X509_EXTENSION_free(one);
	}
	if (c->has_sgx) {
		ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);

		extension_make(&w->sgx, &sgx);
		one = extension(oid, sgx.data, sgx.size);
		X509_add_ext(x, one, -1);
		X509_EXTENSION_free(one);
		ASN1_OBJECT_free(oid);
	}
}

static X509 *make_cert(const struct world *w, const struct world_cert *c)
{
	X509_NAME *subject = name_of(c->name, false);
	X509_NAME *issuer = name_of(c->issuer, c->issuer_shuffled);
	X509 *x = X509_new();

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), c->serial);
	X509_set_subject_name(x, subject);
	X509_set_issuer_name(x, issuer);
	ASN1_TIME_set(X509_getm_notBefore(x), NOW - YEAR);
	ASN1_TIME_set(X509_getm_notAfter(x), c->not_after);
	X509_set_pubkey(x, key_of(c->key));
	add_extensions(w, c, x);
	assert(X509_sign(x, key_of(c->signer), EVP_sha256()) > 0);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	return x;
}

static const char *pem_of(struct world *w, int cert)
{
	BIO *bio;
	X509 *x;
	int size;

	if (w->pem[cert][0])
		return w->pem[cert];
	bio = BIO_new(BIO_s_mem());
	x = make_cert(w, &w->cert[cert]);
	PEM_write_bio_X509(bio, x);
	size = BIO_read(bio, w->pem[cert], sizeof(w->pem[cert]) - 1);
	assert(size > 0 && BIO_pending(bio) == 0);
	w->pem[cert][size] = 0;
	X509_free(x);
	BIO_free(bio);
	return w->pem[cert];
}

size_t world_pem(struct world *w, enum world_chain_name chain, char *text, size_t cap)
{
	size_t size = 0;

	text[0] = 0;
	for (const int *i = w->chain[chain]; *i >= 0; i++) {
		const char *pem = pem_of(w, *i);

		assert(size + strlen(pem) < cap);
		strcpy(text + size, pem);
		size += strlen(pem);
	}
	return size;
}

static void revoke(X509_CRL *x, long serial)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, NOW - YEAR);

	ASN1_INTEGER_set(number, serial);
	X509_REVOKED_set_serialNumber(revoked, number);
	X509_REVOKED_set_revocationDate(revoked, time);
	X509_CRL_add0_revoked(x, revoked);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(time);
}

static void add_crl_extension(X509_CRL *x, int nid, const char *der, size_t size)
{
	X509_EXTENSION *one = extension(OBJ_nid2obj(nid), der, size);

	X509_CRL_add_ext(x, one, -1);
	X509_EXTENSION_free(one);
}

size_t world_crl(const struct world *w, enum world_crl_name name, uint8_t *der, size_t cap)
{
	const struct world_crl *c = &w->crl[name];
	X509_NAME *issuer = name_of(c->issuer, false);
	ASN1_TIME *from = ASN1_TIME_set(NULL, c->this_update);
	ASN1_TIME *until = ASN1_TIME_set(NULL, c->next_update);
	X509_CRL *x = X509_CRL_new();
	int size;

	X509_CRL_set_version(x, 1);
	X509_CRL_set_issuer_name(x, issuer);
	X509_CRL_set1_lastUpdate(x, from);
	X509_CRL_set1_nextUpdate(x, until);
	if (c->revoked) {
		revoke(x, 999999);
		revoke(x, c->revoked);
		revoke(x, 77);
	}
	if (!c->no_number)
		add_crl_extension(x, NID_crl_number, "\x02\x01\x01", 3);
	if (!c->no_authority_key)
		add_crl_extension(x, NID_authority_key_identifier, standard[0].der,
		                  standard[0].size);
	assert(X509_CRL_sign(x, key_of(c->signer), EVP_sha256()) > 0);
	size = i2d_X509_CRL(x, NULL);
	assert(size > 0 && (size_t)size <= cap);
	i2d_X509_CRL(x, &der);
	X509_CRL_free(x);
	X509_NAME_free(issuer);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return (size_t)size;
}
