// SPDX-License-Identifier: Apache-2.0
/* ELDU and ELDB: every check of the SDM's pseudocode, what a success restores, and replay. */
#include "tests/unit/swsgx/cpu/evict.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define TARGET             EPC_LA(EVICT_PAGE)
#define SLOT               EVICT_SLOT_LA(EVICT_SLOT)
#define PCMD(field, value) RAM(RAM_OTHER, struct sgx_pcmd, field, value)

static void prepare_leaf(struct fixture *f, uint32_t page, uint32_t leaf)
{
	fix_enclave(f);
	evict_epa(f);
	memset(fix_epc(f, FIX_DATA), 0x5a, SGX_PAGE_SIZE);
	evict(f, page, EVICT_SLOT);
	((struct sgx_pageinfo *)fix_ram(f, RAM_PAGEINFO))->secs = EPC_LA(FIX_SECS);
	f->cpu.regs.rax = leaf;
	f->cpu.regs.rcx = TARGET;
}

static void prepare_eldu(struct fixture *f)
{
	prepare_leaf(f, FIX_DATA, SGX_ELDU);
}

static void prepare_eldb(struct fixture *f)
{
	prepare_leaf(f, FIX_DATA, SGX_ELDB);
}

/* One list for both leaves: they differ in BLOCKED only. */
#define ROWS(leaf)                                                                                 \
	ROW_GP(leaf ": PAGEINFO not 32-aligned", REG(rbx, RAM_LA(RAM_PAGEINFO) + 16)),             \
		ROW_GP(leaf ": destination not aligned", REG(rcx, TARGET + 128)),                  \
		ROW_PF(leaf ": destination in ordinary memory", RAM_LA(0), PF_ENCLS,               \
	               REG(rcx, RAM_LA(0))),                                                       \
		ROW_PF(leaf ": destination absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),     \
		ROW_GP(leaf ": slot not 8-aligned", REG(rdx, SLOT + 4)),                           \
		ROW_PF(leaf ": slot in ordinary memory", RAM_LA(0), PF_ENCLS,                      \
	               REG(rdx, RAM_LA(0))),                                                       \
		ROW_PF(leaf ": slot absent", FIX_NOWHERE, PF_W, REG(rdx, FIX_NOWHERE)),            \
		ROW_PF(leaf ": PAGEINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),           \
		ROW_GP(leaf ": PCMD not 128-aligned", PI(secinfo, RAM_LA(RAM_OTHER) + 64)),        \
		ROW_GP(leaf ": source not page-aligned", PI(srcpge, RAM_LA(RAM_SOURCE) + 128)),    \
		ROW_PF(leaf ": destination already valid", EPC_LA(FIX_DATA1), PF_ENCLS,            \
	               REG(rcx, EPC_LA(FIX_DATA1))),                                               \
		ROW_PF(leaf ": VA page not valid", SLOT, PF_ENCLS, EPCM(EVICT_VA, valid, 0)),      \
		ROW_PF(leaf ": slot in a page that is no VA page", EPC_LA(FIX_DATA1), PF_ENCLS,    \
	               REG(rdx, EPC_LA(FIX_DATA1))),                                               \
		ROW_PF(leaf ": source absent", FIX_NOWHERE, 0, PI(srcpge, FIX_NOWHERE)),           \
		ROW_PF(leaf ": PCMD absent", FIX_NOWHERE, 0, PI(secinfo, FIX_NOWHERE)),            \
		ROW_GP(leaf ": SECS not page-aligned", PI(secs, EPC_LA(FIX_SECS) + 64)),           \
		ROW_PF(leaf ": SECS in ordinary memory", RAM_LA(0), PF_ENCLS,                      \
	               PI(secs, RAM_LA(0))),                                                       \
		ROW_PF(leaf ": SECS absent", FIX_NOWHERE, 0, PI(secs, FIX_NOWHERE)),               \
		ROW_PF(leaf ": SECS not valid", EPC_LA(FIX_SECS), PF_ENCLS,                        \
	               EPCM(FIX_SECS, valid, 0)),                                                  \
		ROW_PF(leaf ": SECS of another page type", EPC_LA(FIX_DATA1), PF_ENCLS,            \
	               PI(secs, EPC_LA(FIX_DATA1))),                                               \
		ROW_GP(leaf ": SECS given for a page that has none",                               \
	               PCMD(secinfo.flags, SGX_PT_VA << SGX_SECINFO_PT_SHIFT)),                    \
		ROW_CODE(leaf ": data changed", SGX_MAC_COMPARE_FAIL,                              \
	                 RAM_BYTE(RAM_SOURCE, 4095, 1)),                                           \
		ROW_CODE(leaf ": data in the EPC reads as ones", SGX_MAC_COMPARE_FAIL,             \
	                 PI(srcpge, EPC_LA(FIX_DATA1))),                                           \
		ROW_CODE(leaf ": PCMD permissions changed", SGX_MAC_COMPARE_FAIL,                  \
	                 PCMD(secinfo.flags, SGX_SECINFO_REG | SGX_SECINFO_RWX)),                  \
		ROW_CODE(leaf ": PCMD page type changed", SGX_MAC_COMPARE_FAIL,                    \
	                 PCMD(secinfo.flags, SGX_SECINFO_TCS)),                                    \
		ROW_CODE(leaf ": PCMD pending changed", SGX_MAC_COMPARE_FAIL,                      \
	                 PCMD(secinfo.flags, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W |     \
	                                             SGX_SECINFO_PENDING)),                        \
		ROW_CODE(leaf ": PCMD SECINFO reserved byte", SGX_MAC_COMPARE_FAIL,                \
	                 RAM_BYTE(RAM_OTHER, 63, 1)),                                              \
		ROW_CODE(leaf ": PCMD reserved byte", SGX_MAC_COMPARE_FAIL,                        \
	                 RAM_BYTE(RAM_OTHER, 72, 1)),                                              \
		ROW_CODE(leaf ": MAC changed", SGX_MAC_COMPARE_FAIL, PCMD(mac[15], 0)),            \
		ROW_CODE(leaf ": another LINADDR", SGX_MAC_COMPARE_FAIL, PI(linaddr, ENC_LA(20))), \
		ROW_CODE(leaf ": empty slot", SGX_MAC_COMPARE_FAIL,                                \
	                 REG(rdx, EVICT_SLOT_LA(EVICT_SLOT + 1))),                                 \
		ROW_CODE(leaf ": another version in the slot", SGX_MAC_COMPARE_FAIL,               \
	                 EPC_BYTE(EVICT_VA, EVICT_SLOT * 8 + 1, 1)),                               \
		ROW_CODE(leaf ": SECS of another enclave", SGX_MAC_COMPARE_FAIL,                   \
	                 EPC_BYTE(FIX_SECS,                                                        \
	                          SECS_HIDDEN_OFFSET + offsetof(struct secs_hidden, eid), 9)),     \
		ROW_CODE(leaf ": another boot of the platform", SGX_MAC_COMPARE_FAIL,              \
	                 PLATFORM(report_keyid[31], 0)),                                           \
		ROW_CODE(leaf ": another platform", SGX_MAC_COMPARE_FAIL,                          \
	                 PLATFORM(root_key[15], 0)),

