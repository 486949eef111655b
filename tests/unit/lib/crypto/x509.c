// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates and revocation lists: OpenSSL makes them, and is asked the same of each; then every one
 * cut short or with a byte changed must be refused or at least do no harm.
 */
#include "lib/crypto/x509.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define DAY INT64_C(86400)

static EVP_PKEY *key, *other;

struct bytes {
	uint8_t *data;
	size_t size;
};

static int setup(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	other = EVP_EC_gen("P-256");
	return key && other ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return 0;
}

static X509_NAME *name_of(const char *common)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)common, -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const uint8_t *)"A, B+C", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC, (const uint8_t *)"unit", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const uint8_t *)"XX", -1, -1, 0);
	return name;
}

static struct bytes make(const char *common, EVP_PKEY *subject, int64_t until, bool extended)
{
	X509_NAME *name = name_of(common);
	struct bytes b = { NULL, 0 };
	X509 *x = X509_new();
	int size;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x80c0ffee);
	X509_set_subject_name(x, name);
	X509_set_issuer_name(x, name);
	ASN1_TIME_set(X509_getm_notBefore(x), DAY);
	ASN1_TIME_set(X509_getm_notAfter(x), until);
	X509_set_pubkey(x, subject);
	if (extended) {
		X509_EXTENSION *e =
			X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, "critical,keyCertSign");

		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	X509_sign(x, key, EVP_sha256());
	size = i2d_X509(x, &b.data);
	b.size = size > 0 ? (size_t)size : 0;
	X509_free(x);
	X509_NAME_free(name);
	return b;
}

static void a_certificate_is_read_as_openssl_wrote_it(void **state)
{
	struct bytes b = make("N\xc3\xa4me", key, INT64_C(4102444800), true); /* 2100 */
	static const uint8_t key_usage[] = { 0x55, 0x1d, 0x0f };
	struct x509_cert *cert;
	struct ecdsa_key *wrong;
	size_t size, point_size;
	uint8_t point[65];
	struct err e;

	(void)state;
	assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), 0);
	assert_string_equal(x509_cert_subject(cert)->common, "N\xc3\xa4me");
	assert_string_equal(x509_cert_subject(cert)->organization, "A, B+C");
	assert_string_equal(x509_cert_subject(cert)->country, "XX");
	assert_string_equal(x509_cert_subject(cert)->state, "");
	assert_string_equal(x509_cert_subject(cert)->text,
	                    "C=XX,OU=unit,O=A\\, B\\+C,CN=N\\C3\\A4me");
	assert_true(x509_name_same(x509_cert_subject(cert), x509_cert_issuer(cert)));
	assert_int_equal(x509_cert_not_before(cert), DAY);
	assert_int_equal(x509_cert_not_after(cert), INT64_C(4102444800));
	assert_memory_equal(x509_cert_serial(cert, &size), "\x80\xc0\xff\xee", 4);
	assert_int_equal(size, 4);
	EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof(point), &point_size);
	assert_memory_equal(x509_cert_point(cert), point, 65);
	assert_memory_equal(x509_cert_der(cert, &size), b.data, b.size);
	assert_true(x509_cert_extension(cert, key_usage, 3, &size) != NULL && size == 4);
	assert_null(x509_cert_extension(cert, "\x55\x1d\x13", 3, &size));
	assert_string_equal(x509_cert_missing_extension(cert), "authorityKeyIdentifier");
	assert_true(x509_cert_signed_by(cert, x509_cert_key(cert)));
	EVP_PKEY_get_octet_string_param(other, "pub", point, sizeof(point), &point_size);
	assert_int_equal(ecdsa_key_new(point + 1, &wrong), 0);
	assert_false(x509_cert_signed_by(cert, wrong));
	ecdsa_key_free(wrong);
	x509_cert_free(cert);
	OPENSSL_free(b.data);
}

/* What a terminal or a JSON reader would take for more than text is escaped (RFC 2253). */
static void a_name_in_text_is_one_line_of_ascii(void **state)
{
	struct bytes b = make("a\n\x1b[2Kb\xc3\xa4\\", key, 100 * DAY, false);
	struct x509_cert *cert;
	struct err e;

	(void)state;
	assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), 0);
	assert_non_null(strstr(x509_cert_subject(cert)->text, "CN=a\\0A\\1B[2Kb\\C3\\A4\\\\"));
	x509_cert_free(cert);
	OPENSSL_free(b.data);
}

