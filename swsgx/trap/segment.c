// SPDX-License-Identifier: Apache-2.0
/*
 * The segment of each thread.  A seccomp filter may kill for a system call of another architecture, so
 * where there is a filter a child is the first to make it.
 */
#include "swsgx/trap/segment.h"

#include <asm/ldt.h>
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "sgx/secinfo.h"
#include "swsgx/driver/namespace.h"
#include "swsgx/driver/sys.h"
#include "swsgx/trap/context.h"
#include "swsgx/trap/decode.h"

#define SELECTOR(n) ((n)*8U + 3) /* in the GDT, for CPL 3 */
#define WAIT_ALL    0x40000000   /* __WALL: a child that sends no signal, too */

/* sequence.S */
extern const char segment_probe[] __attribute__((visibility("hidden")));
extern const char segment_probe_end[] __attribute__((visibility("hidden")));
int segment_set(uint32_t desc);
extern uint32_t fast_selector __attribute__((visibility("hidden")));

uint32_t fast_selector;
static struct user_desc *segment; /* below 4 GiB; under thread_lock or before there are slots */

bool segment_is_probe(int sig, const siginfo_t *info, ucontext_t *uc)
{
	if (!decode_is_exception(sig, info) || context_rip(uc) != (uintptr_t)segment_probe)
		return false;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)segment_probe_end;
	uc->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
	return true;
}

static bool set(uint32_t entry, unsigned int limit)
{
	*segment = (struct user_desc){ .entry_number = entry,
		                       .limit = limit,
		                       .seg_32bit = 1,
		                       .read_exec_only = 1,
		                       .useable = 1 };
	return segment_set((uint32_t)(uintptr_t)segment) == 0;
}

static void try_in_child(void)
{
	const struct rlimit none = { 0, 0 };

	sys_call4(SYS_setrlimit, RLIMIT_CORE, (uintptr_t)&none, 0, 0);
	sys_call4(SYS_exit_group, set(UINT32_MAX, 0) ? 0 : 1, 0, 0, 0);
}

/* A child of the kernel's alone: libc and its handlers of fork do not learn of it, nor does SIGCHLD. */
static bool survives(void)
{
	long child, r;
	int status = 1;

	if (sys_call4(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0) == 0)
		return true;
	if (!namespace_keeps_child())
		return false;
	child = sys_call4(SYS_clone, 0, 0, 0, 0);
	if (child < 0)
		return false;
	if (child == 0)
		try_in_child();
	do
		r = sys_call4(SYS_wait4, (uint64_t)child, (uintptr_t)&status, WAIT_ALL, 0);
	while (r == -EINTR);
	return r == child && status == 0;
}

bool segment_find(void)
{
	long at = sys_mmap(0, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (sys_failed(at))
		return false;
	segment = (void *)at;
	if (!survives() || !set(UINT32_MAX, 0))
		return false;
	fast_selector = SELECTOR(segment->entry_number);
	return true;
}

bool segment_take(unsigned int index)
{
	return fast_selector == 0 || set(fast_selector / 8, index);
}
