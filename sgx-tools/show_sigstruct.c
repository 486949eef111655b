// SPDX-License-Identifier: Apache-2.0
/* A SIGSTRUCT field by field, right or not, and what its checks say of it. */
#include <stdio.h>

#include "lib/sgx/sigstruct.h"
#include "sgx-tools/show.h"

static const char *debug_rule(const struct sgx_sigstruct *sig)
{
	if (!(sig->attributemask.flags & SGX_ATTR_DEBUG))
		return "allowed";
	return sig->attributes.flags & SGX_ATTR_DEBUG ? "required" : "forbidden";
}

/* What sgxsign wrote for the loader; another signer's SWDEFINED means something else. */
static void show_swdefined(struct show *s, uint32_t swdefined)
{
	struct image_options options;
	struct err e;
	char text[128];

	if (swdefined == 0 || image_options_unpack(swdefined, &options, &e) < 0)
		snprintf(text, sizeof(text), "%#x", swdefined);
	else
		snprintf(text, sizeof(text),
		         "%#x (sgxsign: enclave size %#llx, image offset %#llx)", swdefined,
		         (unsigned long long)options.size, (unsigned long long)options.offset);
	show_number_as(s, "SWDEFINED", swdefined, text);
}

static void show_header(struct show *s, const struct sgx_sigstruct *sig)
{
	char date[16];

	show_hex(s, "HEADER", sig->header, sizeof(sig->header));
	show_number(s, "VENDOR", sig->vendor);
	snprintf(date, sizeof(date), "%04x-%02x-%02x", sig->date >> 16, sig->date >> 8 & 0xff,
	         sig->date & 0xff);
	show_text(s, "DATE", date);
	show_hex(s, "HEADER2", sig->header2, sizeof(sig->header2));
	show_swdefined(s, sig->swdefined);
}

static void show_key(struct show *s, const struct sgx_sigstruct *sig)
{
	show_hex(s, "MODULUS", sig->modulus, sizeof(sig->modulus));
	show_number(s, "EXPONENT", sig->exponent);
	show_hex(s, "SIGNATURE", sig->signature, sizeof(sig->signature));
	show_hex(s, "Q1", sig->q1, sizeof(sig->q1));
	show_hex(s, "Q2", sig->q2, sizeof(sig->q2));
}

static void show_body(struct show *s, const struct sgx_sigstruct *sig)
{
	uint64_t flags = sig->attributemask.flags, xfrm = sig->attributemask.xfrm;
	uint32_t misc = sig->miscmask;

	show_miscselect(s, sig->miscselect, &misc);
	show_number(s, "CET_ATTRIBUTES", sig->cet_attributes);
	show_number(s, "CET_ATTRIBUTES_MASK", sig->cet_attributes_mask);
	show_attributes(s, sig->attributes.flags, &flags);
	show_xfrm(s, sig->attributes.xfrm, &xfrm);
	show_hex(s, "ISVFAMILYID", sig->isvfamilyid, sizeof(sig->isvfamilyid));
	show_hex(s, "ISVEXTPRODID", sig->isvextprodid, sizeof(sig->isvextprodid));
	show_number(s, "ISVPRODID", sig->isvprodid);
	show_number(s, "ISVSVN", sig->isvsvn);
}

void show_sigstruct(struct show *s, const char *path, const struct sgx_sigstruct *sig)
{
	uint8_t mrsigner[SHA256_SIZE];
	struct err e;

	show_title(s, path, "SIGSTRUCT", "sigstruct");
	show_hex(s, "MRENCLAVE", sig->enclavehash, sizeof(sig->enclavehash));
	sigstruct_mrsigner(sig, mrsigner);
	show_hex(s, "MRSIGNER", mrsigner, sizeof(mrsigner));
	show_text(s, "debug", debug_rule(sig));
	show_header(s, sig);
	show_body(s, sig);
	show_key(s, sig);
	if (sigstruct_check(path, sig, &e) == 0)
		show_text(s, "signature|verdict", "verifies");
	else
		show_text(s, "signature|verdict", e.text + snprintf(NULL, 0, "%s: ", path));
}
