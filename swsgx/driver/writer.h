/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second hand for ADD_PAGES: writes pages to the enclave's file on another processor while the
 * thread hashes those before them.  A process of the kernel's alone that shares memory and
 * descriptors, but is no thread of the program's and no child that it waits for; it is gone before
 * the request ends.  What it has not begun when it is needed the thread writes itself, so it can be
 * late, stopped or killed, and nothing but time is lost.
 */
#ifndef SWSGX_DRIVER_WRITER_H
#define SWSGX_DRIVER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sgx/secinfo.h"

#define WRITER_UNIT (48u * SGX_PAGE_SIZE) /* at most, of one writer_post */

struct writer;

/*
 * One that writes to fd, or NULL: no processor is idle, no memory, or no process may be made.  Signals
 * have to wait until writer_stop, but for those that this thread's own instructions raise: a handler
 * that leaves by longjmp would leave the writer behind.
 */
struct writer *writer_start(int fd);
void writer_stop(struct writer *w);
/* End it soon: it waits for a processor. */
bool writer_is_late(const struct writer *w);

/* Memory for the next unit; what was taken last keeps its own. */
uint8_t *writer_room(struct writer *w);
/* The unit in that memory: size bytes of it go to offset of the file. */
void writer_post(struct writer *w, uint64_t offset, size_t size);
/*
 * Wait for the first unit posted and not taken, of which there are two at most.  *ret_written: how
 * many bytes of it are in the file.
 */
const uint8_t *writer_take(struct writer *w, size_t *ret_written);

#endif
