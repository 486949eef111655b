// SPDX-License-Identifier: Apache-2.0
/*
 * The requests, one function each.  A reply with an error code has nothing else in it.  Checks stand in
 * aesmd's order.  There is no EPID here, nor a provisioning service: those answer that they are not
 * available, as aesmd does without its plug-ins.
 */
#include "aesmd/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aesm/keyid.h"
#include "lib/base/cleanup.h"

#define KEY_COUNT     1
#define QUOTE_BUF_MAX (1024 * 1024) /* what a client may make us allocate */

/* What a reply's bytes point into until it is encoded. */
struct reply {
	struct aesm_message message;
	struct sgx_targetinfo target;
	struct sgx_qe_report_info info;
	struct sgx_einittoken token;
	uint8_t *quote;
};

/*
 * Clients that do not ask which keys there are have this name of Intel's quoting enclave compiled in.
 * Here it means the key of this platform's.
 */
static const struct sgx_att_key_id intel_key_id = {
	.mrsigner_length = 32,
	.mrsigner = { 0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
	              0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
	              0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff },
	.prod_id = 1,
	.algorithm_id = SGX_QUOTE_KEY_ECDSA_P256,
};

/* The key that a request names: absent or too short is a wrong parameter, another is not supported. */
static enum aesm_error check_key(const struct service *s, const struct aesm_field *field)
{
	if (!field->is_set || field->size < sizeof(struct sgx_att_key_id))
		return AESM_PARAMETER_ERROR;
	return memcmp(field->bytes, &s->quoting.key_id, SGX_ATT_KEY_ID_COMPARED) == 0 ||
	                       memcmp(field->bytes, &intel_key_id, SGX_ATT_KEY_ID_COMPARED) == 0
	               ? AESM_SUCCESS
	               : AESM_UNSUPPORTED_ATT_KEY_ID;
}

static enum aesm_error init_quote_ex(struct service *s, const struct aesm_message *request,
                                     struct reply *reply)
{
	enum aesm_error error = check_key(s, &request->field[AESM_INIT_EX_KEY_ID]);
	bool wants_hash = request->field[AESM_INIT_EX_WANTS_KEY_ID].number != 0;

	if (error != AESM_SUCCESS)
		return error;
	if (wants_hash &&
	    request->field[AESM_INIT_EX_BUF_SIZE].number != sizeof(s->quoting.key_hash))
		return AESM_PARAMETER_ERROR;
	if (wants_hash)
		quoting_target(&s->quoting, &reply->target);
	aesm_set_bytes(&reply->message, AESM_RET_TARGET_INFO, &reply->target,
	               sizeof(reply->target));
	aesm_set_number(&reply->message, AESM_RET_PUB_KEY_ID_SIZE, sizeof(s->quoting.key_hash));
	if (wants_hash) {
		aesm_set_bytes(&reply->message, AESM_RET_PUB_KEY_ID, s->quoting.key_hash,
		               sizeof(s->quoting.key_hash));
		s->is_key_ready = true;
	}
	return AESM_SUCCESS;
}

static enum aesm_error get_quote_size_ex(struct service *s, const struct aesm_message *request,
                                         struct reply *reply)
{
	enum aesm_error error = check_key(s, &request->field[AESM_SIZE_EX_KEY_ID]);

	if (error == AESM_SUCCESS)
		aesm_set_number(&reply->message, AESM_VALUE, s->quoting.quote_size);
	return error;
}

