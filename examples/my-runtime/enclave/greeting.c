// SPDX-License-Identifier: Apache-2.0
/*
 * The ecall: copied in once, then checked, then used; and taken only once, so that no program sees it
 * change.  The host can cut an ecall short at any instruction, and run a program meanwhile: the one
 * store that publishes the text is the last.  What was cut short before it is never taken up again.
 */
#include "enclave/greeting.h"

#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"

enum { UNSET, WRITING, SET };

static char text[MY_GREETING_MAX + 1];
static uint32_t state;

int64_t my_ecall_greeting(const struct my_greeting *args)
{
	char copy[MY_GREETING_MAX + 1] = "";
	uint32_t unset = UNSET;

	if (args->size == 0 || args->size > MY_GREETING_MAX)
		return -EINVAL;
	if (copy_in(copy, (hptr){ args->text }, args->size) < 0)
		return -EFAULT;
	for (uint64_t i = 0; i < args->size; i++) {
		if (copy[i] < ' ' || copy[i] > '~')
			return -EINVAL;
	}
	if (!__atomic_compare_exchange_n(&state, &unset, WRITING, false, __ATOMIC_SEQ_CST,
	                                 __ATOMIC_SEQ_CST))
		return -EALREADY;
	for (uint64_t i = 0; i < sizeof(text); i++)
		text[i] = copy[i];
	__atomic_store_n(&state, SET, __ATOMIC_RELEASE);
	return 0;
}

const char *greeting(void)
{
	return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == SET ? text : NULL;
}
