/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing what a file of SGX holds.  A file is described once, by calls that open groups and name
 * fields; the sink makes lines for people or one JSON object for programs of them.  Nothing is printed
 * before show_print, so a file that turns out to be broken prints nothing.
 *
 * A field's name is what people read, usually the specification's ("MRENCLAVE"); its key in JSON is the
 * same in small letters with '_' for blanks, or what stands behind a bar: "REPORTDATA|report_data".
 */
#ifndef SGX_TOOLS_SHOW_H
#define SGX_TOOLS_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/crypto/x509.h"
#include "lib/dcap/pck.h"
#include "lib/sgx/image.h"
#include "sgx/quote.h"
#include "sgx/report.h"
#include "sgx/sigstruct.h"
#include "sgx/token.h"

#define SHOW_DEPTH 8

struct json_object;

struct show {
	bool is_json, has_failed;
	FILE *text; /* what people read, so far */
	char *bytes;
	size_t size;
	struct json_object *group[SHOW_DEPTH]; /* [0] is the whole */
	bool is_row[SHOW_DEPTH];               /* a line, not a block */
	int depth;
	unsigned int row_fields;
};

/* The sink: begun for a file, then printed or dropped.  show_drop takes a sink of zeros. */
int show_begin(struct show *s, bool is_json, struct err *e);
int show_print(struct show *s, struct err *e);
void show_drop(struct show *s);

/* "PATH: KIND" and {"kind": KEY}; first of all. */
void show_title(struct show *s, const char *path, const char *kind, const char *key);
/* A group of fields: a block with a heading, or a row, one line.  Lists hold unnamed groups. */
void show_group(struct show *s, const char *name);
void show_row(struct show *s, const char *name, size_t number);
void show_list(struct show *s, const char *name);
void show_end(struct show *s);
void show_list_end(struct show *s);

/* Fields.  Texts that are not ASCII are shown with '?' for each strange byte. */
void show_text(struct show *s, const char *name, const char *text);
void show_bool(struct show *s, const char *name, bool value);
/* In decimal; in hexadecimal for people. */
void show_count(struct show *s, const char *name, uint64_t value);
void show_number(struct show *s, const char *name, uint64_t value);
/* The number in JSON, these words for people. */
void show_number_as(struct show *s, const char *name, uint64_t value, const char *text);
void show_hex(struct show *s, const char *name, const void *bytes, size_t size);
/* Seconds since 1970 as RFC 3339 has them. */
void show_time(struct show *s, const char *name, int64_t seconds);
void show_svns(struct show *s, const char *name, const uint8_t *svns, size_t count);
void show_words(struct show *s, const char *name, const char *const *words, size_t count);

/* Fields of bits with the names that the SDM gives them; with the mask behind it, unless NULL. */
void show_attributes(struct show *s, uint64_t flags, const uint64_t *mask);
void show_xfrm(struct show *s, uint64_t xfrm, const uint64_t *mask);
void show_miscselect(struct show *s, uint32_t miscselect, const uint32_t *mask);

/* The kinds of file.  Those that can be refused return 0 or -errno with "PATH: cause". */
void show_sigstruct(struct show *s, const char *path, const struct sgx_sigstruct *sig);
void show_token(struct show *s, const char *path, const struct sgx_einittoken *token);
void show_report(struct show *s, const char *path, const struct sgx_report *report);
void show_targetinfo(struct show *s, const char *path, const struct sgx_targetinfo *targetinfo);
int show_image(struct show *s, const char *path, const void *bytes, size_t size, struct err *e);
int show_sgxs(struct show *s, const char *path, const void *bytes, size_t size, struct err *e);
int show_quote(struct show *s, const char *path, const void *bytes, size_t size, struct err *e);
int show_epid_quote(struct show *s, const char *path, const void *bytes, size_t size,
                    struct err *e);
/* Certificates in PEM or one in DER; a revocation list in PEM, DER or hexadecimal. */
int show_certificates(struct show *s, const char *path, const void *bytes, size_t size,
                      struct err *e);
int show_crl(struct show *s, const char *path, const void *bytes, size_t size, struct err *e);
int show_tcb_info(struct show *s, const char *path, const void *bytes, size_t size, struct err *e);
int show_qe_identity(struct show *s, const char *path, const void *bytes, size_t size,
                     struct err *e);

/* Parts that kinds share. */
/* A REPORT without KEYID and MAC. */
void show_report_body(struct show *s, const struct sgx_report *report);
/*
 * List the certificates of a text, with the SGX extension of each when with_sgx; *ret_pck (may be NULL)
 * is the first extension and *ret_has_pck whether there is one.  0, or -EINVAL with the cause.
 */
int show_pem(struct show *s, const void *text, size_t size, bool with_sgx, struct dcap_pck *ret_pck,
             bool *ret_has_pck, struct err *e);
/* What a PCK certificate says of its platform. */
void show_pck(struct show *s, const struct dcap_pck *pck);

#endif
