// SPDX-License-Identifier: Apache-2.0
/* What the certification authority makes, read by the verifier's code. */
#include "lib/crypto/pki.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/io.h"
#include "lib/crypto/crypto.h"
#include "lib/crypto/ecdsa.h"
#include "lib/crypto/pem.h"
#include "lib/crypto/x509.h"

#define NAME(cn)                                                                         \
	{                                                                                \
		.common_name = (cn), .organization = "O", .locality = "L", .state = "S", \
		.country = "ZZ"                                                          \
	}

static const uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 1, 13, 1 };
static const uint8_t extra[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };

/* A root and a certificate that it issued. */
struct authority {
	struct pki_key *root_key, *key;
	char *root, *leaf;
};

static void make(struct authority *a)
{
	struct pki_contents c = { .subject = NAME("the root"),
		                  .is_ca = true,
		                  .path_length = 1,
		                  .not_before = 1000000000,
		                  .not_after = 2524607999,
		                  .crl_uri = "https://x.invalid/crl" };
	struct err e;

	assert_int_equal(pki_key_generate(&a->root_key, &e), 0);
	assert_int_equal(pki_key_generate(&a->key, &e), 0);
	c.key = a->root_key;
	assert_int_equal(pki_issue(&c, NULL, a->root_key, &a->root, &e), 0);
	c = (struct pki_contents){ .subject = NAME("the leaf"),
		                   .key = a->key,
		                   .not_before = 1100000000,
		                   .not_after = 1200000000,
		                   .crl_uri = "https://x.invalid/crl",
		                   .extra_oid = "1.2.840.113741.1.13.1",
		                   .extra_der = extra,
		                   .extra_size = sizeof(extra) };
	assert_int_equal(pki_issue(&c, a->root, a->root_key, &a->leaf, &e), 0);
}

static void unmake(struct authority *a)
{
	pki_key_freep(&a->root_key);
	pki_key_freep(&a->key);
	free(a->root);
	free(a->leaf);
}

static struct x509_cert *parse(const char *text)
{
	struct pem in = { .text = text, .size = strlen(text) };
	struct x509_cert *cert;
	uint8_t der[4096];
	struct err e;
	long size = pem_next(&in, "CERTIFICATE", der, sizeof(der));

	assert_true(size > 0);
	assert_int_equal(x509_cert_parse(der, (size_t)size, &cert, &e), 0);
	return cert;
}

static void certificates_say_what_was_asked(void **state)
{
	struct authority a = { .root = NULL };
	struct x509_cert *root, *leaf;
	const uint8_t *bytes;
	size_t size;

	(void)state;
	make(&a);
	root = parse(a.root);
	leaf = parse(a.leaf);
	assert_string_equal(x509_cert_subject(leaf)->common, "the leaf");
	assert_string_equal(x509_cert_subject(leaf)->country, "ZZ");
	assert_true(x509_name_same(x509_cert_issuer(leaf), x509_cert_subject(root)));
	assert_true(x509_name_same(x509_cert_issuer(root), x509_cert_subject(root)));
	assert_int_equal(x509_cert_not_before(leaf), 1100000000);
	assert_int_equal(x509_cert_not_after(leaf), 1200000000);
	assert_int_equal(x509_cert_not_after(root), 2524607999);
	assert_null(x509_cert_missing_extension(root));
	assert_null(x509_cert_missing_extension(leaf));
	bytes = x509_cert_extension(leaf, oid, sizeof(oid), &size);
	assert_non_null(bytes);
	assert_int_equal(size, sizeof(extra));
	assert_memory_equal(bytes, extra, size);
	assert_null(x509_cert_extension(root, oid, sizeof(oid), &size));
	x509_cert_serial(leaf, &size);
	assert_int_equal(size, PKI_SERIAL_SIZE);
	assert_true(x509_cert_signed_by(root, x509_cert_key(root)));
	assert_true(x509_cert_signed_by(leaf, x509_cert_key(root)));
	assert_false(x509_cert_signed_by(leaf, x509_cert_key(leaf)));
	x509_cert_free(root);
	x509_cert_free(leaf);
	unmake(&a);
}

static void a_list_revokes_who_is_on_it(void **state)
{
	struct authority a = { .root = NULL };
	struct x509_cert *root, *leaf;
	struct x509_crl *crl;
	struct err e;

	(void)state;
	make(&a);
	root = parse(a.root);
	leaf = parse(a.leaf);
	for (unsigned int revoked = 0; revoked < 2; revoked++) {
		uint8_t *der;
		size_t size;

		assert_int_equal(pki_crl(a.root, a.root_key, revoked ? a.leaf : NULL, 1300000000,
		                         1400000000, &der, &size, &e),
		                 0);
		assert_int_equal(x509_crl_parse(der, size, &crl, &e), 0);
		assert_true(x509_name_same(x509_crl_issuer(crl), x509_cert_subject(root)));
		assert_int_equal(x509_crl_this_update(crl), 1300000000);
		assert_int_equal(x509_crl_next_update(crl), 1400000000);
		assert_true(x509_crl_has_authority_key(crl));
		assert_true(x509_crl_signed_by(crl, x509_cert_key(root)));
		assert_int_equal(x509_crl_count(crl), revoked);
		assert_int_equal(x509_crl_revokes(crl, leaf), revoked);
		assert_false(x509_crl_revokes(crl, root));
		x509_crl_free(crl);
		free(der);
	}
	x509_cert_free(root);
	x509_cert_free(leaf);
	unmake(&a);
}

static void write_text(const char *path, const char *text)
{
	struct err e;

	assert_int_equal(io_write_file(path, text, strlen(text), 0600, &e), 0);
}

static void keys_survive_their_files(void **state)
{
	char path[] = "/tmp/pki-test.XXXXXX", *pem;
	uint8_t a[PKI_PUBLIC_SIZE], b[PKI_PUBLIC_SIZE];
	struct pki_key *key, *back;
	struct rsa3072_key *rsa;
	struct err e;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(pki_key_generate(&key, &e), 0);
	assert_int_equal(pki_key_pem(key, &pem, &e), 0);
	write_text(path, pem);
	free(pem);
	assert_int_equal(pki_key_load(path, &back, &e), 0);
	assert_int_equal(pki_key_public(key, a, &e), 0);
	assert_int_equal(pki_key_public(back, b, &e), 0);
	assert_memory_equal(a, b, sizeof(a));
	pki_key_freep(&key);
	pki_key_freep(&back);

	assert_int_equal(pki_rsa3072_pem(&pem, &e), 0);
	write_text(path, pem);
	free(pem);
	assert_int_equal(pki_key_load(path, &key, &e), -EINVAL);
	assert_non_null(strstr(e.text, "no P-256 key in PEM"));
	assert_int_equal(crypto_load(&e), 0);
	assert_int_equal(rsa3072_key_load(path, &rsa, &e), 0);
	rsa3072_key_free(rsa);
	write_text(path, "rubbish");
	assert_int_equal(pki_key_load(path, &key, &e), -EINVAL);
	unlink(path);
	assert_int_equal(pki_key_load(path, &key, &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_say_what_was_asked),
		cmocka_unit_test(a_list_revokes_who_is_on_it),
		cmocka_unit_test(keys_survive_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
