// SPDX-License-Identifier: Apache-2.0
/*
 * Dispositions, masks and alternate stacks: what the program sets against what the kernel has.  The
 * rule: every handler starts at trap_entry with all signals blocked, and signals that faults raise
 * are never blocked otherwise, since an ENCLU raises one.
 */
#include "swsgx/trap/signal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/trap/dispatch.h"
#include "swsgx/trap/kick.h"

#define SIGNALS          64
#define SA_RESTORER      UINT64_C(0x04000000)
#define STACK_MIN        2048
#define STACK_AUTODISARM ((int)(1U << 31)) /* SS_AUTODISARM */
#define BIT(sig)         (UINT64_C(1) << ((sig)-1))
#define ALL              (~UINT64_C(0))
#define LIBC_FIRST       32 /* SIGCANCEL */
#define LIBC_LAST        33 /* SIGSETXID */
#define PAGE             4096

/* Flags that are the kernel's business even with our handler. */
#define FLAGS_KEPT ((uint64_t)(SA_RESTART | SA_NOCLDSTOP | SA_NOCLDWAIT))

void trap_entry(int sig, siginfo_t *info, void *uc);
void __restore_rt(void);

/*
 * Two copies, of which the version's parity names the valid one: a handler reads without the lock.  It
 * may interrupt malloc, whose lock fork waits for.
 */
static struct {
	struct signal_action copy[2];
	uint32_t version; /* atomic */
} program[SIGNALS + 1];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/*
 * The process that the dispositions here are of, on a page that fork wipes: 0 in a child that has memory
 * of its own, another's in one that shares its parent's.  NULL where the kernel cannot wipe.  Atomic.
 */
static uint32_t *owner;
static uint64_t taken; /* dispositions that are ours; atomic */
static bool watches_fork;
static uint64_t fork_mask; /* under the lock */
static __thread uint64_t remembered_mask __attribute__((tls_model("initial-exec")));

struct signal_action signal_get(int sig)
{
	struct signal_action a;
	uint32_t version;

	do {
		version = __atomic_load_n(&program[sig].version, __ATOMIC_ACQUIRE);
		a = program[sig].copy[version & 1];
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&program[sig].version, __ATOMIC_RELAXED) != version);
	return a;
}

/* Under the lock. */
static void put(int sig, const struct signal_action *a)
{
	uint32_t version = program[sig].version + 1;

	__atomic_thread_fence(__ATOMIC_RELEASE); /* the version of before is seen first */
	program[sig].copy[version & 1] = *a;
	__atomic_store_n(&program[sig].version, version, __ATOMIC_RELEASE);
}

static bool is_function(const struct signal_action *a)
{
	return a->handler != (void *)SIG_DFL && a->handler != (void *)SIG_IGN;
}

static int kernel_action(int sig, const struct signal_action *new, struct signal_action *ret_old)
{
	return (int)sys_call4(SYS_rt_sigaction, (uint64_t)sig, (uintptr_t) new, (uintptr_t)ret_old,
	                      8);
}

/* Make the kernel's disposition follow the program's. */
static int apply(int sig, const struct signal_action *a)
{
	const struct signal_action ours = {
		.handler = trap_entry,
		.flags = (a->flags & FLAGS_KEPT) | SA_SIGINFO | SA_ONSTACK | SA_RESTORER,
		.restorer = __restore_rt,
		.mask = ~UINT64_C(0),
	};

	return kernel_action(sig, is_function(a) || (SPACE_FAULTS & BIT(sig)) ? &ours : a, NULL);
}

static uint32_t own_pid(void)
{
	return (uint32_t)sys_call4(SYS_getpid, 0, 0, 0, 0);
}

/* The child may meet the lock before fork_child does, in a handler of fork that came first. */
static void settle_owner(void)
{
	if (owner != NULL && __atomic_load_n(owner, __ATOMIC_RELAXED) == 0) {
		pthread_mutex_init(&lock, NULL);
		__atomic_store_n(owner, own_pid(), __ATOMIC_RELAXED);
	}
}

