/* SPDX-License-Identifier: Apache-2.0 */
/* The greeting that the host has given. */
#ifndef ENCLAVE_GREETING_H
#define ENCLAVE_GREETING_H

#include "enclave/abi.h"

/* NULL until all of it is there, for ever if the ecall was cut short. */
const char *greeting(void);

#endif
