// SPDX-License-Identifier: Apache-2.0
/*
 * What two clients and their aesmd said to each other, recorded: each message is read, and written again
 * as long and with the same in it.  The files are not part of the tree ($SGX_VECTORS, or ../shared/vectors); without them
 * the tests are skipped.  TAP by hand: a skip needs its reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "aesm/message.h"
#include "lib/base/cleanup.h"
#include "lib/base/hex.h"

static int number, failures;

static void result(bool ok, const char *file, size_t row, const char *what)
{
	printf("%sok %d - %s: message %zu: the %s is read and written again\n", ok ? "" : "not ",
	       ++number, file, row, what);
	failures += !ok;
}

static bool same(const struct aesm_message *a, const struct aesm_message *b)
{
	for (unsigned int f = 0; f < AESM_FIELDS; f++) {
		const struct aesm_field *x = &a->field[f], *y = &b->field[f];

		if (x->is_set != y->is_set || x->number != y->number || x->size != y->size ||
		    (x->size != 0 && memcmp(x->bytes, y->bytes, x->size) != 0))
			return false;
	}
	return a->kind == b->kind;
}

/* Bytes may differ in one thing: the order of fields, which one of the clients has its own way. */
static bool survives(const char *hex, int kind)
{
	int (*decode)(const void *, size_t, struct aesm_message *) =
		kind != 0 ? aesm_decode_request : aesm_decode_response;
	int (*encode)(const struct aesm_message *, uint8_t **, size_t *) =
		kind != 0 ? aesm_encode_request : aesm_encode_response;
	_cleanup_(aesm_message_release) struct aesm_message m = { .decoded = NULL };
	_cleanup_(aesm_message_release) struct aesm_message back = { .decoded = NULL };
	size_t size = strlen(hex) / 2, again_size = 0;
	_cleanup_(freep) uint8_t *frame = malloc(size + 1);
	_cleanup_(freep) uint8_t *again = NULL;

	if (frame == NULL || hex_decode(hex, frame, size) < 0 || size < AESM_FRAME_HEAD ||
	    aesm_frame_size(frame) != size - AESM_FRAME_HEAD ||
	    decode(frame + AESM_FRAME_HEAD, size - AESM_FRAME_HEAD, &m) < 0)
		return false;
	if (kind != 0 && ((int)m.kind != kind || !aesm_request_complete(&m)))
		return false;
	return encode(&m, &again, &again_size) == 0 && again_size == size &&
	       decode(again + AESM_FRAME_HEAD, size - AESM_FRAME_HEAD, &back) == 0 &&
	       same(&m, &back);
}

static void replay(const char *folder, const char *file)
{
	char path[4096];
	json_object *rows;

	snprintf(path, sizeof(path), "%s/aesm/%s", folder, file);
	rows = json_object_from_file(path);
	for (size_t i = 0; i < (rows ? json_object_array_length(rows) : 0); i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		int kind = json_object_get_int(json_object_object_get(row, "request_field"));

		result(survives(json_object_get_string(json_object_object_get(row, "request_hex")),
		                kind),
		       file, i, "request");
		result(survives(json_object_get_string(json_object_object_get(row, "response_hex")),
		                0),
		       file, i, "response");
	}
	json_object_put(rows);
}

int main(void)
{
	const char *folder = getenv("SGX_VECTORS");
	char path[4096];

	if (folder == NULL)
		folder = "../shared/vectors";
	snprintf(path, sizeof(path), "%s/aesm", folder);
	if (access(path, R_OK) < 0) {
		printf("ok 1 - recorded messages # SKIP no %s\n1..1\n", path);
		return 0;
	}
	replay(folder, "go-client.json");
	replay(folder, "intel-uae-client.json");
	if (number == 0)
		result(false, path, 0, "recording");
	printf("1..%d\n", number);
	return failures != 0;
}
