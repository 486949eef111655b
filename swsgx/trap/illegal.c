// SPDX-License-Identifier: Apache-2.0
/*
 * Which instructions are #UD because they are an enclave's (SDM vol. 3D, Illegal Instructions).
 * What is here has faulted, trapped or called the kernel, which outside of an enclave is its right;
 * those that retire silently at privilege level 3 never come here, and swsgx(1) lists them.
 */
#include "swsgx/trap/illegal.h"

#define PREFIXES_MAX 14 /* an instruction has at most 15 bytes */
#define SHORT        2  /* SYSCALL, INT n */

typedef const volatile uint8_t *code_ptr;

static bool is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3: return true;
	default: return (byte & 0xf0) == 0x40; /* REX */
	}
}

static unsigned int modrm_reg(uint8_t modrm)
{
	return modrm >> 3 & 7;
}

/* 0F 01: SGDT, SIDT, SMSW, and where there is no memory operand, some by name. */
static bool is_illegal_0f01(uint8_t modrm)
{
	unsigned int reg = modrm_reg(modrm);

	if (modrm < 0xc0)
		return reg == 0 || reg == 1 || reg == 4;
	switch (modrm) {
	case 0xc0: /* ENCLV */
	case 0xc1: /* VMCALL */
	case 0xcf: /* ENCLS */
	case 0xd4: /* VMFUNC */ return true;
	default: return reg == 4; /* SMSW */
	}
}

/* code: behind 0F. */
static bool is_illegal_0f(code_ptr code)
{
	switch (code[0]) {
	case 0x00: return modrm_reg(code[1]) <= 1; /* SLDT, STR */
	case 0x01: return is_illegal_0f01(code[1]);
	case 0x05: /* SYSCALL */
	case 0x33: /* RDPMC */
	case 0x34: /* SYSENTER */
	case 0x37: /* GETSEC */
	case 0xa1: /* POP FS */
	case 0xa2: /* CPUID */
	case 0xa9: /* POP GS */
	case 0xb2: /* LSS */
	case 0xb4: /* LFS */
	case 0xb5: /* LGS */ return true;
	default: return false;
	}
}

/* No byte is read that does not belong to the instruction: the next page may be missing. */
static bool is_illegal(code_ptr code)
{
	for (unsigned int i = 0; i < PREFIXES_MAX && is_prefix(*code); i++)
		code++;
	switch (*code) {
	case 0x0f: return is_illegal_0f(code + 1);
	case 0x6c: /* INS */
	case 0x6d:
	case 0x6e: /* OUTS */
	case 0x6f:
	case 0x8e: /* MOV to a segment register */
	case 0xca: /* far RET */
	case 0xcb:
	case 0xcd: /* INT n */
	case 0xcf: /* IRET */
	case 0xe4: /* IN */
	case 0xe5:
	case 0xe6: /* OUT */
	case 0xe7:
	case 0xec: /* IN */
	case 0xed:
	case 0xee: /* OUT */
	case 0xef: return true;
	case 0xff: /* far CALL, far JMP */
		return modrm_reg(code[1]) == 3 || modrm_reg(code[1]) == 5;
	default: return false;
	}
}

static bool in_elrange(const struct cpu *cpu, uint64_t la)
{
	return la - cpu->elrange_base < cpu->elrange_size;
}

/* Back to the instruction, if it is one of two bytes that RIP is behind. */
static bool step_back(struct cpu *cpu)
{
	uint64_t la = cpu->regs.rip - SHORT;
	code_ptr code = (code_ptr)la;

	if (!in_elrange(cpu, la) || !in_elrange(cpu, la + 1))
		return false;
	if (code[0] != 0xcd && !(code[0] == 0x0f && code[1] == 0x05))
		return false;
	cpu->regs.rip = la;
	return true;
}

bool illegal_inside(struct cpu *cpu, struct trap trap, bool is_system_call)
{
	if (is_system_call) {
		step_back(cpu); /* SYSENTER has lost RIP, and is #UD all the same */
		return true;
	}
	switch (trap.vector) {
	case TRAP_BP: /* CD 03: one byte more than INT3 has */
		return in_elrange(cpu, cpu->regs.rip - 1) &&
		       *(code_ptr)(cpu->regs.rip - 1) == TRAP_BP && step_back(cpu);
	case TRAP_OF: return step_back(cpu);
	case TRAP_PF:
		if (trap.errcd & PF_I)
			return false;
		break;
	case TRAP_NP:
	case TRAP_SS:
	case TRAP_GP: break;
	default: return false;
	}
	return in_elrange(cpu, cpu->regs.rip) && is_illegal((code_ptr)cpu->regs.rip);
}
