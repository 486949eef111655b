// SPDX-License-Identifier: Apache-2.0
/* ECREATE, EADD and EEXTEND as the running hash sees them. */
#include "lib/sgx/measure.h"

#include <string.h>

#include "lib/sgx/record.h"
#include "sgx/secinfo.h"

void measure_ecreate(struct sha256 *s, uint32_t ssaframesize, uint64_t size,
                     uint64_t cet_leg_bitmap_offset)
{
	struct record_ecreate record = {
		.tag = "ECREATE",
		.ssaframesize = ssaframesize,
		.size = size,
		.cet_leg_bitmap_offset = cet_leg_bitmap_offset,
	};

	sha256_init(s);
	sha256_update(s, &record, sizeof(record));
}

void measure_eadd(struct sha256 *s, uint64_t offset, uint64_t secinfo_flags)
{
	struct record_eadd record = {
		.tag = "EADD",
		.offset = offset,
		.secinfo_flags = secinfo_flags,
	};

	/* EADD clears a TCS's permissions before it measures. */
	if ((secinfo_flags & SGX_SECINFO_PT_MASK) == SGX_SECINFO_TCS)
		record.secinfo_flags &= ~SGX_SECINFO_RWX;
	sha256_update(s, &record, sizeof(record));
}

void measure_eextend(struct sha256 *s, uint64_t offset, const void *chunk)
{
	measure_chunks(s, offset, chunk, 1);
}

/* One update for all records: SHA-256 is what this costs, and calling it should be nothing. */
void measure_chunks(struct sha256 *s, uint64_t offset, const void *chunks, unsigned int count)
{
	struct {
		struct record_eextend record;
		uint8_t chunk[MEASURE_CHUNK];
	} stream[MEASURE_PAGE_CHUNKS];

	_Static_assert(sizeof(stream) == MEASURE_PAGE_CHUNKS * (64 + MEASURE_CHUNK), "no padding");
	for (unsigned int i = 0; i < count; i++) {
		stream[i].record = (struct record_eextend){ .tag = "EEXTEND",
			                                    .offset = offset + i * MEASURE_CHUNK };
		memcpy(stream[i].chunk, (const uint8_t *)chunks + (size_t)i * MEASURE_CHUNK,
		       MEASURE_CHUNK);
	}
	sha256_update(s, stream, count * sizeof(stream[0]));
}

void measure_page(struct sha256 *s, uint64_t offset, const void *page)
{
	measure_chunks(s, offset, page, MEASURE_PAGE_CHUNKS);
}
