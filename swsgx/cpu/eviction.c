// SPDX-License-Identifier: Apache-2.0
/*
 * Operands and seals of evicted pages.  The paging key is of a boot and of nothing else: like the
 * key id of reports, from which it is derived, it changes when the platform starts anew, and what was
 * evicted before is lost then.
 */
#include "swsgx/cpu/eviction.h"

#include <string.h>

#include "lib/crypto/crypto.h"
#include "swsgx/cpu/epc.h"

struct trap eviction_pages(struct cpu *cpu, struct eviction *ret)
{
	uint64_t rbx = cpu->regs.rbx, rcx = cpu->regs.rcx, rdx = cpu->regs.rdx;
	struct trap t;

	if (!la_aligned(rbx, sizeof(ret->pageinfo)) || !la_aligned(rcx, SGX_PAGE_SIZE))
		return GP0;
	t = epc_find(cpu, rcx, PF_W, &ret->page);
	if (!retired(t))
		return t;
	if (!la_aligned(rdx, sizeof(*ret->slot)))
		return GP0;
	t = epc_find(cpu, rdx, PF_W, &ret->va);
	if (!retired(t))
		return t;
	ret->slot = (uint64_t *)epc_page(cpu->epc, ret->va) +
	            (rdx & (SGX_PAGE_SIZE - 1)) / sizeof(*ret->slot);
	return RETIRED;
}

struct trap eviction_pageinfo(struct cpu *cpu, struct eviction *ret)
{
	return epc_read(cpu, cpu->regs.rbx, &ret->pageinfo, sizeof(ret->pageinfo));
}

struct trap eviction_va(struct cpu *cpu, const struct eviction *op)
{
	const struct epcm_entry *e = &cpu->epc->epcm[op->va];

	return e->valid && e->pt == SGX_PT_VA ? RETIRED : encls_pf(cpu->regs.rdx);
}

static void paging_key(const struct platform *p, uint8_t ret[16])
{
	struct {
		char name[16];
		uint8_t keyid[32];
	} d = { .name = "CR_BASE_PK" };

	memcpy(d.keyid, p->report_keyid, sizeof(d.keyid));
	cmac_aes128(p->root_key, &d, sizeof(d), ret);
}

/* The version is the IV, which is therefore never used twice. */
static void make_iv(uint64_t version, uint8_t ret[12])
{
	memset(ret, 0, 4);
	memcpy(ret + 4, &version, sizeof(version));
}

void eviction_seal(const struct platform *p, uint64_t version, const struct eviction_header *header,
                   const void *page, void *ret_cipher, uint8_t ret_mac[16])
{
	uint8_t key[16], iv[12];

	paging_key(p, key);
	make_iv(version, iv);
	gcm_aes128_seal(key, iv, header, sizeof(*header), page, ret_cipher, SGX_PAGE_SIZE, ret_mac);
}

bool eviction_open(const struct platform *p, uint64_t version, const struct eviction_header *header,
                   const void *cipher, const uint8_t mac[16], void *page)
{
	uint8_t key[16], iv[12];

	paging_key(p, key);
	make_iv(version, iv);
	return gcm_aes128_open(key, iv, header, sizeof(*header), cipher, page, SGX_PAGE_SIZE, mac);
}