static void lock_dispositions(void)
{
	settle_owner();
	pthread_mutex_lock(&lock);
}

/* A child of vfork has our memory, and dispositions, masks and stacks of its own. */
static bool is_own_process(void)
{
	uint32_t pid = owner != NULL ? __atomic_load_n(owner, __ATOMIC_RELAXED) : 0;

	return pid == 0 || pid == own_pid();
}

static void block_all(uint64_t *ret_mask)
{
	const uint64_t all = ~UINT64_C(0);

	sys_sigprocmask(SIG_BLOCK, &all, ret_mask);
	lock_dispositions();
}

static void unblock(const uint64_t *mask)
{
	pthread_mutex_unlock(&lock);
	sys_sigprocmask(SIG_SETMASK, mask, NULL);
}

bool trap_owns(int sig)
{
	return sig >= 1 && sig <= SIGNALS &&
	       (__atomic_load_n(&taken, __ATOMIC_ACQUIRE) & BIT(sig)) != 0;
}

bool trap_is_active(void)
{
	return __atomic_load_n(&taken, __ATOMIC_ACQUIRE) == ALL;
}

/*
 * Around fork: no lock of ours is held by a thread that the child does not have.  The dispositions'
 * is not taken: what it protects is whole at any time, and SA_RESETHAND takes it in handlers.
 */
