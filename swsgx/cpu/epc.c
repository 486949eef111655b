// SPDX-License-Identifier: Apache-2.0
/*
 * Linear addresses to EPC pages, and the checks of operands that leaves share.  Every function that
 * gives a trap has changed nothing when it does.
 */
#include "swsgx/cpu/epc.h"

#include <string.h>

bool bytes_zero(const void *bytes, size_t size)
{
	const uint8_t *b = bytes;
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= b[i];
	return any == 0;
}

#define RFLAGS_STATUS                                                                    \
	(CPU_RFLAGS_CF | CPU_RFLAGS_PF | CPU_RFLAGS_AF | CPU_RFLAGS_ZF | CPU_RFLAGS_SF | \
	 CPU_RFLAGS_OF)

void cpu_set_code(struct cpu *cpu, enum sgx_code code)
{
	cpu->regs.rax = code;
	cpu->regs.rflags &= ~(uint64_t)RFLAGS_STATUS;
	if (code != SGX_SUCCESS)
		cpu->regs.rflags |= CPU_RFLAGS_ZF;
}

void cpu_set_info(struct cpu *cpu, enum sgx_code code)
{
	cpu->regs.rax = code;
	cpu->regs.rflags &= ~(uint64_t)RFLAGS_STATUS;
	cpu->regs.rflags |= CPU_RFLAGS_CF;
}

struct trap epc_walk(struct cpu *cpu, uint64_t la, uint32_t access, struct mapping *ret)
{
	struct mapping m = { .epc_index = EPC_NONE };
	bool present, allowed;

	if (!la_canonical(la))
		return GP0;
	cpu->paging(cpu->paging_context, la, &m);
	/* Every present page can be read: x86 has no other, what forbids reading is absent. */
	present = m.present && m.readable;
	allowed = present && (!(access & PF_W) || m.writable) && (!(access & PF_I) || m.executable);
	if (!allowed)
		return (struct trap){ .vector = TRAP_PF,
			              .errcd = access | (present ? PF_P : 0),
			              .addr = la };
	if (m.epc_index >= cpu->epc->count)
		m.epc_index = EPC_NONE;
	*ret = m;
	return RETIRED;
}

struct trap epc_find(struct cpu *cpu, uint64_t la, uint32_t access, uint32_t *ret_index)
{
	struct mapping m;
	struct trap t = epc_walk(cpu, la, access, &m);

	if (!retired(t))
		return t;
	if (m.epc_index == EPC_NONE)
		return encls_pf(la);
	*ret_index = m.epc_index;
	return RETIRED;
}

struct trap epc_find_user(struct cpu *cpu, uint64_t la, uint32_t access, uint32_t *ret_index)
{
	struct mapping m;
	struct trap t = epc_walk(cpu, la, access | PF_U, &m);

	if (!retired(t))
		return t;
	if (m.epc_index == EPC_NONE)
		return sgx_pf(la, access);
	*ret_index = m.epc_index;
	return RETIRED;
}

void epc_copy(const struct mapping *from, void *ret, size_t size)
{
	if (from->epc_index == EPC_NONE)
		memcpy(ret, from->host, size);
	else
		memset(ret, 0xff, size);
}

void epc_store(const struct mapping *to, const void *from, size_t size)
{
	if (to->epc_index == EPC_NONE)
		memcpy(to->host, from, size);
}

struct trap epc_read(struct cpu *cpu, uint64_t la, void *ret, size_t size)
{
	struct mapping m;
	struct trap t = epc_walk(cpu, la, 0, &m);

	if (!retired(t))
		return t;
	epc_copy(&m, ret, size);
	return RETIRED;
}

struct trap epc_operand(struct cpu *cpu, uint64_t la, uint64_t align, uint64_t perm, void **ret)
{
	uint32_t access = perm & SGX_SECINFO_W ? PF_W : 0;
	uint32_t index;
	struct trap t;

	if (!la_aligned(la, align) || !la_inside(la, cpu->elrange_base, cpu->elrange_size))
		return GP0;
	t = epc_find_user(cpu, la, access, &index);
	if (!retired(t))
		return t;
	if (!epcm_permits(&cpu->epc->epcm[index], cpu->secs_index, la_page(la), perm))
		return sgx_pf(la, access);
	*ret = (uint8_t *)epc_page(cpu->epc, index) + (la & (SGX_PAGE_SIZE - 1));
	return RETIRED;
}

void epc_enter(struct cpu *cpu, uint32_t secs)
{
	struct secs_hidden *hidden = epc_hidden(cpu->epc, secs);
	uint64_t epoch = __atomic_load_n(&hidden->epoch, __ATOMIC_SEQ_CST);

	for (;;) {
		uint64_t now;

		__atomic_fetch_add(&hidden->inside[epoch & 1], 1, __ATOMIC_SEQ_CST);
		now = __atomic_load_n(&hidden->epoch, __ATOMIC_SEQ_CST);
		if (now == epoch)
			break;
		/* ETRACK came between: this entry belongs to the epoch it began. */
		__atomic_fetch_sub(&hidden->inside[epoch & 1], 1, __ATOMIC_SEQ_CST);
		epoch = now;
	}
	cpu->entry_epoch = epoch;
}

void epc_leave(struct cpu *cpu)
{
	struct secs_hidden *hidden = epc_hidden(cpu->epc, cpu->secs_index);

	__atomic_fetch_sub(&hidden->inside[cpu->entry_epoch & 1], 1, __ATOMIC_SEQ_CST);
}

uint64_t epc_inside(const struct secs_hidden *hidden)
{
	return __atomic_load_n(&hidden->inside[0], __ATOMIC_SEQ_CST) +
	       __atomic_load_n(&hidden->inside[1], __ATOMIC_SEQ_CST);
}

bool epc_track(struct secs_hidden *hidden)
{
	uint64_t epoch = __atomic_load_n(&hidden->epoch, __ATOMIC_SEQ_CST);

	if (__atomic_load_n(&hidden->inside[(epoch + 1) & 1], __ATOMIC_SEQ_CST) != 0)
		return false;
	__atomic_store_n(&hidden->epoch, epoch + 1, __ATOMIC_SEQ_CST);
	return true;
}

static struct tcs_hidden *tcs_hidden(const struct sgx_tcs *tcs)
{
	return (void *)((uintptr_t)tcs + TCS_HIDDEN_OFFSET);
}

bool tcs_claim(struct sgx_tcs *tcs, uint64_t owner)
{
	uint64_t inactive = 0;

	if (!__atomic_compare_exchange_n(&tcs->state, &inactive, 1, false, __ATOMIC_ACQ_REL,
	                                 __ATOMIC_ACQUIRE))
		return false;
	__atomic_store_n(&tcs_hidden(tcs)->owner, owner, __ATOMIC_RELEASE);
	return true;
}

/* In this order: no owner is ever named who has left. */
void tcs_release(struct sgx_tcs *tcs)
{
	__atomic_store_n(&tcs_hidden(tcs)->owner, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&tcs->state, 0, __ATOMIC_RELEASE);
}

uint64_t tcs_owner(const struct sgx_tcs *tcs)
{
	return __atomic_load_n(&tcs_hidden(tcs)->owner, __ATOMIC_ACQUIRE);
}

bool tcs_take_away(struct sgx_tcs *tcs, uint64_t owner)
{
	if (!__atomic_compare_exchange_n(&tcs_hidden(tcs)->owner, &owner, 0, false,
	                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	__atomic_store_n(&tcs->state, 0, __ATOMIC_RELEASE);
	return true;
}
