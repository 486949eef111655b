// SPDX-License-Identifier: Apache-2.0
/* Two functions that must be there, called and not inlined, so that a breakpoint on them is hit. */
#include "pal/debugger.h"

#include <stddef.h>

/* For a debugger that comes later: static, so that it finds this library's and no other's. */
static const struct encl *volatile loaded_encl;

__attribute__((noinline)) void encl_loaded(const struct encl *encl)
{
	loaded_encl = encl;
}

__attribute__((noinline)) void encl_unloaded(const struct encl *encl)
{
	if (loaded_encl == encl)
		loaded_encl = NULL;
}