static const struct row eldu_rows[] = { ROWS("ELDU") };
static const struct row eldb_rows[] = { ROWS("ELDB") };

static struct epcm_entry load_back(struct fixture *f, uint32_t leaf)
{
	fix_assert_code(f, evict_load(f, leaf, EVICT_PAGE, EVICT_SLOT), SGX_SUCCESS);
	assert_int_equal(*evict_slot(f, EVICT_SLOT), 0);
	return f->epcm[EVICT_PAGE];
}

static void assert_entry(struct epcm_entry got, struct epcm_entry want)
{
	got.epoch = want.epoch;
	assert_memory_equal(&got, &want, sizeof(got));
}

static void every_kind_of_page_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	const uint32_t pages[] = { FIX_DATA, FIX_CODE, FIX_CONST, FIX_TCS2, FIX_SSA };
	uint8_t content[SGX_PAGE_SIZE];

	fix_enclave(f);
	evict_epa(f);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct epcm_entry was = f->epcm[pages[i]];

		memcpy(content, fix_epc(f, pages[i]), sizeof(content));
		evict(f, pages[i], EVICT_SLOT);
		memset(fix_epc(f, pages[i]), 0xee, SGX_PAGE_SIZE);
		assert_entry(load_back(f, SGX_ELDU), was);
		assert_memory_equal(content, fix_epc(f, EVICT_PAGE), sizeof(content));
		assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, FIX_COUNT - 1);
		evict(f, EVICT_PAGE, EVICT_SLOT); /* and back to its place */
		fix_assert_code(f, evict_load(f, SGX_ELDU, pages[i], EVICT_SLOT), SGX_SUCCESS);
	}
	fix_enter(f); /* the enclave runs as before */
	assert_true(retired(cpu_access(&f->cpu, ENC_LA(FIX_DATA), PF_W)));
}