static enum aesm_error check_quote_request(const struct service *s,
                                           const struct aesm_message *request)
{
	const struct aesm_field *report = &request->field[AESM_QUOTE_EX_REPORT];
	const struct aesm_field *info = &request->field[AESM_QUOTE_EX_QE_REPORT_INFO];
	uint64_t size = request->field[AESM_QUOTE_EX_BUF_SIZE].number;
	enum aesm_error error;

	if (report->size != sizeof(struct sgx_report) ||
	    (info->is_set && info->size != sizeof(struct sgx_qe_report_info)))
		return AESM_PARAMETER_ERROR;
	error = check_key(s, &request->field[AESM_QUOTE_EX_KEY_ID]);
	if (error != AESM_SUCCESS)
		return error;
	if (!s->is_key_ready)
		return AESM_ATT_KEY_NOT_INITIALIZED;
	if (size < s->quoting.quote_size)
		return AESM_PARAMETER_ERROR;
	return size <= QUOTE_BUF_MAX ? AESM_SUCCESS : AESM_OUT_OF_MEMORY_ERROR;
}

/* The field is as long as the client's buffer. */
static enum aesm_error pad(struct reply *reply, size_t size, size_t buf_size)
{
	uint8_t *grown = realloc(reply->quote, buf_size);

	if (grown == NULL)
		return AESM_OUT_OF_MEMORY_ERROR;
	memset(grown + size, 0, buf_size - size);
	reply->quote = grown;
	aesm_set_bytes(&reply->message, AESM_RET_QUOTE, grown, buf_size);
	return AESM_SUCCESS;
}

static enum aesm_error get_quote_ex(struct service *s, const struct aesm_message *request,
                                    struct reply *reply)
{
	const struct aesm_field *info = &request->field[AESM_QUOTE_EX_QE_REPORT_INFO];
	enum aesm_error error = check_quote_request(s, request);
	struct sgx_report report;

	if (error != AESM_SUCCESS)
		return error;
	memcpy(&report, request->field[AESM_QUOTE_EX_REPORT].bytes, sizeof(report));
	if (info->is_set)
		memcpy(&reply->info, info->bytes, sizeof(reply->info));
	error = quoting_quote(&s->quoting, &report, info->is_set ? &reply->info : NULL,
	                      &reply->quote);
	if (error == AESM_SUCCESS)
		error = pad(reply, s->quoting.quote_size,
		            request->field[AESM_QUOTE_EX_BUF_SIZE].number);
	if (error == AESM_SUCCESS && info->is_set)
		aesm_set_bytes(&reply->message, AESM_RET_QE_REPORT, &reply->info,
		               sizeof(reply->info));
	return error;
}

static enum aesm_error set_key(struct reply *reply, const void *key)
{
	aesm_set_bytes(&reply->message, AESM_VALUE, key, sizeof(struct sgx_att_key_id));
	return AESM_SUCCESS;
}

/* Without a list the client leaves the choice to us. */
static enum aesm_error select_key(struct service *s, const struct aesm_message *request,
                                  struct reply *reply)
{
	const struct aesm_field *list = &request->field[AESM_SELECT_LIST];
	struct aesm_key_list head;

	if (!list->is_set)
		return set_key(reply, &s->quoting.key_id);
	if (list->size < sizeof(head))
		return AESM_PARAMETER_ERROR;
	memcpy(&head, list->bytes, sizeof(head));
	if (head.id != 0 || head.version != 0 || head.count > AESM_KEY_LIST_MAX ||
	    list->size != sizeof(head) + head.count * sizeof(struct sgx_att_key_id))
		return AESM_PARAMETER_ERROR;
	for (uint32_t i = 0; i < head.count; i++) {
		const struct aesm_field one = {
			.is_set = true,
			.bytes = list->bytes + sizeof(head) + i * sizeof(struct sgx_att_key_id),
			.size = sizeof(struct sgx_att_key_id),
		};

		if (check_key(s, &one) == AESM_SUCCESS)
			return set_key(reply, one.bytes);
	}
	return AESM_UNSUPPORTED_ATT_KEY_ID;
}

static enum aesm_error count_keys(struct service *s, const struct aesm_message *request,
                                  struct reply *reply)
{
	(void)s;
	(void)request;
	aesm_set_number(&reply->message, AESM_VALUE, KEY_COUNT);
	return AESM_SUCCESS;
}

