// SPDX-License-Identifier: Apache-2.0
/* Slots, and whose they are.  A slot is given back when its thread ends. */
#include "swsgx/trap/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/visitor.h"
#include "swsgx/trap/dispatch.h"

#define SLOTS           8192
#define PAGE            4096
#define ARCH_GET_FS     0x1003
#define ARCH_GET_GS     0x1004
#define HWCAP2_FSGSBASE 2

_Static_assert(sizeof(struct thread) <= SLOT_STACK_START - PAGE, "block, guard page, stack");
_Static_assert(offsetof(struct thread, inside) == THREAD_INSIDE, "entry.S");
_Static_assert(offsetof(struct thread, host_fs) == THREAD_HOST_FS, "entry.S");
_Static_assert(offsetof(struct thread, host_gs) == THREAD_HOST_GS, "entry.S");
_Static_assert(offsetof(struct thread, fs) == THREAD_FS, "entry.S");
_Static_assert(offsetof(struct thread, gs) == THREAD_GS, "entry.S");
_Static_assert(offsetof(struct thread, selector) == THREAD_SELECTOR, "entry.S");
_Static_assert(offsetof(stack_t, ss_sp) == STACK_SP, "entry.S");
_Static_assert(offsetof(ucontext_t, uc_mcontext.gregs) + REG_EFL * sizeof(greg_t) == UC_RFLAGS,
               "entry.S");
_Static_assert(SYS_SET_ALTSTACK == SYS_sigaltstack && SYS_RT_SIGRETURN == SYS_rt_sigreturn &&
                       SYS_ARCH_PRCTL == SYS_arch_prctl,
               "entry.S");

/* entry.S: the reservation, all slots. */
uint64_t thread_slots_start __attribute__((visibility("hidden")));
uint64_t thread_slots_size __attribute__((visibility("hidden")));
uint32_t thread_has_fsgsbase;

static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int made; /* slots that are accessible; atomic */
static pthread_key_t key; /* only for its destructor */
__thread struct thread *thread_current;

static void give_back(void *value)
{
	struct thread *t = value;
	const stack_t none = { .ss_flags = SS_DISABLE };

	sys_call4(SYS_sigaltstack, (uintptr_t)&none, 0, 0, 0);
	dispatch_disarm(t);
	thread_current = NULL;
	sys_madvise((uintptr_t)t + SLOT_STACK_START, SLOT_SIZE - SLOT_STACK_START, MADV_DONTNEED);
	__atomic_store_n(&t->used, 0, __ATOMIC_RELEASE);
}

int thread_init(void)
{
	const uint64_t size = (uint64_t)SLOTS * SLOT_SIZE;
	uint64_t start;
	long at = sys_mmap(0, size + SLOT_SIZE, PROT_NONE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sys_failed(at))
		return (int)at;
	if (pthread_key_create(&key, give_back) != 0)
		return -EAGAIN;
	start = ((uint64_t)at + SLOT_SIZE - 1) & ~(uint64_t)(SLOT_SIZE - 1);
	thread_has_fsgsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
	thread_slots_start = start;
	thread_slots_size = size;
	return 0;
}

struct thread *thread_self(void)
{
	return thread_current;
}

/* Slots are made accessible one after the other.  The lock is taken with all signals blocked. */
static struct thread *claim(void)
{
	uint64_t at;

	for (unsigned int i = 0; i < made; i++) {
		struct thread *t = (void *)(thread_slots_start + (uint64_t)i * SLOT_SIZE);

		if (!__atomic_load_n(&t->used, __ATOMIC_ACQUIRE))
			return t;
	}
	at = thread_slots_start + (uint64_t)made * SLOT_SIZE;
	if (thread_slots_size == 0 || made == SLOTS ||
	    sys_mprotect(at, SLOT_STACK_START - PAGE, PROT_READ | PROT_WRITE) != 0 ||
	    sys_mprotect(at + SLOT_STACK_START, SLOT_SIZE - SLOT_STACK_START,
	                 PROT_READ | PROT_WRITE) != 0)
		return NULL;
	__atomic_store_n(&made, made + 1, __ATOMIC_RELEASE);
	return (void *)at;
}

struct thread *thread_slot(unsigned int index)
{
	if (index >= __atomic_load_n(&made, __ATOMIC_ACQUIRE))
		return NULL;
	return (void *)(thread_slots_start + (uint64_t)index * SLOT_SIZE);
}

static uint32_t thread_id(void)
{
	return (uint32_t)sys_call4(SYS_gettid, 0, 0, 0, 0);
}

static void name(struct thread *t)
{
	t->tid = thread_id();
	t->fast.owner = visitor_thread(t->tid);
	t->cpu.owner = t->fast.owner;
}

void thread_fork_child(void)
{
	struct thread *t;

	for (unsigned int i = 0; (t = thread_slot(i)) != NULL; i++) {
		if (t == thread_current) {
			name(t);
			continue;
		}
		t->inside = 0;
		t->cpu.enclave_mode = false;
		t->fast.running = 0;
		t->used = 0;
	}
}

void thread_lock(void)
{
	if (!space_is_forking())
		pthread_mutex_lock(&slots_lock);
}

void thread_unlock(void)
{
	if (!space_is_forking())
		pthread_mutex_unlock(&slots_lock);
}

struct thread *thread_take(void)
{
	struct thread *t;

	thread_lock();
	t = claim();
	if (t != NULL) {
		t->used = 1;
		fast_take((unsigned int)(((uintptr_t)t - thread_slots_start) / SLOT_SIZE));
	}
	thread_unlock();
	if (t == NULL)
		return NULL;
	memset(t, 0, offsetof(struct thread, used));
	t->program_stack.ss_flags = SS_DISABLE;
	name(t);
	if (pthread_setspecific(key, t) != 0) {
		__atomic_store_n(&t->used, 0, __ATOMIC_RELEASE);
		return NULL;
	}
	thread_current = t;
	return t;
}

void thread_signal_stack(const struct thread *t, stack_t *ret)
{
	*ret = (stack_t){ .ss_sp = (char *)t + SLOT_STACK_START,
		          .ss_size = SLOT_SIZE - SLOT_STACK_START };
}

uint64_t thread_fs_base(void)
{
	uint64_t base;

	if (thread_has_fsgsbase)
		__asm__ volatile("rdfsbase %0" : "=r"(base));
	else
		sys_call4(SYS_arch_prctl, ARCH_GET_FS, (uintptr_t)&base, 0, 0);
	return base;
}

uint64_t thread_gs_base(void)
{
	uint64_t base;

	if (thread_has_fsgsbase)
		__asm__ volatile("rdgsbase %0" : "=r"(base));
	else
		sys_call4(SYS_arch_prctl, ARCH_GET_GS, (uintptr_t)&base, 0, 0);
	return base;
}