static void pages_in_transition_stay_so(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint8_t pt, pending, modified, pr;
	} kinds[] = {
		{ SGX_PT_REG, 1, 0, 0 },
		{ SGX_PT_TCS, 0, 1, 0 },
		{ SGX_PT_TRIM, 0, 1, 0 },
		{ SGX_PT_REG, 0, 0, 1 },
	};

	fix_enclave(f);
	evict_epa(f);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct epcm_entry *e = &f->epcm[FIX_DATA], was;

		e->pt = kinds[i].pt;
		e->pending = kinds[i].pending;
		e->modified = kinds[i].modified;
		e->pr = kinds[i].pr;
		was = *e;
		evict(f, FIX_DATA, EVICT_SLOT);
		fix_assert_code(f, evict_load(f, SGX_ELDU, FIX_DATA, EVICT_SLOT), SGX_SUCCESS);
		assert_entry(f->epcm[FIX_DATA], was);
		assert_true(epcm_tracked(&f->epc, e)); /* EACCEPT need not wait again */
	}
}

static void eldb_blocks_the_page_and_it_is_tracked_anew(void **state)
{
	struct fixture *f = *state;
	struct epcm_entry e;

	prepare_eldb(f);
	e = load_back(f, SGX_ELDB);
	assert_int_equal(e.blocked, 1);
	evict_prepare(f, EVICT_PAGE, EVICT_SLOT);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_NOT_TRACKED);
	fix_assert_code(f, fix_encls(f, SGX_ETRACK, 0, EPC_LA(FIX_SECS), 0), SGX_SUCCESS);
	evict_prepare(f, EVICT_PAGE, EVICT_SLOT);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void a_whole_enclave_goes_and_comes_back_at_another_place(void **state)
{
	struct fixture *f = *state;
	uint64_t eid;

	fix_enclave(f);
	evict_epa(f);
	eid = epc_hidden(&f->epc, FIX_SECS)->eid;
	for (uint32_t page = FIX_TCS; page < FIX_COUNT; page++)
		if (page != FIX_DATA)
			fix_assert_code(f, fix_encls(f, SGX_EREMOVE, 0, fix_epc_la(page), 0), 0);
	evict(f, FIX_DATA, EVICT_SLOT);
	memcpy(fix_ram(f, RAM_SIGSTRUCT), fix_ram(f, RAM_SOURCE), SGX_PAGE_SIZE);
	memcpy(fix_ram(f, RAM_TOKEN), evict_pcmd(f), sizeof(struct sgx_pcmd));
	evict(f, FIX_SECS, EVICT_SLOT + 1);
	assert_int_equal(evict_pcmd(f)->enclaveid, eid);
	fix_assert_code(f, evict_load(f, SGX_ELDB, EVICT_PAGE, EVICT_SLOT + 1), SGX_SUCCESS);
	assert_int_equal(f->epcm[EVICT_PAGE].secs, EVICT_PAGE);
	assert_int_equal(f->epcm[EVICT_PAGE].blocked, 0); /* not even by ELDB */
	assert_int_equal(epc_hidden(&f->epc, EVICT_PAGE)->eid, eid);

	*(struct sgx_pageinfo *)fix_ram(f, RAM_PAGEINFO) = (struct sgx_pageinfo){
		.linaddr = ENC_LA(FIX_DATA),
		.srcpge = RAM_LA(RAM_SIGSTRUCT),
		.secinfo = RAM_LA(RAM_TOKEN),
		.secs = EPC_LA(EVICT_PAGE),
	};
	fix_assert_code(f, fix_encls(f, SGX_ELDU, RAM_LA(RAM_PAGEINFO), EPC_LA(FIX_DATA), SLOT),
	                SGX_SUCCESS);
	assert_int_equal(f->epcm[FIX_DATA].secs, EVICT_PAGE);
	assert_int_equal(epc_hidden(&f->epc, EVICT_PAGE)->children, 1);
}

