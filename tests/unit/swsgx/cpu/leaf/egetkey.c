// SPDX-License-Identifier: Apache-2.0
/*
 * EGETKEY: every check of the SDM's pseudocode, and the table of what each of the five keys depends
 * on, each entry tried: the key changes with an input it depends on, and with no other.
 */
#include "swsgx/cpu/keys.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define REQUEST_LA ENC_LA(FIX_DATA)
#define KEY_LA     ENC_LA(FIX_DATA1)
#define ATTR_ALL \
	(SGX_ATTR_MODE64BIT | SGX_ATTR_PROVISIONKEY | SGX_ATTR_EINITTOKENKEY | SGX_ATTR_KSS)

#define REQUEST(field, value) EPC(FIX_DATA, struct sgx_keyrequest, field, value)
#define SECS(field, value)    EPC(FIX_SECS, struct sgx_secs, field, value)

static struct sgx_keyrequest *request_of(const struct fixture *f)
{
	return fix_epc(f, FIX_DATA);
}

static void prepare_key(struct fixture *f, uint16_t keyname)
{
	struct sgx_keyrequest *request;

	f->secs.attributes.flags = ATTR_ALL;
	f->secs.configsvn = 7;
	memset(f->secs.configid, 0x66, sizeof(f->secs.configid));
	fix_enclave(f);
	memset(epc_hidden(&f->epc, FIX_SECS)->isvfamilyid, 0x71, 16);
	memset(epc_hidden(&f->epc, FIX_SECS)->isvextprodid, 0x72, 16);
	fix_enter(f);
	request = request_of(f);
	*request = (struct sgx_keyrequest){
		.keyname = keyname,
		.isvsvn = 4,
		.attributemask = { .flags = ~UINT64_C(0), .xfrm = ~UINT64_C(0) },
		.miscmask = ~UINT32_C(0),
		.configsvn = 6,
	};
	memset(request->keyid, 0x4b, sizeof(request->keyid));
	memset(request->cpusvn, 1, sizeof(request->cpusvn));
	f->cpu.regs.rax = SGX_EGETKEY;
	f->cpu.regs.rbx = REQUEST_LA;
	f->cpu.regs.rcx = KEY_LA;
}

static void prepare_seal(struct fixture *f)
{
	prepare_key(f, SGX_KEY_SEAL);
}

static void prepare_token(struct fixture *f)
{
	prepare_key(f, SGX_KEY_EINITTOKEN);
}

static void prepare_provision(struct fixture *f)
{
	prepare_key(f, SGX_KEY_PROVISION);
}

static void prepare_provision_seal(struct fixture *f)
{
	prepare_key(f, SGX_KEY_PROVISION_SEAL);
}

/* An enclave without KSS, and a request that it may make. */
static void prepare_plain(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	*request_of(f) = (struct sgx_keyrequest){ .keyname = SGX_KEY_SEAL };
	f->cpu.regs.rax = SGX_EGETKEY;
	f->cpu.regs.rbx = REQUEST_LA;
	f->cpu.regs.rcx = KEY_LA;
}

