/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes that have a view of an enclave, as its file lists them: those whose threads may be inside
 * when one of them changes pages.
 */
#ifndef SWSGX_DRIVER_VISITOR_H
#define SWSGX_DRIVER_VISITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "swsgx/driver/enclave.h"

/* This process, for its new view e; and again in a child of fork, for those that it has inherited. */
void visitor_enter(struct enclave *e);
/* This process gives its view back. */
void visitor_forget(struct enclave *e);
/* No thread of this process is inside since before epoch. */
void visitor_left(struct enclave *e, uint64_t epoch);
/*
 * Has another process not yet said so?  Those that have ended or do not map the file any more are
 * dropped; of those that remain ask is called with the process, if it is not NULL.
 */
bool visitor_remains(struct enclave *e, uint64_t epoch, void (*ask)(uint32_t pid));

/*
 * This thread by a name that no other has in any process, or 0: where the pid namespace is not known there
 * is none.
 */
uint64_t visitor_thread(uint32_t tid);
/* Is the thread of this name surely gone?  Nobody knows of those in another namespace. */
bool visitor_is_gone(const struct enclave *e, uint64_t thread);

#endif
