// SPDX-License-Identifier: Apache-2.0
/*
 * A thread leaves an enclave for any signal, so all it takes is one that the program does not see:
 * of a number that is never blocked, with a value that no program sends.  Whoever changes pages sends
 * it to its own threads; to another process it sends one, and that process does the same with its own.
 */
#include "swsgx/trap/kick.h"

#include <string.h>
#include <time.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/visitor.h"
#include "swsgx/trap/thread.h"

#define KICK_SIGNAL SIGBUS
#define KICK_VALUE  ((void *)UINT64_C(0x4b49434b58475357)) /* the bytes "WSGXKICK" */
#define WAIT_NS     50000
#define WAITS       20000
#define ASK_EVERY   2000 /* waits */

bool kick_is(int sig, const siginfo_t *info)
{
	return sig == KICK_SIGNAL && info->si_code == SI_QUEUE && info->si_ptr == KICK_VALUE;
}

static siginfo_t kick(void)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = KICK_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_ptr = KICK_VALUE;
	return info;
}

static void send(const struct thread *t)
{
	const siginfo_t info = kick();

	sys_call4(SYS_rt_tgsigqueueinfo, (uint64_t)sys_call4(SYS_getpid, 0, 0, 0, 0), t->tid,
	          KICK_SIGNAL, (uintptr_t)&info);
}

static void send_process(uint32_t pid)
{
	const siginfo_t info = kick();

	sys_call4(SYS_rt_sigqueueinfo, pid, KICK_SIGNAL, (uintptr_t)&info, 0);
}

/* From when the processor enters until the handler is done with the exit. */
static bool lingers(const volatile struct thread *t, const struct enclave *e, uint64_t epoch)
{
	return t->fast.running && t->fast.enclave == e && t->cpu.entry_epoch < epoch;
}

/* Under the address space's lock no thread enters. */
static bool scan(const struct enclave *e, uint64_t epoch, bool is_first)
{
	struct thread *t;
	bool any = false;

	for (unsigned int i = 0; (t = thread_slot(i)) != NULL; i++) {
		if (!lingers(t, e, epoch))
			continue;
		any = true;
		if (is_first)
			send(t);
	}
	return any;
}

static struct secs_hidden *hidden(const struct enclave *e)
{
	return epc_hidden(&e->epc, e->epc.count - 1);
}

void kick_answer(void)
{
	struct enclave *e;

	space_lock_in_handler();
	for (unsigned int i = 0; (e = enclave_view(i)) != NULL; i++) {
		uint64_t epoch;

		if (e->file == NULL || !enclave_created(e))
			continue;
		enclave_epc_update(e);
		epoch = __atomic_load_n(&hidden(e)->epoch, __ATOMIC_SEQ_CST);
		if (!scan(e, epoch, true))
			visitor_left(e, epoch);
	}
	space_unlock_in_handler();
}

/* This process: true when nobody is left. */
static bool own_have_left(struct enclave *e, uint64_t epoch, bool is_first)
{
	uint64_t mask;
	bool any;

	space_lock(&mask);
	any = scan(e, epoch, is_first);
	if (!any)
		visitor_left(e, epoch);
	space_unlock(&mask);
	return !any;
}

/*
 * The others.  Those that are counted inside although every process says that it has left were killed
 * there: a processor would have left by the signal that did it.
 */
static bool others_have_left(struct enclave *e, uint64_t epoch, bool is_to_ask)
{
	uint64_t *inside = &hidden(e)->inside[(epoch + 1) & 1];

	if (__atomic_load_n(inside, __ATOMIC_SEQ_CST) == 0)
		return true;
	if (visitor_remains(e, epoch, is_to_ask ? send_process : NULL))
		return false;
	__atomic_store_n(inside, 0, __ATOMIC_SEQ_CST);
	return true;
}

bool kick_threads(struct enclave *e)
{
	const struct timespec wait = { .tv_nsec = WAIT_NS };
	uint64_t epoch = hidden(e)->epoch;

	for (unsigned int i = 0; i < WAITS; i++) {
		if (own_have_left(e, epoch, i == 0) &&
		    others_have_left(e, epoch, i % ASK_EVERY == 0))
			return true;
		sys_call4(SYS_nanosleep, (uintptr_t)&wait, 0, 0, 0);
	}
	return false;
}
