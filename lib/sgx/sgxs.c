// SPDX-License-Identifier: Apache-2.0
/*
 * Reading and writing SGXS.  A stream is a stranger's file: whatever would not build an enclave is
 * refused, so that no number is printed that no processor would ever report.
 */
#include "lib/sgx/sgxs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/sgx/measure.h"
#include "lib/sgx/record.h"
#include "sgx/secinfo.h"

struct stream {
	const char *name;
	const uint8_t *bytes;
	size_t size, at;
	uint64_t enclave_size;
	bool has_page;
	uint64_t page; /* the last EADD's offset */
	struct sha256 sha;
};

static bool has_tag(const uint8_t *record, const char *tag)
{
	char padded[8] = { 0 };

	memcpy(padded, tag, strlen(tag));
	return memcmp(record, padded, sizeof(padded)) == 0;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	uint8_t all = 0;

	for (size_t i = 0; i < size; i++)
		all |= bytes[i];
	return all == 0;
}

static int refuse(const struct stream *s, struct err *e, const char *cause)
{
	return err_set(e, -EINVAL, "%s: at byte %zu: %s", s->name, s->at, cause);
}

static int take_ecreate(struct stream *s, const uint8_t *record, struct err *e)
{
	struct record_ecreate r;

	memcpy(&r, record, sizeof(r));
	if (r.size < 2 * SGX_PAGE_SIZE || (r.size & (r.size - 1)) != 0)
		return refuse(s, e, "SIZE is not a power of 2 from 8192");
	if (r.ssaframesize == 0)
		return refuse(s, e, "SSAFRAMESIZE is 0");
	if (!is_zero(r.zero, sizeof(r.zero)))
		return refuse(s, e, "reserved bytes of ECREATE are not 0");
	s->enclave_size = r.size;
	return 0;
}

static int take_eadd(struct stream *s, const uint8_t *record, struct err *e)
{
	struct record_eadd r;

	memcpy(&r, record, sizeof(r));
	if (r.offset % SGX_PAGE_SIZE != 0 || r.offset >= s->enclave_size)
		return refuse(s, e, "EADD of no page of the enclave");
	if (!is_zero(r.zero, sizeof(r.zero)))
		return refuse(s, e, "reserved bytes of SECINFO are not 0");
	s->has_page = true;
	s->page = r.offset;
	return 0;
}

static int take_chunk(struct stream *s, const uint8_t *record, struct err *e)
{
	struct record_eextend r;

	memcpy(&r, record, sizeof(r));
	if (s->size - s->at < RECORD_SIZE + MEASURE_CHUNK)
		return refuse(s, e, "a chunk is cut short");
	if (!s->has_page)
		return refuse(s, e, "a chunk before the first EADD");
	if (r.offset % MEASURE_CHUNK != 0 || r.offset < s->page ||
	    r.offset - s->page >= SGX_PAGE_SIZE)
		return refuse(s, e, "a chunk that is not one of the page before it");
	if (!is_zero(r.zero, sizeof(r.zero)))
		return refuse(s, e, "reserved bytes of a chunk are not 0");
	return 0;
}

/* The record at s->at: takes it into the measurement, and passes it. */
static int take(struct stream *s, struct err *e)
{
	const uint8_t *record = s->bytes + s->at;
	size_t length = RECORD_SIZE;
	bool is_measured = true;
	int r;

	if (s->size - s->at < RECORD_SIZE)
		return refuse(s, e, "a record is cut short");
	if (has_tag(record, "EADD")) {
		r = take_eadd(s, record, e);
	} else if (has_tag(record, "EEXTEND") || has_tag(record, "UNMEASRD")) {
		is_measured = record[0] == 'E';
		length += MEASURE_CHUNK;
		r = take_chunk(s, record, e);
	} else {
		return refuse(s, e, "neither EADD, EEXTEND nor UNMEASRD");
	}
	if (r < 0)
		return r;
	if (is_measured)
		sha256_update(&s->sha, record, length);
	s->at += length;
	return 0;
}

bool sgxs_is_stream(const void *bytes, size_t size)
{
	return size >= RECORD_SIZE && (has_tag(bytes, "ECREATE") || has_tag(bytes, "UNSIZED"));
}

int sgxs_measure(const char *name, const void *bytes, size_t size, uint8_t mrenclave[SHA256_SIZE],
                 struct err *e)
{
	struct stream s = { .name = name, .bytes = bytes, .size = size };
	int r;

	if (size < RECORD_SIZE || !has_tag(bytes, "ECREATE")) {
		if (sgxs_is_stream(bytes, size))
			return refuse(&s, e,
			              "UNSIZED: an enclave without a size has no measurement");
		return refuse(&s, e, "no SGXS stream: it does not begin with ECREATE");
	}
	r = take_ecreate(&s, s.bytes, e);
	if (r < 0)
		return r;
	sha256_init(&s.sha);
	sha256_update(&s.sha, s.bytes, RECORD_SIZE);
	s.at = RECORD_SIZE;
	while (s.at < s.size) {
		r = take(&s, e);
		if (r < 0)
			return r;
	}
	sha256_final(&s.sha, mrenclave);
	return 0;
}

uint64_t sgxs_size(const struct image *image)
{
	const struct sgx_layout *l = &image->layout;
	uint64_t pages = 0;

	for (uint32_t i = 0; i < l->segment_count; i++)
		pages += l->segment[i].size / SGX_PAGE_SIZE;
	return RECORD_SIZE +
	       pages * (RECORD_SIZE + MEASURE_PAGE_CHUNKS * (RECORD_SIZE + MEASURE_CHUNK));
}

static uint8_t *put(uint8_t *to, const void *bytes, size_t size)
{
	memcpy(to, bytes, size);
	return to + size;
}

static uint8_t *put_page(uint8_t *to, uint64_t offset, uint64_t secinfo_flags, const uint8_t *page)
{
	struct record_eadd eadd = { .tag = "EADD",
		                    .offset = offset,
		                    .secinfo_flags = secinfo_flags };

	to = put(to, &eadd, sizeof(eadd));
	for (unsigned int i = 0; i < MEASURE_PAGE_CHUNKS; i++) {
		struct record_eextend eextend = { .tag = "EEXTEND",
			                          .offset = offset + i * MEASURE_CHUNK };

		to = put(to, &eextend, sizeof(eextend));
		to = put(to, page + (size_t)i * MEASURE_CHUNK, MEASURE_CHUNK);
	}
	return to;
}

void sgxs_write(const struct image *image, uint8_t *ret)
{
	const struct sgx_layout *l = &image->layout;
	struct record_ecreate ecreate = { .tag = "ECREATE",
		                          .ssaframesize = l->ssaframesize,
		                          .size = l->size };
	struct sgx_tcs tcs;

	ret = put(ret, &ecreate, sizeof(ecreate));
	for (uint32_t i = 0; i < l->segment_count; i++) {
		const struct sgx_layout_segment *s = &l->segment[i];

		for (uint64_t at = 0; at < s->size; at += SGX_PAGE_SIZE)
			ret = put_page(ret, s->offset + at, s->secinfo_flags,
			               image_page(image, s, at, &tcs));
	}
}
