// SPDX-License-Identifier: Apache-2.0
/*
 * ENCLS with operands; see ops.h.  What EWB took away is remembered by its version: a page that comes
 * back is the one that went, and comes back once.
 */
#include <string.h>

#include "tests/fuzz/ops.h"

#define SHADOWS 8
#define BLOBS   2

static struct shadow {
	uint64_t version; /* 0: none */
	uint64_t eid;
	struct epcm_entry entry;
	uint8_t page[SGX_PAGE_SIZE];
} shadow[SHADOWS];
static unsigned int shadow_next;

void ops_start(void)
{
	for (unsigned int i = 0; i < SHADOWS; i++)
		shadow[i].version = 0;
	shadow_next = 0;
}

/* The operands of one operation. */
struct operands {
	uint8_t page, other; /* EPC pages: RCX; the SECS or the VA page */
	uint8_t number;      /* of the window, a chunk, a slot, a blob */
	uint8_t flags;
};

static uint64_t owner_eid(const struct machine *m, const struct epcm_entry *e)
{
	bool owned = e->pt != SGX_PT_SECS && e->pt != SGX_PT_VA;

	return owned ? epc_hidden(&m->epc, e->secs)->eid : 0;
}

static uint64_t pcmd_la(const struct operands *o)
{
	return ram_la(RAM_PCMD) + o->number % BLOBS * UINT64_C(128);
}

/* PAGEINFO stays with the blob: EWB's LINADDR is ELDU's. */
static struct sgx_pageinfo *blob_pageinfo(struct machine *m, const struct operands *o)
{
	return (void *)(m->ram[RAM_PCMD] + 2048 + o->number % BLOBS * 32);
}

bool ops_tracked(const struct machine *m, const struct epcm_entry *e)
{
	for (unsigned int i = 0; i < CPUS; i++)
		if (m->cpu[i].enclave_mode && m->cpu[i].secs_index == e->secs &&
		    m->cpu[i].entry_epoch <= e->epoch)
			return false;
	return true;
}

static void op_ewb(struct machine *m, const struct operands *o)
{
	struct sgx_pageinfo *pageinfo = blob_pageinfo(m, o);
	uint64_t *slot = (uint64_t *)m->page[o->other] + o->number;
	struct shadow *s = &shadow[shadow_next % SHADOWS];
	uint64_t old = *slot;
	struct shadow was = { .eid = 0, .entry = m->epcm[o->page] };

	if (was.entry.valid)
		was.eid = owner_eid(m, &was.entry);
	memcpy(was.page, m->page[o->page], sizeof(was.page));
	*pageinfo = (struct sgx_pageinfo){ .srcpge = ram_la(RAM_BLOB + o->number % BLOBS),
		                           .secinfo = pcmd_la(o) };
	if (!retired(machine_encls(m, SGX_EWB,
	                           ram_la(RAM_PCMD) + 2048 + o->number % BLOBS * UINT64_C(32),
	                           epc_la(o->page), epc_la(o->other) + o->number * UINT64_C(8))) ||
	    m->epcm[o->page].valid || !was.entry.valid)
		return;
	PROMISE(*slot != 0 && *slot != old);
	if (was.entry.pt == SGX_PT_SECS)
		PROMISE(epc_hidden(&m->epc, o->page)->children == 0);
	else if (was.entry.pt != SGX_PT_VA)
		PROMISE(was.entry.blocked && ops_tracked(m, &was.entry));
	PROMISE(pageinfo->linaddr == was.entry.enclaveaddress);
	*s = was;
	s->version = *slot;
	shadow_next++;
}

