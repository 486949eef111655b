// SPDX-License-Identifier: Apache-2.0
/*
 * SIGSTRUCTs, made and checked as EINIT will check them.  Nothing here trusts a field before the check
 * that is named after it.
 */
#include "lib/sgx/sigstruct.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"

static const uint8_t header[16] = SGX_SIGSTRUCT_HEADER;
static const uint8_t header2[16] = SGX_SIGSTRUCT_HEADER2;

void sigstruct_init(struct sgx_sigstruct *ret)
{
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->header, header, sizeof(header));
	memcpy(ret->header2, header2, sizeof(header2));
	ret->exponent = SGX_RSA_EXPONENT;
}

void sigstruct_tbs(const struct sgx_sigstruct *sig, uint8_t ret[SIGSTRUCT_TBS_SIZE])
{
	const uint8_t *bytes = (const uint8_t *)sig;

	_Static_assert(SGX_SIGSTRUCT_SIGNED_HEAD + SGX_SIGSTRUCT_BODY_SIZE == SIGSTRUCT_TBS_SIZE,
	               "header and body");
	memcpy(ret, bytes, SGX_SIGSTRUCT_SIGNED_HEAD);
	memcpy(ret + SGX_SIGSTRUCT_SIGNED_HEAD, bytes + SGX_SIGSTRUCT_BODY_OFFSET,
	       SGX_SIGSTRUCT_BODY_SIZE);
}

void sigstruct_put_tbs(struct sgx_sigstruct *sig, const uint8_t tbs[SIGSTRUCT_TBS_SIZE])
{
	uint8_t *bytes = (uint8_t *)sig;

	memcpy(bytes, tbs, SGX_SIGSTRUCT_SIGNED_HEAD);
	memcpy(bytes + SGX_SIGSTRUCT_BODY_OFFSET, tbs + SGX_SIGSTRUCT_SIGNED_HEAD,
	       SGX_SIGSTRUCT_BODY_SIZE);
}

void sigstruct_tbs_digest(const struct sgx_sigstruct *sig, uint8_t ret[SHA256_SIZE])
{
	uint8_t tbs[SIGSTRUCT_TBS_SIZE];

	sigstruct_tbs(sig, tbs);
	sha256_digest(tbs, sizeof(tbs), ret);
}

int sigstruct_join(struct sgx_sigstruct *sig, const uint8_t modulus[RSA3072_SIZE],
                   const uint8_t signature[RSA3072_SIZE], struct err *e)
{
	uint8_t digest[SHA256_SIZE];

	sigstruct_tbs_digest(sig, digest);
	if (!rsa3072_verify(modulus, signature, digest))
		return err_set(e, -EBADMSG, "the signature does not verify with this key");
	memcpy(sig->modulus, modulus, RSA3072_SIZE);
	memcpy(sig->signature, signature, RSA3072_SIZE);
	rsa3072_q(modulus, signature, sig->q1, sig->q2);
	return 0;
}

int sigstruct_sign(struct sgx_sigstruct *sig, const struct rsa3072_key *key, struct err *e)
{
	uint8_t modulus[RSA3072_SIZE], signature[RSA3072_SIZE], digest[SHA256_SIZE];
	int r;

	rsa3072_modulus(key, modulus);
	sigstruct_tbs_digest(sig, digest);
	r = rsa3072_sign(key, digest, signature, e);
	return r < 0 ? r : sigstruct_join(sig, modulus, signature, e);
}

void sigstruct_mrsigner(const struct sgx_sigstruct *sig, uint8_t ret[SHA256_SIZE])
{
	sha256_digest(sig->modulus, sizeof(sig->modulus), ret);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != 0)
			return false;
	}
	return true;
}

/* The reserved field that is not 0, by its offset, or NULL. */
static const char *reserved_fault(const struct sgx_sigstruct *sig)
{
	if (!is_zero(sig->reserved1, sizeof(sig->reserved1)))
		return "44 to 127";
	if (!is_zero(sig->reserved2, sizeof(sig->reserved2)))
		return "910 and 911";
	if (!is_zero(sig->reserved3, sizeof(sig->reserved3)))
		return "992 to 1007";
	if (!is_zero(sig->reserved4, sizeof(sig->reserved4)))
		return "1028 to 1039";
	return NULL;
}

