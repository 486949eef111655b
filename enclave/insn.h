/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that C has no words for, one a function.  Inline assembly is in here and in enclu.h,
 * nowhere else.  Loads from and stores to the host's memory must keep their exact width and number,
 * which a compiler does not promise for plain C.
 */
#ifndef ENCLAVE_INSN_H
#define ENCLAVE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends speculation: behind every check of a host's value that guards an access. */
static inline void lfence(void)
{
	__asm__ volatile("lfence" ::: "memory");
}

/*
 * All ones if i < n, else 0, computed from the flags, so that a branch predicted wrongly does not
 * decide it.  Plain C is optimised away behind the branch that checks the same.
 */
static inline uint64_t below_mask(uint64_t i, uint64_t n)
{
	uint64_t mask;

	__asm__("cmp %2, %1\n\tsbb %0, %0" : "=r"(mask) : "r"(i), "rm"(n) : "cc");
	return mask;
}

/* 8 bytes at an offset of the TD. */
static inline uint64_t gs_load(uint64_t offset)
{
	uint64_t value;

	__asm__ volatile("movq %%gs:(%1), %0" : "=r"(value) : "r"(offset));
	return value;
}

/* The only shape of a load from the host: 8 bytes, 8-aligned (stale data, CVE-2022-21233). */
static inline uint64_t host_load8(uint64_t address)
{
	uint64_t value;

	__asm__ volatile("movq (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

/* A whole aligned word needs no cleaning of the processor's buffers. */
static inline void host_store8(uint64_t address, uint64_t value)
{
	__asm__ volatile("movq %0, (%1)" : : "r"(value), "r"(address) : "memory");
}

/*
 * A part of a word does: VERW, exactly one store, MFENCE, LFENCE, and nothing between (stale data
 * propagated by partial writes to MMIO, CVE-2022-21166).
 */
static inline void host_store1(uint64_t address, uint8_t value)
{
	uint16_t ds;

	__asm__ volatile("movw %%ds, %0\n\t"
	                 "verw %0\n\t"
	                 "movb %1, (%2)\n\t"
	                 "mfence\n\t"
	                 "lfence"
	                 : "=m"(ds)
	                 : "q"(value), "r"(address)
	                 : "cc", "memory");
}

/* DF is clear in the enclave: entry.S sees to it. */
static inline void rep_movsb(void *to, const void *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size)::"memory");
}

static inline void rep_stosb(void *to, uint8_t byte, size_t size)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
}

/* false: the generator has nothing to give just now. */
static inline bool rdrand(uint64_t *ret)
{
	bool ok;

	__asm__ volatile("rdrand %0\n\tsetc %1" : "=r"(*ret), "=qm"(ok)::"cc");
	return ok;
}

static inline void relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* #UD. */
static inline void ud2(void)
{
	__asm__ volatile("ud2" ::: "memory");
}

/* A load and a store that the compiler cannot judge: for the programs that are to fault. */
static inline uint8_t raw_load(uint64_t address)
{
	uint8_t value;

	__asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(address) : "memory");
	return value;
}

static inline void raw_store(uint64_t address, uint8_t value)
{
	__asm__ volatile("movb %0, (%1)" : : "q"(value), "r"(address) : "memory");
}

/* #UD in an enclave, RDTSC on processors with SGX2 excepted: for the programs that show what follows. */
static inline void raw_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4])
{
	__asm__ volatile("cpuid"
	                 : "=a"(ret[0]), "=b"(ret[1]), "=c"(ret[2]), "=d"(ret[3])
	                 : "a"(leaf), "c"(subleaf));
}

static inline uint64_t raw_rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* #DE when divisor is 0. */
static inline uint32_t raw_divide(uint32_t dividend, uint32_t divisor)
{
	uint32_t high = 0;

	__asm__ volatile("divl %2" : "+a"(dividend), "+d"(high) : "r"(divisor) : "cc");
	return dividend;
}

#endif
