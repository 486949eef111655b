// SPDX-License-Identifier: Apache-2.0
/*
 * The key is EGETKEY's seal key, bound to MRENCLAVE, with a random KEYID: another key each time, so that
 * the cipher's nonce may be zeros.  What is needed to have the same key again is beside the text:
 *
 *	magic 8 | KEYID 32 | CPUSVN 16 | ISVSVN 2 | 0 6 | size 8 | text | tag 16
 *
 * CPUSVN and ISVSVN are those of the time of sealing: after an update of either the old key can still be
 * had, and before the update the new one cannot (SDM vol. 3D, EGETKEY).
 */
#include "enclave/seal.h"

#include "enclave/aead.h"
#include "enclave/bytes.h"
#include "enclave/enclu.h"
#include "enclave/errno.h"
#include "enclave/random.h"
#include "enclave/report.h"
#include "enclave/sha256.h"

#define MAGIC      "sealed 1"
#define KEYID_SIZE 32
#define TEXT       72
#define LABEL      "secret seal 1"

_Static_assert(SEAL_MORE == TEXT + AEAD_TAG_SIZE, "SEAL_MORE");

static const uint8_t no_nonce[AEAD_NONCE_SIZE];

/* By the header: KEYID, CPUSVN, ISVSVN. */
static int seal_key(uint8_t ret[AEAD_KEY_SIZE], const uint8_t header[TEXT])
{
	_Alignas(512) struct sgx_keyrequest request = {
		.keyname = SGX_KEY_SEAL,
		.keypolicy = SGX_KEYPOLICY_MRENCLAVE,
		/* Which features of the processor are on may differ; debug or not may not. */
		.attributemask.flags = SGX_ATTR_INIT | SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT,
	};
	_Alignas(16) uint8_t key[SGX_KEY_SIZE] = { 0 };
	uint32_t code;

	memcpy(request.keyid, header + 8, KEYID_SIZE);
	memcpy(request.cpusvn, header + 40, sizeof(request.cpusvn));
	memcpy(&request.isvsvn, header + 56, sizeof(request.isvsvn));
	code = enclu_egetkey(&request, key);
	hkdf(ret, NULL, 0, key, sizeof(key), LABEL, sizeof(LABEL) - 1);
	wipe(key, sizeof(key));
	return code == SGX_SUCCESS ? 0 : -EINVAL;
}

int seal(uint8_t *ret, const void *bytes, size_t size)
{
	uint8_t key[AEAD_KEY_SIZE];
	struct sgx_report report;
	int r;

	encl_report(NULL, NULL, &report);
	memset(ret, 0, TEXT);
	memcpy(ret, MAGIC, 8);
	if (random_bytes(ret + 8, KEYID_SIZE) < 0)
		return -EIO;
	memcpy(ret + 40, report.cpusvn, sizeof(report.cpusvn));
	memcpy(ret + 56, &report.isvsvn, sizeof(report.isvsvn));
	store_le64(ret + 64, size);
	memcpy(ret + TEXT, bytes, size);
	r = seal_key(key, ret);
	if (r == 0)
		aead_seal(key, no_nonce, ret, TEXT, ret + TEXT, size, ret + TEXT + size);
	else
		memset(ret, 0, size + SEAL_MORE);
	wipe(key, sizeof(key));
	return r < 0 ? -EIO : 0;
}

int unseal(void *ret, size_t room, size_t *ret_size, uint8_t *bytes, size_t size)
{
	uint8_t key[AEAD_KEY_SIZE];
	size_t text = size - SEAL_MORE;
	int r;

	if (size < SEAL_MORE || memcmp(bytes, MAGIC, 8) != 0 || load_le64(bytes + 64) != text ||
	    text > room)
		return -EINVAL;
	r = seal_key(key, bytes);
	if (r == 0)
		r = aead_open(key, no_nonce, bytes, TEXT, bytes + TEXT, text, bytes + TEXT + text);
	wipe(key, sizeof(key));
	if (r < 0)
		return r;
	memcpy(ret, bytes + TEXT, text);
	wipe(bytes, size);
	*ret_size = text;
	return 0;
}