static const struct row seal_rows[] = {
	ROW_GP("KEYREQUEST not 512-aligned", REG(rbx, REQUEST_LA + 128)),
	ROW_GP("KEYREQUEST outside the enclave", REG(rbx, RAM_LA(0))),
	ROW_PF("KEYREQUEST absent", ENC_LA(30), PF_U, REG(rbx, ENC_LA(30))),
	ROW_PF("KEYREQUEST not valid", REQUEST_LA, PF_ENCLU_READ, EPCM(FIX_DATA, valid, 0)),
	ROW_PF("KEYREQUEST blocked", REQUEST_LA, PF_ENCLU_READ, EPCM(FIX_DATA, blocked, 1)),
	ROW_PF("KEYREQUEST in a TCS", ENC_LA(FIX_TCS), PF_ENCLU_READ, REG(rbx, ENC_LA(FIX_TCS))),
	ROW_PF("KEYREQUEST pending", REQUEST_LA, PF_ENCLU_READ, EPCM(FIX_DATA, pending, 1)),
	ROW_PF("KEYREQUEST modified", REQUEST_LA, PF_ENCLU_READ, EPCM(FIX_DATA, modified, 1)),
	ROW_PF("KEYREQUEST without R", REQUEST_LA, PF_ENCLU_READ, EPCM(FIX_DATA, r, 0)),
	ROW_GP("key not 16-aligned", REG(rcx, KEY_LA + 8)),
	ROW_GP("key outside the enclave", REG(rcx, RAM_LA(0))),
	ROW_PF("key without W", ENC_LA(FIX_CONST), PF_ENCLU_WRITE, REG(rcx, ENC_LA(FIX_CONST))),
	ROW_PF("key mapped read-only", KEY_LA, PF_U | PF_W | PF_P, MAP(KEY_LA, writable, false)),
	ROW_GP("KEYREQUEST reserved byte 6: no CET", EPC_BYTE(FIX_DATA, 6, 1)),
	ROW_GP("KEYREQUEST reserved byte 7", EPC_BYTE(FIX_DATA, 7, 1)),
	ROW_GP("KEYREQUEST reserved byte 78", EPC_BYTE(FIX_DATA, 78, 1)),
	ROW_GP("KEYREQUEST reserved byte 511", EPC_BYTE(FIX_DATA, 511, 1)),
	ROW_GP("KEYPOLICY reserved bit 6", REQUEST(keypolicy, 0x40)),
	ROW_GP("KEYPOLICY reserved bit 15", REQUEST(keypolicy, 0x8000)),
	ROW_CODE("unknown key", SGX_INVALID_KEYNAME, REQUEST(keyname, 5)),
	ROW_CODE("SEAL: CPUSVN from the future", SGX_INVALID_CPUSVN, REQUEST(cpusvn[7], 2)),
	ROW_CODE("SEAL: ISVSVN from the future", SGX_INVALID_ISVSVN, REQUEST(isvsvn, 6)),
	ROW_CODE("SEAL: CONFIGSVN from the future", SGX_INVALID_ISVSVN, REQUEST(configsvn, 8)),
};

static const struct row plain_rows[] = {
	ROW_GP("NOISVPRODID without KSS", REQUEST(keypolicy, SGX_KEYPOLICY_NOISVPRODID)),
	ROW_GP("CONFIGID without KSS", REQUEST(keypolicy, SGX_KEYPOLICY_CONFIGID)),
	ROW_GP("ISVFAMILYID without KSS", REQUEST(keypolicy, SGX_KEYPOLICY_ISVFAMILYID)),
	ROW_GP("ISVEXTPRODID without KSS", REQUEST(keypolicy, SGX_KEYPOLICY_ISVEXTPRODID)),
	ROW_GP("CONFIGSVN without KSS", REQUEST(configsvn, 1)),
	ROW_CODE("EINITTOKEN without its attribute", SGX_INVALID_ATTRIBUTE,
	         REQUEST(keyname, SGX_KEY_EINITTOKEN)),
	ROW_CODE("PROVISION without its attribute", SGX_INVALID_ATTRIBUTE,
	         REQUEST(keyname, SGX_KEY_PROVISION)),
	ROW_CODE("PROVISION_SEAL without its attribute", SGX_INVALID_ATTRIBUTE,
	         REQUEST(keyname, SGX_KEY_PROVISION_SEAL)),
};

static const struct row token_rows[] = {
	ROW_CODE("EINITTOKEN: CPUSVN from the future", SGX_INVALID_CPUSVN, REQUEST(cpusvn[0], 2)),
	ROW_CODE("EINITTOKEN: ISVSVN from the future", SGX_INVALID_ISVSVN, REQUEST(isvsvn, 6)),
};