/* OpenSSL, by which Intel's library reads certificates, refuses these as well, or that library does. */
static void what_is_signed_by_no_ecdsa_signature_is_no_certificate(void **state)
{
	static const uint8_t algorithm[] = { 0x06, 0x08, 0x2a, 0x86, 0x48,
		                             0xce, 0x3d, 0x04, 0x03, 0x02 };
	struct bytes b = make("Name", key, 100 * DAY, false);
	uint8_t *outer = b.data;
	struct x509_cert *cert;
	struct err e;

	(void)state;
	for (size_t i = 0; i + sizeof(algorithm) <= b.size; i++)
		if (memcmp(b.data + i, algorithm, sizeof(algorithm)) == 0)
			outer = b.data + i;
	assert_true(outer > b.data);
	outer[0] = 0x07;
	assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), -EINVAL);
	outer[0] = 0x06;
	/* BIT STRING, its size, no unused bits, SEQUENCE */
	outer[sizeof(algorithm) + 3] ^= 1;
	assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), -EINVAL);
	outer[sizeof(algorithm) + 3] ^= 1;
	assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), 0);
	x509_cert_free(cert);
	OPENSSL_free(b.data);
}

static void a_certificate_cut_anywhere_is_none_and_no_changed_byte_keeps_its_signature(void **state)
{
	struct bytes b = make("Name", key, 100 * DAY, true);
	struct x509_cert *cert;
	struct err e;

	(void)state;
	for (size_t size = 0; size < b.size; size++) {
		uint8_t *exact = malloc(size ? size : 1);

		assert_non_null(exact);
		memcpy(exact, b.data, size);
		assert_int_equal(x509_cert_parse(exact, size, &cert, &e), -EINVAL);
		free(exact);
	}
	for (size_t at = 0; at < b.size; at++) {
		for (int bit = 0; bit < 8; bit += 3) {
			b.data[at] ^= (uint8_t)(1 << bit);
			if (x509_cert_parse(b.data, b.size, &cert, &e) == 0) {
				struct ecdsa_key *k;
				uint8_t point[65];
				size_t n;

				EVP_PKEY_get_octet_string_param(key, "pub", point, 65, &n);
				assert_int_equal(ecdsa_key_new(point + 1, &k), 0);
				/* The algorithm outside of what is signed is not looked at. */
				if (x509_cert_signed_by(cert, k))
					assert_true(at > b.size - 90);
				ecdsa_key_free(k);
				x509_cert_free(cert);
			}
			b.data[at] ^= (uint8_t)(1 << bit);
		}
	}
	OPENSSL_free(b.data);
}

static void keys_of_other_kinds_are_refused(void **state)
{
	EVP_PKEY *kinds[] = { EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"), EVP_RSA_gen(2048),
		              EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	uint8_t off[64] = { 1 }, zero[64] = { 0 }, high[64];
	struct ecdsa_key *k;
	struct x509_cert *cert;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct bytes b = make("Name", kinds[i], 100 * DAY, false);

		assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), -EINVAL);
		assert_non_null(strstr(e.text, "point of P-256"));
		OPENSSL_free(b.data);
		EVP_PKEY_free(kinds[i]);
	}
	memset(high, 0xff, sizeof(high));
	assert_int_equal(ecdsa_key_new(off, &k), -EINVAL);
	assert_int_equal(ecdsa_key_new(zero, &k), -EINVAL);
	assert_int_equal(ecdsa_key_new(high, &k), -EINVAL);
}

static void points_in_another_form_and_sizes_out_of_bounds_are_refused(void **state)
{
	struct bytes b = make("Name", key, 100 * DAY, false);
	uint8_t point[65], *big = calloc(1, X509_DER_MAX + 1), *at;
	struct x509_cert *cert;
	struct err e;
	size_t size;

	(void)state;
	assert_non_null(big);
	EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof(point), &size);
	at = memmem(b.data, b.size, point, sizeof(point));
	assert_non_null(at);
	*at = 6 | (point[64] & 1); /* hybrid: OpenSSL itself would take it */
	assert_int_equal(x509_cert_parse(b.data, b.size, &cert, &e), -EINVAL);
	assert_non_null(strstr(e.text, "uncompressed"));
	assert_int_equal(x509_cert_parse(big, X509_DER_MAX + 1, &cert, &e), -EINVAL);
	assert_non_null(strstr(e.text, "16385 bytes"));
	free(big);
	OPENSSL_free(b.data);
}

static struct bytes make_crl(size_t count)
{
	X509_NAME *name = name_of("Name");
	ASN1_TIME *from = ASN1_TIME_set(NULL, DAY), *until = ASN1_TIME_set(NULL, 2 * DAY);
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509_CRL *x = X509_CRL_new();
	struct bytes b = { NULL, 0 };
	int size;

	X509_CRL_set_version(x, 1);
	X509_CRL_set_issuer_name(x, name);
	X509_CRL_set1_lastUpdate(x, from);
	X509_CRL_set1_nextUpdate(x, until);
	for (size_t i = 0; i < count; i++) {
		X509_REVOKED *r = X509_REVOKED_new();

		/* Among them the certificates' serial number, once in a list of more than one. */
		ASN1_INTEGER_set(number, i == 1 ? 0x80c0ffee : (long)(i * 7919));
		X509_REVOKED_set_serialNumber(r, number);
		X509_REVOKED_set_revocationDate(r, from);
		X509_CRL_add0_revoked(x, r);
	}
	ASN1_INTEGER_set(number, 1);
	X509_CRL_add1_ext_i2d(x, NID_crl_number, number, 0, 0);
	X509_CRL_sign(x, key, EVP_sha256());
	size = i2d_X509_CRL(x, &b.data);
	b.size = size > 0 ? (size_t)size : 0;
	X509_CRL_free(x);
	X509_NAME_free(name);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	ASN1_INTEGER_free(number);
	return b;
}

