// SPDX-License-Identifier: Apache-2.0
/*
 * The way into an enclave (SDM vol. 3D, EENTER, ERESUME).  Two processors may try one TCS at once:
 * TCS.STATE changes by compare-exchange, and everything else in a TCS that entries and exits change
 * belongs to who owns STATE.  The checks come before the claim, so CSSA is looked at once more
 * after it.
 */
#include "swsgx/cpu/entry.h"

#include "swsgx/cpu/epc.h"

static struct trap check_page(struct cpu *cpu, uint32_t *ret_index)
{
	uint64_t rbx = cpu->regs.rbx;
	const struct epcm_entry *e;
	struct mapping m;
	struct trap t;

	if (!la_aligned(rbx, SGX_PAGE_SIZE))
		return GP0;
	/* The processor touches the page's last byte first, and writes: as measured on hardware. */
	t = epc_walk(cpu, rbx + (SGX_PAGE_SIZE - 1), PF_W | PF_U, &m);
	if (!retired(t))
		return t;
	if (m.epc_index == EPC_NONE)
		return sgx_pf(rbx + (SGX_PAGE_SIZE - 1), PF_W);
	if (!la_canonical(cpu->regs.rcx))
		return GP0;
	e = &cpu->epc->epcm[m.epc_index];
	if (!e->valid || e->blocked || e->enclaveaddress != rbx || e->pt != SGX_PT_TCS ||
	    e->pending || e->modified)
		return sgx_pf(rbx, PF_W);
	*ret_index = m.epc_index;
	return RETIRED;
}

static bool tcs_valid(const struct platform *p, const struct sgx_tcs *tcs)
{
	uint64_t flags = SGX_TCS_DBGOPTIN;

	if (p->attributes_mask & SGX_ATTR_AEXNOTIFY)
		flags |= SGX_TCS_AEXNOTIFY;
	return la_aligned(tcs->ossa, SGX_PAGE_SIZE) && la_aligned(tcs->ofsbase, SGX_PAGE_SIZE) &&
	       la_aligned(tcs->ogsbase, SGX_PAGE_SIZE) && (tcs->flags & ~flags) == 0;
}

static bool enclave_valid(const struct platform *p, const struct sgx_secs *secs,
                          const struct sgx_tcs *tcs)
{
	bool thread_notify = (tcs->flags & SGX_TCS_AEXNOTIFY) != 0;
	bool enclave_notify = (secs->attributes.flags & SGX_ATTR_AEXNOTIFY) != 0;

	if (!(secs->attributes.flags & SGX_ATTR_INIT) ||
	    !(secs->attributes.flags & SGX_ATTR_MODE64BIT)) /* this processor is in 64-bit mode */
		return false;
	if ((secs->attributes.xfrm & ~p->xfrm_mask) != 0)
		return false;
	return (tcs->flags & SGX_TCS_DBGOPTIN) || thread_notify == enclave_notify;
}

struct trap entry_check(struct cpu *cpu, struct entry *ret)
{
	struct trap t = check_page(cpu, &ret->tcs_index);

	if (!retired(t))
		return t;
	ret->secs_index = cpu->epc->epcm[ret->tcs_index].secs;
	ret->tcs = epc_tcs(cpu->epc, ret->tcs_index);
	ret->secs = epc_secs(cpu->epc, ret->secs_index);
	ret->cssa = tcs_cssa(ret->tcs);
	ret->owner = cpu->owner;
	if (!tcs_valid(cpu->platform, ret->tcs) ||
	    !enclave_valid(cpu->platform, ret->secs, ret->tcs))
		return GP0;
	return RETIRED;
}

struct trap entry_address(const struct entry *entry, uint64_t offset, uint64_t *ret)
{
	uint64_t la = entry->secs->baseaddr + offset;

	if (!la_canonical(la))
		return GP0;
	*ret = la;
	return RETIRED;
}

bool entry_claim(const struct entry *entry, bool *ret_again)
{
	*ret_again = false;
	if (!tcs_claim(entry->tcs, entry->owner))
		return false;
	if (tcs_cssa(entry->tcs) == entry->cssa)
		return true;
	tcs_release(entry->tcs);
	*ret_again = true;
	return false;
}

void entry_commit(struct cpu *cpu, const struct entry *entry, const struct ssa_frame *frame,
                  uint64_t fsbase, uint64_t gsbase)
{
	struct cpu_regs *r = &cpu->regs;

	epc_enter(cpu, entry->secs_index);
	entry->tcs->aep = r->rcx;
	cpu->enclave_mode = true;
	cpu->dbgoptin = (entry->tcs->flags & SGX_TCS_DBGOPTIN) != 0;
	cpu->tcs_la = r->rbx;
	cpu->tcs_index = entry->tcs_index;
	cpu->secs_index = entry->secs_index;
	cpu->elrange_base = entry->secs->baseaddr;
	cpu->elrange_size = entry->secs->size;
	cpu->save_fsbase = r->fsbase;
	cpu->save_gsbase = r->gsbase;
	r->fsbase = fsbase;
	r->gsbase = gsbase;
	ssa_use(cpu, frame);
	/*
	 * With DBGOPTIN the debugger's single steps go on inside; without it the enclave is one
	 * instruction, after which they do.
	 */
	cpu->save_tf = (r->rflags & CPU_RFLAGS_TF) != 0;
	if (!cpu->dbgoptin)
		r->rflags &= ~(uint64_t)CPU_RFLAGS_TF;
}
