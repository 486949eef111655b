// SPDX-License-Identifier: Apache-2.0
/* EWB: every check of the SDM's pseudocode, then what a success leaves behind. */
#include "tests/unit/swsgx/cpu/evict.h"
#include "tests/unit/swsgx/cpu/rows.h"

#define PAGE EPC_LA(FIX_DATA)
#define SLOT EVICT_SLOT_LA(EVICT_SLOT)

static void prepare(struct fixture *f)
{
	fix_enclave(f);
	evict_epa(f);
	evict_block(f, FIX_DATA);
	evict_prepare(f, FIX_DATA, EVICT_SLOT);
}

static void prepare_unblocked(struct fixture *f)
{
	fix_enclave(f);
	evict_epa(f);
	evict_prepare(f, FIX_DATA, EVICT_SLOT);
}

static const struct row rows[] = {
	ROW_GP("PAGEINFO not 32-aligned", REG(rbx, RAM_LA(RAM_PAGEINFO) + 16)),
	ROW_GP("page not aligned", REG(rcx, PAGE + 128)),
	ROW_PF("page in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rcx, RAM_LA(0))),
	ROW_PF("page absent", FIX_NOWHERE, PF_W, REG(rcx, FIX_NOWHERE)),
	ROW_GP("slot not 8-aligned", REG(rdx, SLOT + 4)),
	ROW_PF("slot in ordinary memory", RAM_LA(0), PF_ENCLS, REG(rdx, RAM_LA(0))),
	ROW_PF("slot absent", FIX_NOWHERE, PF_W, REG(rdx, FIX_NOWHERE)),
	ROW_GP("slot in the page that goes", REG(rdx, PAGE + 8)),
	ROW_GP("VA page into itself", REG(rcx, EPC_LA(EVICT_VA))),
	ROW_PF("PAGEINFO absent", FIX_NOWHERE, 0, REG(rbx, FIX_NOWHERE)),
	ROW_GP("PAGEINFO in the EPC reads as ones", REG(rbx, EPC_LA(FIX_DATA1))),
	ROW_GP("LINADDR not zero", PI(linaddr, ENC_LA(FIX_DATA))),
	ROW_GP("SECS of PAGEINFO not zero", PI(secs, EPC_LA(FIX_SECS))),
	ROW_GP("PCMD not 128-aligned", PI(secinfo, RAM_LA(RAM_OTHER) + 64)),
	ROW_GP("destination not page-aligned", PI(srcpge, RAM_LA(RAM_SOURCE) + 128)),
	ROW_PF("PAGEINFO read-only", RAM_LA(RAM_PAGEINFO), PF_W | PF_P,
	       MAP(RAM_LA(RAM_PAGEINFO), writable, false)),
	ROW_PF("destination absent", FIX_NOWHERE, PF_W, PI(srcpge, FIX_NOWHERE)),
	ROW_PF("destination read-only", RAM_LA(RAM_SOURCE), PF_W | PF_P,
	       MAP(RAM_LA(RAM_SOURCE), writable, false)),
	ROW_PF("PCMD absent", FIX_NOWHERE, PF_W, PI(secinfo, FIX_NOWHERE)),
	ROW_PF("PCMD read-only", RAM_LA(RAM_OTHER), PF_W | PF_P,
	       MAP(RAM_LA(RAM_OTHER), writable, false)),
	ROW_PF("page not valid", PAGE, PF_ENCLS, EPCM(FIX_DATA, valid, 0)),
	ROW_PF("VA page not valid", SLOT, PF_ENCLS, EPCM(EVICT_VA, valid, 0)),
	ROW_PF("slot in a page that is no VA page", EPC_LA(FIX_DATA1), PF_ENCLS,
	       REG(rdx, EPC_LA(FIX_DATA1))),
	ROW_CODE("another page that is not blocked", SGX_PAGE_NOT_BLOCKED,
	         REG(rcx, EPC_LA(FIX_DATA1))),
	ROW_CODE("TCS that is not blocked", SGX_PAGE_NOT_BLOCKED, REG(rcx, EPC_LA(FIX_TCS))),
	ROW_CODE("SECS with children", SGX_CHILD_PRESENT, REG(rcx, EPC_LA(FIX_SECS))),
};

static const struct row unblocked_rows[] = {
	ROW_CODE("page that is not blocked", SGX_PAGE_NOT_BLOCKED, REG(rsi, 0)),
	ROW_CODE("blocked, no ETRACK yet", SGX_NOT_TRACKED, EPCM(FIX_DATA, blocked, 1)),
};

static void a_page_waits_for_the_threads_that_were_inside(void **state)
{
	struct fixture *f = *state;
	struct cpu inside;

	fix_enclave(f);
	evict_epa(f);
	inside = f->cpu;
	inside.xsave = NULL;
	inside.regs.rax = SGX_EENTER;
	inside.regs.rbx = ENC_LA(FIX_TCS2);
	inside.regs.rcx = 0x402000;
	assert_true(retired(cpu_enclu(&inside)));
	evict_block(f, FIX_DATA);
	evict_prepare(f, FIX_DATA, EVICT_SLOT);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_NOT_TRACKED);
	cpu_aex(&inside, (struct trap){ .vector = TRAP_INTERRUPT });
	f->cpu.regs.rax = SGX_EWB;
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
}

