// SPDX-License-Identifier: Apache-2.0
/*
 * What aesmd answers to requests that are wrong or that it has no service for, one a row.  No enclave is
 * entered: the quoting service is a struct with names in it.
 */
#include "aesmd/service.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aesm/keyid.h"

static struct service service;
static struct sgx_att_key_id other_key;
static uint8_t zeros[4096];

static void prepare(void)
{
	memset(&service, 0, sizeof(service));
	service.quoting.key_id.mrsigner_length = 32;
	memset(service.quoting.key_id.mrsigner, 7, 32);
	service.quoting.quote_size = 2000;
	other_key = service.quoting.key_id;
	other_key.algorithm_id ^= 1;
}

/* The reply, decoded: the caller releases it. */
static struct aesm_message ask(const struct aesm_message *request)
{
	struct aesm_message reply;
	uint8_t *frame, *answer;
	size_t size, answer_size;

	assert_int_equal(aesm_encode_request(request, &frame, &size), 0);
	assert_int_equal(service_reply(&service, frame + 4, size - 4, &answer, &answer_size), 0);
	assert_int_equal(aesm_frame_size(answer), answer_size - 4);
	assert_int_equal(aesm_decode_response(answer + 4, answer_size - 4, &reply), 0);
	assert_int_equal(reply.kind, request->kind);
	free(frame);
	free(answer);
	return reply;
}

static void assert_error(const struct aesm_message *request, uint64_t error, const char *name)
{
	struct aesm_message reply = ask(request);

	if (!reply.field[AESM_ERROR_CODE].is_set || reply.field[AESM_ERROR_CODE].number != error)
		fail_msg("%s: error %d, not %d", name, (int)reply.field[AESM_ERROR_CODE].number,
		         (int)error);
	for (unsigned int f = 2; error != 0 && f < AESM_FIELDS; f++)
		assert_false(reply.field[f].is_set);
	aesm_message_release(&reply);
}

static const struct {
	const char *name;
	enum aesm_kind kind;
	size_t key_size; /* of field 1 or 2; 0: none */
	bool is_other;   /* key */
	size_t report_size, info_size;
	uint64_t buf_size;
	bool is_ready;
	enum aesm_error error;
} quotes[] = {
	{ "a short report", 17, 256, false, 431, 0, 2000, true, 3 },
	{ "a long report", 17, 256, false, 433, 0, 2000, true, 3 },
	{ "a short info", 17, 256, false, 432, 959, 2000, true, 3 },
	{ "a long info", 17, 256, false, 432, 961, 2000, true, 3 },
	{ "a report before the key", 17, 0, false, 431, 0, 2000, true, 3 },
	{ "no key", 17, 0, false, 432, 0, 2000, true, 3 },
	{ "a short key", 17, 255, false, 432, 0, 2000, true, 3 },
	{ "another key", 17, 256, true, 432, 0, 2000, true, 38 },
	{ "another key before the buffer", 17, 256, true, 432, 0, 1, true, 38 },
	{ "no key made yet", 17, 256, false, 432, 0, 2000, false, 42 },
	{ "a small buffer", 17, 256, false, 432, 960, 1999, true, 3 },
	{ "no buffer", 17, 256, false, 432, 0, 0, true, 3 },
	{ "a buffer of 4 GiB", 17, 256, false, 432, 0, UINT32_MAX, true, 21 },
	{ "size: no key", 16, 0, false, 0, 0, 0, false, 3 },
	{ "size: a short key", 16, 157, false, 0, 0, 0, false, 3 },
	{ "size: another key", 16, 256, true, 0, 0, 0, false, 38 },
	{ "size: right", 16, 256, false, 0, 0, 0, false, 0 },
};

static void wrong_quote_requests_have_their_codes(void **state)
{
	(void)state;
	prepare();
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		struct aesm_message m = { .kind = quotes[i].kind };
		unsigned int key = quotes[i].kind == AESM_GET_QUOTE_EX ? 2 : 1;

		service.is_key_ready = quotes[i].is_ready;
		if (quotes[i].key_size != 0)
			aesm_set_bytes(&m, key,
			               quotes[i].is_other ? &other_key : &service.quoting.key_id,
			               quotes[i].key_size);
		if (quotes[i].kind == AESM_GET_QUOTE_EX) {
			aesm_set_bytes(&m, AESM_QUOTE_EX_REPORT, zeros, quotes[i].report_size);
			aesm_set_number(&m, AESM_QUOTE_EX_BUF_SIZE, quotes[i].buf_size);
		}
		if (quotes[i].info_size != 0)
			aesm_set_bytes(&m, AESM_QUOTE_EX_QE_REPORT_INFO, zeros,
			               quotes[i].info_size);
		assert_error(&m, quotes[i].error, quotes[i].name);
	}
}

