// SPDX-License-Identifier: Apache-2.0
/*
 * Checking and measuring an encl.bin.  Every number of the layout page is the file's word until the
 * check that names it has passed: sums are made as differences, so that none wraps.
 */
#include "lib/sgx/image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "lib/sgx/measure.h"
#include "sgx/attributes.h"
#include "sgx/secinfo.h"

static bool is_paged(uint64_t value)
{
	return value % SGX_PAGE_SIZE == 0;
}

static bool is_power_of_2(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* Is [offset, offset + size) inside [0, limit)? */
static bool is_within(uint64_t offset, uint64_t size, uint64_t limit)
{
	return size <= limit && offset <= limit - size;
}

static int check_head(const char *name, const struct sgx_layout *l, size_t file_size, struct err *e)
{
	if (l->magic != SGX_LAYOUT_MAGIC)
		return err_set(e, -EINVAL, "%s: not an enclave image: no layout page", name);
	if (l->file_size > file_size)
		return err_set(e, -EINVAL, "%s: cut short: %zu bytes of %" PRIu64, name, file_size,
		               l->file_size);
	if (l->file_size < file_size)
		return err_set(e, -EINVAL, "%s: %zu bytes, its layout says %" PRIu64, name,
		               file_size, l->file_size);
	if (!is_power_of_2(l->size) || l->size < 2 * SGX_PAGE_SIZE)
		return err_set(e, -EINVAL,
		               "%s: enclave size %#" PRIx64 " is not a power of 2 from 8192", name,
		               l->size);
	if (l->ssaframesize == 0)
		return err_set(e, -EINVAL, "%s: SSAFRAMESIZE is 0", name);
	if (l->attributes & (SGX_ATTR_INIT | SGX_ATTR_DEBUG))
		return err_set(e, -EINVAL, "%s: attributes %#" PRIx64 " hold INIT or DEBUG", name,
		               l->attributes);
	if ((l->xfrm & SGX_XFRM_LEGACY) != SGX_XFRM_LEGACY)
		return err_set(e, -EINVAL, "%s: XFRM %#" PRIx64 " lacks x87 or SSE", name, l->xfrm);
	if (l->segment_count == 0 || l->segment_count > SGX_LAYOUT_SEGMENTS_MAX)
		return err_set(e, -EINVAL, "%s: %" PRIu32 " segments, not 1 to %d", name,
		               l->segment_count, SGX_LAYOUT_SEGMENTS_MAX);
	if (l->reserved != 0 || l->reserved2[0] != 0 || l->reserved2[1] != 0)
		return err_set(e, -EINVAL, "%s: a reserved field of the layout is not 0", name);
	return 0;
}

/* What is wrong with the page's SECINFO, or NULL. */
static const char *secinfo_fault(const struct sgx_layout_segment *s)
{
	uint64_t type = s->secinfo_flags & SGX_SECINFO_PT_MASK;

	if (s->secinfo_flags & ~(SGX_SECINFO_PT_MASK | SGX_SECINFO_RWX))
		return "SECINFO holds more than a page type and permissions";
	if (type == SGX_SECINFO_TCS) {
		if (s->secinfo_flags & SGX_SECINFO_RWX)
			return "a TCS has no permissions";
		return s->flags & SGX_LAYOUT_ZERO ? "a TCS is not in the file" : NULL;
	}
	if (type != SGX_SECINFO_REG)
		return "page type is neither REG nor TCS";
	if (!(s->secinfo_flags & SGX_SECINFO_W))
		return NULL;
	if (!(s->secinfo_flags & SGX_SECINFO_R))
		return "writable but not readable";
	return s->secinfo_flags & SGX_SECINFO_X ? "writable and executable" : NULL;
}

/* What is wrong with a segment, or NULL. */
static const char *segment_fault(const struct sgx_layout *l, const struct sgx_layout_segment *s)
{
	if (!is_paged(s->offset) || !is_paged(s->size) || !is_paged(s->file_offset))
		return "not a multiple of 4096";
	if (s->size == 0)
		return "empty";
	if (s->reserved != 0 || (s->flags & ~SGX_LAYOUT_ZERO) != 0)
		return "a reserved field is not 0";
	if (!is_within(s->offset, s->size, l->size))
		return "outside the enclave";
	if (s->flags & SGX_LAYOUT_ZERO) {
		if (s->file_offset != 0)
			return "pages of zeros with an offset in the file";
	} else if (!is_within(s->file_offset, s->size, l->file_size)) {
		return "outside the file";
	}
	return secinfo_fault(s);
}

static int check_segments(const char *name, const struct sgx_layout *l, struct err *e)
{
	uint64_t room = IMAGE_PAGES_MAX;

	for (uint32_t i = 0; i < l->segment_count; i++) {
		const struct sgx_layout_segment *s = &l->segment[i];
		const char *fault = segment_fault(l, s);

		if (fault)
			return err_set(e, -EINVAL, "%s: segment %" PRIu32 ": %s", name, i, fault);
		if (s->size > room)
			return err_set(e, -EINVAL, "%s: more than %" PRIu64 " bytes of pages", name,
			               IMAGE_PAGES_MAX);
		room -= s->size;
		for (uint32_t j = 0; j < i; j++) {
			const struct sgx_layout_segment *other = &l->segment[j];

			/* Both lie in the enclave: these sums do not wrap. */
			if (s->offset < other->offset + other->size &&
			    other->offset < s->offset + s->size)
				return err_set(e, -EINVAL,
				               "%s: segments %" PRIu32 " and %" PRIu32 " overlap",
				               name, j, i);
		}
	}
	return 0;
}

/* The smallest power of 2 from at, itself one, that holds need; 0 when there is none. */
static uint64_t power_from(uint64_t at, uint64_t need)
{
	while (at != 0 && at < need)
		at <<= 1;
	return at;
}

static int apply(const char *name, struct sgx_layout *l, const struct image_options *o,
                 struct err *e)
{
	uint64_t size = o->size;

	if (!is_paged(o->offset))
		return err_set(e, -EINVAL,
		               "%s: an offset of %#" PRIx64 " is not a multiple of 4096", name,
		               o->offset);
	if (size == 0 && o->offset <= UINT64_MAX - l->size)
		size = power_from(l->size, l->size + o->offset);
	if (!is_power_of_2(size) || size < 2 * SGX_PAGE_SIZE)
		return err_set(e, -EINVAL,
		               "%s: an enclave size of %#" PRIx64 " is not a power of 2 from 8192",
		               name, size);
	for (uint32_t i = 0; i < l->segment_count; i++) {
		struct sgx_layout_segment *s = &l->segment[i];

		if (o->offset > size || !is_within(s->offset, s->size, size - o->offset))
			return err_set(e, -EINVAL,
			               "%s: an enclave of %#" PRIx64
			               " bytes does not hold the image",
			               name, size);
		s->offset += o->offset;
	}
	l->size = size;
	return 0;
}

int image_parse(const char *name, const void *file, size_t file_size,
                const struct image_options *options, struct image *ret, struct err *e)
{
	struct image image = { .file = file, .file_size = file_size, .offset = options->offset };
	int r;

	if (file_size == 0 || !is_paged(file_size))
		return err_set(e, -EINVAL, "%s: %zu bytes, not a multiple of 4096", name,
		               file_size);
	memcpy(&image.layout, file, sizeof(image.layout));
	r = check_head(name, &image.layout, file_size, e);
	if (r == 0)
		r = check_segments(name, &image.layout, e);
	if (r == 0)
		r = apply(name, &image.layout, options, e);
	if (r == 0)
		*ret = image;
	return r;
}

void image_tcs(const struct image *image, const void *page, struct sgx_tcs *ret)
{
	memcpy(ret, page, sizeof(*ret));
	ret->state = 0;
	ret->flags &= ~SGX_TCS_DBGOPTIN;
	ret->cssa = 0;
	ret->aep = 0;
	ret->ossa += image->offset;
	ret->oentry += image->offset;
	ret->ofsbase += image->offset;
	ret->ogsbase += image->offset;
}

const void *image_page(const struct image *image, const struct sgx_layout_segment *segment,
                       uint64_t at, struct sgx_tcs *ret_tcs)
{
	static const uint8_t zeros[SGX_PAGE_SIZE];
	const uint8_t *page = image->file + segment->file_offset + at;

	if (segment->flags & SGX_LAYOUT_ZERO)
		return zeros;
	if ((segment->secinfo_flags & SGX_SECINFO_PT_MASK) != SGX_SECINFO_TCS)
		return page;
	image_tcs(image, page, ret_tcs);
	return ret_tcs;
}

static void measure_segment(struct sha256 *sha, const struct image *image,
                            const struct sgx_layout_segment *s)
{
	struct sgx_tcs tcs;

	for (uint64_t at = 0; at < s->size; at += SGX_PAGE_SIZE) {
		measure_eadd(sha, s->offset + at, s->secinfo_flags);
		measure_page(sha, s->offset + at, image_page(image, s, at, &tcs));
	}
}

void image_measure(const struct image *image, uint8_t mrenclave[SHA256_SIZE])
{
	const struct sgx_layout *l = &image->layout;
	struct sha256 sha;

	measure_ecreate(&sha, l->ssaframesize, l->size, 0);
	for (uint32_t i = 0; i < l->segment_count; i++)
		measure_segment(&sha, image, &l->segment[i]);
	sha256_final(&sha, mrenclave);
}

int image_options_pack(const struct image_options *options, uint32_t *ret_swdefined, struct err *e)
{
	uint64_t pages = options->offset / SGX_PAGE_SIZE;
	uint32_t power = 0;

	if (!is_paged(options->offset) || pages > UINT32_MAX >> 8)
		return err_set(e, -EINVAL,
		               "an offset of %#" PRIx64 " is not a multiple of 4096 below 64 GiB",
		               options->offset);
	if (options->size != 0 && !is_power_of_2(options->size))
		return err_set(e, -EINVAL, "an enclave size of %#" PRIx64 " is not a power of 2",
		               options->size);
	if (options->size != 0)
		power = (uint32_t)__builtin_ctzll(options->size);
	*ret_swdefined = (uint32_t)pages << 8 | power;
	return 0;
}

int image_options_unpack(uint32_t swdefined, struct image_options *ret, struct err *e)
{
	uint32_t power = swdefined & 0xff;

	if (power >= 64)
		return err_set(e, -EINVAL,
		               "SWDEFINED %#" PRIx32 " asks for an enclave of 2^%" PRIu32 " bytes",
		               swdefined, power);
	ret->size = power == 0 ? 0 : UINT64_C(1) << power;
	ret->offset = (uint64_t)(swdefined >> 8) * SGX_PAGE_SIZE;
	return 0;
}
