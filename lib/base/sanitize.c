// SPDX-License-Identifier: Apache-2.0
/*
 * What the address sanitizer's runtime asks each program for in a build with SANITIZE=1.  A library that
 * is preloaded comes before the runtime, which is no error here; faults in enclaves are software SGX's.
 */
#ifdef SANITIZE
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "verify_asan_link_order=0:handle_segv=0:handle_sigill=0:handle_sigfpe=0:handle_sigbus=0";
}
#else
_Static_assert(1, "nothing to say");
#endif
