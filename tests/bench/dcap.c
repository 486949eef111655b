// SPDX-License-Identifier: Apache-2.0
/*
 * Times verifying a quote, its collateral in memory and prepared, against OpenSSL checking as many
 * ECDSA P-256 signatures as the quote takes, with keys, digests and signatures that are ready.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/hex.h"
#include "tests/bench/column.h"
#include "tests/unit/lib/dcap/world.h"

#define QUOTES 40

static EVP_PKEY_CTX *ctx;
static uint8_t digest[32], signature[128];
static size_t signature_size;

static void prepare_raw(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(key, NULL);

	signature_size = sizeof(signature);
	if (EVP_PKEY_sign_init(sign) != 1 ||
	    EVP_PKEY_sign(sign, signature, &signature_size, digest, sizeof(digest)) != 1)
		exit(1);
	EVP_PKEY_CTX_free(sign);
	ctx = EVP_PKEY_CTX_new(key, NULL);
	if (EVP_PKEY_verify_init(ctx) != 1)
		exit(1);
	EVP_PKEY_free(key);
}

static double raw(unsigned int count)
{
	double from = column_cpu();

	for (unsigned int i = 0; i < count; i++) {
		if (EVP_PKEY_verify(ctx, signature, signature_size, digest, sizeof(digest)) != 1)
			exit(1);
	}
	return column_cpu() - from;
}

static double quotes(const struct world *w, struct dcap_result *result)
{
	double from = column_cpu();

	for (int i = 0; i < QUOTES; i++) {
		if (dcap_verify(w->quote, w->quote_size, w->collateral, w->time, w->root, result))
			exit(1);
	}
	return column_cpu() - from;
}

int main(int argc, char **argv)
{
	static struct column
		share = { .name = "quotes verified, share of OpenSSL's bare signatures:" },
		rate = { .name = "quotes verified on one processor, 1/s:" };
	struct world *w = calloc(1, sizeof(*w));
	struct dcap_result result;
	uint64_t rounds;

	if (argc != 2 || parse_u64(argv[1], COLUMN_MAX, &rounds) < 0 || rounds == 0 || !w) {
		fprintf(stderr, "usage: dcap ROUNDS\n");
		return 1;
	}
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	if (world_verify(w))
		return 1;
	prepare_raw();
	for (uint64_t i = 0; i <= rounds; i++) { /* round 0 warms up */
		double took = quotes(w, &result);
		double bare = raw(QUOTES * result.signature_count);

		if (i == 0)
			continue;
		column_add(&share, bare / took);
		column_add(&rate, QUOTES / took);
	}
	column_print(&share);
	column_print(&rate);
	EVP_PKEY_CTX_free(ctx);
	world_free(w);
	free(w);
	return 0;
}