int sigstruct_check(const char *name, const struct sgx_sigstruct *sig, struct err *e)
{
	const char *reserved = reserved_fault(sig);
	uint8_t digest[SHA256_SIZE];

	if (memcmp(sig->header, header, sizeof(header)) != 0)
		return err_set(e, -EINVAL, "%s: not a SIGSTRUCT: its HEADER is another", name);
	if (memcmp(sig->header2, header2, sizeof(header2)) != 0)
		return err_set(e, -EINVAL, "%s: not a SIGSTRUCT: its HEADER2 is another", name);
	if (sig->vendor != 0 && sig->vendor != SGX_SIGSTRUCT_VENDOR_INTEL)
		return err_set(e, -EINVAL, "%s: VENDOR is %#" PRIx32 ", not 0 or 0x8086", name,
		               sig->vendor);
	if (sig->exponent != SGX_RSA_EXPONENT)
		return err_set(e, -EINVAL, "%s: EXPONENT is %" PRIu32 ", not 3", name,
		               sig->exponent);
	if (reserved)
		return err_set(e, -EINVAL, "%s: reserved bytes %s are not 0", name, reserved);
	sigstruct_tbs_digest(sig, digest);
	if (rsa3072_verify_q(sig->modulus, sig->signature, sig->q1, sig->q2, digest))
		return 0;
	if (rsa3072_verify(sig->modulus, sig->signature, digest))
		return err_set(e, -EBADMSG, "%s: Q1 or Q2 is not that of the signature", name);
	return err_set(e, -EBADMSG, "%s: the signature does not verify", name);
}

static int permits_attributes(const char *name, const struct sgx_sigstruct *sig,
                              const struct sgx_attributes *asked, struct err *e)
{
	uint64_t flags = (asked->flags ^ sig->attributes.flags) & sig->attributemask.flags;
	uint64_t xfrm = (asked->xfrm ^ sig->attributes.xfrm) & sig->attributemask.xfrm;

	if (flags & SGX_ATTR_DEBUG)
		return err_set(e, -EPERM, "%s: the signature %s", name,
		               asked->flags & SGX_ATTR_DEBUG ? "forbids debug"
		                                             : "is only for debug");
	if (flags != 0)
		return err_set(e, -EPERM,
		               "%s: ATTRIBUTES are %#" PRIx64 ", signed are %#" PRIx64
		               " under the mask %#" PRIx64,
		               name, asked->flags, sig->attributes.flags, sig->attributemask.flags);
	if (xfrm != 0)
		return err_set(e, -EPERM,
		               "%s: XFRM is %#" PRIx64 ", signed is %#" PRIx64
		               " under the mask %#" PRIx64,
		               name, asked->xfrm, sig->attributes.xfrm, sig->attributemask.xfrm);
	return 0;
}

int sigstruct_permits(const char *name, const struct sgx_sigstruct *sig,
                      const struct sgx_secs *secs, const uint8_t mrenclave[SHA256_SIZE],
                      struct err *e)
{
	char found[2 * SHA256_SIZE + 1], is_signed[2 * SHA256_SIZE + 1];
	int r;

	if (!(secs->attributes.flags & SGX_ATTR_KSS) &&
	    !is_zero(sig->isvfamilyid, sizeof(sig->isvfamilyid)))
		return err_set(e, -EPERM, "%s: ISVFAMILYID needs the attribute KSS", name);
	if (memcmp(mrenclave, sig->enclavehash, SHA256_SIZE) != 0) {
		hex_encode(mrenclave, SHA256_SIZE, found);
		hex_encode(sig->enclavehash, SHA256_SIZE, is_signed);
		return err_set(e, -EPERM, "%s: MRENCLAVE of the image is %s, signed is %s", name,
		               found, is_signed);
	}
	r = permits_attributes(name, sig, &secs->attributes, e);
	if (r < 0)
		return r;
	if ((secs->miscselect ^ sig->miscselect) & sig->miscmask)
		return err_set(e, -EPERM,
		               "%s: MISCSELECT is %#" PRIx32 ", signed is %#" PRIx32
		               " under the mask %#" PRIx32,
		               name, secs->miscselect, sig->miscselect, sig->miscmask);
	if ((secs->cet_attributes ^ sig->cet_attributes) & sig->cet_attributes_mask)
		return err_set(
			e, -EPERM, "%s: CET_ATTRIBUTES are %#x, signed are %#x under the mask %#x",
			name, secs->cet_attributes, sig->cet_attributes, sig->cet_attributes_mask);
	return 0;
}

int sigstruct_load(const char *path, struct sgx_sigstruct *ret, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = 0;
	int r = io_read_file(path, sizeof(*ret), &bytes, &size, e);

	if (r == -EFBIG || (r == 0 && size != sizeof(*ret)))
		return err_set(e, -EINVAL, "%s: not a SIGSTRUCT of %zu bytes", path, sizeof(*ret));
	if (r < 0)
		return r;
	memcpy(ret, bytes, sizeof(*ret));
	return 0;
}
