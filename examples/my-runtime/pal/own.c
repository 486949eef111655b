// SPDX-License-Identifier: Apache-2.0
/* The untrusted side: what the enclave is given at its start, and what its programs may ask. */
#include "pal/own.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "pal/runtime.h"

int own_start(struct encl *encl, struct err *e)
{
	static const char text[] = "Good day";
	struct my_greeting greeting = { (uintptr_t)text, strlen(text) };
	int r = runtime_call(encl, MY_ECALL_GREETING, &greeting);

	return r < 0 ? err_set(e, r, "the enclave does not take its greeting: %s", strerror(-r))
	             : 0;
}

int64_t own_ocall(struct ocall_server *server, uint64_t number, uint64_t arg)
{
	struct my_clock clock;

	if (number != MY_OCALL_CLOCK)
		return -ENOSYS;
	if (ocall_copy_in(server, arg, &clock, sizeof(clock)) < 0)
		return -EFAULT;
	clock.seconds = (uint64_t)time(NULL);
	memcpy((void *)arg, &clock, sizeof(clock));
	return 0;
}