static const struct row provision_rows[] = {
	ROW_CODE("PROVISION: CPUSVN from the future", SGX_INVALID_CPUSVN, REQUEST(cpusvn[0], 2)),
	ROW_CODE("PROVISION: ISVSVN from the future", SGX_INVALID_ISVSVN, REQUEST(isvsvn, 6)),
};

static const struct row provision_seal_rows[] = {
	ROW_CODE("PROVISION_SEAL: CPUSVN from the future", SGX_INVALID_CPUSVN,
	         REQUEST(cpusvn[0], 2)),
	ROW_CODE("PROVISION_SEAL: ISVSVN from the future", SGX_INVALID_ISVSVN, REQUEST(isvsvn, 6)),
};

static void get_key(struct fixture *f, uint8_t ret[16])
{
	fix_assert_code(f, fix_enclu(f, SGX_EGETKEY, REQUEST_LA, KEY_LA, 0), SGX_SUCCESS);
	memcpy(ret, fix_epc(f, FIX_DATA1), 16);
}

#define POLICY_ALL 0x3b /* all but NOISVPRODID */

/* An input, and the keys that depend on it (bit KEYNAME), with all policies and with none. */
struct input {
	const char *name;
	struct poke poke;
	unsigned int with, without;
};

#define LAUNCH (1U << SGX_KEY_EINITTOKEN)
#define PROV   (1U << SGX_KEY_PROVISION)
#define PSEAL  (1U << SGX_KEY_PROVISION_SEAL)
#define REP    (1U << SGX_KEY_REPORT)
#define SEAL   (1U << SGX_KEY_SEAL)
#define HIDDEN(field)                                                                            \
	{                                                                                        \
		POKE_EPC, FIX_SECS, SECS_HIDDEN_OFFSET + offsetof(struct secs_hidden, field), 1, \
			1, true                                                                  \
	}

static const struct input inputs[] = {
	{ "root key", PLATFORM(root_key[0], 0), 0x1f, 0x1f },
	{ "OWNEREPOCH", PLATFORM(ownerepoch[0], 0), LAUNCH | REP | SEAL, LAUNCH | REP | SEAL },
	{ "seal fuses", PLATFORM(seal_fuses[0], 0), 0x1f & ~PROV, 0x1f & ~PROV },
	{ "current CPUSVN", PLATFORM(cpusvn[0], 9), REP, REP },
	{ "requested CPUSVN", REQUEST(cpusvn[0], 0), 0x1f & ~REP, 0x1f & ~REP },
	{ "requested ISVSVN", REQUEST(isvsvn, 1), 0x1f & ~REP, 0x1f & ~REP },
	{ "KEYID", REQUEST(keyid[31], 0), LAUNCH | REP | SEAL, LAUNCH | REP | SEAL },
	{ "requested CONFIGSVN", REQUEST(configsvn, 1), PSEAL | SEAL, 0 },
	{ "ATTRIBUTEMASK", REQUEST(attributemask.flags, ~SGX_ATTR_KSS), 0x1f & ~REP, 0x1f & ~REP },
	{ "mask of an unset attribute", REQUEST(attributemask.flags, ~UINT64_C(8)),
	  PROV | PSEAL | SEAL, PROV | PSEAL | SEAL },
	{ "MISCMASK", REQUEST(miscmask, ~1U), 0x1f & ~REP, 0x1f & ~REP },
	{ "mask of an unset MISCSELECT bit", REQUEST(miscmask, ~2U), PROV | PSEAL | SEAL,
	  PROV | PSEAL | SEAL },
	{ "MRENCLAVE", SECS(mrenclave[0], 0), REP | SEAL, REP },
	{ "MRSIGNER", EPC_BYTE(FIX_SECS, offsetof(struct sgx_secs, mrsigner), 1),
	  LAUNCH | PROV | PSEAL | SEAL, LAUNCH | PROV | PSEAL },
	{ "ISVPRODID", SECS(isvprodid, 1), 0x1f & ~REP, 0x1f & ~REP },
	{ "own ISVSVN", SECS(isvsvn, 6), 0, 0 },
	{ "own CONFIGSVN", SECS(configsvn, 8), REP, REP },
	{ "CONFIGID", SECS(configid[0], 0), REP | PSEAL | SEAL, REP },
	{ "own MISCSELECT", SECS(miscselect, 0), 0x1f, 0x1f },
	{ "own DEBUG", SECS(attributes.flags, ATTR_ALL | SGX_ATTR_INIT | SGX_ATTR_DEBUG), 0x1f,
	  0x1f },
	{ "own XFRM", SECS(attributes.xfrm, 3), 0x1f, 0x1f },
	{ "ISVFAMILYID", HIDDEN(isvfamilyid), PSEAL | SEAL, 0 },
	{ "ISVEXTPRODID", HIDDEN(isvextprodid), PSEAL | SEAL, 0 },
};

