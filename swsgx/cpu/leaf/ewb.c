// SPDX-License-Identifier: Apache-2.0
/*
 * EWB: take a page out of the EPC, sealed.  RBX PAGEINFO, RCX the page, RDX a slot of a VA page, which
 * keeps the version; RAX has an error (ZF) or the information that the slot was in use (CF).  Checks
 * are in the order of the SDM's pseudocode (vol. 3D, EWB); whether the outputs can be written comes
 * before what the EPCM says.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/eviction.h"
#include "swsgx/cpu/leaf.h"

/* Versions keep off the lowest bits: EDBGRD does not look at them to tell a used slot. */
#define VERSION_STEP 8

struct outputs {
	struct mapping pageinfo, srcpge, pcmd;
};

static struct trap read_operands(struct cpu *cpu, struct eviction *op, struct outputs *ret)
{
	struct trap t = eviction_pages(cpu, op);

	if (!retired(t))
		return t;
	if (op->page == op->va)
		return GP0;
	t = eviction_pageinfo(cpu, op);
	if (!retired(t))
		return t;
	if (op->pageinfo.linaddr != 0 || op->pageinfo.secs != 0)
		return GP0;
	if (!la_aligned(op->pageinfo.secinfo, sizeof(struct sgx_pcmd)) ||
	    !la_aligned(op->pageinfo.srcpge, SGX_PAGE_SIZE))
		return GP0;
	t = epc_walk(cpu, cpu->regs.rbx, PF_W, &ret->pageinfo);
	if (!retired(t))
		return t;
	t = epc_walk(cpu, op->pageinfo.srcpge, PF_W, &ret->srcpge);
	if (!retired(t))
		return t;
	return epc_walk(cpu, op->pageinfo.secinfo, PF_W, &ret->pcmd);
}

/* May the page go?  If so, *ret_hidden is its owner's, or its own when it is a SECS, or NULL. */
static enum sgx_code evictable(const struct epc *epc, uint32_t page,
                               struct secs_hidden **ret_hidden)
{
	const struct epcm_entry *e = &epc->epcm[page];

	*ret_hidden = NULL;
	if (eviction_owned(e->pt)) {
		if (!e->blocked)
			return SGX_PAGE_NOT_BLOCKED;
		if (!epcm_tracked(epc, e))
			return SGX_NOT_TRACKED;
		*ret_hidden = epc_hidden(epc, e->secs);
	} else if (e->pt == SGX_PT_SECS) {
		*ret_hidden = epc_hidden(epc, page);
		if ((*ret_hidden)->children != 0)
			return SGX_CHILD_PRESENT;
	}
	return SGX_SUCCESS;
}

static void secinfo_of(const struct epcm_entry *e, struct sgx_secinfo *ret)
{
	*ret = (struct sgx_secinfo){
		.flags = (uint64_t)e->pt << SGX_SECINFO_PT_SHIFT | (e->r ? SGX_SECINFO_R : 0) |
		         (e->w ? SGX_SECINFO_W : 0) | (e->x ? SGX_SECINFO_X : 0) |
		         (e->pending ? SGX_SECINFO_PENDING : 0) |
		         (e->modified ? SGX_SECINFO_MODIFIED : 0) | (e->pr ? SGX_SECINFO_PR : 0),
	};
}

static void evict(struct cpu *cpu, const struct eviction *op, const struct outputs *out,
                  struct secs_hidden *hidden)
{
	struct epcm_entry *e = &cpu->epc->epcm[op->page];
	bool owned = eviction_owned(e->pt);
	struct eviction_header header = { .eid = owned ? hidden->eid : 0,
		                          .linaddr = e->enclaveaddress };
	struct sgx_pcmd pcmd = { .enclaveid = hidden ? hidden->eid : 0 };
	struct sgx_pageinfo pageinfo = op->pageinfo;
	uint8_t cipher[SGX_PAGE_SIZE];
	/* Processors of several processes share the platform. */
	uint64_t version = VERSION_STEP *
	                   __atomic_fetch_add(&cpu->platform->next_version, 1, __ATOMIC_RELAXED);

	secinfo_of(e, &header.secinfo);
	pcmd.secinfo = header.secinfo;
	eviction_seal(cpu->platform, version, &header, epc_page(cpu->epc, op->page), cipher,
	              pcmd.mac);
	epc_store(&out->srcpge, cipher, sizeof(cipher));
	epc_store(&out->pcmd, &pcmd, sizeof(pcmd));
	pageinfo.linaddr = e->enclaveaddress;
	epc_store(&out->pageinfo, &pageinfo, sizeof(pageinfo));
	*op->slot = version;
	e->valid = 0;
	if (owned)
		hidden->children--;
}

struct trap leaf_ewb(struct cpu *cpu)
{
	struct secs_hidden *hidden;
	struct outputs out;
	struct eviction op;
	enum sgx_code code;
	bool occupied;
	struct trap t = read_operands(cpu, &op, &out);

	if (!retired(t))
		return t;
	if (!cpu->epc->epcm[op.page].valid)
		return encls_pf(cpu->regs.rcx);
	t = eviction_va(cpu, &op);
	if (!retired(t))
		return t;
	code = evictable(cpu->epc, op.page, &hidden);
	if (code != SGX_SUCCESS) {
		cpu_set_code(cpu, code);
		return RETIRED;
	}

	occupied = *op.slot != 0;
	evict(cpu, &op, &out, hidden);
	if (occupied)
		cpu_set_info(cpu, SGX_VA_SLOT_OCCUPIED);
	else
		cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}
