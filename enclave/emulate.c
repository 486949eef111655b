// SPDX-License-Identifier: Apache-2.0
/*
 * Two instructions that raise #UD in an enclave, answered by the enclave.  The answers never come from
 * the host, which would choose with them which code runs: CPUID is a table that says what SECS.XFRM
 * allows and every 64-bit processor with SGX has, RDTSC a counter that only ever rises.
 */
#include "enclave/handler.h"
#include "enclave/thread.h"

/*
 * Leaf, and EAX, EBX, ECX, EDX; what is not listed is all zeros.  Leaf 1 has SSE3, SSSE3, CX16, POPCNT
 * and RDRAND in ECX, FPU, TSC, CX8, CMOV, FXSR, SSE and SSE2 in EDX; leaf 80000001 LAHF and 64-bit mode.
 */
static const struct {
	uint32_t leaf, answer[4];
} table[] = {
	{ 0, { 1, 0x6c656b53, 0x6c636e45, 0x6e6f7465 } }, /* "Skel" "eton" "Encl" */
	{ 1, { 0, 0, 0x40802201, 0x07008111 } },
	{ 0x80000000, { 0x80000001, 0, 0, 0 } },
	{ 0x80000001, { 0, 0, 0x00000001, 0x20000000 } },
};

static void cpuid(struct encl_exception *e)
{
	uint32_t leaf = (uint32_t)e->rax;

	e->rax = e->rbx = e->rcx = e->rdx = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].leaf != leaf)
			continue;
		e->rax = table[i].answer[0];
		e->rbx = table[i].answer[1];
		e->rcx = table[i].answer[2];
		e->rdx = table[i].answer[3];
	}
}

/* No clock, the host has them all; but a loop that waits for a later reading ends. */
static void rdtsc(struct encl_exception *e)
{
	static uint64_t count;
	uint64_t now = __atomic_add_fetch(&count, 1000, __ATOMIC_SEQ_CST);

	e->rax = (uint32_t)now;
	e->rdx = now >> 32;
}

bool encl_emulate(struct encl_exception *exception)
{
	static const uint8_t cpuid_bytes[] = { 0x0f, 0xa2 }, rdtsc_bytes[] = { 0x0f, 0x31 };

	if (encl_text_is(exception->rip, cpuid_bytes, sizeof(cpuid_bytes)))
		cpuid(exception);
	else if (encl_text_is(exception->rip, rdtsc_bytes, sizeof(rdtsc_bytes)))
		rdtsc(exception);
	else
		return false;
	exception->rip += 2;
	return true;
}
