// SPDX-License-Identifier: Apache-2.0
/*
 * Messages to frames and back.  The types that protoc-c makes of aesm.proto describe themselves, so one
 * piece of code serves all of them: it walks the description and copies between the fields of the type
 * and those of struct aesm_message.
 */
#include "aesm/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aesm/aesm.pb-c.h"

/* When a request has several messages, aesmd serves the first of these. */
static const uint8_t dispatch_order[] = {
	3, 1, 2, 4, 18, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22,
};

/* Bit n: field n is required. */
static const uint8_t required[] = {
	[AESM_GET_QUOTE] = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6,
	[AESM_GET_LAUNCH_TOKEN] = 1 << 1 | 1 << 2 | 1 << 3,
	[AESM_REPORT_ATTESTATION_ERROR] = 1 << 1 | 1 << 2 | 1 << 3,
	[AESM_REGISTER] = 1 << 1 | 1 << 2,
	[AESM_INIT_QUOTE_EX] = 1 << 3,
	[AESM_GET_QUOTE_EX] = 1 << 1 | 1 << 4,
	[AESM_CHECK_UPDATE_STATUS] = 1 << 2 | 1 << 3,
	[AESM_GET_SUPPORTED_ATT_KEY_IDS] = 1 << 1,
};

void aesm_set_number(struct aesm_message *m, unsigned int field, uint64_t number)
{
	m->field[field] = (struct aesm_field){ .is_set = true, .number = number };
}

void aesm_set_bytes(struct aesm_message *m, unsigned int field, const void *bytes, size_t size)
{
	m->field[field] = (struct aesm_field){ .is_set = true, .bytes = bytes, .size = size };
}

bool aesm_request_complete(const struct aesm_message *request)
{
	unsigned int kind = request->kind;

	for (unsigned int i = 1; kind < sizeof(required) && i < 8; i++)
		if ((required[kind] >> i & 1) && !request->field[i].is_set)
			return false;
	return true;
}

uint32_t aesm_frame_size(const uint8_t head[AESM_FRAME_HEAD])
{
	return head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
}

static const void *member(const ProtobufCMessage *m, unsigned int offset)
{
	return (const uint8_t *)m + offset;
}

static void *member_of(ProtobufCMessage *m, unsigned int offset)
{
	return (uint8_t *)m + offset;
}

/* One field of a protobuf-c message; those of messages that have none are left as they are. */
static void field_from(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *d,
                       struct aesm_field *ret)
{
	const void *value = member(m, d->offset);
	const protobuf_c_boolean *has = member(m, d->quantifier_offset);

	ret->is_set = *has != 0;
	if (!ret->is_set)
		return;
	if (d->type == PROTOBUF_C_TYPE_BYTES) {
		const ProtobufCBinaryData *data = value;

		ret->bytes = data->data;
		ret->size = data->len;
	} else if (d->type == PROTOBUF_C_TYPE_UINT64) {
		ret->number = *(const uint64_t *)value;
	} else if (d->type == PROTOBUF_C_TYPE_BOOL) {
		ret->number = *(const protobuf_c_boolean *)value != 0;
	} else {
		ret->number = *(const uint32_t *)value;
	}
}

static int field_to(ProtobufCMessage *m, const ProtobufCFieldDescriptor *d,
                    const struct aesm_field *field)
{
	void *value = member_of(m, d->offset);

	*(protobuf_c_boolean *)member_of(m, d->quantifier_offset) = 1;
	if (d->type != PROTOBUF_C_TYPE_BYTES && field->bytes != NULL)
		return -EINVAL;
	if (d->type == PROTOBUF_C_TYPE_BYTES) {
		ProtobufCBinaryData *data = value;

		data->data = (uint8_t *)field->bytes; /* packing only reads it */
		data->len = field->size;
	} else if (d->type == PROTOBUF_C_TYPE_UINT64) {
		*(uint64_t *)value = field->number;
	} else if (d->type == PROTOBUF_C_TYPE_BOOL) {
		*(protobuf_c_boolean *)value = field->number != 0;
	} else if (field->number > UINT32_MAX) {
		return -EINVAL;
	} else {
		*(uint32_t *)value = (uint32_t)field->number;
	}
	return 0;
}

static int decode(const ProtobufCMessageDescriptor *type, const void *body, size_t size,
                  struct aesm_message *ret)
{
	ProtobufCMessage *outer = protobuf_c_message_unpack(type, NULL, size, body);
	struct aesm_message m = { .decoded = outer };

	if (outer == NULL)
		return -EBADMSG;
	for (unsigned int i = 0; i < sizeof(dispatch_order); i++) {
		const ProtobufCFieldDescriptor *d =
			protobuf_c_message_descriptor_get_field(type, dispatch_order[i]);
		const ProtobufCMessage *inner =
			d ? *(ProtobufCMessage *const *)member(outer, d->offset) : NULL;

		if (inner == NULL)
			continue;
		m.kind = dispatch_order[i];
		for (unsigned int f = 0; f < inner->descriptor->n_fields; f++)
			field_from(inner, &inner->descriptor->fields[f],
			           &m.field[inner->descriptor->fields[f].id]);
		*ret = m;
		return 0;
	}
	protobuf_c_message_free_unpacked(outer, NULL);
	return -EBADMSG;
}

