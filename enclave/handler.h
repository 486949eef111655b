/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program does about its own exceptions.  handler.c is the file to replace: the skeleton's
 * emulates CPUID and RDTSC, and ends the program for everything else, in a debug enclave with a line on
 * standard error.
 *
 * Everything in struct encl_exception is from the SSA, which the processor wrote.  Mind what it proves:
 * #UD, #DE and #BR come from the program's own instructions, but a host that owns the page tables can
 * make any access of memory a #PF, and pass off no #PF as another exception.  So never take a #PF for a
 * message from the program, and end it.
 */
#ifndef ENCLAVE_HANDLER_H
#define ENCLAVE_HANDLER_H

/* Of the ABI of this machine: bytes below RSP that belong to the interrupted function. */
#define ENCL_RED_ZONE 128

/* Offsets in struct encl_exception for assembly. */
#define EXCEPTION_RAX    0
#define EXCEPTION_RCX    8
#define EXCEPTION_RDX    16
#define EXCEPTION_RBX    24
#define EXCEPTION_RSP    32
#define EXCEPTION_RBP    40
#define EXCEPTION_RSI    48
#define EXCEPTION_RDI    56
#define EXCEPTION_R8     64
#define EXCEPTION_R9     72
#define EXCEPTION_R10    80
#define EXCEPTION_R11    88
#define EXCEPTION_R12    96
#define EXCEPTION_R13    104
#define EXCEPTION_R14    112
#define EXCEPTION_R15    120
#define EXCEPTION_RFLAGS 128
#define EXCEPTION_RIP    136

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Vectors (SDM vol. 3A, table of exceptions) that a handler is asked about. */
enum encl_vector {
	ENCL_VECTOR_DE = 0,
	ENCL_VECTOR_BP = 3,
	ENCL_VECTOR_BR = 5,
	ENCL_VECTOR_UD = 6,
	ENCL_VECTOR_GP = 13,
	ENCL_VECTOR_PF = 14,
	ENCL_VECTOR_MF = 16,
	ENCL_VECTOR_AC = 17,
	ENCL_VECTOR_XM = 19,
};

struct encl_exception {
	/* In the order of the SSA's GPRSGX; what the program goes on with. */
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, rip;
	/* What has happened. */
	uint32_t vector;     /* enum encl_vector */
	uint32_t error_code; /* of #PF and #GP */
	uint64_t address;    /* of #PF: the address that the program wanted */
	bool is_overflow;    /* a #PF in the guard page below the program's stack */
	bool can_resume;     /* false: the program had no room on its stack and can only end */
};

_Static_assert(offsetof(struct encl_exception, rax) == EXCEPTION_RAX, "rax");
_Static_assert(offsetof(struct encl_exception, rcx) == EXCEPTION_RCX, "rcx");
_Static_assert(offsetof(struct encl_exception, rdx) == EXCEPTION_RDX, "rdx");
_Static_assert(offsetof(struct encl_exception, rbx) == EXCEPTION_RBX, "rbx");
_Static_assert(offsetof(struct encl_exception, rsp) == EXCEPTION_RSP, "rsp");
_Static_assert(offsetof(struct encl_exception, rbp) == EXCEPTION_RBP, "rbp");
_Static_assert(offsetof(struct encl_exception, rsi) == EXCEPTION_RSI, "rsi");
_Static_assert(offsetof(struct encl_exception, rdi) == EXCEPTION_RDI, "rdi");
_Static_assert(offsetof(struct encl_exception, r8) == EXCEPTION_R8, "r8");
_Static_assert(offsetof(struct encl_exception, r9) == EXCEPTION_R9, "r9");
_Static_assert(offsetof(struct encl_exception, r10) == EXCEPTION_R10, "r10");
_Static_assert(offsetof(struct encl_exception, r11) == EXCEPTION_R11, "r11");
_Static_assert(offsetof(struct encl_exception, r12) == EXCEPTION_R12, "r12");
_Static_assert(offsetof(struct encl_exception, r13) == EXCEPTION_R13, "r13");
_Static_assert(offsetof(struct encl_exception, r14) == EXCEPTION_R14, "r14");
_Static_assert(offsetof(struct encl_exception, r15) == EXCEPTION_R15, "r15");
_Static_assert(offsetof(struct encl_exception, rflags) == EXCEPTION_RFLAGS, "rflags");
_Static_assert(offsetof(struct encl_exception, rip) == EXCEPTION_RIP, "rip");

/*
 * An exception in enclave_main or what it calls: true, and the program goes on with the registers as
 * they now are in *exception; false, and it ends with the exit value of a program that the exception
 * killed.  Runs on the program's stack with some kilobytes of room.  It may make ocalls and encl_exit;
 * what it prints uses the ocall area and what it allocates the thread's memory, so do not resume a program that
 * it may have interrupted in encl_read, encl_write or encl_alloc.  A second exception in here ends the program.
 */
bool encl_on_exception(struct encl_exception *exception);

/*
 * emulate.c: if the instruction is CPUID or RDTSC, put its results into the registers and step over
 * it.
 */
bool encl_emulate(struct encl_exception *exception);

/* Do the count bytes at address in the program's text read as these? */
bool encl_text_is(uint64_t address, const uint8_t *bytes, size_t count);

#endif

#endif