static void fork_prepare(void)
{
	const uint64_t all = ~UINT64_C(0);
	uint64_t mask;

	sys_sigprocmask(SIG_BLOCK, &all, &mask);
	thread_lock();
	space_fork_begin();
	fork_mask = mask;
	/* Handlers of fork may fault, as a CPUID does; signals of others have to wait. */
	mask |= ~SPACE_FAULTS;
	sys_sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void fork_parent(void)
{
	const uint64_t all = ~UINT64_C(0);
	uint64_t mask = fork_mask;

	sys_sigprocmask(SIG_BLOCK, &all, NULL);
	space_fork_end();
	thread_unlock();
	sys_sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void fork_child(void)
{
	const uint64_t all = ~UINT64_C(0);

	sys_sigprocmask(SIG_BLOCK, &all, NULL);
	if (owner == NULL)
		pthread_mutex_init(&lock, NULL);
	settle_owner();
	space_fork_child();
	thread_fork_child();
	dispatch_fork_child(thread_self());
	fork_parent();
}

static void watch_owner(void)
{
	long at = sys_mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (sys_failed(at))
		return;
	if (sys_madvise((uint64_t)at, PAGE, MADV_WIPEONFORK) != 0) {
		sys_munmap((uint64_t)at, PAGE);
		return;
	}
	owner = (void *)at;
	*owner = own_pid();
}

static int watch_fork(void)
{
	if (watches_fork)
		return 0;
	if (pthread_atfork(fork_prepare, fork_parent, fork_child) != 0)
		return -ENOMEM;
	watch_owner();
	watches_fork = true;
	return 0;
}

/* From here on we answer for the dispositions of these signals. */
static void take(uint64_t signals)
{
	for (int sig = 1; sig <= SIGNALS; sig++) {
		struct signal_action now;

		if (!(signals & ~taken & BIT(sig)) || sig == SIGKILL || sig == SIGSTOP ||
		    kernel_action(sig, NULL, &now) < 0)
			continue;
		put(sig, &now);
		if (is_function(&now) || (SPACE_FAULTS & BIT(sig)))
			apply(sig, &now);
	}
	__atomic_store_n(&taken, taken | signals, __ATOMIC_RELEASE);
}

static int activate_locked(uint64_t signals)
{
	int r = watch_fork();

	if (r == 0 && signals == ALL && taken != ALL) {
		r = thread_init();
		enclave_kick = kick_threads;
	}
	if (r == 0)
		take(signals);
	return r;
}

static int activate(uint64_t signals)
{
	uint64_t mask;
	int r;

	block_all(&mask);
	remembered_mask |= mask & SPACE_FAULTS;
	mask &= ~SPACE_FAULTS;
	r = activate_locked(signals);
	unblock(&mask);
	return r;
}

void signal_take_libc(void)
{
	uint64_t mask;

	if (!fast_is_on())
		return;
	block_all(&mask);
	for (int sig = LIBC_FIRST; sig <= LIBC_LAST; sig++) {
		struct signal_action now;

		if (kernel_action(sig, NULL, &now) < 0 || !is_function(&now) ||
		    now.handler == trap_entry)
			continue;
		put(sig, &now);
		apply(sig, &now);
	}
	unblock(&mask);
}

int trap_activate(void)
{
	int r = trap_is_active() ? 0 : activate(ALL);

	if (r == 0)
		fast_init();
	return r;
}

int trap_activate_cpuid(void)
{
	return activate(BIT(SIGSEGV));
}

int signal_action(int sig, const struct signal_action *new, struct signal_action *ret_old)
{
	uint64_t mask;
	int r = 0;

	if (sig < 1 || sig > SIGNALS || ((sig == SIGKILL || sig == SIGSTOP) && new != NULL))
		return -EINVAL;
	block_all(&mask);
	if (ret_old != NULL)
		*ret_old = signal_get(sig);
	if (new != NULL) {
		struct signal_action wanted = *new;

		wanted.mask &= ~(BIT(SIGKILL) | BIT(SIGSTOP));
		r = apply(sig, &wanted);
		if (r == 0 && is_own_process())
			put(sig, &wanted);
	}
	unblock(&mask);
	return r;
}

void signal_reset(int sig)
{
	struct signal_action a;

	lock_dispositions();
	a = signal_get(sig);
	a.handler = (void *)SIG_DFL;
	if (is_own_process())
		put(sig, &a);
	apply(sig, &a);
	pthread_mutex_unlock(&lock);
}

int signal_mask(int how, const uint64_t *set, uint64_t *ret_old)
{
	uint64_t was = remembered_mask, wanted = set != NULL ? *set & SPACE_FAULTS : 0;
	uint64_t real, old;
	int r;

	if (set != NULL)
		real = how == SIG_UNBLOCK ? *set : *set & ~SPACE_FAULTS;
	r = (int)sys_sigprocmask(how, set != NULL ? &real : NULL, &old);
	if (r < 0)
		return r;
	wanted = how == SIG_BLOCK ? was | wanted : how == SIG_UNBLOCK ? was & ~wanted : wanted;
	if (set != NULL && wanted != was && is_own_process())
		remembered_mask = wanted;
	if (ret_old != NULL)
		*ret_old = old | was;
	return 0;
}

/* As the kernel answers, whose least size is not what libc's MINSIGSTKSZ asks it for. */
static int check_stack(const stack_t *s)
{
	const int mode = s->ss_flags & ~STACK_AUTODISARM;

	if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
		return -EINVAL;
	return mode != SS_DISABLE && s->ss_size < STACK_MIN ? -ENOMEM : 0;
}

int signal_stack(const stack_t *new, stack_t *ret_old)
{
	struct thread *t = thread_self();
	uint64_t sp = (uintptr_t)__builtin_frame_address(0);
	stack_t old;
	int r;

	if (t == NULL)
		return (int)sys_call4(SYS_sigaltstack, (uintptr_t) new, (uintptr_t)ret_old, 0, 0);
	old = t->program_stack;
	if (!(old.ss_flags & SS_DISABLE) && sp - (uintptr_t)old.ss_sp < old.ss_size)
		old.ss_flags = SS_ONSTACK;
	if (new != NULL) {
		if (old.ss_flags & SS_ONSTACK)
			return -EPERM;
		r = check_stack(new);
		if (r < 0)
			return r;
		if (is_own_process())
			t->program_stack = *new;
	}
	if (ret_old != NULL)
		*ret_old = old;
	return 0;
}
