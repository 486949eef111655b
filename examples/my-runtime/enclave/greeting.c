// SPDX-License-Identifier: Apache-2.0
/*
 * The ecall: copied in once, then checked, then used; and taken only once, so that no program sees it
 * change.
 */
#include "enclave/greeting.h"

#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"

static char text[MY_GREETING_MAX + 1];
static uint32_t is_set;

int64_t my_ecall_greeting(const struct my_greeting *args)
{
	char copy[MY_GREETING_MAX + 1] = "";

	if (args->size == 0 || args->size > MY_GREETING_MAX)
		return -EINVAL;
	if (copy_in(copy, (hptr){ args->text }, args->size) < 0)
		return -EFAULT;
	for (uint64_t i = 0; i < args->size; i++) {
		if (copy[i] < ' ' || copy[i] > '~')
			return -EINVAL;
	}
	if (__atomic_exchange_n(&is_set, 1, __ATOMIC_SEQ_CST))
		return -EALREADY;
	for (uint64_t i = 0; i < sizeof(text); i++)
		text[i] = copy[i];
	return 0;
}

const char *greeting(void)
{
	return text;
}
