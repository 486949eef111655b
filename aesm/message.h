/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aesmd's messages: a frame is the body's length, 4 bytes little-endian, and a body of Protocol Buffers
 * (aesm.proto).  A message is its kind and its fields by their numbers, which are the same in all code
 * that handles it; nothing of the encoder shows outside of message.c.
 */
#ifndef AESM_MESSAGE_H
#define AESM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The field of Request and Response that holds a message of this kind. */
enum aesm_kind {
	AESM_INIT_QUOTE = 1,
	AESM_GET_QUOTE = 2,
	AESM_GET_LAUNCH_TOKEN = 3,
	AESM_REPORT_ATTESTATION_ERROR = 4,
	AESM_GET_WHITE_LIST_SIZE = 10,
	AESM_GET_WHITE_LIST = 11,
	AESM_GET_EXTENDED_EPID_GROUP_ID = 12,
	AESM_SWITCH_EXTENDED_EPID_GROUP = 13,
	AESM_REGISTER = 14,
	AESM_INIT_QUOTE_EX = 15,
	AESM_GET_QUOTE_SIZE_EX = 16,
	AESM_GET_QUOTE_EX = 17,
	AESM_CHECK_UPDATE_STATUS = 18,
	AESM_SELECT_ATT_KEY_ID = 19,
	AESM_UNSUPPORTED_REQUEST = 20, /* responses only */
	AESM_GET_SUPPORTED_ATT_KEY_ID_NUM = 21,
	AESM_GET_SUPPORTED_ATT_KEY_IDS = 22,
};

/* What ERROR_CODE says. */
enum aesm_error {
	AESM_SUCCESS = 0,
	AESM_UNEXPECTED_ERROR = 1,
	AESM_NO_DEVICE_ERROR = 2,
	AESM_PARAMETER_ERROR = 3,
	AESM_EPIDBLOB_ERROR = 4,
	AESM_EPID_REVOKED_ERROR = 5,
	AESM_GET_LICENSETOKEN_ERROR = 6,
	AESM_NETWORK_ERROR = 12,
	AESM_SERVICE_STOPPED = 17,
	AESM_BUSY = 18,
	AESM_UPDATE_AVAILABLE = 20,
	AESM_OUT_OF_MEMORY_ERROR = 21,
	AESM_MSG_ERROR = 22,
	AESM_SGX_DEVICE_NOT_AVAILABLE = 24,
	AESM_OUT_OF_EPC = 29,
	AESM_SERVICE_UNAVAILABLE = 30,
	AESM_UNRECOGNIZED_PLATFORM = 31,
	AESM_UNSUPPORTED_ATT_KEY_ID = 38,
	AESM_ATT_KEY_NOT_INITIALIZED = 42,
	AESM_NO_PLATFORM_CERT_DATA = 44,
	AESM_INVALID_REPORT = 47,
	AESM_ENCLAVE_LOAD_ERROR = 48,
};

/* Field numbers.  Requests; TIMEOUT is in milliseconds. */
enum {
	AESM_TIMEOUT = 9,
	AESM_SELECT_LIST = 1,
	AESM_SELECT_TIMEOUT = 2,
	AESM_QUOTE_REPORT = 1,
	AESM_QUOTE_TYPE = 2,
	AESM_QUOTE_SPID = 3,
	AESM_QUOTE_NONCE = 4,
	AESM_QUOTE_SIG_RL = 5,
	AESM_QUOTE_BUF_SIZE = 6,
	AESM_QUOTE_QE_REPORT = 7,
	AESM_TOKEN_MR_ENCLAVE = 1,
	AESM_TOKEN_MODULUS = 2,
	AESM_TOKEN_ATTRIBUTES = 3,
	AESM_INIT_EX_KEY_ID = 1,
	AESM_INIT_EX_WANTS_KEY_ID = 3,
	AESM_INIT_EX_BUF_SIZE = 4,
	AESM_SIZE_EX_KEY_ID = 1,
	AESM_QUOTE_EX_REPORT = 1,
	AESM_QUOTE_EX_KEY_ID = 2,
	AESM_QUOTE_EX_QE_REPORT_INFO = 3,
	AESM_QUOTE_EX_BUF_SIZE = 4,
	AESM_SUPPORTED_BUF_SIZE = 1,
};

/* Responses.  Where there is one value, it is VALUE. */
enum {
	AESM_ERROR_CODE = 1,
	AESM_VALUE = 2,
	AESM_RET_TARGET_INFO = 2,
	AESM_RET_GID = 3,
	AESM_RET_QUOTE = 2,
	AESM_RET_QE_REPORT = 3,
	AESM_RET_PUB_KEY_ID_SIZE = 3,
	AESM_RET_PUB_KEY_ID = 4,
};

#define AESM_FIELDS     10 /* numbers are below this */
#define AESM_FRAME_HEAD 4

struct aesm_field {
	bool is_set;
	uint64_t number;      /* of a field that is a number or a truth value */
	const uint8_t *bytes; /* of a field that is bytes: the caller's, or the decoded message's */
	size_t size;
};

struct aesm_message {
	enum aesm_kind kind;
	struct aesm_field field[AESM_FIELDS];
	void *decoded; /* what bytes point into, of a message that was decoded */
};

void aesm_set_number(struct aesm_message *m, unsigned int field, uint64_t number);
/* The bytes stay the caller's, as long as the message is used. */
void aesm_set_bytes(struct aesm_message *m, unsigned int field, const void *bytes, size_t size);

/*
 * The message in a body.  When several requests are set, the one that aesmd looks for first.  0;
 * -EBADMSG: it cannot be parsed or has no message of a known kind; -ENOMEM.  Release with
 * aesm_message_release, which is harmless on anything else.
 */
int aesm_decode_request(const void *body, size_t size, struct aesm_message *ret);
int aesm_decode_response(const void *body, size_t size, struct aesm_message *ret);
void aesm_message_release(struct aesm_message *m);

/*
 * A whole frame in a new buffer that the caller frees.  0; -EINVAL: a field is set that this kind does
 * not have, or its number is too large; -ENOMEM.
 */
int aesm_encode_request(const struct aesm_message *m, uint8_t **ret, size_t *ret_size);
int aesm_encode_response(const struct aesm_message *m, uint8_t **ret, size_t *ret_size);

/* The length that the head of a frame announces. */
uint32_t aesm_frame_size(const uint8_t head[AESM_FRAME_HEAD]);
/* Has a request all the fields that aesmd demands of it? */
bool aesm_request_complete(const struct aesm_message *request);
/* In words; of an unknown code too. */
const char *aesm_error_text(uint32_t code);

#endif