static void init_ex(struct aesm_message *m, const void *key, bool wants, uint64_t size)
{
	*m = (struct aesm_message){ .kind = AESM_INIT_QUOTE_EX };
	aesm_set_bytes(m, AESM_INIT_EX_KEY_ID, key, 256);
	aesm_set_number(m, AESM_INIT_EX_WANTS_KEY_ID, wants);
	if (size != 0)
		aesm_set_number(m, AESM_INIT_EX_BUF_SIZE, size);
}

static void init_quote_ex_tells_the_size_then_the_hash(void **state)
{
	struct aesm_message m, reply;

	(void)state;
	prepare();
	memset(service.quoting.self.mrenclave, 9, 32);
	init_ex(&m, &service.quoting.key_id, false, 0);
	reply = ask(&m);
	assert_int_equal(reply.field[AESM_RET_PUB_KEY_ID_SIZE].number, 32);
	assert_int_equal(reply.field[AESM_RET_TARGET_INFO].size, 512);
	assert_memory_equal(reply.field[AESM_RET_TARGET_INFO].bytes, zeros, 512);
	assert_false(reply.field[AESM_RET_PUB_KEY_ID].is_set);
	aesm_message_release(&reply);
	assert_false(service.is_key_ready);

	init_ex(&m, &service.quoting.key_id, true, 0);
	assert_error(&m, AESM_PARAMETER_ERROR, "no size");
	init_ex(&m, &service.quoting.key_id, true, 31);
	assert_error(&m, AESM_PARAMETER_ERROR, "another size");
	init_ex(&m, &other_key, true, 31);
	assert_error(&m, AESM_UNSUPPORTED_ATT_KEY_ID, "another key");
	assert_false(service.is_key_ready);

	init_ex(&m, &service.quoting.key_id, true, 32);
	reply = ask(&m);
	assert_int_equal(reply.field[AESM_RET_PUB_KEY_ID].size, 32);
	assert_memory_equal(reply.field[AESM_RET_TARGET_INFO].bytes, service.quoting.self.mrenclave,
	                    32);
	aesm_message_release(&reply);
	assert_true(service.is_key_ready);
}

/* From the recorded traffic: clients that do not ask have it compiled in. */
static void the_name_of_intels_key_means_ours(void **state)
{
	static const uint8_t intel[32] = {
		0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
		0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
		0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff,
	};
	struct sgx_att_key_id key = { .mrsigner_length = 32,
		                      .prod_id = 1,
		                      .algorithm_id = SGX_QUOTE_KEY_ECDSA_P256 };
	struct aesm_message m = { .kind = AESM_GET_QUOTE_SIZE_EX };

	(void)state;
	prepare();
	memcpy(key.mrsigner, intel, sizeof(intel));
	memset(key.spid, 0x11, sizeof(key.spid)); /* not compared */
	aesm_set_bytes(&m, AESM_SIZE_EX_KEY_ID, &key, sizeof(key));
	assert_error(&m, AESM_SUCCESS, "Intel's key");
	key.prod_id = 2;
	assert_error(&m, AESM_UNSUPPORTED_ATT_KEY_ID, "another product of Intel's");
}

static void lists_of_keys_are_judged(void **state)
{
	static const struct {
		struct aesm_key_list head;
		size_t keys, cut;
		bool has_own;
		enum aesm_error error;
	} rows[] = {
		{ { 0, 0, 1 }, 1, 0, true, 0 },          { { 0, 0, 3 }, 3, 0, true, 0 },
		{ { 0, 0, 10 }, 10, 0, true, 0 },        { { 0, 0, 2 }, 2, 0, false, 38 },
		{ { 0, 0, 0 }, 0, 0, false, 38 },        { { 1, 0, 1 }, 1, 0, true, 3 },
		{ { 0, 1, 1 }, 1, 0, true, 3 },          { { 0, 0, 11 }, 11, 0, true, 3 },
		{ { 0, 0, 2 }, 1, 0, true, 3 },          { { 0, 0, 1 }, 2, 0, true, 3 },
		{ { 0, 0, 1 }, 1, 1, true, 3 },          { { 0, 0, 0 }, 0, 1, true, 3 },
		{ { 0, 0, UINT32_MAX }, 0, 0, true, 3 },
	};

	(void)state;
	prepare();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aesm_message m = { .kind = AESM_SELECT_ATT_KEY_ID };
		uint8_t list[8 + 11 * 256] = { 0 };
		size_t keys = rows[i].keys;

		memcpy(list, &rows[i].head, 8);
		if (rows[i].has_own && keys > 0)
			memcpy(list + 8 + (keys - 1) * 256, &service.quoting.key_id, 256);
		aesm_set_bytes(&m, AESM_SELECT_LIST, list, 8 + keys * 256 - rows[i].cut);
		assert_error(&m, rows[i].error, "list");
	}
	assert_error(&(struct aesm_message){ .kind = AESM_SELECT_ATT_KEY_ID }, 0, "no list");
}

