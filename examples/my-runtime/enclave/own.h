/* SPDX-License-Identifier: Apache-2.0 */
/* What this runtime's enclave and its host say to each other, beside abi.h. */
#ifndef ENCLAVE_OWN_H
#define ENCLAVE_OWN_H

#define MY_ECALL_GREETING \
	ENCL_ECALL_OWN /* struct my_greeting: how to greet; no program runs without */
#define MY_OCALL_CLOCK ENCL_OCALL_OWN /* struct my_clock: the host's word for the time */

#define MY_GREETING_MAX 64

struct my_greeting {
	uint64_t text; /* host address */
	uint64_t size; /* bytes, at most MY_GREETING_MAX; no zero byte among them */
};

struct my_clock {
	uint64_t seconds; /* out: since 1970; a hint, since the host can say what it likes */
};

#endif
