/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"NAME": object, "signature": "128 hexadecimal digits"}: how Intel serves TCB info and QE identity.
 * The signature covers the object's bytes as they stand; where they have been indented on their way,
 * it covers them without the white space.
 */
#ifndef LIB_DCAP_SIGNEDJSON_H
#define LIB_DCAP_SIGNEDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "lib/base/err.h"
#include "lib/crypto/ecdsa.h"

#define DCAP_JSON_MAX   UINT32_C(0x100000) /* bytes of a document; genuine ones have some 20,000 */
#define DCAP_JSON_DEPTH 32

struct signed_json {
	char *text;  /* owned: the whole document, and a zero byte */
	size_t at;   /* where the object begins in it */
	size_t size; /* of the object */
	uint8_t signature[P256_SIGNATURE_SIZE];
	struct json_object *object; /* owned */
};

/* 0, -EINVAL with the reason, -EFBIG, -ENOMEM; signed_json_free takes zeros and what failed. */
int signed_json_parse(const void *data, size_t size, const char *name, struct signed_json *ret,
                      struct err *e);
void signed_json_free(struct signed_json *s);
bool signed_json_verify(const struct signed_json *s, const struct ecdsa_key *key);

/*
 * Members of an object: 0, or -EINVAL with the member's name and what it should be.  Strings live as
 * long as the object.
 */
int json_string(struct json_object *o, const char *name, const char **ret, struct err *e);
int json_number(struct json_object *o, const char *name, uint32_t max, uint32_t *ret,
                struct err *e);
/* Just size bytes in hexadecimal of either case. */
int json_bytes(struct json_object *o, const char *name, void *ret, size_t size, struct err *e);
/* YYYY-MM-DDThh:mm:ssZ, to seconds since 1970. */
int json_date(struct json_object *o, const char *name, int64_t *ret, struct err *e);
/* Of min to max elements. */
int json_array(struct json_object *o, const char *name, size_t min, size_t max,
               struct json_object **ret, size_t *ret_count, struct err *e);
/* A member that is an object. */
int json_inner(struct json_object *o, const char *name, struct json_object **ret, struct err *e);

/* Seconds since 1970 of such a date: 0 or -EINVAL. */
int dcap_date(const char *text, int64_t *ret);

#endif
