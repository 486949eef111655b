// SPDX-License-Identifier: Apache-2.0
/* aesm/message: frames to messages and back. */
#include "aesm/message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t kinds[] = { 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22 };

static void frame_is_length_and_body(void **state)
{
	/* GetSupportedAttKeyIDNum with timeout 15000, as Intel's client sends it. */
	static const uint8_t expected[] = { 6, 0, 0, 0, 0xaa, 1, 0x03, 0x48, 0x98, 0x75 };
	struct aesm_message m = { .kind = AESM_GET_SUPPORTED_ATT_KEY_ID_NUM };
	uint8_t *frame;
	size_t size;

	(void)state;
	aesm_set_number(&m, AESM_TIMEOUT, 15000);
	assert_int_equal(aesm_encode_request(&m, &frame, &size), 0);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(frame, expected, size);
	assert_int_equal(aesm_frame_size(frame), 6);
	free(frame);
}

static void a_code_of_0_is_on_the_wire(void **state)
{
	static const uint8_t expected[] = { 7, 0, 0, 0, 0xaa, 1, 4, 8, 0, 0x10, 1 };
	struct aesm_message m = { .kind = AESM_GET_SUPPORTED_ATT_KEY_ID_NUM };
	uint8_t *frame;
	size_t size;

	(void)state;
	aesm_set_number(&m, AESM_ERROR_CODE, 0);
	aesm_set_number(&m, AESM_VALUE, 1);
	assert_int_equal(aesm_encode_response(&m, &frame, &size), 0);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(frame, expected, size);
	free(frame);
}

/* Every field that the kind has: those it has not are refused, one at a time. */
static void fill(struct aesm_message *m, bool is_response, const char *bytes)
{
	for (unsigned int f = 1; f < AESM_FIELDS; f++) {
		struct aesm_message probe = { .kind = m->kind };
		uint8_t *frame = NULL;
		size_t size;
		int (*encode)(const struct aesm_message *, uint8_t **, size_t *) =
			is_response ? aesm_encode_response : aesm_encode_request;

		aesm_set_bytes(&probe, f, bytes, strlen(bytes));
		if (encode(&probe, &frame, &size) == 0) {
			m->field[f] = probe.field[f];
		} else {
			aesm_set_number(&probe, f, 1);
			if (encode(&probe, &frame, &size) == 0)
				m->field[f] = probe.field[f];
		}
		free(frame);
	}
}

static void assert_same(const struct aesm_message *a, const struct aesm_message *b)
{
	assert_int_equal(a->kind, b->kind);
	for (unsigned int f = 0; f < AESM_FIELDS; f++) {
		assert_int_equal(a->field[f].is_set, b->field[f].is_set);
		assert_int_equal(a->field[f].number, b->field[f].number);
		assert_int_equal(a->field[f].size, b->field[f].size);
		if (a->field[f].size != 0)
			assert_memory_equal(a->field[f].bytes, b->field[f].bytes, a->field[f].size);
	}
}

static void every_field_of_every_kind_survives(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2 * sizeof(kinds); i++) {
		struct aesm_message m = { .kind = kinds[i / 2] }, back;
		bool is_response = i % 2 != 0;
		uint8_t *frame;
		size_t size;

		fill(&m, is_response, "some bytes");
		if (is_response)
			assert_int_equal(aesm_encode_response(&m, &frame, &size), 0);
		else
			assert_int_equal(aesm_encode_request(&m, &frame, &size), 0);
		assert_int_equal(aesm_frame_size(frame), size - AESM_FRAME_HEAD);
		if (is_response)
			assert_int_equal(aesm_decode_response(frame + 4, size - 4, &back), 0);
		else
			assert_int_equal(aesm_decode_request(frame + 4, size - 4, &back), 0);
		assert_same(&m, &back);
		aesm_message_release(&back);
		free(frame);
	}
}