static void supported_keys_want_their_buffer(void **state)
{
	struct aesm_message m = { .kind = AESM_GET_SUPPORTED_ATT_KEY_IDS };

	(void)state;
	prepare();
	for (uint64_t size = 255; size <= 257; size++) {
		aesm_set_number(&m, AESM_SUPPORTED_BUF_SIZE, size);
		assert_error(&m, size == 256 ? AESM_SUCCESS : AESM_PARAMETER_ERROR, "keys");
	}
}

static void tokens_want_their_sizes_and_a_launch_enclave(void **state)
{
	static const struct {
		size_t mrenclave, modulus, attributes;
		enum aesm_error error;
	} rows[] = {
		{ 31, 384, 16, 3 }, { 32, 383, 16, 3 }, { 32, 384, 15, 3 },
		{ 33, 384, 16, 3 }, { 0, 384, 16, 3 },  { 32, 384, 16, 30 },
	};

	(void)state;
	prepare();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aesm_message m = { .kind = AESM_GET_LAUNCH_TOKEN };

		aesm_set_bytes(&m, AESM_TOKEN_MR_ENCLAVE, zeros, rows[i].mrenclave);
		aesm_set_bytes(&m, AESM_TOKEN_MODULUS, zeros, rows[i].modulus);
		aesm_set_bytes(&m, AESM_TOKEN_ATTRIBUTES, zeros, rows[i].attributes);
		assert_error(&m, rows[i].error, "token");
	}
}

static void what_is_not_there_is_not_available(void **state)
{
	static const struct {
		enum aesm_kind kind;
		unsigned int bytes[4], numbers[4];
	} rows[] = {
		{ AESM_INIT_QUOTE, { 0 }, { 0 } },
		{ AESM_GET_QUOTE, { 1, 3 }, { 2, 6 } },
		{ AESM_REPORT_ATTESTATION_ERROR, { 1 }, { 2, 3 } },
		{ AESM_CHECK_UPDATE_STATUS, { 0 }, { 2, 3 } },
		{ AESM_GET_WHITE_LIST_SIZE, { 0 }, { 0 } },
		{ AESM_GET_WHITE_LIST, { 0 }, { 1 } },
		{ AESM_GET_EXTENDED_EPID_GROUP_ID, { 0 }, { 0 } },
		{ AESM_SWITCH_EXTENDED_EPID_GROUP, { 0 }, { 1 } },
		{ AESM_REGISTER, { 1 }, { 2 } },
	};

	(void)state;
	prepare();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aesm_message m = { .kind = rows[i].kind };

		for (unsigned int j = 0; j < 4 && rows[i].bytes[j] != 0; j++)
			aesm_set_bytes(&m, rows[i].bytes[j], zeros, 16);
		for (unsigned int j = 0; j < 4 && rows[i].numbers[j] != 0; j++)
			aesm_set_number(&m, rows[i].numbers[j], 1);
		assert_error(&m, AESM_SERVICE_UNAVAILABLE, "unavailable");
	}
}

static void a_missing_required_field_is_code_1(void **state)
{
	static const enum aesm_kind kinds[] = { 2, 3, 4, 14, 15, 17, 18, 22 };

	(void)state;
	prepare();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_error(&(struct aesm_message){ .kind = kinds[i] }, AESM_UNEXPECTED_ERROR,
		             "required");
}

static void what_cannot_be_parsed_has_no_reply(void **state)
{
	uint8_t *reply;
	size_t size;

	(void)state;
	prepare();
	assert_int_equal(service_reply(&service, "\377\377", 2, &reply, &size), -EBADMSG);
	assert_int_equal(service_reply(&service, "", 0, &reply, &size), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_quote_requests_have_their_codes),
		cmocka_unit_test(init_quote_ex_tells_the_size_then_the_hash),
		cmocka_unit_test(the_name_of_intels_key_means_ours),
		cmocka_unit_test(lists_of_keys_are_judged),
		cmocka_unit_test(supported_keys_want_their_buffer),
		cmocka_unit_test(tokens_want_their_sizes_and_a_launch_enclave),
		cmocka_unit_test(what_is_not_there_is_not_available),
		cmocka_unit_test(a_missing_required_field_is_code_1),
		cmocka_unit_test(what_cannot_be_parsed_has_no_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