static enum aesm_error list_keys(struct service *s, const struct aesm_message *request,
                                 struct reply *reply)
{
	if (request->field[AESM_SUPPORTED_BUF_SIZE].number !=
	    KEY_COUNT * sizeof(struct sgx_att_key_id))
		return AESM_PARAMETER_ERROR;
	return set_key(reply, &s->quoting.key_id);
}

static enum aesm_error get_launch_token(struct service *s, const struct aesm_message *request,
                                        struct reply *reply)
{
	const struct aesm_field *mrenclave = &request->field[AESM_TOKEN_MR_ENCLAVE];
	const struct aesm_field *modulus = &request->field[AESM_TOKEN_MODULUS];
	const struct aesm_field *bytes = &request->field[AESM_TOKEN_ATTRIBUTES];
	struct sgx_attributes attributes;
	enum aesm_error error;

	if (mrenclave->size != 32 || modulus->size != SGX_RSA_BYTES ||
	    bytes->size != sizeof(attributes))
		return AESM_PARAMETER_ERROR;
	memcpy(&attributes, bytes->bytes, sizeof(attributes));
	error = launch_token(&s->launch, mrenclave->bytes, modulus->bytes, &attributes,
	                     &reply->token);
	if (error == AESM_SUCCESS)
		aesm_set_bytes(&reply->message, AESM_VALUE, &reply->token, sizeof(reply->token));
	return error;
}

static enum aesm_error unavailable(struct service *s, const struct aesm_message *request,
                                   struct reply *reply)
{
	(void)s;
	(void)request;
	(void)reply;
	return AESM_SERVICE_UNAVAILABLE;
}

typedef enum aesm_error handler_fn(struct service *s, const struct aesm_message *request,
                                   struct reply *reply);

static handler_fn *const handlers[] = {
	[AESM_INIT_QUOTE] = unavailable,
	[AESM_GET_QUOTE] = unavailable,
	[AESM_GET_LAUNCH_TOKEN] = get_launch_token,
	[AESM_REPORT_ATTESTATION_ERROR] = unavailable,
	[AESM_GET_WHITE_LIST_SIZE] = unavailable,
	[AESM_GET_WHITE_LIST] = unavailable,
	[AESM_GET_EXTENDED_EPID_GROUP_ID] = unavailable,
	[AESM_SWITCH_EXTENDED_EPID_GROUP] = unavailable,
	[AESM_REGISTER] = unavailable,
	[AESM_INIT_QUOTE_EX] = init_quote_ex,
	[AESM_GET_QUOTE_SIZE_EX] = get_quote_size_ex,
	[AESM_GET_QUOTE_EX] = get_quote_ex,
	[AESM_CHECK_UPDATE_STATUS] = unavailable,
	[AESM_SELECT_ATT_KEY_ID] = select_key,
	[AESM_GET_SUPPORTED_ATT_KEY_ID_NUM] = count_keys,
	[AESM_GET_SUPPORTED_ATT_KEY_IDS] = list_keys,
};

int service_reply(struct service *s, const void *body, size_t size, uint8_t **ret, size_t *ret_size)
{
	_cleanup_(aesm_message_release) struct aesm_message request = { .decoded = NULL };
	struct reply reply = { .quote = NULL };
	enum aesm_error error = AESM_UNEXPECTED_ERROR;
	int r = aesm_decode_request(body, size, &request);

	if (r < 0)
		return r;
	reply.message.kind = request.kind;
	if (aesm_request_complete(&request))
		error = handlers[request.kind](s, &request, &reply);
	if (error != AESM_SUCCESS)
		reply.message = (struct aesm_message){ .kind = request.kind };
	aesm_set_number(&reply.message, AESM_ERROR_CODE, error);
	r = aesm_encode_response(&reply.message, ret, ret_size);
	free(reply.quote);
	return r;
}
