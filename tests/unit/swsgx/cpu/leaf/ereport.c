// SPDX-License-Identifier: Apache-2.0
/*
 * EREPORT: every check of the SDM's pseudocode, the report's content, and that its target verifies
 * it.
 */
#include "swsgx/cpu/keys.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define TARGET_LA ENC_LA(FIX_DATA)
#define DATA_LA   (ENC_LA(FIX_DATA) + 512)
#define REPORT_LA ENC_LA(FIX_DATA1)

static struct sgx_targetinfo *target_of(const struct fixture *f)
{
	return fix_epc(f, FIX_DATA);
}

static void set_self(struct fixture *f)
{
	const struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	struct sgx_targetinfo *target = target_of(f);

	*target = (struct sgx_targetinfo){
		.attributes = secs->attributes,
		.miscselect = secs->miscselect,
		.configsvn = secs->configsvn,
	};
	memcpy(target->measurement, secs->mrenclave, 32);
	memcpy(target->configid, secs->configid, 64);
}

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	fix_enter(f);
	set_self(f);
	memset((uint8_t *)fix_epc(f, FIX_DATA) + 512, 0xd7, 64);
	f->cpu.regs.rax = SGX_EREPORT;
	f->cpu.regs.rbx = TARGET_LA;
	f->cpu.regs.rcx = DATA_LA;
	f->cpu.regs.rdx = REPORT_LA;
}

static const struct row rows[] = {
	ROW_GP("TARGETINFO not 512-aligned", REG(rbx, TARGET_LA + 256)),
	ROW_GP("TARGETINFO outside the enclave", REG(rbx, RAM_LA(0))),
	ROW_GP("TARGETINFO right behind the enclave", REG(rbx, FIX_BASE + FIX_SIZE)),
	ROW_PF("TARGETINFO absent", ENC_LA(30), PF_U, REG(rbx, ENC_LA(30))),
	ROW_PF("TARGETINFO in ordinary memory", TARGET_LA, PF_ENCLU_READ,
	       MAP(TARGET_LA, epc_index, EPC_NONE)),
	ROW_PF("TARGETINFO not valid", TARGET_LA, PF_ENCLU_READ, EPCM(FIX_DATA, valid, 0)),
	ROW_PF("TARGETINFO blocked", TARGET_LA, PF_ENCLU_READ, EPCM(FIX_DATA, blocked, 1)),
	ROW_PF("TARGETINFO pending", TARGET_LA, PF_ENCLU_READ, EPCM(FIX_DATA, pending, 1)),
	ROW_PF("TARGETINFO modified", TARGET_LA, PF_ENCLU_READ, EPCM(FIX_DATA, modified, 1)),
	ROW_PF("TARGETINFO without R", TARGET_LA, PF_ENCLU_READ, EPCM(FIX_DATA, r, 0)),
	ROW_PF("TARGETINFO in a TCS", ENC_LA(FIX_TCS), PF_ENCLU_READ, REG(rbx, ENC_LA(FIX_TCS))),
	ROW_PF("TARGETINFO at another address", TARGET_LA, PF_ENCLU_READ,
	       EPCM(FIX_DATA, enclaveaddress, 0)),
	ROW_PF("TARGETINFO of another enclave", TARGET_LA, PF_ENCLU_READ,
	       EPCM(FIX_DATA, secs, FIX_FREE)),
	ROW_GP("TARGETINFO reserved byte 48: no CET", EPC_BYTE(FIX_DATA, 48, 1)),
	ROW_GP("TARGETINFO reserved byte 49", EPC_BYTE(FIX_DATA, 49, 1)),
	ROW_GP("TARGETINFO reserved byte 56", EPC_BYTE(FIX_DATA, 56, 1)),
	ROW_GP("TARGETINFO reserved byte 128", EPC_BYTE(FIX_DATA, 128, 1)),
	ROW_GP("TARGETINFO reserved byte 511", EPC_BYTE(FIX_DATA, 511, 1)),
	ROW_GP("REPORTDATA not 128-aligned", REG(rcx, DATA_LA + 64)),
	ROW_GP("REPORTDATA outside the enclave", REG(rcx, RAM_LA(0))),
	ROW_PF("REPORTDATA absent", ENC_LA(30) + 128, PF_U, REG(rcx, ENC_LA(30) + 128)),
	ROW_PF("REPORTDATA in a TCS", ENC_LA(FIX_TCS), PF_ENCLU_READ, REG(rcx, ENC_LA(FIX_TCS))),
	ROW_GP("REPORT not 512-aligned", REG(rdx, REPORT_LA + 128)),
	ROW_GP("REPORT outside the enclave", REG(rdx, RAM_LA(0))),
	ROW_PF("REPORT absent", ENC_LA(30), PF_U | PF_W, REG(rdx, ENC_LA(30))),
	ROW_PF("REPORT mapped read-only", REPORT_LA, PF_U | PF_W | PF_P,
	       MAP(REPORT_LA, writable, false)),
	ROW_PF("REPORT without W", ENC_LA(FIX_CONST), PF_ENCLU_WRITE, REG(rdx, ENC_LA(FIX_CONST))),
	ROW_PF("REPORT blocked", REPORT_LA, PF_ENCLU_WRITE, EPCM(FIX_DATA1, blocked, 1)),
};

