/* SPDX-License-Identifier: Apache-2.0 */
/* What x509.c, x509_name.c and x509_crl.c share. */
#ifndef LIB_CRYPTO_X509_PRIVATE_H
#define LIB_CRYPTO_X509_PRIVATE_H

#include "lib/crypto/der.h"
#include "lib/crypto/x509.h"

/* A Name's content (below its SEQUENCE): 0, or -EINVAL with the reason. */
int x509_name_read(struct der name, struct x509_name *ret, struct err *e);
/* The next element, UTCTime or GeneralizedTime, in seconds since 1970: false for anything else. */
bool x509_time_read(struct der *in, int64_t *ret);
/* A number's magnitude: its bytes without leading zeros; 0 has none. */
struct der x509_magnitude(struct der number);

#endif
