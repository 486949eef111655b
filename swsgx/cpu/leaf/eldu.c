// SPDX-License-Identifier: Apache-2.0
/*
 * ELDU and ELDB: bring a page back that EWB took out, with ELDB blocked.  RBX PAGEINFO, RCX a free EPC
 * page, RDX the slot with the version; the code is in RAX.  Checks are in the order of the SDM's
 * pseudocode (vol. 3D, ELDB, ELDU), which does not say that PAGEINFO.SECS has to be a SECS; its list of
 * exceptions does.
 */
#include <string.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/cpu/eviction.h"
#include "swsgx/cpu/leaf.h"

static struct trap read_operands(struct cpu *cpu, struct eviction *op)
{
	struct trap t = eviction_pages(cpu, op);

	if (!retired(t))
		return t;
	t = eviction_pageinfo(cpu, op);
	if (!retired(t))
		return t;
	if (!la_aligned(op->pageinfo.secinfo, sizeof(struct sgx_pcmd)) ||
	    !la_aligned(op->pageinfo.srcpge, SGX_PAGE_SIZE))
		return GP0;
	if (cpu->epc->epcm[op->page].valid)
		return encls_pf(cpu->regs.rcx);
	return eviction_va(cpu, op);
}

/* The SECS of a page that needs one; the page's own where it has none. */
static struct trap find_owner(struct cpu *cpu, const struct eviction *op, uint8_t pt,
                              uint32_t *ret_secs)
{
	uint64_t secs = op->pageinfo.secs;
	struct trap t;

	*ret_secs = pt == SGX_PT_SECS ? op->page : 0;
	if (!eviction_owned(pt))
		return secs != 0 ? GP0 : RETIRED;
	if (!la_aligned(secs, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, secs, 0, ret_secs);
	if (!retired(t))
		return t;
	if (!cpu->epc->epcm[*ret_secs].valid || cpu->epc->epcm[*ret_secs].pt != SGX_PT_SECS)
		return encls_pf(secs);
	return RETIRED;
}

static void commit(struct cpu *cpu, const struct eviction *op, const struct eviction_header *header,
                   uint32_t secs, bool block)
{
	struct epcm_entry *e = &cpu->epc->epcm[op->page];
	uint64_t flags = header->secinfo.flags;

	*op->slot = 0;
	epcm_set(e, secinfo_pt(&header->secinfo), flags, secs, header->linaddr);
	e->pending = (flags & SGX_SECINFO_PENDING) != 0;
	e->modified = (flags & SGX_SECINFO_MODIFIED) != 0;
	e->pr = (flags & SGX_SECINFO_PR) != 0;
	if (!eviction_owned(e->pt))
		return;
	epc_hidden(cpu->epc, secs)->children++;
	/* What was changed before the page went was tracked then: EWB saw to it. */
	if (block) {
		e->blocked = 1;
		epcm_start_tracking(cpu->epc, e);
	}
}

static struct trap load(struct cpu *cpu, bool block)
{
	uint8_t cipher[SGX_PAGE_SIZE];
	struct eviction_header header;
	struct sgx_pcmd pcmd;
	struct eviction op;
	uint32_t secs;
	struct trap t = read_operands(cpu, &op);

	if (!retired(t))
		return t;
	t = epc_read(cpu, op.pageinfo.srcpge, cipher, sizeof(cipher));
	if (!retired(t))
		return t;
	t = epc_read(cpu, op.pageinfo.secinfo, &pcmd, sizeof(pcmd));
	if (!retired(t))
		return t;
	t = find_owner(cpu, &op, secinfo_pt(&pcmd.secinfo), &secs);
	if (!retired(t))
		return t;
	header =
		(struct eviction_header){ .linaddr = op.pageinfo.linaddr, .secinfo = pcmd.secinfo };
	memcpy(header.reserved, pcmd.reserved, sizeof(header.reserved));
	if (eviction_owned(secinfo_pt(&pcmd.secinfo)))
		header.eid = epc_hidden(cpu->epc, secs)->eid;
	if (!eviction_open(cpu->platform, *op.slot, &header, cipher, pcmd.mac,
	                   epc_page(cpu->epc, op.page))) {
		cpu_set_code(cpu, SGX_MAC_COMPARE_FAIL);
		return RETIRED;
	}

	commit(cpu, &op, &header, secs, block);
	cpu_set_code(cpu, SGX_SUCCESS);
	return RETIRED;
}

struct trap leaf_eldu(struct cpu *cpu)
{
	return load(cpu, false);
}

struct trap leaf_eldb(struct cpu *cpu)
{
	return load(cpu, true);
}