/* The key that EGETKEY gives this enclave for reports made for it. */
static void own_report_key(struct fixture *f, const uint8_t keyid[32], uint8_t ret[16])
{
	struct sgx_keyrequest *request = fix_epc(f, FIX_DATA);

	memset(request, 0, sizeof(*request));
	request->keyname = SGX_KEY_REPORT;
	memcpy(request->keyid, keyid, 32);
	fix_assert_code(f, fix_enclu(f, SGX_EGETKEY, TARGET_LA, TARGET_LA + 1024, 0), SGX_SUCCESS);
	memcpy(ret, (uint8_t *)fix_epc(f, FIX_DATA) + 1024, 16);
}

static bool verifies(struct fixture *f, const struct sgx_report *report)
{
	uint8_t key[16], mac[16];

	own_report_key(f, report->keyid, key);
	cmac_aes128(key, report, 384, mac);
	return crypto_equal(mac, report->mac, 16);
}

static void a_report_says_who_the_enclave_is(void **state)
{
	struct fixture *f = *state;
	const struct sgx_secs *secs = fix_epc(f, FIX_SECS);
	const struct sgx_report *report = fix_epc(f, FIX_DATA1);
	struct secs_hidden *hidden = epc_hidden(&f->epc, FIX_SECS);
	struct cpu_regs regs;

	f->secs.attributes.flags |= SGX_ATTR_KSS;
	f->secs.configid[0] = 0xc1;
	f->secs.configsvn = 9;
	prepare(f);
	memset(hidden->isvfamilyid, 0x71, 16);
	memset(hidden->isvextprodid, 0x72, 16);
	memset(fix_epc(f, FIX_DATA1), 0xff, 512);
	regs = f->cpu.regs;
	regs.rip += 3;
	assert_true(retired(cpu_enclu(&f->cpu)));
	assert_memory_equal(&f->cpu.regs, &regs, sizeof(regs)); /* no code, no flags */
	assert_memory_equal(report->cpusvn, f->platform.cpusvn, 16);
	assert_int_equal(report->miscselect, SGX_MISC_EXINFO);
	assert_memory_equal(&report->attributes, &secs->attributes, 16);
	assert_int_equal(report->attributes.flags & SGX_ATTR_INIT, SGX_ATTR_INIT);
	assert_memory_equal(report->mrenclave, secs->mrenclave, 32);
	assert_memory_equal(report->mrsigner, secs->mrsigner, 32);
	assert_memory_equal(report->configid, f->secs.configid, 64);
	assert_int_equal(report->isvprodid, 0x1234);
	assert_int_equal(report->isvsvn, 5);
	assert_int_equal(report->configsvn, 9);
	assert_memory_equal(report->isvfamilyid, hidden->isvfamilyid, 16);
	assert_memory_equal(report->isvextprodid, hidden->isvextprodid, 16);
	assert_int_equal(report->reportdata[0], 0xd7);
	assert_int_equal(report->reportdata[63], 0xd7);
	assert_memory_equal(report->keyid, f->platform.report_keyid, 32);
	assert_true(bytes_zero(report->reserved1, sizeof(report->reserved1)));
	assert_true(bytes_zero(report->reserved2, sizeof(report->reserved2)));
	assert_true(bytes_zero(report->reserved3, sizeof(report->reserved3)));
	assert_true(bytes_zero(report->reserved4, sizeof(report->reserved4)));
	assert_int_equal(((const uint8_t *)report)[432], 0xff);
	assert_true(verifies(f, report));
}

