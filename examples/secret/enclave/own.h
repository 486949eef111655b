/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this enclave asks of its host: a file, and the way to the key server.  All of it is the host's
 * word when it comes back.
 */
#ifndef ENCLAVE_OWN_H
#define ENCLAVE_OWN_H

#include "enclave/wire.h"
#include "sgx/report.h"

#define SECRET_OCALL_LOAD    ENCL_OCALL_OWN /* struct secret_file: read it; -ENOENT: there is none */
#define SECRET_OCALL_STORE   (ENCL_OCALL_OWN + 1) /* struct secret_file: write it, as a whole */
#define SECRET_OCALL_CONNECT (ENCL_OCALL_OWN + 2) /* struct secret_hello */
#define SECRET_OCALL_REQUEST (ENCL_OCALL_OWN + 3) /* struct secret_request; ends the connection */

#define SECRET_NAME_MAX 256 /* with its zero byte */
#define SECRET_FILE_MAX 512

struct secret_file {
	char path[SECRET_NAME_MAX];
	uint64_t size;
	uint8_t bytes[SECRET_FILE_MAX];
};

struct secret_hello {
	char server[SECRET_NAME_MAX]; /* a socket's path, which has a slash, or HOST:PORT */
	struct wire_hello hello;
	struct sgx_targetinfo target; /* aesmd's quoting enclave */
};

struct secret_request {
	struct sgx_report report; /* in: becomes a quote */
	uint8_t public_key[WIRE_KEY_SIZE];
	struct wire_reply reply;
};

_Static_assert(sizeof(struct secret_file) == 776, "secret_file");
_Static_assert(sizeof(struct secret_hello) == 808, "secret_hello");
_Static_assert(sizeof(struct secret_request) == 776, "secret_request");

#endif
