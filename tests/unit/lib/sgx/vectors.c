// SPDX-License-Identifier: Apache-2.0
/*
 * SIGSTRUCTs of real enclaves, and a whole enclave's measured stream, published by others: each must
 * check and measure as its hardware took it.  The files are not part of the tree ($SGX_VECTORS, or
 * ../shared/vectors); without them the tests are skipped.  TAP by hand: a skip needs its reason.
 */
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/crypto/crypto.h"
#include "lib/sgx/measure.h"
#include "lib/sgx/sgxs.h"
#include "lib/sgx/sigstruct.h"
#include "sgx/secinfo.h"

static int number, failures;

static void result(bool ok, const char *claim, const struct err *e)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++number, claim);
	if (!ok) {
		printf("# %s\n", e->text);
		failures++;
	}
}

static bool flip_is_noticed(struct sgx_sigstruct sig, struct err *e)
{
	struct err noticed;

	sig.enclavehash[0] ^= 1;
	if (sigstruct_check("flipped", &sig, &noticed) < 0)
		return true;
	err_set(e, 0, "a flipped bit of ENCLAVEHASH goes unnoticed");
	return false;
}

static void check_sigstruct(const char *path)
{
	struct sgx_sigstruct sig;
	struct err e;
	char claim[256];

	snprintf(claim, sizeof(claim), "%s checks, and not with a bit flipped",
	         strrchr(path, '/') + 1);
	result(sigstruct_load(path, &sig, &e) == 0 && sigstruct_check(path, &sig, &e) == 0 &&
	               flip_is_noticed(sig, &e),
	       claim, &e);
}

static uint64_t u64_at(const char *record, size_t at)
{
	uint64_t value;

	memcpy(&value, record + at, sizeof(value));
	return value;
}

/* Feed the records of the stream to the functions that make them. */
static int remeasure(const char *stream, size_t size, uint8_t ret[SHA256_SIZE], struct err *e)
{
	struct sha256 s;
	uint32_t ssaframesize;

	for (size_t at = 0; at < size; at += 64) {
		const char *record = stream + at;

		if (memcmp(record, "ECREATE", 8) == 0) {
			memcpy(&ssaframesize, record + 8, 4);
			measure_ecreate(&s, ssaframesize, u64_at(record, 12), u64_at(record, 20));
		} else if (memcmp(record, "EADD\0\0\0", 8) == 0) {
			measure_eadd(&s, u64_at(record, 8), u64_at(record, 16));
		} else if (memcmp(record, "EEXTEND", 8) == 0 && size - at >= 64 + MEASURE_CHUNK) {
			measure_eextend(&s, u64_at(record, 8), record + 64);
			at += MEASURE_CHUNK;
		} else {
			return err_set(e, -1, "no record at byte %zu", at);
		}
	}
	sha256_final(&s, ret);
	return 0;
}

static void check_stream(const char *folder)
{
	_cleanup_(freep) char *stream = NULL;
	uint8_t digest[SHA256_SIZE], again[SHA256_SIZE];
	struct sgx_sigstruct sig;
	char path[512];
	struct err e = { .text = "MRENCLAVE is another" };
	size_t size;
	bool ok;

	snprintf(path, sizeof(path), "%s/test_enclave.sig", folder);
	ok = sigstruct_load(path, &sig, &e) == 0;
	snprintf(path, sizeof(path), "%s/test_enclave.sgxs", folder);
	ok = ok && io_read_file(path, 1 << 20, &stream, &size, &e) == 0;
	if (ok) {
		sha256_digest(stream, size, digest);
		ok = memcmp(digest, sig.enclavehash, SHA256_SIZE) == 0;
	}
	result(ok, "the SHA-256 of test_enclave.sgxs is its signed MRENCLAVE", &e);
	if (ok) {
		snprintf(e.text, sizeof(e.text), "MRENCLAVE is another");
		ok = remeasure(stream, size, again, &e) == 0 &&
		     memcmp(again, sig.enclavehash, SHA256_SIZE) == 0;
	}
	result(ok, "measuring its records one by one gives the same MRENCLAVE", &e);
	if (ok) {
		snprintf(e.text, sizeof(e.text), "MRENCLAVE is another");
		ok = sgxs_measure("test_enclave.sgxs", stream, size, again, &e) == 0 &&
		     memcmp(again, sig.enclavehash, SHA256_SIZE) == 0;
	}
	result(ok, "measuring it as a stranger's stream gives the same MRENCLAVE", &e);
}

int main(void)
{
	const char *vectors = getenv("SGX_VECTORS");
	char folder[256], pattern[300];
	glob_t found = { 0 };
	struct err e;

	snprintf(folder, sizeof(folder), "%s/sigstruct", vectors ? vectors : "../shared/vectors");
	snprintf(pattern, sizeof(pattern), "%s/*.sig", folder);
	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("1..1\nok 1 - SIGSTRUCTs of real enclaves check # SKIP no vectors in %s\n",
		       folder);
		return 0;
	}
	printf("1..%zu\n", found.gl_pathc + 3);
	if (crypto_load(&e) < 0) {
		printf("Bail out! %s\n", e.text);
		return 1;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_sigstruct(found.gl_pathv[i]);
	check_stream(folder);
	globfree(&found);
	return failures != 0;
}
