/* SPDX-License-Identifier: Apache-2.0 */
/* What an operating system, an enclave and its host can do, one operation from the input at a time. */
#ifndef TESTS_FUZZ_OPS_H
#define TESTS_FUZZ_OPS_H

#include "tests/fuzz/machine.h"

/* Forget the pages that were evicted before. */
void ops_start(void);
/* Has every processor that is inside entered since the page was changed? */
bool ops_tracked(const struct machine *m, const struct epcm_entry *e);
/* An address near something, or any. */
uint64_t op_address(const struct machine *m, struct input *in);
/* A leaf of ENCLS with operands that make sense, or nearly. */
void op_encls(struct machine *m, struct input *in);
/* A leaf of ENCLU on one of the processors, wherever that is. */
void op_enclu(struct machine *m, struct input *in);
/* An access of an enclave, an AEX, a write of an enclave to its own page. */
void op_run(struct machine *m, struct input *in);
/* Page tables and operands change. */
void op_map(struct machine *m, struct input *in);

#endif
