/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an instruction of the software processor ends in: it retires, or it raises one fault.  A
 * type of its own, so that a fault can be mixed up neither with an errno nor with the SGX error
 * code, which is a value in RAX.
 */
#ifndef SWSGX_CPU_TRAP_H
#define SWSGX_CPU_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#define TRAP_DE        0
#define TRAP_DB        1
#define TRAP_BP        3
#define TRAP_OF        4
#define TRAP_BR        5
#define TRAP_UD        6
#define TRAP_NP        11
#define TRAP_SS        12
#define TRAP_GP        13
#define TRAP_PF        14
#define TRAP_MF        16
#define TRAP_AC        17
#define TRAP_XM        19
#define TRAP_NONE      0xff /* retired */
#define TRAP_INTERRUPT 0xfe /* no exception: an interrupt, which SSA does not report */

/* Error code of a page fault. */
#define PF_P   0x0001
#define PF_W   0x0002
#define PF_U   0x0004
#define PF_I   0x0010
#define PF_SGX 0x8000

struct trap {
	uint8_t vector; /* TRAP_* */
	uint32_t errcd; /* #GP, #PF */
	uint64_t addr;  /* #PF: the linear address */
};

#define RETIRED ((struct trap){ .vector = TRAP_NONE })
#define UD      ((struct trap){ .vector = TRAP_UD })
#define GP0     ((struct trap){ .vector = TRAP_GP })

/*
 * A page fault that SGX raises, on a page that paging would have allowed; access: PF_W, PF_I or 0.
 */
static inline struct trap sgx_pf(uint64_t addr, uint32_t access)
{
	return (struct trap){ .vector = TRAP_PF,
		              .errcd = PF_SGX | PF_P | PF_U | access,
		              .addr = addr };
}

static inline bool retired(struct trap t)
{
	return t.vector == TRAP_NONE;
}

#endif
