// SPDX-License-Identifier: Apache-2.0
/*
 * Signals are taken in the main loop, never in a handler: a program may be in the enclave on any
 * thread when one arrives.  See signals.h.
 */
#include "rune/runelet/signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* SIGSYS as well: system call filters and user-mode dispatch raise it in the thread that called. */
static const int faults[] = { SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP, SIGSYS };

void signals_taken(sigset_t *ret)
{
	sigfillset(ret);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(ret, faults[i]);
	for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		sigdelset(ret, sig);
}

int signals_take(const sigset_t *set)
{
	int fd;

	/* An ignored SIGCHLD, which exec keeps, would take the PAL's children from it. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, set, NULL);
	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	/* Of a write of the main thread's own, as the notice to a stderr that nobody reads. */
	if (info.ssi_signo == SIGPIPE && (pid_t)info.ssi_pid == getpid())
		return 0;
	return (int)info.ssi_signo;
}

bool signals_terminate(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
	case SIGCONT:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU: return false;
	default: return true;
	}
}

/*
 * The kernel gives orphans to the main thread of PID 1.  What the PAL forks has as its parent the
 * thread that forked, and PAL calls are never made on the main thread: __WNOTHREAD tells them apart.
 */
void signals_reap(void)
{
	siginfo_t info;

	do {
		info.si_pid = 0;
	} while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WNOTHREAD | __WALL) == 0 &&
	         info.si_pid != 0);
}
