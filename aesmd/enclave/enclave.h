/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon and its two enclaves, the quoting and the launch enclave, say to each other: one
 * struct in the daemon's memory, copied in and out as a whole.  Sizes of the image are here as well.
 */
#ifndef AESMD_ENCLAVE_ENCLAVE_H
#define AESMD_ENCLAVE_ENCLAVE_H

#define ARCH_SIZE  0x20000 /* SECS.SIZE */
#define ARCH_STACK 0x4000
#define ARCH_NSSA  2

#ifndef __ASSEMBLER__

#include <stdint.h>

#include "sgx/report.h"
#include "sgx/token.h"

#define ARCH_SIGNERS_MAX 16

enum arch_op {
	ARCH_REPORT, /* both: a REPORT for target, over data */
	ARCH_VERIFY, /* QE: is report for this enclave, and its MAC right? */
	ARCH_QEID,   /* QE: who this platform is */
	ARCH_TOKEN,  /* LE: complete token */
};

enum arch_result {
	ARCH_OK,
	ARCH_REFUSED, /* the report is not for us, or the enclave may not be launched */
	ARCH_INVALID, /* no such operation here */
	ARCH_FAILED,  /* EGETKEY has said no */
};

struct arch_args {
	uint64_t op;
	uint64_t result; /* out: enum arch_result */
	union {
		struct {
			struct sgx_targetinfo target;
			uint8_t data[SGX_REPORTDATA_SIZE];
			struct sgx_report report; /* out */
		} report;
		struct sgx_report verify;
		uint8_t qeid[16]; /* out */
		struct {
			/* in: MRENCLAVE, MRSIGNER, ATTRIBUTES and KEYID; out: all of it */
			struct sgx_einittoken token;
			/* Who may sign enclaves that are not for debugging. */
			uint8_t signer[ARCH_SIGNERS_MAX][32];
			uint32_t signer_count;
		} launch;
	};
};

/* Inside: the operations that only one of the enclaves has. */
uint64_t arch_call(struct arch_args *args);

#endif
#endif
