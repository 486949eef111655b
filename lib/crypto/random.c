// SPDX-License-Identifier: Apache-2.0
/* Random bytes for keys, from OpenSSL's generator, which the kernel seeds. */
#include "lib/crypto/openssl.h"

#include <errno.h>
#include <limits.h>

#include "lib/crypto/crypto.h"

int crypto_random(void *ret, size_t size, struct err *e)
{
	if (size > INT_MAX)
		return err_set(e, -EINVAL, "%zu random bytes in one call", size);
	ossl.ERR_clear_error();
	if (ossl.RAND_bytes(ret, (int)size) != 1)
		return err_set(e, -EIO, "random bytes: %s", crypto_reason());
	return 0;
}