int aesm_decode_request(const void *body, size_t size, struct aesm_message *ret)
{
	return decode(&aesm__request__descriptor, body, size, ret);
}

int aesm_decode_response(const void *body, size_t size, struct aesm_message *ret)
{
	return decode(&aesm__response__descriptor, body, size, ret);
}

void aesm_message_release(struct aesm_message *m)
{
	if (m->decoded != NULL)
		protobuf_c_message_free_unpacked(m->decoded, NULL);
	*m = (struct aesm_message){ .decoded = NULL };
}

static int fill(ProtobufCMessage *inner, const struct aesm_message *m)
{
	for (unsigned int i = 0; i < AESM_FIELDS; i++) {
		const ProtobufCFieldDescriptor *d;
		int r;

		if (!m->field[i].is_set)
			continue;
		d = protobuf_c_message_descriptor_get_field(inner->descriptor, i);
		r = d ? field_to(inner, d, &m->field[i]) : -EINVAL;
		if (r < 0)
			return r;
	}
	return 0;
}

/* A frame of outer, in one buffer: a reply must arrive in one write. */
static int pack(const ProtobufCMessage *outer, uint8_t **ret, size_t *ret_size)
{
	size_t size = protobuf_c_message_get_packed_size(outer);
	uint8_t *frame;

	if (size > UINT32_MAX)
		return -EINVAL;
	frame = malloc(AESM_FRAME_HEAD + size);
	if (frame == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < AESM_FRAME_HEAD; i++)
		frame[i] = (uint8_t)(size >> 8 * i);
	protobuf_c_message_pack(outer, frame + AESM_FRAME_HEAD);
	*ret = frame;
	*ret_size = AESM_FRAME_HEAD + size;
	return 0;
}

static int encode(const ProtobufCMessageDescriptor *type, const struct aesm_message *m,
                  uint8_t **ret, size_t *ret_size)
{
	const ProtobufCFieldDescriptor *d = protobuf_c_message_descriptor_get_field(type, m->kind);
	const ProtobufCMessageDescriptor *inner_type = d ? d->descriptor : NULL;
	ProtobufCMessage *outer, *inner;
	int r = -ENOMEM;

	if (inner_type == NULL)
		return -EINVAL;
	outer = calloc(1, type->sizeof_message);
	inner = calloc(1, inner_type->sizeof_message);
	if (outer != NULL && inner != NULL) {
		protobuf_c_message_init(type, outer);
		protobuf_c_message_init(inner_type, inner);
		*(ProtobufCMessage **)member_of(outer, d->offset) = inner;
		r = fill(inner, m);
		if (r == 0)
			r = pack(outer, ret, ret_size);
	}
	free(inner);
	free(outer);
	return r;
}

int aesm_encode_request(const struct aesm_message *m, uint8_t **ret, size_t *ret_size)
{
	return encode(&aesm__request__descriptor, m, ret, ret_size);
}

int aesm_encode_response(const struct aesm_message *m, uint8_t **ret, size_t *ret_size)
{
	return encode(&aesm__response__descriptor, m, ret, ret_size);
}

const char *aesm_error_text(uint32_t code)
{
	switch (code) {
	case AESM_SUCCESS: return "success";
	case AESM_UNEXPECTED_ERROR: return "unexpected error";
	case AESM_NO_DEVICE_ERROR: return "no SGX device";
	case AESM_PARAMETER_ERROR: return "a parameter is wrong";
	case AESM_EPIDBLOB_ERROR: return "the EPID blob is wrong";
	case AESM_EPID_REVOKED_ERROR: return "the EPID group is revoked";
	case AESM_GET_LICENSETOKEN_ERROR: return "the launch enclave refuses a token";
	case AESM_NETWORK_ERROR: return "network error";
	case AESM_SERVICE_STOPPED: return "the service has stopped";
	case AESM_BUSY: return "busy";
	case AESM_UPDATE_AVAILABLE: return "an update is available";
	case AESM_OUT_OF_MEMORY_ERROR: return "out of memory";
	case AESM_MSG_ERROR: return "message error";
	case AESM_SGX_DEVICE_NOT_AVAILABLE: return "the SGX device is not available";
	case AESM_OUT_OF_EPC: return "out of EPC";
	case AESM_SERVICE_UNAVAILABLE: return "the service is not available";
	case AESM_UNRECOGNIZED_PLATFORM: return "unrecognised platform";
	case AESM_UNSUPPORTED_ATT_KEY_ID: return "unsupported attestation key";
	case AESM_ATT_KEY_NOT_INITIALIZED: return "the attestation key is not initialised";
	case AESM_NO_PLATFORM_CERT_DATA: return "no certificate for this platform";
	case AESM_INVALID_REPORT: return "the report is not valid";
	case AESM_ENCLAVE_LOAD_ERROR: return "an enclave of the service cannot be loaded";
	default: return "unknown error";
	}
}
