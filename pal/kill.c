// SPDX-License-Identifier: Apache-2.0
/*
 * Ending programs.  The program's thread may be in the enclave, in a system call, or just before
 * either; a signal that comes too early is lost.  So it is sent again until the thread has noticed,
 * with pauses that grow.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "pal/aex.h"
#include "pal/log.h"
#include "pal/runtime.h"

#define PAUSE_FIRST_NS 500000   /* 0.5 ms */
#define PAUSE_MOST_NS  50000000 /* 50 ms */
#define KILL_TIMEOUT   5000     /* ms that pal_kill waits */

/* Does the signal end a program that has asked for nothing?  It cannot stop, so stops do nothing. */
static bool ends_program(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGCONT:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGURG:
	case SIGWINCH: return false;
	default: return true;
	}
}

static unsigned int mark(int pid, int sig)
{
	unsigned int count = 0;

	for (struct process *p = runtime.table.first; p; p = p->next) {
		if (!process_matches(&runtime.table, p, pid))
			continue;
		count++;
		if (sig == 0 || p->sig != 0)
			continue;
		p->sig = sig;
		if (p->thread)
			atomic_store(&p->thread->kill, true);
	}
	/* For those that wait for a thread of the enclave. */
	pthread_cond_broadcast(&runtime.changed);
	return count;
}

/* Returns whether some program's thread does not know yet. */
static bool kick(void)
{
	bool is_left = false;

	for (struct process *p = runtime.table.first; p; p = p->next) {
		if (p->state != PROCESS_RUNNING || p->sig == 0 || p->has_noticed)
			continue;
		is_left = true;
		if (p->thread)
			aex_kick(p->tid);
	}
	return is_left;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void wait_until(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
		              .tv_nsec = (long)(ns % 1000000000) };

	pthread_cond_clockwait(&runtime.changed, &runtime.lock, CLOCK_MONOTONIC, &t);
}

unsigned int runtime_end_programs(int pid, int sig, int timeout_ms)
{
	unsigned int count = mark(pid, sig);
	uint64_t start = now_ns(), pause = PAUSE_FIRST_NS;

	while (kick()) {
		uint64_t now = now_ns();

		if (timeout_ms >= 0 && now - start > (uint64_t)timeout_ms * 1000000) {
			log_line(LOG_WARNING, "a program does not end on signal %d yet", sig);
			break;
		}
		wait_until(now + pause);
		pause = pause * 2 < PAUSE_MOST_NS ? pause * 2 : PAUSE_MOST_NS;
	}
	return count;
}

int runtime_kill(int pid, int sig)
{
	unsigned int count;
	int r = 0;

	if (pid < -1 || sig < 0 || sig > SIGRTMAX)
		return -EINVAL;
	pthread_mutex_lock(&runtime.lock);
	if (runtime.state != RUNTIME_READY) {
		r = -EBADFD;
	} else {
		runtime.users++;
		if (sig != 0 && ends_program(sig))
			count = runtime_end_programs(pid, sig, KILL_TIMEOUT);
		else
			count = mark(pid, 0);
		r = count > 0 ? 0 : -ESRCH;
		runtime.users--;
		pthread_cond_broadcast(&runtime.changed);
	}
	pthread_mutex_unlock(&runtime.lock);
	return r;
}
