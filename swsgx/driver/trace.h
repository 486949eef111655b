/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What software SGX is asked and what it answers, as lines of text (swsgx --trace) and as counts and
 * times (swsgx --stats).  Every hook may be called in a signal handler, and off it is one branch.
 */
#ifndef SWSGX_DRIVER_TRACE_H
#define SWSGX_DRIVER_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "swsgx/cpu/cpu.h"
#include "swsgx/driver/enclave.h"

#define TRACE_LINES 1
#define TRACE_STATS 2
extern unsigned int trace_mode __attribute__((visibility("hidden")));

/*
 * Once, before all else: the values of SWSGX_TRACE (a file that lines are appended to, or "-" for
 * stderr) and SWSGX_STATS, or NULL.  0, or -errno of opening the file: then nothing is traced.
 */
int trace_init(const char *file, const char *stats);

/* A call under way, from trace_begin to the hook that ends it.  regs: of ENCLS and ENCLU, or NULL. */
struct trace_call {
	uint64_t from;
	struct cpu_regs regs;
};

void trace_call_begin(struct trace_call *c, const struct cpu_regs *regs);
void trace_call_open(struct trace_call *c, const char *node, int flags, int r);
void trace_call_ioctl(struct trace_call *c, int fd, unsigned long request, uint64_t arg, int r);
void trace_call_map(struct trace_call *c, const char *name, uint64_t addr, uint64_t len, int prot,
                    int fd, int r);
void trace_call_encls(struct trace_call *c, const struct enclave *e, const struct cpu *cpu,
                      struct trap t, unsigned int count);
void trace_call_enclu(struct trace_call *c, const struct cpu *cpu, struct trap t);
void trace_call_aex(const struct cpu *cpu, struct trap event);

#define TRACE_HOOK(call)                             \
	do {                                         \
		if (__builtin_expect(trace_mode, 0)) \
			call;                        \
	} while (0)

static inline void trace_begin(struct trace_call *c, const struct cpu_regs *regs)
{
	TRACE_HOOK(trace_call_begin(c, regs));
}

static inline int trace_open(struct trace_call *c, const char *node, int flags, int r)
{
	TRACE_HOOK(trace_call_open(c, node, flags, r));
	return r;
}

static inline void trace_ioctl(struct trace_call *c, int fd, unsigned long request, uint64_t arg,
                               int r)
{
	TRACE_HOOK(trace_call_ioctl(c, fd, request, arg, r));
}

/* mmap, mprotect, munmap.  prot and fd: -1 where the call has none; addr: the result of mmap. */
static inline void trace_map(struct trace_call *c, const char *name, uint64_t addr, uint64_t len,
                             int prot, int fd, int r)
{
	TRACE_HOOK(trace_call_map(c, name, addr, len, prot, fd, r));
}

/* cpu: as the leaf has left it; count: of equal leaves in a row that this was. */
static inline void trace_encls(struct trace_call *c, const struct enclave *e, const struct cpu *cpu,
                               struct trap t, unsigned int count)
{
	TRACE_HOOK(trace_call_encls(c, e, cpu, t, count));
}

static inline void trace_enclu(struct trace_call *c, const struct cpu *cpu, struct trap t)
{
	TRACE_HOOK(trace_call_enclu(c, cpu, t));
}

/* Before cpu_aex. */
static inline void trace_aex(const struct cpu *cpu, struct trap event)
{
	TRACE_HOOK(trace_call_aex(cpu, event));
}

#endif
