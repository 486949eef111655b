/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the enclave and its untrusted host agree on: ecall and ocall numbers and their argument
 * structures.  Every structure is a multiple of 8 bytes, without padding, at an 8-aligned host
 * address; everything in it is the host's word, so the enclave copies it once, checks the copy and
 * uses the copy.  Host pointers are integers here.
 *
 * Entry (EENTER):  RDI ecall number, RSI host address of the ecall's arguments, or 0.
 *                  After an ocall: RDI the result of the ocall.  The enclave knows which it is.
 * Exit (EEXIT):    RDX why: ENCL_EXIT_RETURN: RDI is the ecall's result, 0 or a negative errno.
 *                           ENCL_EXIT_OCALL: RDI is the ocall number, RSI the host address of its
 *                           arguments, inside the thread's ocall area; enter again with the result.
 *                           ENCL_EXIT_EXCEPTION: an entry at CSSA 1 was served, RDI is 0,
 *                           ENCL_EXCEPTION_HANDLED or a negative errno; ERESUME goes on.
 *                           ENCL_EXIT_REFUSED: nothing was done; RDI is a negative errno.
 *
 * Exceptions.  After an asynchronous exit the host either resumes (ERESUME), or enters once more
 * (EENTER, CSSA 1).  After an interrupt that ends the program that runs on this thread: the enclave
 * makes the interrupted thread unwind to its ecall, and after the ERESUME that ecall returns.  After
 * a fault of the program its own handler (handler.h) gets the word, ENCL_EXCEPTION_HANDLED, which may
 * make ocalls, and either the program goes on or it ends; one more entry before that ERESUME ends it
 * after all.  A fault of that handler, or of another ecall, ends it at once.  What ended it is in
 * struct encl_main; an ecall other than ENCL_ECALL_MAIN returns -EINTR, or -EFAULT after a fault.
 *
 * Negative errnos of an entry, by RDX:
 *   ENCL_EXIT_REFUSED    -EIO the enclave is dead, on every thread and for ever; -EAGAIN the thread is
 *                        on its way in or out: ERESUME, and it can be tried again; -EBUSY, -EINVAL no
 *                        entry of this kind is possible now.
 *   ENCL_EXIT_EXCEPTION  -EAGAIN as above; -EALREADY the program is being ended already: ERESUME;
 *                        -EIO the enclave is dead from now on.
 *   ENCL_EXIT_RETURN     -ENOSYS no such ecall; -EPERM ENCL_ECALL_INIT comes first; -EALREADY it was;
 *                        -EINVAL a count, size or alignment; -E2BIG beyond ENCL_ARGS_MAX or
 *                        ENCL_ARGC_MAX; -EFAULT an address that is not the host's; -ENOMEM.
 */
#ifndef ENCLAVE_ABI_H
#define ENCLAVE_ABI_H

#define ENCL_EXIT_RETURN    0
#define ENCL_EXIT_REFUSED   1
#define ENCL_EXIT_OCALL     2
#define ENCL_EXIT_EXCEPTION 3

#define ENCL_EXCEPTION_HANDLED 1 /* RDI of ENCL_EXIT_EXCEPTION: a handler in the enclave decides */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

enum encl_ecall {
	ENCL_ECALL_INIT = 0,   /* once, before all others; RSI 0 */
	ENCL_ECALL_MAIN = 1,   /* struct encl_main: run enclave_main */
	ENCL_ECALL_REPORT = 2, /* struct encl_report */
	ENCL_ECALL_OWN = 3,    /* the first of own.h */
};

enum encl_ocall {
	ENCL_OCALL_READ = 0,  /* struct encl_io; result: bytes read, 0 at the end, or -errno */
	ENCL_OCALL_WRITE = 1, /* struct encl_io; result: bytes written or -errno */
	ENCL_OCALL_EXIT =
		2, /* no return: the program has ended with its exit value in RSI; the host
			       * enters again and the ecall returns.  Reserved for threads. */
	ENCL_OCALL_OWN = 16, /* the first of own.h */
};

/*
 * An ocall's result that means: the program was killed.  The enclave unwinds to the ecall, which
 * returns with end = ENCL_END_KILLED.
 */
#define ENCL_OCALL_KILLED (-4096)

enum encl_end {
	ENCL_END_EXIT = 0,      /* value: what enclave_main returned, or gave to exit; 0 to 255 */
	ENCL_END_KILLED = 1,    /* the host asked for it; value: 0 */
	ENCL_END_EXCEPTION = 2, /* value: vector of the exception, from the enclave's own SSA */
};

#define ENCL_ARGS_MAX   (256 * 1024) /* bytes of all strings together */
#define ENCL_ARGC_MAX   8192         /* arguments and variables together */
#define ENCL_OCALL_AREA (64 * 1024)  /* smallest ocall area: struct encl_io and its data */
#define ENCL_IO_MAX     (32 * 1024)  /* most bytes of one read or write */

struct encl_main {
	uint64_t argc; /* at least 1 */
	uint64_t envc;
	uint64_t strings;      /* host address: argc + envc strings, each with its zero byte */
	uint64_t strings_size; /* bytes, all zero bytes counted */
	uint64_t ocall_area;   /* host address, 8-aligned, this thread's until the ecall returns */
	uint64_t ocall_area_size; /* at least ENCL_OCALL_AREA */
	uint64_t end;             /* out: enum encl_end */
	uint64_t value;           /* out */
};

struct encl_report {
	uint64_t targetinfo; /* host address of a struct sgx_targetinfo */
	uint64_t reportdata; /* host address of 64 bytes, or 0: zeros */
	uint64_t report;     /* host address of a struct sgx_report, written on success */
};

struct encl_io {
	uint64_t fd;     /* 0, 1 or 2: the program's own streams */
	uint64_t data;   /* host address, in the ocall area */
	uint64_t length; /* at most ENCL_IO_MAX */
};

_Static_assert(sizeof(struct encl_main) == 64, "encl_main");
_Static_assert(sizeof(struct encl_report) == 24, "encl_report");
_Static_assert(sizeof(struct encl_io) == 24, "encl_io");

#include "enclave/own.h"

#endif

#endif