static void op_eld(struct machine *m, const struct operands *o, uint32_t leaf)
{
	struct sgx_pageinfo *pageinfo = blob_pageinfo(m, o);
	uint64_t *slot = (uint64_t *)m->page[o->other] + o->number, version = *slot;
	bool free = !m->epcm[o->page].valid;
	struct epcm_entry *e = &m->epcm[o->page];
	uint64_t pt;

	memcpy(&pt, m->ram[RAM_PCMD] + o->number % BLOBS * 128, sizeof(pt));
	pt = pt >> SGX_SECINFO_PT_SHIFT & 0xff;
	pageinfo->secs = pt == SGX_PT_SECS || pt == SGX_PT_VA ? 0 : epc_la(o->flags / 16);
	if (!retired(machine_encls(m, leaf,
	                           ram_la(RAM_PCMD) + 2048 + o->number % BLOBS * UINT64_C(32),
	                           epc_la(o->page), epc_la(o->other) + o->number * UINT64_C(8))) ||
	    !free || !e->valid)
		return;
	PROMISE(*slot == 0 && version != 0);
	for (unsigned int i = 0; i < SHADOWS; i++) {
		struct shadow *s = &shadow[i];

		if (s->version != version)
			continue;
		PROMISE(memcmp(s->page, m->page[o->page], sizeof(s->page)) == 0);
		PROMISE(s->entry.pt == e->pt && s->entry.enclaveaddress == e->enclaveaddress);
		PROMISE(s->entry.r == e->r && s->entry.w == e->w && s->entry.x == e->x);
		PROMISE(s->entry.pending == e->pending && s->entry.modified == e->modified);
		PROMISE(s->entry.pr == e->pr && s->eid == owner_eid(m, e));
		PROMISE(e->blocked ==
		        (leaf == SGX_ELDB && e->pt != SGX_PT_SECS && e->pt != SGX_PT_VA));
		s->version = 0;
	}
}

static void op_ecreate(struct machine *m, const struct operands *o)
{
	struct sgx_secs secs = machine_secs(m);

	if (o->number & 1)
		secs.baseaddr += SIZE;
	machine_ecreate(m, o->page, &secs);
}

static void op_eadd(struct machine *m, const struct operands *o)
{
	static uint8_t content[SGX_PAGE_SIZE];
	struct sgx_tcs *tcs = (void *)content;
	uint64_t flags =
		o->flags & 0x40 ? SGX_SECINFO_TCS : SGX_SECINFO_REG | (o->flags & SGX_SECINFO_RWX);

	memset(content, o->flags & 0x40 ? 0 : o->flags, sizeof(content));
	if (o->flags & 0x40) {
		tcs->ossa = (o->flags & 7) * UINT64_C(0x1000);
		tcs->nssa = 1 + (o->flags >> 3 & 3);
	}
	machine_eadd(m, o->page, o->other, window_la(m, o->number % WINDOW_PAGES), flags, content);
}

static void op_eaug(struct machine *m, const struct operands *o)
{
	*operand_pageinfo(m) =
		(struct sgx_pageinfo){ .linaddr = window_la(m, o->number % WINDOW_PAGES),
		                       .secs = epc_la(o->other) };
	machine_encls(m, SGX_EAUG, PAGEINFO_LA, epc_la(o->page), 0);
}

static void op_modify(struct machine *m, const struct operands *o, uint32_t leaf)
{
	uint64_t flags =
		leaf == SGX_EMODPR ? o->flags & SGX_SECINFO_RWX : (o->flags & 7) * UINT64_C(0x100);

	*operand_secinfo(m) = (struct sgx_secinfo){ .flags = flags };
	machine_encls(m, leaf, SECINFO_LA, epc_la(o->page), 0);
}

void op_encls(struct machine *m, struct input *in)
{
	uint8_t leaf = input_u8(in);
	struct operands o = { .page = (uint8_t)input_below(in, EPC_PAGES),
		              .other = (uint8_t)input_below(in, EPC_PAGES),
		              .number = input_u8(in),
		              .flags = input_u8(in) };

	switch (leaf % 18) {
	case SGX_ECREATE: op_ecreate(m, &o); break;
	case SGX_EADD: op_eadd(m, &o); break;
	case SGX_EINIT: machine_initialise(m, o.page); break;
	case SGX_ELDB:
	case SGX_ELDU: op_eld(m, &o, leaf % 18); break;
	case SGX_EWB: op_ewb(m, &o); break;
	case SGX_EAUG: op_eaug(m, &o); break;
	case SGX_EMODPR:
	case SGX_EMODT: op_modify(m, &o, leaf % 18); break;
	case SGX_EEXTEND:
	case SGX_EDBGRD:
	case SGX_EDBGWR:
		machine_encls(m, leaf % 18, epc_la(o.other),
		              epc_la(o.page) + o.number * UINT64_C(8), 0);
		break;
	case SGX_EPA: machine_encls(m, SGX_EPA, SGX_PT_VA, epc_la(o.page), 0); break;
	case 16: { /* any operands */
		uint64_t rbx = op_address(m, in), rcx = op_address(m, in);

		machine_encls(m, o.flags, rbx, rcx, op_address(m, in));
		break;
	}
	default: machine_encls(m, leaf % 18, 0, epc_la(o.page), 0);
	}
}
