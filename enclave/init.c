// SPDX-License-Identifier: Apache-2.0
/*
 * The enclave's life: UNINIT, INITING, READY, DEAD.  The first ecall makes it ready, once, however
 * many threads try; nothing in it comes from the host.
 */
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/insn.h"
#include "enclave/thread.h"

#define RDRAND_TRIES 10

uint32_t encl_state; /* ENCL_UNINIT */

extern uint8_t td_first[]; /* layout.S */

struct td *td_of(unsigned int i)
{
	return (struct td *)(td_first + (uint64_t)i * TD_STRIDE + 0x1000);
}

static bool state_move(uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&encl_state, &from, to, false, __ATOMIC_SEQ_CST,
	                                   __ATOMIC_SEQ_CST);
}

/* No other source: without the processor's randomness there is no enclave. */
static uint64_t random_or_die(void)
{
	uint64_t value;

	for (int i = 0; i < RDRAND_TRIES; i++) {
		if (rdrand(&value))
			return value;
		relax();
	}
	encl_fatal();
}

__attribute__((no_stack_protector)) int64_t ecall_init(const struct ecall_none *args)
{
	(void)args;
	if (!state_move(ENCL_UNINIT, ENCL_INITING))
		return -EALREADY;
	/* A zero byte in the canary stops an overflow that copies a string. */
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		td_of(i)->canary = random_or_die() & ~UINT64_C(0xff);
	/* GS, the TD's own offset and the linker's place for it must be one page. */
	if (gs_load(TD_CANARY) != td_own()->canary)
		encl_fatal();
	if (!state_move(ENCL_INITING, ENCL_READY))
		return -EIO;
	return 0;
}
