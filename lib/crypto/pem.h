/* SPDX-License-Identifier: Apache-2.0 */
/* PEM armour (RFC 7468): the blocks of a text, one after the other. */
#ifndef LIB_CRYPTO_PEM_H
#define LIB_CRYPTO_PEM_H

#include <stddef.h>
#include <stdint.h>

struct pem {
	const char *text; /* need not end in a zero byte */
	size_t size;
};

/*
 * Decode the next block with this label ("CERTIFICATE", "X509 CRL") into out, and step in behind it;
 * what stands before it is passed over.  Returns the number of bytes, 0 when there is no further
 * block, -EINVAL for a block that does not end or is not base64, -EFBIG when cap bytes do not hold it.
 */
long pem_next(struct pem *in, const char *label, uint8_t *out, size_t cap);

#endif
