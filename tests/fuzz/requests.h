/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of every driver to a descriptor, nearly right or not at all; results are checked. */
#ifndef TESTS_FUZZ_REQUESTS_H
#define TESTS_FUZZ_REQUESTS_H

#include "tests/fuzz/input.h"

/* Forget the enclave that was made last: requests of some drivers name it by its address. */
void requests_start(void);
void request_op_create(struct input *in, int fd);
void request_op_add(struct input *in, int fd);
void request_op_init(struct input *in, int fd);
void request_op_attribute(struct input *in, int fd, int provision_fd);
void request_op_modify(struct input *in, int fd);
/* Any number, any bytes. */
void request_op_raw(struct input *in, int fd);

#endif
