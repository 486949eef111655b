// SPDX-License-Identifier: Apache-2.0
/*
 * From the options and the image's layout to the fields that are signed.  Nothing of the machine that
 * signs gets in: what the user does not say, the image does.
 */
#include <errno.h>
#include <inttypes.h>

#include "lib/sgx/ssaframe.h"
#include "sgx-tools/sign_options.h"
#include "sgx/secinfo.h"

#define MIN_ADDR_DEFAULT UINT64_C(0x10000)   /* the usual vm.mmap_min_addr */
#define MIN_ADDR_OF_ZERO UINT64_C(0x1000000) /* the original's guard area where that is 0 */

#define ATTRIBUTES_KNOWN                                                                        \
	(SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT | SGX_ATTR_PROVISIONKEY | SGX_ATTR_EINITTOKENKEY | \
	 SGX_ATTR_CET | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY)

/* The smallest power of 2 from 8192 that holds need; 0 when there is none. */
static uint64_t power_of_2(uint64_t need)
{
	uint64_t power = 2 * SGX_PAGE_SIZE;

	while (power != 0 && power < need)
		power <<= 1;
	return power;
}

static uint64_t image_offset(const struct sign_options *o)
{
	if (!o->min_addr.is_set)
		return MIN_ADDR_DEFAULT;
	return o->min_addr.value == 0 ? MIN_ADDR_OF_ZERO : o->min_addr.value;
}

static uint64_t image_end(const struct sgx_layout *layout)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct sgx_layout_segment *s = &layout->segment[i];

		if (end < s->offset + s->size)
			end = s->offset + s->size;
	}
	return end;
}

int sign_options_image(const struct sign_options *o, const struct sgx_layout *layout,
                       struct image_options *ret, struct err *e)
{
	const uint64_t limit = UINT64_C(1) << 56; /* above every processor's enclaves */
	struct image_options image = { 0 };

	if (o->protect_null) {
		image.offset = image_offset(o);
		if (image.offset > limit)
			return err_set(e, -ERANGE, "-m %#" PRIx64 ": too large", image.offset);
		image.offset = (image.offset + SGX_PAGE_SIZE - 1) & -(uint64_t)SGX_PAGE_SIZE;
	}
	if (o->size.is_set) {
		if (o->size.value > limit)
			return err_set(e, -ERANGE, "-s %" PRIu64 ": too large", o->size.value);
		if (o->size.value < image_end(layout))
			return err_set(e, -EINVAL,
			               "-s %" PRIu64 ": the image needs %" PRIu64 " bytes",
			               o->size.value, image_end(layout));
		image.size = power_of_2(image.offset + o->size.value);
	}
	*ret = image;
	return 0;
}

static int attributes(const struct sign_options *o, const struct sgx_layout *layout,
                      struct sgx_sigstruct *sig, struct err *e)
{
	uint64_t flags = layout->attributes | (o->no_debug ? 0 : SGX_ATTR_DEBUG);
	uint64_t needed = layout->attributes | SGX_ATTR_MODE64BIT;
	uint64_t mask;

	if (o->attributes.is_set)
		flags = o->attributes.value;
	if (flags & ~ATTRIBUTES_KNOWN)
		return err_set(e, -EINVAL, "-a %#" PRIx64 ": bits %#" PRIx64 " are no attributes",
		               flags, flags & ~ATTRIBUTES_KNOWN);
	if ((flags & needed) != needed)
		return err_set(e, -EINVAL, "-a %#" PRIx64 ": the image needs %#" PRIx64 " as well",
		               flags, needed & ~flags);
	if (o->no_debug && (flags & SGX_ATTR_DEBUG))
		return err_set(e, -EINVAL, "-a %#" PRIx64 ": DEBUG contradicts -N", flags);
	if (o->debug && !(flags & SGX_ATTR_DEBUG))
		return err_set(e, -EINVAL, "-a %#" PRIx64 ": no DEBUG contradicts -D", flags);
	mask = flags | (o->no_debug ? SGX_ATTR_DEBUG : 0);
	if (o->attributemask.is_set)
		mask = o->attributemask.value;
	if ((o->no_debug || o->debug) && !(mask & SGX_ATTR_DEBUG))
		return err_set(e, -EINVAL, "-A %#" PRIx64 ": -%c needs DEBUG (0x2) in the mask",
		               mask, o->debug ? 'D' : 'N');
	sig->attributes.flags = flags;
	sig->attributemask.flags = mask;
	return 0;
}

static int extended_features(const struct sign_options *o, const struct sgx_layout *layout,
                             struct sgx_sigstruct *sig, struct err *e)
{
	uint64_t xfrm = o->xfrm.is_set ? o->xfrm.value : layout->xfrm;
	uint64_t mask = o->xfrmmask.is_set ? o->xfrmmask.value : UINT64_MAX;
	uint32_t pages;

	if ((xfrm & SGX_XFRM_LEGACY) != SGX_XFRM_LEGACY)
		return err_set(e, -EINVAL, "-x %#" PRIx64 ": x87 and SSE (0x3) are always there",
		               xfrm);
	if ((mask & SGX_XFRM_LEGACY) != SGX_XFRM_LEGACY)
		return err_set(e, -EINVAL, "-X %#" PRIx64 ": x87 and SSE (0x3) cannot differ",
		               mask);
	if (ssaframe_pages(xfrm, layout->miscselect, &pages) < 0)
		return err_set(e, -EINVAL,
		               "XFRM %#" PRIx64 ", MISCSELECT %#" PRIx32 ": a bit is not known",
		               xfrm, layout->miscselect);
	if (pages > layout->ssaframesize)
		return err_set(e, -EINVAL,
		               "XFRM %#" PRIx64 " needs SSA frames of %" PRIu32
		               " pages, the image has %" PRIu32,
		               xfrm, pages, layout->ssaframesize);
	sig->attributes.xfrm = xfrm;
	sig->attributemask.xfrm = mask;
	return 0;
}

int sign_options_fields(const struct sign_options *o, const struct sgx_layout *layout,
                        struct sgx_sigstruct *sig, struct err *e)
{
	int r = attributes(o, layout, sig, e);

	if (r == 0)
		r = extended_features(o, layout, sig, e);
	if (r < 0)
		return r;
	sig->miscselect = layout->miscselect;
	sig->miscmask = UINT32_MAX;
	return 0;
}
