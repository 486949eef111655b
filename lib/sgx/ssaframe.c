// SPDX-License-Identifier: Apache-2.0
/*
 * The size of an SSA frame, from a table of the XSAVE components and not from this machine's CPUID:
 * what is signed here runs elsewhere.
 */
#include "lib/sgx/ssaframe.h"

#include <errno.h>
#include <stddef.h>

#include "sgx/attributes.h"
#include "sgx/secinfo.h"
#include "sgx/ssa.h"

#define XSAVE_LEGACY 576 /* x87 and SSE, and the header */
#define CPINFO_SIZE  16

/* Where each component ends. */
static const struct {
	uint32_t bit, end;
} components[] = {
	{ 2, 576 + 256 },   /* AVX */
	{ 3, 960 + 64 },    /* BNDREGS */
	{ 4, 1024 + 64 },   /* BNDCSR */
	{ 5, 1088 + 64 },   /* opmask */
	{ 6, 1152 + 512 },  /* ZMM_Hi256 */
	{ 7, 1664 + 1024 }, /* Hi16_ZMM */
	{ 9, 2688 + 8 },    /* PKRU */
	{ 17, 2752 + 64 },  /* XTILECFG */
	{ 18, 2816 + 8192 } /* XTILEDATA */
};

int ssaframe_pages(uint64_t xfrm, uint32_t miscselect, uint32_t *ret)
{
	uint32_t size = XSAVE_LEGACY;
	uint64_t known = SGX_XFRM_LEGACY;

	for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
		uint64_t bit = UINT64_C(1) << components[i].bit;

		known |= bit;
		if (xfrm & bit)
			size = components[i].end;
	}
	if ((xfrm & ~known) != 0 || (miscselect & ~(SGX_MISC_EXINFO | SGX_MISC_CPINFO)) != 0)
		return -EINVAL;
	size += (uint32_t)sizeof(struct sgx_gprsgx);
	/* The highest selected component decides: CPINFO lies below EXINFO. */
	if (miscselect & SGX_MISC_CPINFO)
		size += (uint32_t)sizeof(struct sgx_exinfo) + CPINFO_SIZE;
	else if (miscselect & SGX_MISC_EXINFO)
		size += (uint32_t)sizeof(struct sgx_exinfo);
	*ret = (size + SGX_PAGE_SIZE - 1) / SGX_PAGE_SIZE;
	return 0;
}
