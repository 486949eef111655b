/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enclave's real image, byte for byte, run instruction by instruction: a traced child has it
 * mapped as its layout page says, and the test is the processor at the edges.  EENTER is the child's
 * registers being set, EEXIT and EREPORT are the ENCLU that the child stops at, an asynchronous exit
 * is any other stop or the end of a step count.  The registers at an entry are the worst that a host
 * could leave.  One child, so one logical processor; it can be in several threads by turns.
 */
#ifndef TESTS_UNIT_ENCLAVE_MACHINE_H
#define TESTS_UNIT_ENCLAVE_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/types.h>
#include <sys/user.h>

#include "enclave/abi.h"
#include "enclave/thread.h"
#include "sgx/layout.h"
#include "sgx/report.h"
#include "sgx/ssa.h"
#include "sgx/tcs.h"

#define HOST_SIZE   0x100000 /* the host's memory: m->host, at one address in test and child */
#define HOST_AREA   0x20000  /* offsets in it: the ocall area, */
#define HOST_TEXT   0x80000  /* strings, */
#define HOST_ARGS   0x1000   /* arguments of ecalls */
#define HOST_TARGET 0xf0000  /* the address behind EENTER; never executed */

struct machine;

/* One access of the enclave to watched host memory. */
struct access {
	uint64_t address;
	bool is_write;
	bool is_wide;        /* of 8 bytes */
	const uint8_t *code; /* the instruction, in the test's view of the enclave */
};

enum stop {
	STOP_EXIT, /* EEXIT: m->gpr and m->fp as the host sees them */
	STOP_AEX,  /* m->vector: the exception's, or -1 for an interrupt */
};

struct machine {
	pid_t pid;
	uint64_t base, size;
	struct sgx_layout layout;
	uint8_t *memory; /* all of the enclave, in the test */
	uint8_t *host;
	char *elf; /* encl.elf, for its symbols */
	size_t elf_size;
	uint64_t cssa[ENCL_THREADS];
	bool is_product;  /* EREPORT says that it is no debug enclave */
	uint64_t syscall; /* an instruction of that name, outside the enclave */

	/* What the next entry or resumption is to be. */
	uint64_t steps;  /* an interrupt after so many instructions; 0: none */
	uint64_t until;  /* an interrupt at this address, where RIP must come; 0: none */
	uint64_t target; /* the address behind EENTER */
	struct user_regs_struct poison;
	struct user_fpregs_struct fp_poison;
	/*
	 * Host memory that the enclave can only reach access by access: whole pages; 0: none.  seen is
	 * called behind each, when what was read is read, and may change the memory.
	 */
	uint64_t watch, watch_size;
	void (*seen)(struct machine *m, const struct access *a);
	void *context;
	unsigned int accesses;

	/* What the latest stop was. */
	struct user_regs_struct gpr;
	struct user_fpregs_struct fp;
	int vector;
	uint64_t done; /* instructions, if steps was set */
};

/*
 * Run the tests whose names match the environment's MACHINE_TESTS, or all.  MACHINE_IMAGE is the folder
 * of encl.bin and encl.elf where it is not the build's own.
 */
int machine_run_tests(const struct CMUnitTest *tests, size_t count);
#define machine_tests(tests) machine_run_tests(tests, sizeof(tests) / sizeof((tests)[0]))

/* A system call of the child's: its result. */
int64_t machine_syscall(const struct machine *m, long number, uint64_t a, uint64_t b, uint64_t c);
/* What the interrupted frame says happened, as if the processor had written it. */
void machine_forge(const struct machine *m, unsigned int thread, uint32_t vector);
/* The first place at or behind the symbol where the bytes are. */
uint64_t machine_find(const struct machine *m, const char *symbol, const void *bytes, size_t count);

/* setup and teardown of cmocka: *state is the machine. */
int machine_setup(void **state);
int machine_teardown(void **state);

/* The address of encl.elf's symbol in the child; fails the test if there is none. */
uint64_t machine_symbol(const struct machine *m, const char *name);
const struct sgx_tcs *machine_tcs(const struct machine *m, unsigned int thread);
uint8_t *machine_frame(const struct machine *m, unsigned int thread, uint64_t frame);
struct td *machine_td(const struct machine *m, unsigned int thread);
struct sgx_gprsgx *machine_ssa(const struct machine *m, unsigned int thread, unsigned int frame);
/* A fingerprint of all of the enclave's memory, SSA frames left out. */
uint64_t machine_hash(const struct machine *m);

enum stop machine_enter(struct machine *m, unsigned int thread, uint64_t rdi, uint64_t rsi);
enum stop machine_resume(struct machine *m, unsigned int thread);
/* machine_enter that must end in EEXIT for the reason why; its RDI. */
int64_t machine_call(struct machine *m, unsigned int thread, uint64_t rdi, uint64_t rsi,
                     uint64_t why);

/* machine_setup, and the first ecall is made. */
int machine_ready(void **state);

/* The arguments of ENCL_ECALL_MAIN in the host's memory; argv ends with null.  Their address. */
uint64_t machine_args(struct machine *m, const char *const *argv);
struct encl_main *machine_main(const struct machine *m);

/* What a host does around a program. */
struct program {
	const char *input; /* standard input, or null */
	char output[4096]; /* both streams */
	size_t output_size;
	unsigned int ocalls;
	int64_t result; /* of the ecall */
};

/* Serve the ocall that the machine stopped at; the value to enter again with. */
int64_t machine_serve(struct machine *m, struct program *p);
/* Run a program to its end; exceptions are handed to the enclave. */
void machine_run(struct machine *m, unsigned int thread, struct program *p,
                 const char *const *argv);
/* From a stop on: go on until the ecall returns. */
void machine_finish(struct machine *m, unsigned int thread, struct program *p, enum stop stop);
/* Begin an applet: `/bin/skeleton APPLET HOW`; how may be null. */
enum stop machine_start(struct machine *m, unsigned int thread, const char *applet,
                        const char *how);
/* The thread computes, far from any exit, and is interrupted. */
void machine_spin(struct machine *m, unsigned int thread);
/* The thread is stopped at the program's CPUID, and the processor says #UD.  Its frame. */
struct sgx_gprsgx *machine_at_cpuid(struct machine *m, unsigned int thread);
/* The entry at CSSA 1, with words of the host's own: its result. */
int64_t machine_hand_in(struct machine *m, unsigned int thread);
/* The thread runs a program as if it were new. */
void assert_as_good_as_new(struct machine *m, unsigned int thread);

#endif
