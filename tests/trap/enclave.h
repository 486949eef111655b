/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tiny enclave of our own, built page by page, with the code of code.S.
 *
 *	page 0, 1, 2	TCS: 0 and 2 enter at the dispatcher, 1 at the code that touches nothing
 *	3		code, R X
 *	4		data, R W; FS base
 *	5		data, R; GS base
 *	6 to 11		SSA frames, two for each TCS
 *	12		stack, R W
 *	13 to 15	holes
 */
#ifndef TESTS_TRAP_ENCLAVE_H
#define TESTS_TRAP_ENCLAVE_H

#define PAGE_TCS0   0
#define PAGE_TCS1   1
#define PAGE_TCS2   2
#define PAGE_CODE   3
#define PAGE_DATA   4
#define PAGE_RODATA 5
#define PAGE_SSA    6
#define PAGE_STACK  12
#define PAGE_HOLE   13
#define PAGES       16

/* What the dispatcher does (rdi), with rsi and rdx; it then leaves with the result in rdx. */
#define OP_EXIT     0
#define OP_REPORT   1 /* EREPORT for a target of zeros; the report goes to host memory at rsi */
#define OP_UD2      2
#define OP_SPIN     3 /* count at (rsi) until 8(rsi) is not 0; result: the count */
#define OP_POKE     4 /* store rdx at (rsi) */
#define OP_PEEK     5 /* result: the 8 bytes at (rsi) */
#define OP_JUMP     6 /* to rsi */
#define OP_DIVIDE   7 /* by 0 */
#define OP_INT3     8
#define OP_BASES    9  /* FS and GS base go to 0(rsi) and 8(rsi), then both become 0x1000 */
#define OP_FLAGS    10 /* leave with AC and DF set */
#define OP_ENCLU    11 /* ENCLU with eax = esi */
#define OP_PATTERN  12 /* as OP_SPIN, with every register full; result: 0 when they all survived */
#define OP_MISALIGN 13 /* a misaligned load with AC set */
#define OP_KEY      14 /* EGETKEY, seal key by MRENCLAVE: the 16 bytes go to host memory at rsi */
#define OP_XM       15 /* an unmasked division by zero in SSE */
#define OP_TF       16 /* set RFLAGS.TF */
#define OP_LOAD     17 /* every register from the GPRSGX at rsi, XSAVE state from rdx, to its RIP */
#define OP_SGX2     18 /* ENCLU leaf in rsi[11:0] on the page at rsi, SECINFO flags rdx; result: rax */
#define OP_SUM      19 /* result: a number that depends on each of rsi steps */

#define OP_NESTED 0x100 /* added to an operation: also at CSSA 1 and above */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "sgx/secs.h"
#include "sgx/sigstruct.h"
#include "sgx/uapi/vdso.h"

struct test_enclave {
	int fd;
	uint8_t *base; /* its range, reserved before it exists */
	size_t size;
	struct sgx_secs secs;
	struct sgx_sigstruct sigstruct;
	uint16_t unmeasured; /* bit i: what is at i * 256 of every page is not measured */
};

/* The parts, so that tests can stop between them. */
void enclave_reserve(struct test_enclave *e);   /* address, SECS */
void enclave_open_node(struct test_enclave *e); /* fd */
void enclave_create(struct test_enclave *e);
void enclave_add(struct test_enclave *e);  /* all pages */
void enclave_sign(struct test_enclave *e); /* of the pages as added */
void enclave_init(struct test_enclave *e);
void enclave_map(struct test_enclave *e); /* each page as its permissions are */
/* All of them. */
void enclave_make(struct test_enclave *e);
/* Content and SECINFO flags of a page, NULL for a hole. */
const void *enclave_page_content(const struct test_enclave *e, unsigned int page,
                                 uint64_t *ret_flags);
const char *enclave_node(void);
/* What is at offset of the enclave, as its file has it: where a program cannot look. */
void enclave_look(const struct test_enclave *e, uint64_t offset, void *ret, size_t size);
void enclave_change(const struct test_enclave *e, uint64_t offset, const void *from, size_t size);

/* What the auxiliary vector says now. */
const void *vdso_image(void);
/* A symbol of the vDSO as a program finds it, or NULL. */
void *vdso_symbol(const char *name);
/* The same, as Intel's PSW reads it. */
void *vdso_symbol_by_sections(const char *name);
/* Enter TCS page tcs by it; run has the rest.  Returns the result of the operation (rdx). */
int vdso_call(struct test_enclave *e, unsigned int tcs, unsigned long op, unsigned long rsi,
              unsigned long rdx, unsigned int leaf, struct sgx_enclave_run *run);
/* rdx of the last exit of this thread by vdso_call. */
extern __thread uint64_t vdso_result;

/* An ENCLU by hand: registers in, registers out. */
struct raw {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags;
	uint32_t mxcsr, fcw;
	uint64_t rsp;    /* out: at the exit, minus what it was at the entry */
	uint64_t fs, gs; /* out */
	uint64_t reserved;
	uint8_t ymm[16][32];
};

void raw_enclu(struct raw *r);
/* An ENCLU elsewhere, for RCX: after an asynchronous exit it resumes. */
extern const char raw_aep[];
extern const char raw_instruction[];

extern const char code_start[], code_end[], code_pure[];
/* Instructions to fault at, for OP_LOAD and OP_JUMP: see code.S. */
extern const char code_ud2[], code_not_ud2[], code_de[], code_bp[], code_db[], code_gp[], code_ss[];
extern const char code_cpuid[], code_peek[], code_poke[], code_mf[], code_xm[], code_ac[];

#endif

#endif