static void a_success_seals_page_and_epcm_entry_and_frees_the_page(void **state)
{
	struct fixture *f = *state;
	const struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);
	const struct sgx_pcmd *pcmd = evict_pcmd(f);
	struct cpu_regs regs;

	prepare(f);
	memset(evict_pcmd(f), 0xcc, sizeof(*pcmd));
	memset(fix_epc(f, FIX_DATA), 0x5a, SGX_PAGE_SIZE);
	f->cpu.regs.rflags |= CPU_RFLAGS_CF | CPU_RFLAGS_ZF | CPU_RFLAGS_OF;
	regs = f->cpu.regs;
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	assert_int_equal(f->cpu.regs.rip, regs.rip + 3);
	assert_int_equal(f->epcm[FIX_DATA].valid, 0);
	assert_int_equal(epc_hidden(&f->epc, FIX_SECS)->children, FIX_COUNT - 2);
	assert_int_equal(pageinfo->linaddr, ENC_LA(FIX_DATA));
	assert_int_equal(pageinfo->srcpge, RAM_LA(RAM_SOURCE));
	assert_int_equal(pcmd->secinfo.flags, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W);
	assert_int_equal(pcmd->enclaveid, epc_hidden(&f->epc, FIX_SECS)->eid);
	assert_true(bytes_zero(pcmd->secinfo.reserved, sizeof(pcmd->secinfo.reserved)));
	assert_true(bytes_zero(pcmd->reserved, sizeof(pcmd->reserved)));
	assert_false(bytes_zero(pcmd->mac, sizeof(pcmd->mac)));
	assert_memory_not_equal(fix_ram(f, RAM_SOURCE), fix_epc(f, FIX_DATA), SGX_PAGE_SIZE);
	assert_true(*evict_slot(f, EVICT_SLOT) >= 8); /* EDBGRD sees it */
}

static void each_version_is_new_and_so_is_its_ciphertext(void **state)
{
	struct fixture *f = *state;
	uint8_t first[SGX_PAGE_SIZE];

	prepare(f);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	memcpy(first, fix_ram(f, RAM_SOURCE), sizeof(first));
	memcpy(fix_epc(f, FIX_DATA1), fix_epc(f, FIX_DATA), SGX_PAGE_SIZE);
	evict(f, FIX_DATA1, EVICT_SLOT + 1);
	assert_memory_not_equal(first, fix_ram(f, RAM_SOURCE), sizeof(first));
	assert_int_not_equal(*evict_slot(f, EVICT_SLOT), *evict_slot(f, EVICT_SLOT + 1));
}

static void a_used_slot_is_overwritten_and_said_in_cf(void **state)
{
	struct fixture *f = *state;

	prepare(f);
	*evict_slot(f, EVICT_SLOT) = 0x4000;
	f->cpu.regs.rflags |= CPU_RFLAGS_ZF;
	assert_true(retired(cpu_encls(&f->cpu)));
	assert_int_equal(f->cpu.regs.rax, SGX_VA_SLOT_OCCUPIED);
	assert_int_equal(f->cpu.regs.rflags & (CPU_RFLAGS_CF | CPU_RFLAGS_ZF), CPU_RFLAGS_CF);
	assert_int_not_equal(*evict_slot(f, EVICT_SLOT), 0x4000);
	assert_int_equal(f->epcm[FIX_DATA].valid, 0);
}

static void a_va_page_goes_into_another_va_page(void **state)
{
	struct fixture *f = *state;

	fix_enclave(f);
	evict_epa(f);
	assert_true(retired(fix_encls(f, SGX_EPA, SGX_PT_VA, EPC_LA(EVICT_PAGE), 0)));
	evict(f, EVICT_PAGE, EVICT_SLOT);
	assert_int_equal(evict_pcmd(f)->secinfo.flags, SGX_PT_VA << SGX_SECINFO_PT_SHIFT);
	assert_int_equal(evict_pcmd(f)->enclaveid, 0);
	assert_int_equal(((struct sgx_pageinfo *)fix_ram(f, RAM_PAGEINFO))->linaddr, 0);
}

static void what_is_written_to_the_epc_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct sgx_pageinfo *pageinfo = fix_ram(f, RAM_PAGEINFO);
	uint8_t before[SGX_PAGE_SIZE];

	prepare(f);
	memcpy(before, fix_epc(f, FIX_DATA1), sizeof(before));
	pageinfo->srcpge = EPC_LA(FIX_DATA1);
	pageinfo->secinfo = EPC_LA(FIX_DATA1);
	fix_assert_code(f, cpu_encls(&f->cpu), SGX_SUCCESS);
	assert_memory_equal(before, fix_epc(f, FIX_DATA1), sizeof(before));
}

int main(void)
{
	const struct table tables[] = {
		TABLE(prepare, cpu_encls, rows),
		TABLE(prepare_unblocked, cpu_encls, unblocked_rows),
	};
	const struct CMUnitTest others[] = {
		TEST(a_page_waits_for_the_threads_that_were_inside),
		TEST(a_success_seals_page_and_epcm_entry_and_frees_the_page),
		TEST(each_version_is_new_and_so_is_its_ciphertext),
		TEST(a_used_slot_is_overwritten_and_said_in_cf),
		TEST(a_va_page_goes_into_another_va_page),
		TEST(what_is_written_to_the_epc_is_dropped),
	};

	return rows_run(tables, COUNT(tables), others, COUNT(others));
}
