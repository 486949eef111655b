/* SPDX-License-Identifier: Apache-2.0 */
/* From a library that is only loaded to one that has SGX. */
#ifndef SWSGX_PRELOAD_INIT_H
#define SWSGX_PRELOAD_INIT_H

/*
 * What an enclave needs: the platform and the signal handlers.  Before the first request; 0 or
 * -errno, and then stderr has the reason.
 */
int init_sgx(void);

#endif
