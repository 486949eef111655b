// SPDX-License-Identifier: Apache-2.0
/* SHA-256, in the state that OpenSSL's low-level functions keep. */
#include "lib/crypto/openssl.h"

#include "lib/crypto/crypto.h"

_Static_assert(sizeof(struct sha256) == sizeof(SHA256_CTX), "struct sha256 is a SHA256_CTX");
_Static_assert(_Alignof(struct sha256) >= _Alignof(SHA256_CTX), "struct sha256 is a SHA256_CTX");
_Static_assert(SHA256_SIZE == SHA256_DIGEST_LENGTH, "SHA256_SIZE");

static SHA256_CTX *context(struct sha256 *s)
{
	return (SHA256_CTX *)(void *)s;
}

void sha256_init(struct sha256 *s)
{
	crypto_must(ossl.SHA256_Init(context(s)));
}

void sha256_update(struct sha256 *s, const void *data, size_t size)
{
	crypto_must(ossl.SHA256_Update(context(s), data, size));
}

void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
	crypto_must(ossl.SHA256_Final(digest, context(s)));
}

void sha256_digest(const void *data, size_t size, uint8_t digest[SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, data, size);
	sha256_final(&s, digest);
}
