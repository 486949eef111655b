// SPDX-License-Identifier: Apache-2.0
/*
 * libc's names for dispositions, masks and alternate stacks.  Until the first enclave, sigaction is
 * libc's but for SIGSEGV; masks are ours from the start, since they are inherited by threads.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "swsgx/preload/next.h"
#include "swsgx/trap/signal.h"

typedef int sigaction_fn(int sig, const struct sigaction *new, struct sigaction *old);
typedef sighandler_t signal_fn(int sig, sighandler_t handler);

EXPORT int __sigaction(int sig, const struct sigaction *new, struct sigaction *old);
EXPORT sighandler_t __sysv_signal(int sig, sighandler_t handler);
EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler);

static void to_kernel(const struct sigaction *a, struct signal_action *ret)
{
	*ret = (struct signal_action){ .handler = a->sa_sigaction,
		                       .flags = (unsigned int)a->sa_flags };
	memcpy(&ret->mask, &a->sa_mask, sizeof(ret->mask));
}

static void from_kernel(const struct signal_action *a, struct sigaction *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sa_sigaction = (void (*)(int, siginfo_t *, void *))a->handler;
	ret->sa_flags = (int)a->flags;
	ret->sa_restorer = a->restorer;
	memcpy(&ret->sa_mask, &a->mask, sizeof(a->mask));
}

static int set_action(int sig, const struct sigaction *new, struct sigaction *old)
{
	struct signal_action k_new, k_old;
	int r;

	/* libc refuses its own two signals, with the errno that it also has for others. */
	if (!trap_owns(sig) || sig == 32 || sig == 33)
		return NEXT(sigaction_fn, sigaction)(sig, new, old);
	if (new != NULL)
		to_kernel(new, &k_new);
	r = signal_action(sig, new != NULL ? &k_new : NULL, &k_old);
	if (r == 0 && old != NULL)
		from_kernel(&k_old, old);
	return next_result(r);
}

EXPORT int sigaction(int sig, const struct sigaction *new, struct sigaction *old)
{
	return set_action(sig, new, old);
}

EXPORT int __sigaction(int sig, const struct sigaction *new, struct sigaction *old)
{
	return set_action(sig, new, old);
}

static sighandler_t set_handler(int sig, sighandler_t handler, int flags)
{
	struct sigaction new = { .sa_handler = handler, .sa_flags = flags }, old;

	sigemptyset(&new.sa_mask);
	if (!(flags & SA_NODEFER) && sig >= 1 && sig <= 64)
		sigaddset(&new.sa_mask, sig);
	if (handler == SIG_ERR) {
		errno = EINVAL;
		return SIG_ERR;
	}
	return set_action(sig, &new, &old) < 0 ? SIG_ERR : old.sa_handler;
}

static sighandler_t set_bsd(int sig, sighandler_t handler)
{
	if (!trap_owns(sig))
		return NEXT(signal_fn, signal)(sig, handler);
	return set_handler(sig, handler, SA_RESTART);
}

static sighandler_t set_sysv(int sig, sighandler_t handler)
{
	if (!trap_owns(sig))
		return NEXT(signal_fn, sysv_signal)(sig, handler);
	return set_handler(sig, handler, (int)(SA_RESETHAND | SA_NODEFER | SA_INTERRUPT));
}

EXPORT sighandler_t signal(int sig, sighandler_t handler)
{
	return set_bsd(sig, handler);
}

EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler)
{
	return set_bsd(sig, handler);
}

EXPORT sighandler_t ssignal(int sig, sighandler_t handler)
{
	return set_bsd(sig, handler);
}

EXPORT sighandler_t sysv_signal(int sig, sighandler_t handler)
{
	return set_sysv(sig, handler);
}

EXPORT sighandler_t __sysv_signal(int sig, sighandler_t handler)
{
	return set_sysv(sig, handler);
}

/* libc never lets its own two signals be blocked. */
static int mask(int how, const sigset_t *new, sigset_t *old)
{
	const uint64_t libc_signals = UINT64_C(3) << 31;
	uint64_t k_new, k_old;
	int r;

	if (new != NULL) {
		memcpy(&k_new, new, sizeof(k_new));
		k_new &= ~libc_signals;
	}
	r = signal_mask(how, new != NULL ? &k_new : NULL, &k_old);
	if (r == 0 && old != NULL) {
		memset(old, 0, sizeof(*old));
		memcpy(old, &k_old, sizeof(k_old));
	}
	return r;
}

/* System V's, which libc makes of the same two calls, past us. */
EXPORT sighandler_t sigset(int sig, sighandler_t handler)
{
	struct sigaction new = { .sa_handler = handler }, old;
	const bool is_hold = handler == SIG_HOLD;
	sigset_t set, was;

	sigemptyset(&new.sa_mask);
	sigemptyset(&set);
	if (handler == SIG_ERR || sigaddset(&set, sig) < 0) {
		errno = EINVAL;
		return SIG_ERR;
	}
	if (set_action(sig, is_hold ? NULL : &new, &old) < 0 ||
	    next_result(mask(is_hold ? SIG_BLOCK : SIG_UNBLOCK, &set, &was)) < 0)
		return SIG_ERR;
	return sigismember(&was, sig) ? SIG_HOLD : old.sa_handler;
}

EXPORT int sigignore(int sig)
{
	struct sigaction new = { .sa_handler = SIG_IGN };

	sigemptyset(&new.sa_mask);
	return set_action(sig, &new, NULL);
}

EXPORT int sigprocmask(int how, const sigset_t *new, sigset_t *old)
{
	return next_result(mask(how, new, old));
}

EXPORT int pthread_sigmask(int how, const sigset_t *new, sigset_t *old)
{
	return -mask(how, new, old);
}

EXPORT int sigaltstack(const stack_t *new, stack_t *old)
{
	return next_result(signal_stack(new, old));
}