static void a_va_page_brings_its_versions_back(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	evict_epa(f);
	assert_true(retired(fix_encls(f, SGX_EPA, SGX_PT_VA, EPC_LA(EVICT_PAGE), 0)));
	((uint64_t *)fix_epc(f, EVICT_PAGE))[511] = 0x7008;
	evict(f, EVICT_PAGE, EVICT_SLOT);
	memset(fix_epc(f, EVICT_PAGE), 0, SGX_PAGE_SIZE);
	assert_int_equal(load_back(f, SGX_ELDB).pt, SGX_PT_VA);
	assert_int_equal(f->epcm[EVICT_PAGE].blocked, 0);
	assert_int_equal(((uint64_t *)fix_epc(f, EVICT_PAGE))[511], 0x7008);
}

static void an_older_copy_of_a_page_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t old[SGX_PAGE_SIZE];
	struct sgx_pcmd old_pcmd;

	prepare_eldu(f);
	memcpy(old, fix_ram(f, RAM_SOURCE), sizeof(old));
	old_pcmd = *evict_pcmd(f);
	load_back(f, SGX_ELDU);
	fix_assert_code(f, fix_encls(f, SGX_EREMOVE, 0, TARGET, 0), SGX_SUCCESS);
	fix_assert_code(f, evict_load(f, SGX_ELDU, EVICT_PAGE, EVICT_SLOT), SGX_MAC_COMPARE_FAIL);

	evict(f, FIX_DATA1, EVICT_SLOT); /* the slot is in use again */
	memcpy(fix_ram(f, RAM_SOURCE), old, sizeof(old));
	*evict_pcmd(f) = old_pcmd;
	((struct sgx_pageinfo *)fix_ram(f, RAM_PAGEINFO))->linaddr = ENC_LA(FIX_DATA);
	fix_assert_code(f, evict_load(f, SGX_ELDU, EVICT_PAGE, EVICT_SLOT), SGX_MAC_COMPARE_FAIL);
	assert_int_equal(f->epcm[EVICT_PAGE].valid, 0);
	assert_int_not_equal(*evict_slot(f, EVICT_SLOT), 0);
}

static void a_page_is_loaded_once(void **state)
{
	struct fixture *f = *state;

	prepare_eldu(f);
	load_back(f, SGX_ELDU);
	fix_assert_code(f, evict_load(f, SGX_ELDU, FIX_DATA, EVICT_SLOT), SGX_MAC_COMPARE_FAIL);
}

static void what_pcmd_says_of_the_enclave_does_not_matter(void **state)
{
	struct fixture *f = *state;

	prepare_eldu(f);
	evict_pcmd(f)->enclaveid = 4711;
	load_back(f, SGX_ELDU);
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare_eldu, cpu_encls, eldu_rows),
		TABLE(prepare_eldb, cpu_encls, eldb_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(every_kind_of_page_comes_back_as_it_was),
		TEST(pages_in_transition_stay_so),
		TEST(eldb_blocks_the_page_and_it_is_tracked_anew),
		TEST(a_whole_enclave_goes_and_comes_back_at_another_place),
		TEST(a_va_page_brings_its_versions_back),
		TEST(an_older_copy_of_a_page_is_refused),
		TEST(a_page_is_loaded_once),
		TEST(what_pcmd_says_of_the_enclave_does_not_matter),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
