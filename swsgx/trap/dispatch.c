// SPDX-License-Identifier: Apache-2.0
/* Syscall User Dispatch, thread by thread: a thread that never enters an enclave does not pay. */
#include "swsgx/trap/dispatch.h"

#include "swsgx/driver/sys.h"

#define PR_SET_DISPATCH 59 /* PR_SET_SYSCALL_USER_DISPATCH */
#define DISPATCH_OFF    0
#define DISPATCH_ON     1

/* The one system call that is made while the selector blocks: from here to there. */
extern const char trap_sigreturn[] __attribute__((visibility("hidden")));
extern const char trap_sigreturn_end[] __attribute__((visibility("hidden")));

/* The linker's: the library from its first byte to the end of its code. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

static __thread bool programs __attribute__((tls_model("initial-exec")));

static long set(unsigned int mode, struct thread *t)
{
	uint64_t start = (uintptr_t)trap_sigreturn;
	uint64_t size = (uint64_t)(trap_sigreturn_end - trap_sigreturn);

	if (mode == DISPATCH_OFF)
		return sys_call6(SYS_prctl, PR_SET_DISPATCH, mode, 0, 0, 0, 0);
	return sys_call6(SYS_prctl, PR_SET_DISPATCH, mode, start, size, (uintptr_t)&t->selector, 0);
}

void dispatch_arm(struct thread *t)
{
	if (programs || t->dispatch_tried)
		return;
	t->dispatch_tried = 1;
	set(DISPATCH_ON, t);
}

void dispatch_disarm(struct thread *t)
{
	if (t->dispatch_tried && !programs)
		set(DISPATCH_OFF, t);
	t->dispatch_tried = 0;
}

void dispatch_fork_child(struct thread *t)
{
	programs = false;
	if (t != NULL)
		t->dispatch_tried = 0;
}

void dispatch_program(bool is_used)
{
	struct thread *t = thread_self();

	programs = is_used;
	if (t != NULL) {
		t->dispatch_tried = 0;
		fast_forget(t);
	}
}

void dispatch_range(unsigned long *ret_start, unsigned long *ret_size)
{
	*ret_start = (uintptr_t)__ehdr_start;
	*ret_size = (unsigned long)(etext - __ehdr_start);
}
