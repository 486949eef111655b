/* SPDX-License-Identifier: Apache-2.0 */
/* An encl.bin in page-aligned memory of ours, checked, ready to be added to an enclave. */
#ifndef PAL_IMAGE_H
#define PAL_IMAGE_H

#include "lib/base/err.h"
#include "lib/sgx/image.h"
#include "pal/range.h"
#include "sgx/sigstruct.h"

struct image_file {
	struct range memory;
	struct image image; /* its file is in memory */
};

/* Read and check the file at path; the caller releases it. */
int image_load(const char *path, const struct image_options *options, struct image_file *ret,
               struct err *e);
/* An empty one is fine. */
void image_release(struct image_file *file);

/* The enclave's signature, from a regular file: whoever made the folder must not make us wait. */
int signature_load(const char *path, struct sgx_sigstruct *ret, struct err *e);

#endif
