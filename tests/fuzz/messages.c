// SPDX-License-Identifier: Apache-2.0
/*
 * A request's body to aesmd, and a reply's to its client: any bytes.  What is answered is a frame that
 * can be read again and says so what was asked.  The enclaves behind it are stand-ins.
 */
#include <stdlib.h>
#include <string.h>

#include "aesmd/service.h"

#define PROMISE(condition) ((condition) ? (void)0 : abort())

static struct service service;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	service.quoting.key_id.mrsigner_length = 32;
	service.quoting.key_id.algorithm_id = SGX_QUOTE_KEY_ECDSA_P256;
	service.quoting.quote_size = 1100;
	return 0;
}

void quoting_target(const struct quoting *q, struct sgx_targetinfo *ret)
{
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->measurement, q->self.mrenclave, sizeof(ret->measurement));
}

/* Reads all of what the request gave, as the enclave does. */
enum aesm_error quoting_quote(const struct quoting *q, const struct sgx_report *report,
                              struct sgx_qe_report_info *info, uint8_t **ret)
{
	if (report->mac[15] != 0)
		return AESM_INVALID_REPORT;
	*ret = calloc(1, q->quote_size);
	PROMISE(*ret != NULL);
	memcpy(*ret, report, sizeof(*report));
	if (info != NULL)
		memcpy(&info->qe_report, report, sizeof(*report));
	return AESM_SUCCESS;
}

enum aesm_error launch_token(const struct launch *l, const uint8_t mrenclave[32],
                             const uint8_t modulus[SGX_RSA_BYTES],
                             const struct sgx_attributes *attributes, struct sgx_einittoken *ret)
{
	(void)l;
	memcpy(ret->mrenclave, mrenclave, sizeof(ret->mrenclave));
	memcpy(ret->mrsigner, modulus + SGX_RSA_BYTES - 32, sizeof(ret->mrsigner));
	ret->attributes = *attributes;
	return AESM_SUCCESS;
}

/* What was decoded can be said again, and means the same. */
static void again(const struct aesm_message *m, bool is_response)
{
	struct aesm_message back;
	uint8_t *frame;
	size_t size;
	int r = is_response ? aesm_encode_response(m, &frame, &size)
	                    : aesm_encode_request(m, &frame, &size);

	PROMISE(r == 0 && aesm_frame_size(frame) == size - AESM_FRAME_HEAD);
	r = is_response
	            ? aesm_decode_response(frame + AESM_FRAME_HEAD, size - AESM_FRAME_HEAD, &back)
	            : aesm_decode_request(frame + AESM_FRAME_HEAD, size - AESM_FRAME_HEAD, &back);
	PROMISE(r == 0 && back.kind == m->kind);
	for (unsigned int f = 0; f < AESM_FIELDS; f++) {
		const struct aesm_field *a = &m->field[f], *b = &back.field[f];

		PROMISE(a->is_set == b->is_set && a->number == b->number && a->size == b->size);
		PROMISE(a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
	}
	aesm_message_release(&back);
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aesm_message request, response;
	uint8_t *reply;
	size_t reply_size;
	int r;

	if (aesm_decode_response(data, size, &response) == 0) {
		again(&response, true);
		aesm_message_release(&response);
	}
	r = aesm_decode_request(data, size, &request);
	if (r < 0) {
		PROMISE(service_reply(&service, data, size, &reply, &reply_size) == r);
		return 0;
	}
	again(&request, false);
	PROMISE(service_reply(&service, data, size, &reply, &reply_size) == 0);
	PROMISE(aesm_decode_response(reply + AESM_FRAME_HEAD, reply_size - AESM_FRAME_HEAD,
	                             &response) == 0);
	PROMISE(response.kind == request.kind && response.field[AESM_ERROR_CODE].is_set);
	aesm_message_release(&request);
	aesm_message_release(&response);
	free(reply);
	return 0;
}
