/* SPDX-License-Identifier: Apache-2.0 */
/* An enclave in this process: its file, its range and its threads. */
#ifndef PAL_ENCL_H
#define PAL_ENCL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "pal/driver/driver.h"
#include "pal/image.h"
#include "pal/range.h"
#include "pal/token.h"
#include "sgx/uapi/vdso.h"

/*
 * A TCS: one host thread at a time is inside.  is_busy and is_dead are under the runtime's lock; the
 * rest is between the thread inside, whoever kills its program, and the signal handler on that thread.
 */
struct encl_thread {
	uint64_t tcs;
	bool is_busy;
	bool is_dead;     /* stuck in an exception that the enclave does not serve */
	atomic_bool kill; /* end the program: set by the killer, cleared when it has been noticed */
	atomic_bool is_second; /* an entry at CSSA 1 is under way */
};

struct encl {
	const struct driver *driver;
	int fd;                   /* -1: none */
	uint64_t base;            /* SECS.BASEADDR */
	struct range range;       /* size 0: the mappings are somebody else's */
	sgx_vdso_enter_fn *enter; /* NULL: this kernel has none */
	struct encl_thread *thread;
	unsigned int thread_count;
};

/* The two files, read and held together. */
struct encl_files {
	struct image_file image;
	struct sgx_sigstruct sig;
};

#define ENCL_NONE ((struct encl){ .fd = -1 })

/* Read encl.bin and encl.ss in the working directory; the caller releases them. */
int encl_files_load(struct encl_files *ret, struct err *e);
void encl_files_release(struct encl_files *files);

/*
 * Make the enclave that the files describe, with that open driver; fd becomes the enclave's.  A driver
 * that wants a launch token gets encl.token in the working directory.
 */
int encl_build(const struct encl_files *files, bool is_debug, const struct driver *driver, int fd,
               struct encl *ret, struct err *e);
/*
 * Use the enclave behind fd, built by somebody else at addr from the files in the working directory.
 * fd stays the caller's, and so do its mappings where it has some there.  -ENOENT, with the reason:
 * there is no such enclave; then nothing has been done.
 */
int encl_adopt(int fd, uint64_t addr, struct encl *ret, struct err *e);
/* Nobody may be inside.  An encl of nothing (ENCL_NONE) is fine. */
void encl_release(struct encl *encl);

/* Map the image's segments, and list its TCS pages. */
int encl_map(struct encl *encl, const struct image *image, struct err *e);

/* A driver's no to INIT. */
struct encl_refusal {
	const struct driver *driver;
	const struct token *token;
	int error;     /* the driver's errno, negative */
	uint32_t code; /* EINIT's error code (sgx/leaf.h), or 0: the driver does not tell */
};

/* Say why, in words of the files where the cause is found there; returns refusal->error. */
int encl_diagnose(const struct encl_files *files, const struct sgx_secs *secs,
                  const struct encl_refusal *refusal, struct err *e);
/*
 * Something that the files chose (size, place, attributes, the content of a page) did not work: if that
 * is because one of them is damaged, say so instead; returns code.  secs: NULL where only the signature
 * can be at fault.
 */
int encl_suspect(const struct encl_files *files, const struct sgx_secs *secs, int code,
                 struct err *e);

#endif
