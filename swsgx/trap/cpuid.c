// SPDX-License-Identifier: Apache-2.0
/*
 * CPUID faulting: every CPUID of the program is a #GP, which is answered with what the hardware says,
 * apart from what it says of SGX.  For the one that has to be executed for that, faulting is off
 * for a moment; it is a thread's own.
 */
#include "swsgx/trap/cpuid.h"

#include <errno.h>
#include <string.h>

#include "lib/base/hex.h"
#include "sgx/secinfo.h"
#include "swsgx/cpu/cpu.h"
#include "swsgx/driver/sys.h"
#include "swsgx/trap/context.h"
#include "swsgx/trap/decode.h"

#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012
#define CPUID_ON       1
#define CPUID_FAULTS   0

#define CPUID_SIZE   2 /* bytes of the instruction */
#define LEAF_BASIC   0
#define LEAF_VERSION 1
#define LEAF_FEATURE 7
#define LEAF_SGX     0x12

#define VERSION_C_OSXSAVE (1U << 27)
#define FEATURE_B_SGX     (1U << 2)
#define FEATURE_C_SGX_LC  (1U << 30)
#define SGX_A_SGX1        (1U << 0)
#define SGX_A_SGX2        (1U << 1)
#define SGX_A_EDECCSSA    (1U << 11)

#define SGX_FIRST_SECTION 2
#define SECTION_EPC       1
#define SECTION_PROTECTED 1                        /* confidentiality and integrity */
#define EPC_BASE          UINT64_C(0x200000000000) /* where no machine has memory */
#define EPC_SIZE_DEFAULT  (UINT64_C(128) << 20)
#define EPC_SIZE_MAX      (UINT64_C(1) << 46)

static uint64_t epc_size = EPC_SIZE_DEFAULT;

struct registers {
	uint32_t a, b, c, d;
};

int cpuid_epc_size(const char *text)
{
	static const char suffixes[] = "KMG";
	unsigned int shift = 0;
	const char *suffix;
	char digits[24];
	uint64_t n;
	size_t len;

	if (text == NULL || *text == '\0')
		return 0;
	len = strlen(text);
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len + 1);
	suffix = strchr(suffixes, digits[len - 1]);
	if (suffix != NULL) {
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
		digits[len - 1] = '\0';
	}
	if (parse_u64(digits, EPC_SIZE_MAX >> shift, &n) < 0 || n == 0 ||
	    (n << shift) % SGX_PAGE_SIZE != 0)
		return -EINVAL;
	epc_size = n << shift;
	return 0;
}

static bool set_cpuid(uint64_t on)
{
	return sys_call4(SYS_arch_prctl, ARCH_SET_CPUID, on, 0, 0) == 0;
}

bool cpuid_can_fault(void)
{
	return set_cpuid(CPUID_ON);
}

void cpuid_arm(void)
{
	set_cpuid(CPUID_FAULTS);
}

bool cpuid_disarm(void)
{
	return sys_call4(SYS_arch_prctl, ARCH_GET_CPUID, 0, 0, 0) == CPUID_FAULTS &&
	       set_cpuid(CPUID_ON);
}

static struct registers execute(uint32_t leaf, uint32_t subleaf)
{
	struct registers r;

	__asm__ volatile("cpuid"
	                 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
	                 : "a"(leaf), "c"(subleaf));
	return r;
}

static uint64_t xcr0(void)
{
	uint32_t a, d;

	if (!(execute(LEAF_VERSION, 0).c & VERSION_C_OSXSAVE))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (uint64_t)d << 32 | a;
}

static struct registers split(uint64_t ba, uint64_t dc)
{
	return (struct registers){ .a = (uint32_t)ba,
		                   .b = (uint32_t)(ba >> 32),
		                   .c = (uint32_t)dc,
		                   .d = (uint32_t)(dc >> 32) };
}

static struct registers answer_sgx(uint32_t subleaf)
{
	static const uint8_t no_keys[80];
	struct platform p; /* only for what it can do: the program may never use its keys */

	platform_init(&p, xcr0(), no_keys);
	switch (subleaf) {
	case 0:
		return (struct registers){ .a = SGX_A_SGX1 | SGX_A_SGX2 | SGX_A_EDECCSSA,
			                   .b = p.miscselect_mask,
			                   .d = p.max_size_log2_64 << 8 | p.max_size_log2_32 };
	case 1: return split(p.attributes_mask, p.xfrm_mask);
	case SGX_FIRST_SECTION:
		/* Two addresses of 52 bits; the type and its properties are in their low ones. */
		return split((EPC_BASE & 0xfffff000) | SECTION_EPC | EPC_BASE >> 32 << 32,
		             (epc_size & 0xfffff000) | SECTION_PROTECTED | epc_size >> 32 << 32);
	default: return (struct registers){ 0 };
	}
}

static struct registers answer(uint32_t leaf, uint32_t subleaf)
{
	struct registers r;

	if (leaf == LEAF_SGX)
		return answer_sgx(subleaf);
	r = execute(leaf, subleaf);
	if (leaf == LEAF_BASIC && r.a < LEAF_SGX)
		r.a = LEAF_SGX;
	if (leaf == LEAF_FEATURE && subleaf == 0) {
		r.b |= FEATURE_B_SGX;
		r.c |= FEATURE_C_SGX_LC;
	}
	return r;
}

bool cpuid_execute(int sig, const siginfo_t *info, ucontext_t *uc)
{
	greg_t *regs = uc->uc_mcontext.gregs;
	struct registers r;

	if (sig != SIGSEGV || !decode_is_cpuid(sig, info, uc) || !set_cpuid(CPUID_ON))
		return false;
	r = answer((uint32_t)regs[REG_RAX], (uint32_t)regs[REG_RCX]);
	set_cpuid(CPUID_FAULTS);
	regs[REG_RAX] = r.a;
	regs[REG_RBX] = r.b;
	regs[REG_RCX] = r.c;
	regs[REG_RDX] = r.d;
	regs[REG_RIP] += CPUID_SIZE;
	return true;
}
