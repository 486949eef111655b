// SPDX-License-Identifier: Apache-2.0
/*
 * Asynchronous exits.  When a signal comes while the thread is in the enclave, the handler finds RIP
 * at the ENCLU that is the AEP, RAX = ERESUME, RBX = the TCS, RCX = the AEP (SDM vol. 3D, Asynchronous
 * Enclave Exit), whoever's ENCLU it is.  To end the program the handler turns that ERESUME into an
 * EENTER, which comes at CSSA 1, and the way back is the ordinary one, an EEXIT: no stack is unwound
 * and no jump leaves the kernel's function half done.
 *
 * The handler uses the registers and the list of TCSs only: no lock, no thread-local storage.
 */
#include "pal/aex.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "pal/enter.h"
#include "sgx/leaf.h"

#define KICKS_TRIED 8 /* signals below SIGRTMAX that may be taken */

static const int faults[] = { SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE };

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static struct {
	_Atomic(struct encl *) encl;
	int kick; /* 0: nothing is installed */
	struct sigaction old_kick;
	size_t fault_count;
	struct sigaction old_fault[FAULTS];
} aex;

/* The thread of ours that the context is about to resume, or NULL. */
static struct encl_thread *interrupted(const greg_t *r)
{
	static const unsigned char enclu[] = { 0x0f, 0x01, 0xd7 };
	struct encl *encl = atomic_load(&aex.encl);

	if (!encl || (uint32_t)r[REG_RAX] != SGX_ERESUME || r[REG_RCX] != r[REG_RIP])
		return NULL;
	for (unsigned int i = 0; i < encl->thread_count; i++) {
		if (encl->thread[i].tcs == (uint64_t)r[REG_RBX])
			return memcmp((void *)r[REG_RIP], enclu, sizeof(enclu)) == 0
			               ? &encl->thread[i]
			               : NULL;
	}
	return NULL;
}

/* At CSSA 1 already, one more entry would be refused by the processor: the killer will try again. */
static void on_kick(int sig, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct encl_thread *t = interrupted(r);

	(void)sig;
	(void)info;
	if (t && atomic_load(&t->kill) && !atomic_exchange(&t->is_second, true))
		r[REG_RAX] = SGX_EENTER;
}

/* Do what would have been done without us. */
static void pass_on(int sig, siginfo_t *info, void *context)
{
	const struct sigaction *old = NULL;

	for (size_t i = 0; i < aex.fault_count; i++) {
		if (faults[i] == sig)
			old = &aex.old_fault[i];
	}
	if (old && (old->sa_flags & SA_SIGINFO)) {
		old->sa_sigaction(sig, info, context);
	} else if (old && old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
		old->sa_handler(sig);
	} else if (info->si_code > 0) {
		/* It happens again at once, and then finds the default; faults cannot be ignored. */
		signal(sig, SIG_DFL);
	} else if (!old || old->sa_handler == SIG_DFL) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct encl_thread *t = info->si_code > 0 ? interrupted(r) : NULL;

	if (info->si_code > 0 && (uint64_t)r[REG_RIP] == (uint64_t)enter_aep && sig != SIGTRAP) {
		r[REG_RDI] = r[REG_TRAPNO];
		r[REG_RSI] = r[REG_ERR];
		r[REG_RDX] = r[REG_TRAPNO] == 14 ? r[REG_CR2] : 0; /* of a page fault only */
		r[REG_RIP] = (greg_t)enter_fault;
	} else if (t && sig == SIGTRAP) {
		atomic_store(&t->is_second, true);
		r[REG_RAX] = SGX_EENTER;
	} else {
		pass_on(sig, info, context);
	}
}

/* A signal that nobody uses: other libraries, and other versions of this one, take theirs too. */
static int install_kick(void)
{
	struct sigaction act = { .sa_sigaction = on_kick, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	for (int sig = SIGRTMAX - 1; sig > SIGRTMAX - 1 - KICKS_TRIED; sig--) {
		if (sigaction(sig, NULL, &aex.old_kick) < 0)
			return -errno;
		if ((aex.old_kick.sa_flags & SA_SIGINFO) || aex.old_kick.sa_handler != SIG_DFL)
			continue;
		if (sigaction(sig, &act, NULL) < 0)
			return -errno;
		aex.kick = sig;
		return 0;
	}
	return -EBUSY;
}

int aex_install(struct encl *encl)
{
	struct sigaction act = { .sa_sigaction = on_fault,
		                 .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	int r;

	if (aex.kick)
		return 0;
	r = install_kick();
	if (r < 0)
		return r;
	atomic_store(&aex.encl, encl);
	aex.fault_count = encl->enter ? 1 : FAULTS;
	for (size_t i = 0; i < aex.fault_count; i++)
		sigaction(faults[i], &act, &aex.old_fault[i]);
	return 0;
}

/* A handler that was set after ours stays; it may call ours, which then finds no enclave. */
static void put_back(int sig, const struct sigaction *old, void (*ours)(int, siginfo_t *, void *))
{
	struct sigaction now;

	if (sigaction(sig, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) &&
	    now.sa_sigaction == ours)
		sigaction(sig, old, NULL);
}

void aex_restore(void)
{
	if (!aex.kick)
		return;
	put_back(aex.kick, &aex.old_kick, on_kick);
	for (size_t i = 0; i < aex.fault_count; i++)
		put_back(faults[i], &aex.old_fault[i], on_fault);
	atomic_store(&aex.encl, NULL);
	aex.kick = 0;
}

static bool is_pending(int sig)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, sig) == 1;
}

/* Take the signal if it is pending; it must be blocked. */
static void swallow(int sig)
{
	static const struct timespec now;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR)
		;
}

void aex_enter(struct aex_thread *ret)
{
	sigset_t pipe, ours;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &ret->mask);
	ret->had_sigpipe = is_pending(SIGPIPE);
	sigemptyset(&ours);
	sigaddset(&ours, aex.kick);
	for (size_t i = 0; i < FAULTS; i++)
		sigaddset(&ours, faults[i]);
	pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

/*
 * A kick that came late must not stay pending: after aex_restore it would kill the process.  The
 * SIGPIPE of a program's write is the program's, not the process's.
 */
void aex_leave(const struct aex_thread *thread)
{
	sigset_t kick;

	sigemptyset(&kick);
	sigaddset(&kick, aex.kick);
	pthread_sigmask(SIG_BLOCK, &kick, NULL);
	swallow(aex.kick);
	if (!thread->had_sigpipe)
		swallow(SIGPIPE);
	pthread_sigmask(SIG_SETMASK, &thread->mask, NULL);
}

void aex_kick(pid_t tid)
{
	syscall(SYS_tgkill, getpid(), tid, aex.kick);
}
