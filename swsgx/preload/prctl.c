// SPDX-License-Identifier: Apache-2.0
/*
 * prctl: a thread has one Syscall User Dispatch, and when the program sets it, it is the program's.
 * One that has a range of its own and leaves the selector blocking while its handler is called does
 * not survive our handler, which is outside of that range.
 */
#include <stdarg.h>
#include <sys/prctl.h>

#include "swsgx/preload/next.h"
#include "swsgx/trap/dispatch.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

typedef int prctl_fn(int option, ...);

EXPORT int prctl(int option, ...)
{
	unsigned long arg[4];
	va_list ap;
	int r;

	/* As libc has it: all that there can be, whether they were given or not. */
	va_start(ap, option);
	for (unsigned int i = 0; i < 4; i++)
		arg[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (option == PR_SET_SYSCALL_USER_DISPATCH && arg[0] != 0 && arg[2] == 0)
		dispatch_range(&arg[1], &arg[2]);
	r = NEXT(prctl_fn, prctl)(option, arg[0], arg[1], arg[2], arg[3]);
	if (r == 0 && option == PR_SET_SYSCALL_USER_DISPATCH)
		dispatch_program(arg[0] != 0);
	return r;
}