static void a_list_is_read_in_each_encoding(void **state)
{
	struct bytes b = make_crl(3), c = make("Name", key, 100 * DAY, false);
	char hex[8192] = "", *pem;
	const char *text[3];
	size_t size[3];
	const unsigned char *at = b.data;
	X509_CRL *x = d2i_X509_CRL(NULL, &at, (long)b.size);
	BIO *bio = BIO_new(BIO_s_mem());
	struct x509_cert *cert;
	struct err e;

	(void)state;
	PEM_write_bio_X509_CRL(bio, x);
	for (size_t i = 0; i < b.size; i++)
		sprintf(hex + 2 * i, "%02X", b.data[i]);
	text[0] = (const char *)b.data, size[0] = b.size;
	text[1] = hex, size[1] = 2 * b.size + 1; /* with its zero byte */
	size[2] = (size_t)BIO_get_mem_data(bio, &pem), text[2] = pem;
	assert_int_equal(x509_cert_parse(c.data, c.size, &cert, &e), 0);
	for (int i = 0; i < 3; i++) {
		char *exact = malloc(size[i]);
		struct x509_crl *crl;

		assert_non_null(exact);
		memcpy(exact, text[i], size[i]);
		assert_int_equal(x509_crl_parse(exact, size[i], &crl, &e), 0);
		free(exact);
		assert_int_equal(x509_crl_count(crl), 3);
		assert_int_equal(x509_crl_this_update(crl), DAY);
		assert_int_equal(x509_crl_next_update(crl), 2 * DAY);
		assert_false(x509_crl_has_authority_key(crl));
		assert_true(x509_name_same(x509_crl_issuer(crl), x509_cert_issuer(cert)));
		assert_true(x509_crl_signed_by(crl, x509_cert_key(cert)));
		assert_true(x509_crl_revokes(crl, cert));
		x509_crl_free(crl);
	}
	x509_cert_free(cert);
	X509_CRL_free(x);
	BIO_free(bio);
	OPENSSL_free(b.data);
	OPENSSL_free(c.data);
}

static void long_lists_and_empty_ones_are_searched(void **state)
{
	struct bytes c = make("Name", key, 100 * DAY, false);
	struct x509_cert *cert;
	struct err e;

	(void)state;
	assert_int_equal(x509_cert_parse(c.data, c.size, &cert, &e), 0);
	for (size_t count = 0; count < 2000; count = count * 3 + 1) {
		struct bytes b = make_crl(count);
		struct x509_crl *crl;

		assert_int_equal(x509_crl_parse(b.data, b.size, &crl, &e), 0);
		assert_int_equal(x509_crl_count(crl), count);
		assert_int_equal(x509_crl_revokes(crl, cert), count > 1);
		x509_crl_free(crl);
		OPENSSL_free(b.data);
	}
	x509_cert_free(cert);
	OPENSSL_free(c.data);
}

static void a_list_cut_anywhere_is_none(void **state)
{
	struct bytes b = make_crl(2);
	struct x509_crl *crl;
	struct err e;

	(void)state;
	for (size_t size = 0; size < b.size; size++) {
		uint8_t *exact = malloc(size ? size : 1);

		assert_non_null(exact);
		memcpy(exact, b.data, size);
		assert_int_equal(x509_crl_parse(exact, size, &crl, &e), -EINVAL);
		free(exact);
	}
	assert_int_equal(x509_crl_parse(b.data, X509_CRL_MAX + 1, &crl, &e), -EFBIG);
	assert_int_equal(x509_crl_parse("-----BEGIN X509 CRL-----\nAAEC", 29, &crl, &e), -EINVAL);
	assert_string_equal(e.text, "its PEM is broken");
	assert_int_equal(x509_crl_parse("", 0, &crl, &e), -EINVAL);
	assert_string_equal(e.text, "empty");
	OPENSSL_free(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read_as_openssl_wrote_it),
		cmocka_unit_test(
			a_certificate_cut_anywhere_is_none_and_no_changed_byte_keeps_its_signature),
		cmocka_unit_test(a_name_in_text_is_one_line_of_ascii),
		cmocka_unit_test(what_is_signed_by_no_ecdsa_signature_is_no_certificate),
		cmocka_unit_test(keys_of_other_kinds_are_refused),
		cmocka_unit_test(points_in_another_form_and_sizes_out_of_bounds_are_refused),
		cmocka_unit_test(a_list_is_read_in_each_encoding),
		cmocka_unit_test(long_lists_and_empty_ones_are_searched),
		cmocka_unit_test(a_list_cut_anywhere_is_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
