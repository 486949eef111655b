/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The software processor: logical processors, the EPC with its EPCM, and the SGX leaves.  No system
 * call, no allocation, no lock: the caller brings the memory, serialises the leaves that need it
 * (cpu_encls always; cpu_enclu under the same lock, apart from what leaf/ says of itself) and says
 * what linear addresses mean.  A leaf that faults has changed nothing.
 */
#ifndef SWSGX_CPU_CPU_H
#define SWSGX_CPU_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sgx/secinfo.h"
#include "sgx/secs.h"
#include "sgx/ssa.h"
#include "sgx/tcs.h"
#include "swsgx/cpu/trap.h"

/* One EPC page's hidden entry.  Plain data without pointers: it lives in memory that is shared. */
struct epcm_entry {
	uint64_t enclaveaddress;
	uint32_t secs; /* EPC index of the SECS; unused for PT_SECS and PT_VA */
	uint8_t valid, r, w, x;
	uint8_t pt; /* enum sgx_page_type */
	uint8_t blocked, pending, modified, pr;
	uint8_t reserved[3];
	uint64_t epoch; /* tracking: when the page was blocked or changed */
};

/*
 * What the processor keeps of a SECS beyond the architectural fields; it lives in the SECS page, at
 * an offset of our own in the reserved tail, so that the enclave's file holds all of it.
 */
struct secs_hidden; /* swsgx/cpu/epc.h */

/*
 * EPC pages that whoever brings the memory has filled itself, which can cost it less than to let EADD do
 * so through epc.page, and whose content is still at hand.  EADD of a regular page from there, the only
 * source it may have, finds nothing left to copy; EEXTEND reads there.
 */
struct epc_staged {
	const uint8_t *content;
	uint32_t first, count;
};

/* An EPC: page i is at page + 4096 * i, its entry is epcm[i]. */
struct epc {
	uint8_t *page;
	struct epcm_entry *epcm;
	uint32_t count;
	struct epc_staged staged; /* count 0: none; as ENCLS, under the caller's lock */
};

#define EPC_NONE UINT32_MAX

/* What a linear address leads to, by ordinary paging. */
struct mapping {
	bool present, readable, writable, executable;
	uint32_t epc_index; /* EPC page, or EPC_NONE: ordinary memory */
	uint8_t *host;      /* where the byte at that address can be read and written */
};

/*
 * The page tables: fill ret for the page of la (host points to the very byte).  ENCLS operands are
 * supervisor addresses, ENCLU operands user addresses; both go through here.
 */
typedef void paging_fn(void *context, uint64_t la, struct mapping *ret);

/* What all processors of a package share.  Plain data; a platform's file holds it. */
struct platform {
	uint8_t cpusvn[16];
	uint8_t ownerepoch[16];
	uint8_t seal_fuses[16];
	uint8_t root_key[16];       /* of derivekey(), our own; independent of owner and fuses */
	uint8_t report_keyid[32];   /* CR_REPORT_KEYID */
	uint8_t lepubkeyhash[32];   /* IA32_SGXLEPUBKEYHASH */
	uint64_t attributes_mask;   /* CPUID.12H.1:EBX:EAX */
	uint64_t xfrm_mask;         /* CPUID.12H.1:EDX:ECX, a subset of XCR0 */
	uint32_t miscselect_mask;   /* CPUID.12H.0:EBX */
	uint32_t max_size_log2_64;  /* CPUID.12H.0:EDX[15:8] */
	uint32_t max_size_log2_32;  /* CPUID.12H.0:EDX[7:0] */
	uint32_t xstate_offset[64]; /* CPUID.0DH.i:EBX, standard format; 0: no such component */
	uint32_t xstate_size[64];   /* CPUID.0DH.i:EAX */
	uint64_t next_eid;          /* CR_NEXT_EID */
	/*
	 * CR_PAGING_VERSION.  Who gives one EPC to several platforms in memory has to see to it that
	 * they never hand out one value twice: it is what tells a page from its older copies.
	 */
	uint64_t next_version;
};

struct cpu_regs {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, rip; /* rip: of the ENCLU or ENCLS; a leaf that retires moves it on */
	uint64_t fsbase, gsbase;
};

#define CPU_RFLAGS_CF 0x001
#define CPU_RFLAGS_PF 0x004
#define CPU_RFLAGS_AF 0x010
#define CPU_RFLAGS_ZF 0x040
#define CPU_RFLAGS_SF 0x080
#define CPU_RFLAGS_TF 0x100
#define CPU_RFLAGS_DF 0x400
#define CPU_RFLAGS_OF 0x800
#define CPU_RFLAGS_RF 0x10000

/* One logical processor: in a process, one thread. */
struct cpu {
	struct cpu_regs regs;
	struct platform *platform;
	struct epc *epc;
	paging_fn *paging;
	void *paging_context;
	/* This processor's name, in the TCS that it is in, for all that share the EPC; 0: it has none. */
	uint64_t owner;
	/*
	 * The extended state in XSAVE's standard format, of xsave_size bytes, or NULL where a leaf
	 * does not need it.  AEX stores it to SSA and initialises it; ERESUME loads it.
	 */
	uint8_t *xsave;
	uint32_t xsave_size;

	/* CR_*: valid while enclave_mode. */
	bool enclave_mode;
	bool dbgoptin;
	uint64_t tcs_la;
	uint32_t tcs_index, secs_index;
	uint64_t elrange_base, elrange_size;
	uint64_t save_fsbase, save_gsbase;
	uint64_t entry_epoch; /* tracking: the SECS's epoch at entry */
	bool save_tf;
	uint32_t gpr_index;       /* EPC page that holds GPRSGX of the current frame */
	uint32_t frame_index[16]; /* EPC pages of the current frame's XSAVE area, in order */
};

/* The instruction ENCLS or ENCLU with the registers in cpu->regs. */
struct trap cpu_encls(struct cpu *cpu);
struct trap cpu_enclu(struct cpu *cpu);
/*
 * EEXTEND of all 16 chunks of the page at RCX, in the order of their addresses, in far less than 16
 * times the time of one.  RBX is the SECS.  A fault is that of the first chunk.
 */
struct trap cpu_eextend_page(struct cpu *cpu);

/*
 * Asynchronous enclave exit because of event (an exception, or TRAP_INTERRUPT) with cpu->regs as
 * they are at the interrupted instruction (rip: where to go on).  Cannot fault.
 */
void cpu_aex(struct cpu *cpu, struct trap event);

/*
 * Would this access by enclave code be allowed, paging and EPCM taken together?  access: 0 read,
 * PF_W write, PF_I fetch.  Retires, or gives the fault the processor raises.
 */
struct trap cpu_access(struct cpu *cpu, uint64_t la, uint32_t access);

/*
 * A platform of its own: random keys, and what this processor can do (xcr0: its XCR0; the
 * xstate tables come from the caller, who may execute CPUID).  random: 80 bytes.
 */
void platform_init(struct platform *p, uint64_t xcr0, const uint8_t random[80]);

/* Name of a leaf for messages ("EADD"), or NULL. */
const char *cpu_encls_name(uint32_t leaf);
const char *cpu_enclu_name(uint32_t leaf);

#endif
