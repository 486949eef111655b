// SPDX-License-Identifier: Apache-2.0
/*
 * A thread leaves an enclave for any signal, so all it takes is one that the program does not see:
 * of a number that is never blocked, with a value that is known only here.
 */
#include "swsgx/trap/kick.h"

#include <string.h>
#include <time.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/trap/thread.h"

#define KICK_SIGNAL SIGBUS
#define WAIT_NS     50000
#define WAITS       20000

static const char mark;

bool kick_is(int sig, const siginfo_t *info)
{
	return sig == KICK_SIGNAL && info->si_code == SI_QUEUE && info->si_ptr == &mark;
}

static void send(const struct thread *t)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = KICK_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_ptr = (void *)&mark;
	sys_call4(SYS_rt_tgsigqueueinfo, (uint64_t)sys_call4(SYS_getpid, 0, 0, 0, 0), t->tid,
	          KICK_SIGNAL, (uintptr_t)&info);
}

/* Inside by the processor or still by the handler: between the two it is on its way. */
static bool lingers(const volatile struct thread *t, const struct enclave *e, uint64_t epoch)
{
	return (t->cpu.enclave_mode || t->inside) && t->enclave == e && t->cpu.entry_epoch < epoch;
}

/* Under the address space's lock no thread enters. */
static bool scan(const struct enclave *e, uint64_t epoch, bool is_first)
{
	struct thread *t;
	bool any = false;
	uint64_t mask;

	space_lock(&mask);
	for (unsigned int i = 0; (t = thread_slot(i)) != NULL; i++) {
		if (!lingers(t, e, epoch))
			continue;
		any = true;
		if (is_first)
			send(t);
	}
	space_unlock(&mask);
	return any;
}

void kick_threads(struct enclave *e)
{
	const struct timespec wait = { .tv_nsec = WAIT_NS };
	uint64_t epoch = epc_hidden(&e->epc, e->epc.count - 1)->epoch;

	for (unsigned int i = 0; i < WAITS && scan(e, epoch, i == 0); i++)
		sys_call4(SYS_nanosleep, (uintptr_t)&wait, 0, 0, 0);
}