static uint8_t *input_at(const struct fixture *f, const struct input *input)
{
	const struct poke *p = &input->poke;

	if (p->at == POKE_PLATFORM)
		return (uint8_t *)&f->cpu.platform->root_key - offsetof(struct platform, root_key) +
		       p->offset;
	return (uint8_t *)fix_epc(f, (uint32_t)p->which) + p->offset;
}

/* Change one input, get the key, put it back. */
static void get_changed(struct fixture *f, const struct input *input, uint8_t ret[16])
{
	uint8_t *at = input_at(f, input), saved[8];
	const struct poke *p = &input->poke;

	memcpy(saved, at, p->size);
	poke_field(at, p);
	get_key(f, ret);
	memcpy(at, saved, p->size);
}

static void assert_depends(struct fixture *f, uint16_t policy)
{
	uint8_t key[16], changed[16];

	for (uint16_t name = SGX_KEY_EINITTOKEN; name <= SGX_KEY_SEAL; name++) {
		request_of(f)->keyname = name;
		request_of(f)->keypolicy = policy;
		get_key(f, key);
		for (size_t i = 0; i < COUNT(inputs); i++) {
			unsigned int who = policy ? inputs[i].with : inputs[i].without;

			get_changed(f, &inputs[i], changed);
			if ((memcmp(key, changed, 16) != 0) != (who >> name & 1))
				fail_msg("key %u, policy %x: %s", name, policy, inputs[i].name);
		}
	}
}

static void each_key_depends_on_the_sdms_inputs_with_all_policies(void **state)
{
	struct fixture *f = *state;

	prepare_seal(f);
	assert_depends(f, POLICY_ALL);
}

static void each_key_depends_on_the_sdms_inputs_without_policies(void **state)
{
	struct fixture *f = *state;

	prepare_seal(f);
	assert_depends(f, 0);
}

static void each_policy_bit_makes_another_seal_key(void **state)
{
	struct fixture *f = *state;
	uint8_t keys[64][16];

	prepare_seal(f);
	/* The bits themselves count, not only what they let in. */
	memset(epc_hidden(&f->epc, FIX_SECS)->isvfamilyid, 0, 16);
	memset(epc_hidden(&f->epc, FIX_SECS)->isvextprodid, 0, 16);
	for (uint16_t policy = 0; policy < 64; policy++) {
		request_of(f)->keypolicy = policy;
		get_key(f, keys[policy]);
		for (uint16_t other = 0; other < policy; other++)
			assert_memory_not_equal(keys[policy], keys[other], 16);
	}
}

static void noisvprodid_takes_isvprodid_out(void **state)
{
	struct fixture *f = *state;
	struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	uint8_t key[16], other[16];

	prepare_seal(f);
	request_of(f)->keypolicy = SGX_KEYPOLICY_NOISVPRODID;
	get_key(f, key);
	secs->isvprodid ^= 1;
	get_key(f, other);
	assert_memory_equal(key, other, 16);
}

static void debug_and_init_are_in_every_key_whatever_the_mask(void **state)
{
	struct fixture *f = *state;
	struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	uint8_t key[16], other[16];

	prepare_seal(f);
	request_of(f)->attributemask.flags = 0;
	get_key(f, key);
	secs->attributes.flags |= SGX_ATTR_DEBUG;
	get_key(f, other);
	assert_memory_not_equal(key, other, 16);
}