static void what_is_no_request_is_refused(void **state)
{
	static const struct {
		const char *name;
		uint8_t body[8];
		size_t size;
	} rows[] = {
		{ "nothing", { 0 }, 0 },
		{ "an unknown request", { 0xfa, 1, 0 }, 3 },
		{ "a response's field", { 0xa2, 1, 2, 8, 1 }, 5 },
		{ "a number where a message is", { 0x08, 1 }, 2 },
		{ "cut short", { 0x1a, 4, 0x0a }, 3 },
		{ "a field of another type", { 0x1a, 2, 0x08, 1 }, 4 },
		{ "a varint without an end", { 0x1a, 3, 0x48, 0xff, 0xff }, 5 },
		{ "rubbish", { 0xff, 0xff, 0xff, 0xff }, 4 },
	};
	struct aesm_message m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (aesm_decode_request(rows[i].body, rows[i].size, &m) != -EBADMSG)
			fail_msg("%s is taken", rows[i].name);
	}
}

static void of_several_requests_the_first_in_order_is_served(void **state)
{
	/* Each pair: the one that is served, and one behind it. */
	static const uint8_t order[] = {
		3, 1, 2, 4, 18, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 22,
	};
	struct aesm_message m;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(order); i++) {
		uint8_t body[6];
		size_t at = 0;

		for (size_t j = 2; j-- > 0;) {
			unsigned int key = (unsigned int)order[i + j] << 3 | 2;

			body[at++] = (uint8_t)(key > 127 ? key | 0x80 : key);
			if (key > 127)
				body[at++] = (uint8_t)(key >> 7);
			body[at++] = 0;
		}
		assert_int_equal(aesm_decode_request(body, at, &m), 0);
		assert_int_equal(m.kind, order[i]);
		aesm_message_release(&m);
	}
}

static void each_required_field_is_missed(void **state)
{
	static const struct {
		enum aesm_kind kind;
		unsigned int fields[5];
	} rows[] = {
		{ AESM_GET_QUOTE, { 1, 2, 3, 6 } },
		{ AESM_GET_LAUNCH_TOKEN, { 1, 2, 3 } },
		{ AESM_REPORT_ATTESTATION_ERROR, { 1, 2, 3 } },
		{ AESM_REGISTER, { 1, 2 } },
		{ AESM_INIT_QUOTE_EX, { 3 } },
		{ AESM_GET_QUOTE_EX, { 1, 4 } },
		{ AESM_CHECK_UPDATE_STATUS, { 2, 3 } },
		{ AESM_GET_SUPPORTED_ATT_KEY_IDS, { 1 } },
		{ AESM_INIT_QUOTE, { 0 } },
		{ AESM_GET_QUOTE_SIZE_EX, { 0 } },
		{ AESM_SELECT_ATT_KEY_ID, { 0 } },
		{ AESM_GET_WHITE_LIST, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aesm_message whole = { .kind = rows[i].kind };

		for (unsigned int f = 0; rows[i].fields[f] != 0; f++)
			aesm_set_number(&whole, rows[i].fields[f], 0);
		assert_true(aesm_request_complete(&whole));
		for (unsigned int f = 0; rows[i].fields[f] != 0; f++) {
			struct aesm_message m = whole;

			m.field[rows[i].fields[f]].is_set = false;
			assert_false(aesm_request_complete(&m));
		}
	}
}

static void what_a_kind_does_not_have_is_not_encoded(void **state)
{
	struct aesm_message m = { .kind = AESM_GET_QUOTE_SIZE_EX };
	uint8_t *frame;
	size_t size;

	(void)state;
	aesm_set_number(&m, 5, 1);
	assert_int_equal(aesm_encode_request(&m, &frame, &size), -EINVAL);
	m = (struct aesm_message){ .kind = AESM_GET_QUOTE_SIZE_EX };
	aesm_set_number(&m, AESM_TIMEOUT, UINT64_C(1) << 32);
	assert_int_equal(aesm_encode_request(&m, &frame, &size), -EINVAL);
	m = (struct aesm_message){ .kind = AESM_UNSUPPORTED_REQUEST };
	assert_int_equal(aesm_encode_request(&m, &frame, &size), -EINVAL);
	assert_int_equal(aesm_encode_response(&m, &frame, &size), 0);
	free(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_is_length_and_body),
		cmocka_unit_test(a_code_of_0_is_on_the_wire),
		cmocka_unit_test(every_field_of_every_kind_survives),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(of_several_requests_the_first_in_order_is_served),
		cmocka_unit_test(each_required_field_is_missed),
		cmocka_unit_test(what_a_kind_does_not_have_is_not_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
