// SPDX-License-Identifier: Apache-2.0
/*
 * EINIT: every check of the SDM's pseudocode in its order, with tokens that a launch enclave made,
 * then what a success leaves behind.
 */
#include "swsgx/cpu/keys.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define ATTR_64     SGX_ATTR_MODE64BIT
#define SECS_LA     EPC_LA(FIX_SECS)
#define SIG_LA      RAM_LA(RAM_SIGSTRUCT)
#define TOKEN_LA    RAM_LA(RAM_TOKEN)
#define ENC_ATTR(v) EPC(FIX_SECS, struct sgx_secs, attributes.flags, v)

#define SIG(field, value)   RAM(RAM_SIGSTRUCT, struct sgx_sigstruct, field, value)
#define SIG_BYTE(offset)    RAM_BYTE(RAM_SIGSTRUCT, offset, 0x5a)
#define TOKEN(field, value) RAM(RAM_TOKEN, struct sgx_einittoken, field, value)
#define TOKEN_BYTE(offset)  RAM_BYTE(RAM_TOKEN, offset, 0x5a)

static void prepare(struct fixture *f)
{
	fix_build(f);
	fix_prepare_einit(f);
}

static struct sgx_einittoken *token_of(struct fixture *f)
{
	return fix_ram(f, RAM_TOKEN);
}

static void mac_token(struct fixture *f)
{
	uint8_t key[16];

	key_launch(&f->platform, token_of(f), key);
	cmac_aes128(key, token_of(f), 192, token_of(f)->mac);
}

/* A token, for an enclave that is not of the signer whom the platform lets launch without one. */
static void prepare_token(struct fixture *f)
{
	const struct sgx_sigstruct *sig;
	struct sgx_einittoken *token;

	prepare(f);
	sig = fix_ram(f, RAM_SIGSTRUCT);
	token = token_of(f);
	token->valid = 1;
	token->attributes = f->secs.attributes;
	memcpy(token->mrenclave, sig->enclavehash, 32);
	sigstruct_mrsigner(sig, token->mrsigner);
	memset(f->platform.lepubkeyhash, 0x42, 32);
	token->isvprodidle = 1;
	token->isvsvnle = 2;
	token->maskedattributesle.flags = ATTR_64;
	memset(token->keyid, 0x99, sizeof(token->keyid));
	mac_token(f);
}

