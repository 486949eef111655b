/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of exceptions share: an enclave whose XFRM and MISCSELECT can be chosen, a handler
 * that keeps all that it sees and leaves, and the frames of TCS 0, as the file behind the enclave
 * has them.
 */
#ifndef TESTS_TRAP_FAULTS_H
#define TESTS_TRAP_FAULTS_H

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "sgx/secinfo.h"
#include "sgx/ssa.h"
#include "tests/trap/enclave.h"

#define RFLAGS_RF   UINT64_C(0x10000)
#define RFLAGS_FULL UINT64_C(0x200ed7) /* ID, OF, DF, SF, ZF, AF, PF, CF, IF */
#define PATTERN     UINT64_C(0x1111111111111111)
#define XSAVE_SIZE  12288
#define MXCSR       24
#define XMM         160
#define XSTATE_BV   512
#define YMM_HIGH    576
#define HARDWARE(v) (SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | (v))

#define CODE(label) \
	((uintptr_t)fault_e.base + PAGE_CODE * SGX_PAGE_SIZE + (size_t)((label)-code_start))
#define DATA(offset) ((uintptr_t)fault_e.base + PAGE_DATA * SGX_PAGE_SIZE + (offset))

extern struct test_enclave fault_e;
/* What the handler has seen last, how often, and how often it is to return to the AEP. */
extern siginfo_t seen_info;
extern ucontext_t seen;
extern uint8_t seen_xsave[XSAVE_SIZE];
extern int seen_sig, times, resumes;
/* An XSAVE area for fault_run. */
extern uint8_t image[XSAVE_SIZE];

void fault_make(uint64_t xfrm, uint32_t miscselect);
/* XFRM of all that this processor has, and what it has. */
uint64_t fault_all_of_cpu(void);
uint64_t fault_xcr0(void);
/* Something in every component of xfrm. */
void fault_fill_image(uint64_t xfrm);
/* Registers for OP_LOAD: all full, to label. */
struct sgx_gprsgx fault_full(const char *label);
/*
 * Load them and run until the handler leaves.  An exit gives RSP back as it was at the EENTER, so
 * ERESUME has to be called at the same depth.
 */
struct raw fault_run(uint64_t leaf, const struct sgx_gprsgx *g, const void *xsave);
/* Any other operation. */
struct raw fault_enclu(uint64_t leaf, uint64_t op);

struct sgx_gprsgx fault_gprsgx(unsigned int cssa);
void fault_set_gprsgx(unsigned int cssa, const struct sgx_gprsgx *g);
struct sgx_exinfo fault_exinfo(unsigned int cssa);
uint32_t fault_cssa(void);
uint64_t fault_frame_end(unsigned int cssa);
/* Is what frame 0 has of xfrm what the image has? */
void fault_check_xsave(uint64_t xfrm);

#endif