static struct sgx_report report_for(struct fixture *f)
{
	assert_true(retired(fix_enclu(f, SGX_EREPORT, TARGET_LA, DATA_LA, REPORT_LA)));
	return *(struct sgx_report *)fix_epc(f, FIX_DATA1);
}

static void only_the_named_target_can_verify(void **state)
{
	struct fixture *f = *state;
	struct sgx_report report;

	prepare(f);
	report = report_for(f);
	assert_true(verifies(f, &report));
#define OTHER(change)                               \
	do {                                        \
		set_self(f);                        \
		target_of(f)->change;               \
		report = report_for(f);             \
		assert_false(verifies(f, &report)); \
	} while (0)
	OTHER(measurement[31] ^= 1);
	OTHER(attributes.flags ^= SGX_ATTR_DEBUG);
	OTHER(attributes.flags ^= SGX_ATTR_INIT);
	OTHER(attributes.xfrm ^= 4);
	OTHER(miscselect ^= 1);
	OTHER(configid[0] ^= 1);
	OTHER(configsvn ^= 1);
}

static void a_report_is_of_its_platform_and_epoch(void **state)
{
	struct fixture *f = *state;
	struct sgx_report report;

	prepare(f);
	report = report_for(f);
#define STALE(change)                               \
	do {                                        \
		struct platform good = f->platform; \
		f->platform.change;                 \
		assert_false(verifies(f, &report)); \
		f->platform = good;                 \
		assert_true(verifies(f, &report));  \
	} while (0)
	STALE(root_key[0] ^= 1);
	STALE(ownerepoch[0] ^= 1);
	STALE(seal_fuses[0] ^= 1);
	STALE(cpusvn[0]++);
}

static void a_changed_report_does_not_verify(void **state)
{
	struct fixture *f = *state;
	struct sgx_report report;

	prepare(f);
	report = report_for(f);
	report.reportdata[5] ^= 1;
	assert_false(verifies(f, &report));
	report.reportdata[5] ^= 1;
	report.mrenclave[0] ^= 1;
	assert_false(verifies(f, &report));
}

static void the_three_operands_may_overlap(void **state)
{
	struct fixture *f = *state;
	struct sgx_report apart;

	prepare(f);
	apart = report_for(f);
	assert_true(retired(fix_enclu(f, SGX_EREPORT, TARGET_LA, DATA_LA, TARGET_LA)));
	assert_memory_equal(fix_epc(f, FIX_DATA), &apart, sizeof(apart));
}

static void a_target_of_zeros_tells_the_cpusvn(void **state)
{
	struct fixture *f = *state;
	struct sgx_report report;

	prepare(f);
	memset(target_of(f), 0, sizeof(struct sgx_targetinfo));
	report = report_for(f);
	assert_memory_equal(report.cpusvn, f->platform.cpusvn, 16);
}

int main(void)
{
	const struct table table = TABLE(prepare, cpu_enclu, rows);
	const struct CMUnitTest others[] = {
		TEST(a_report_says_who_the_enclave_is),
		TEST(only_the_named_target_can_verify),
		TEST(a_report_is_of_its_platform_and_epoch),
		TEST(a_changed_report_does_not_verify),
		TEST(the_three_operands_may_overlap),
		TEST(a_target_of_zeros_tells_the_cpusvn),
	};

	return rows_run(&table, 1, others, COUNT(others));
}