static void the_five_keys_differ(void **state)
{
	struct fixture *f = *state;
	uint8_t keys[5][16];

	prepare_seal(f);
	for (uint16_t name = 0; name < 5; name++) {
		request_of(f)->keyname = name;
		get_key(f, keys[name]);
		for (uint16_t other = 0; other < name; other++)
			assert_memory_not_equal(keys[name], keys[other], 16);
	}
}

static void an_older_version_can_be_asked_for_and_differs(void **state)
{
	struct fixture *f = *state;
	uint8_t now[16], old[16];

	prepare_seal(f);
	request_of(f)->isvsvn = 5; /* its own */
	request_of(f)->configsvn = 7;
	get_key(f, now);
	request_of(f)->isvsvn = 0;
	memset(request_of(f)->cpusvn, 0, 16);
	request_of(f)->configsvn = 0;
	get_key(f, old);
	assert_memory_not_equal(now, old, 16);
}

static void report_asks_for_no_version_and_no_attribute(void **state)
{
	struct fixture *f = *state;
	uint8_t key[16];

	prepare_plain(f);
	request_of(f)->keyname = SGX_KEY_REPORT;
	request_of(f)->isvsvn = 0xffff;
	memset(request_of(f)->cpusvn, 0xff, 16);
	get_key(f, key);
}

static void the_launch_key_is_the_one_that_einit_checks_with(void **state)
{
	struct fixture *f = *state;
	const struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	struct sgx_einittoken token = { .isvprodidle = 0x1234, .isvsvnle = 4 };
	uint8_t got[16], want[16];

	prepare_token(f);
	get_key(f, got);
	memcpy(token.keyid, request_of(f)->keyid, 32);
	memset(token.cpusvnle, 1, 16);
	token.maskedattributesle = secs->attributes;
	token.maskedmiscselectle = secs->miscselect;
	key_launch(&f->platform, &token, want);
	assert_memory_equal(got, want, 16);
}

static void platforms_are_born_with_what_they_are_told(void **state)
{
	struct fixture *f = *state;
	struct platform p = { .xstate_size = { [2] = 256 } };
	uint8_t random[80];

	(void)f;
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)i;
	platform_init(&p, ~UINT64_C(0), random);
	assert_int_equal(p.xfrm_mask, 0x602ff);
	assert_int_equal(p.xstate_size[2], 256);   /* the caller's */
	assert_int_equal(p.lepubkeyhash[0], 0xac); /* a6053e051270b7ac */
	assert_int_equal(p.lepubkeyhash[31], 0xd4);
	assert_int_equal(p.attributes_mask & SGX_ATTR_INIT, 0);
	assert_memory_equal(p.ownerepoch, random, 16);
	assert_memory_equal(p.report_keyid, random + 48, 32);
	assert_int_not_equal(p.next_eid, 0);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare_seal, cpu_enclu, seal_rows),
		TABLE(prepare_plain, cpu_enclu, plain_rows),
		TABLE(prepare_token, cpu_enclu, token_rows),
		TABLE(prepare_provision, cpu_enclu, provision_rows),
		TABLE(prepare_provision_seal, cpu_enclu, provision_seal_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(each_key_depends_on_the_sdms_inputs_with_all_policies),
		TEST(each_key_depends_on_the_sdms_inputs_without_policies),
		TEST(each_policy_bit_makes_another_seal_key),
		TEST(noisvprodid_takes_isvprodid_out),
		TEST(debug_and_init_are_in_every_key_whatever_the_mask),
		TEST(the_five_keys_differ),
		TEST(an_older_version_can_be_asked_for_and_differs),
		TEST(report_asks_for_no_version_and_no_attribute),
		TEST(the_launch_key_is_the_one_that_einit_checks_with),
		TEST(platforms_are_born_with_what_they_are_told),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