static const struct row operand_rows[] = {
	ROW_GP("SIGSTRUCT not page-aligned", REG(rbx, SIG_LA + 64)),
	ROW_GP("SECS not page-aligned", REG(rcx, SECS_LA + 64)),
	ROW_GP("EINITTOKEN not 512-aligned", REG(rdx, TOKEN_LA + 256)),
	ROW_PF("SECS in ordinary memory", RAM_LA(RAM_OTHER), PF_ENCLS, REG(rcx, RAM_LA(RAM_OTHER))),
	ROW_PF("SECS absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_PF("SIGSTRUCT absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_PF("EINITTOKEN absent", FIX_NOWHERE, 0, REG(rdx, FIX_NOWHERE)),
	ROW_PF("SECS not valid", SECS_LA, PF_ENCLS, EPCM(FIX_SECS, valid, 0)),
	ROW_PF("SECS of another page type", SECS_LA, PF_ENCLS, EPCM(FIX_SECS, pt, SGX_PT_REG)),
	ROW_GP("enclave already initialized", ENC_ATTR(ATTR_64 | SGX_ATTR_INIT)),
	ROW_CODE("SIGSTRUCT in the EPC reads as ones", SGX_INVALID_SIG_STRUCT,
	         REG(rbx, EPC_LA(FIX_FREE))),
	/* Unsigned fields, and what is checked before the signature. */
	ROW_CODE("HEADER wrong", SGX_INVALID_SIG_STRUCT, SIG_BYTE(0)),
	ROW_CODE("HEADER last byte wrong", SGX_INVALID_SIG_STRUCT, SIG_BYTE(15)),
	ROW_CODE("VENDOR neither 0 nor Intel", SGX_INVALID_SIG_STRUCT, SIG(vendor, 0x8087)),
	ROW_CODE("HEADER2 wrong", SGX_INVALID_SIG_STRUCT, SIG_BYTE(24)),
	ROW_CODE("EXPONENT not 3", SGX_INVALID_SIG_STRUCT, SIG(exponent, 65537)),
	ROW_CODE("reserved byte 44", SGX_INVALID_SIG_STRUCT, SIG_BYTE(44)),
	ROW_CODE("reserved byte 127", SGX_INVALID_SIG_STRUCT, SIG_BYTE(127)),
	ROW_CODE("CET_ATTRIBUTES without CET", SGX_INVALID_SIG_STRUCT, SIG_BYTE(908)),
	ROW_CODE("CET_ATTRIBUTES_MASK without CET", SGX_INVALID_SIG_STRUCT, SIG_BYTE(909)),
	ROW_CODE("reserved byte 910", SGX_INVALID_SIG_STRUCT, SIG_BYTE(910)),
	ROW_CODE("reserved byte 992", SGX_INVALID_SIG_STRUCT, SIG_BYTE(992)),
	ROW_CODE("reserved byte 1028", SGX_INVALID_SIG_STRUCT, SIG_BYTE(1028)),
	/* The signature. */
	ROW_CODE("signed DATE changed", SGX_INVALID_SIGNATURE, SIG(date, 1)),
	ROW_CODE("signed VENDOR changed", SGX_INVALID_SIGNATURE, SIG(vendor, 0x8086)),
	ROW_CODE("signed SWDEFINED changed", SGX_INVALID_SIGNATURE, SIG(swdefined, 1)),
	ROW_CODE("signed ISVSVN changed", SGX_INVALID_SIGNATURE, SIG(isvsvn, 6)),
	ROW_CODE("signed ENCLAVEHASH changed", SGX_INVALID_SIGNATURE, SIG(enclavehash[0], 0)),
	ROW_CODE("SIGNATURE changed", SGX_INVALID_SIGNATURE, SIG_BYTE(516)),
	ROW_CODE("MODULUS changed", SGX_INVALID_SIGNATURE, SIG_BYTE(128)),
	ROW_CODE("Q1 changed", SGX_INVALID_SIGNATURE, SIG_BYTE(1040)),
	ROW_CODE("Q2 changed", SGX_INVALID_SIGNATURE, SIG_BYTE(1424)),
	/* The platform's side. */
	ROW_CODE("no token and another launch signer", SGX_INVALID_EINITTOKEN,
	         PLATFORM_BYTE(lepubkeyhash[31], 1)),
	ROW_CODE("SECS with an attribute the signer does not list", SGX_INVALID_ATTRIBUTE,
	         ENC_ATTR(ATTR_64 | SGX_ATTR_DEBUG)),
	ROW_CODE("SECS with another XFRM", SGX_INVALID_ATTRIBUTE,
	         EPC(FIX_SECS, struct sgx_secs, attributes.xfrm, 3)),
	ROW_CODE("SECS with another MISCSELECT", SGX_INVALID_ATTRIBUTE,
	         EPC(FIX_SECS, struct sgx_secs, miscselect, 0)),
	ROW_CODE("EINITTOKENKEY without the launch signer", SGX_INVALID_ATTRIBUTE,
	         ENC_ATTR(ATTR_64 | SGX_ATTR_EINITTOKENKEY), PLATFORM_BYTE(lepubkeyhash[31], 1)),
	ROW_CODE("measurement other than signed", SGX_INVALID_MEASUREMENT,
	         EPC_BYTE(FIX_SECS, SECS_HIDDEN_OFFSET, 1)),
};

/* Signed anew after the change: what the signer says, not whether he says it. */
static const struct row signed_rows[] = {
	ROW_CODE("signed: ENCLAVEHASH of another enclave", SGX_INVALID_MEASUREMENT, SIG_BYTE(960)),
	ROW_CODE("signed: ISVFAMILYID without KSS", SGX_INVALID_SIG_STRUCT, SIG_BYTE(912)),
	ROW_CODE("signed: another attribute", SGX_INVALID_ATTRIBUTE,
	         SIG(attributes.flags, ATTR_64 | SGX_ATTR_DEBUG)),
	ROW_CODE("signed: another XFRM", SGX_INVALID_ATTRIBUTE, SIG(attributes.xfrm, 3)),
	ROW_CODE("signed: another MISCSELECT", SGX_INVALID_ATTRIBUTE, SIG(miscselect, 0)),
};

/* The MAC is wrong too, where the token was changed under it: these come first. */
static const struct row token_rows[] = {
	ROW_CODE("token of a debugged launch enclave for production", SGX_INVALID_EINITTOKEN,
	         TOKEN(maskedattributesle.flags, ATTR_64 | SGX_ATTR_DEBUG)),
	ROW_CODE("token reserved VALID bits", SGX_INVALID_EINITTOKEN, TOKEN(valid, 3)),
	ROW_CODE("token reserved byte 4", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(4)),
	ROW_CODE("token reserved byte 96", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(96)),
	ROW_CODE("token reserved byte 160", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(160)),
	ROW_CODE("token reserved byte 213", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(213)),
	ROW_CODE("token CPUSVN from the future", SGX_INVALID_CPUSVN, TOKEN(cpusvnle[15], 2)),
	ROW_CODE("token MAC wrong", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(288)),
	ROW_CODE("token KEYID of another key", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(256)),
	ROW_CODE("token of another launch signer", SGX_INVALID_EINITTOKEN,
	         PLATFORM_BYTE(lepubkeyhash[0], 1)),
	ROW_CODE("token changed under its MAC", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(64)),
};

/* With the MAC made anew. */
static const struct row maced_rows[] = {
	ROW_CODE("token for another MRENCLAVE", SGX_INVALID_MEASUREMENT, TOKEN_BYTE(64)),
	ROW_CODE("token for another MRSIGNER", SGX_INVALID_MEASUREMENT, TOKEN_BYTE(128)),
	ROW_CODE("token for other attributes", SGX_INVALID_ATTRIBUTE,
	         TOKEN(attributes.flags, ATTR_64 | SGX_ATTR_DEBUG)),
	ROW_CODE("token for another XFRM", SGX_INVALID_ATTRIBUTE, TOKEN(attributes.xfrm, 3)),
	ROW_CODE("maced: reserved byte 213", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(213)),
	ROW_CODE("maced: reserved VALID bits", SGX_INVALID_EINITTOKEN, TOKEN(valid, 3)),
	ROW_CODE("maced: reserved byte 96", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(96)),
	ROW_CODE("maced: reserved byte 160", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(160)),
	ROW_CODE("maced: reserved byte 4", SGX_INVALID_EINITTOKEN, TOKEN_BYTE(4)),
	ROW_CODE("maced: debugged launch enclave", SGX_INVALID_EINITTOKEN,
	         TOKEN(maskedattributesle.flags, ATTR_64 | SGX_ATTR_DEBUG)),
};

static void a_success_fills_the_identity_and_nothing_but_the_secs(void **state)
{
	struct fixture *f = *state;
	const struct secs_hidden *hidden = epc_hidden(&f->epc, FIX_SECS);
	struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	struct sgx_sigstruct *sig = fix_ram(f, RAM_SIGSTRUCT);
	uint8_t mrsigner[32], padding[KEY_PADDING_SIZE];

	f->secs.attributes.flags |= SGX_ATTR_KSS;
	fix_build(f);
	fix_prepare_einit(f);
	memset(sig->isvfamilyid, 0x31, 16);
	memset(sig->isvextprodid, 0x32, 16);
	fix_sign(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	sigstruct_mrsigner(sig, mrsigner);
	key_padding(padding);
	assert_memory_equal(padding, "\x00\x01\xff", 3);
	assert_memory_equal(padding + 331, "\xff\x00\x30\x31\x30", 5);
	assert_memory_equal(padding + 349, "\x00\x04\x20", 3);
	assert_memory_equal(secs->mrenclave, sig->enclavehash, 32);
	assert_memory_equal(secs->mrsigner, mrsigner, 32);
	assert_int_equal(secs->isvprodid, 0x1234);
	assert_int_equal(secs->isvsvn, 5);
	assert_int_equal(secs->attributes.flags, ATTR_64 | SGX_ATTR_KSS | SGX_ATTR_INIT);
	assert_memory_equal(hidden->isvfamilyid, sig->isvfamilyid, 16);
	assert_memory_equal(hidden->isvextprodid, sig->isvextprodid, 16);
	assert_memory_equal(hidden->padding, padding, sizeof(padding));
}

static void a_refused_einit_can_be_tried_again(void **state)
{
	struct fixture *f = *state;
	struct sgx_sigstruct *sig = fix_ram(f, RAM_SIGSTRUCT);

	prepare(f);
	sig->enclavehash[0] ^= 1;
	fix_sign(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_INVALID_MEASUREMENT);
	fix_prepare_einit(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void masked_attributes_are_the_loaders_choice(void **state)
{
	struct fixture *f = *state;
	struct sgx_sigstruct *sig = fix_ram(f, RAM_SIGSTRUCT);

	f->secs.attributes.flags |= SGX_ATTR_DEBUG;
	fix_build(f);
	fix_prepare_einit(f);
	sig->attributes.flags = ATTR_64;
	sig->attributemask.flags = ~SGX_ATTR_DEBUG;
	sig->attributes.xfrm = 3;
	sig->attributemask.xfrm = 3;
	sig->miscselect = 0;
	sig->miscmask = 0;
	fix_sign(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void the_launch_signer_may_have_einittokenkey(void **state)
{
	struct fixture *f = *state;

	f->secs.attributes.flags |= SGX_ATTR_EINITTOKENKEY;
	fix_build(f);
	fix_prepare_einit(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void a_token_launches_any_signer(void **state)
{
	struct fixture *f = *state;

	prepare_token(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void a_token_of_a_debugged_launch_enclave_launches_debug_enclaves(void **state)
{
	struct fixture *f = *state;

	f->secs.attributes.flags |= SGX_ATTR_DEBUG;
	prepare_token(f);
	token_of(f)->maskedattributesle.flags |= SGX_ATTR_DEBUG;
	mac_token(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void without_valid_the_rest_of_the_token_is_ignored(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	memset(token_of(f), 0xff, sizeof(struct sgx_einittoken));
	token_of(f)->valid = 0xfffffffe;
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare, cpu_encls, operand_rows),
		{ prepare, cpu_encls, signed_rows, COUNT(signed_rows), fix_sign },
		TABLE(prepare_token, cpu_encls, token_rows),
		{ prepare_token, cpu_encls, maced_rows, COUNT(maced_rows), mac_token },
	};
	const struct CMUnitTest others[] = {
		TEST(a_success_fills_the_identity_and_nothing_but_the_secs),
		TEST(a_refused_einit_can_be_tried_again),
		TEST(masked_attributes_are_the_loaders_choice),
		TEST(the_launch_signer_may_have_einittokenkey),
		TEST(a_token_launches_any_signer),
		TEST(a_token_of_a_debugged_launch_enclave_launches_debug_enclaves),
		TEST(without_valid_the_rest_of_the_token_is_ignored),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
