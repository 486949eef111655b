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
static void show_swdefined(uint32_t swdefined)
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
	show_text("SWDEFINED", text);
}

static void show_header(const struct sgx_sigstruct *sig)
{
	char date[16];

	show_bytes("HEADER", sig->header, sizeof(sig->header));
	show_number("VENDOR", sig->vendor);
	snprintf(date, sizeof(date), "%04x-%02x-%02x", sig->date >> 16, sig->date >> 8 & 0xff,
	         sig->date & 0xff);
	show_text("DATE", date);
	show_bytes("HEADER2", sig->header2, sizeof(sig->header2));
	show_swdefined(sig->swdefined);
}

static void show_key(const struct sgx_sigstruct *sig)
{
	show_bytes("MODULUS", sig->modulus, sizeof(sig->modulus));
	show_number("EXPONENT", sig->exponent);
	show_bytes("SIGNATURE", sig->signature, sizeof(sig->signature));
	show_bytes("Q1", sig->q1, sizeof(sig->q1));
	show_bytes("Q2", sig->q2, sizeof(sig->q2));
}

static void show_body(const struct sgx_sigstruct *sig)
{
	show_masked("MISCSELECT", show_miscselect(sig->miscselect), sig->miscmask);
	show_number("CET_ATTRIBUTES", sig->cet_attributes);
	show_number("CET_ATTRIBUTES_MASK", sig->cet_attributes_mask);
	show_masked("ATTRIBUTES", show_attributes(sig->attributes.flags), sig->attributemask.flags);
	show_masked("XFRM", show_xfrm(sig->attributes.xfrm), sig->attributemask.xfrm);
	show_bytes("ISVFAMILYID", sig->isvfamilyid, sizeof(sig->isvfamilyid));
	show_bytes("ISVEXTPRODID", sig->isvextprodid, sizeof(sig->isvextprodid));
	show_number("ISVPRODID", sig->isvprodid);
	show_number("ISVSVN", sig->isvsvn);
}

void show_sigstruct(const char *path, const struct sgx_sigstruct *sig)
{
	uint8_t mrsigner[SHA256_SIZE];
	struct err e;

	printf("%s: SIGSTRUCT\n", path);
	show_bytes("MRENCLAVE", sig->enclavehash, sizeof(sig->enclavehash));
	sigstruct_mrsigner(sig, mrsigner);
	show_bytes("MRSIGNER", mrsigner, sizeof(mrsigner));
	show_text("debug", debug_rule(sig));
	show_header(sig);
	show_body(sig);
	show_key(sig);
	if (sigstruct_check(path, sig, &e) == 0)
		show_text("signature", "verifies");
	else
		show_text("signature", e.text + snprintf(NULL, 0, "%s: ", path));
}
