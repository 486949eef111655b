/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a debugger stops to learn of an enclave: scripts/skeleton-gdb.py has a breakpoint at each of
 * these, reads encl by the debug information and goes on.  Without a debugger they do nothing.
 */
#ifndef PAL_DEBUGGER_H
#define PAL_DEBUGGER_H

#include "pal/encl.h"

/* It is mapped and initialised, and nobody has entered it. */
void encl_loaded(const struct encl *encl);
/* It is about to be unmapped. */
void encl_unloaded(const struct encl *encl);

#endif
