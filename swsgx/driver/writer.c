// SPDX-License-Identifier: Apache-2.0
/*
 * The writer and the thread share two units.  A unit belongs to the thread, until it is posted; then
 * to whoever claims it first, the writer or the thread that needs it now; and is the thread's again
 * when it is written.  The writer looks for work every few microseconds, since to wake another
 * processor costs the thread more than it saves.
 */
#include "swsgx/driver/writer.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "swsgx/driver/namespace.h"
#include "swsgx/driver/sys.h"

#define UNITS      2
#define STACK_SIZE (4u * SGX_PAGE_SIZE)

#define NAP       20000
#define NAPS      64      /* looks in vain, after which it looks less often */
#define NAP_LONG  1000000 /* ns */
#define NAPS_LONG 1000    /* and as many more, after which nobody will come any more */
#define STUCK     1       /* seconds after which a writer that has begun is killed */
#define LATE      2       /* units waited for, after which no processor is idle */

enum unit_state { UNIT_FREE, UNIT_POSTED, UNIT_CLAIMED, UNIT_WRITTEN };

struct unit {
	uint32_t state; /* enum unit_state; atomic, a futex */
	uint64_t offset;
	size_t size, written;
};

struct writer {
	_Alignas(SGX_PAGE_SIZE) uint8_t page[UNITS][WRITER_UNIT];
	_Alignas(SGX_PAGE_SIZE) uint8_t stack[STACK_SIZE];
	struct unit unit[UNITS];
	uint32_t posted, taken; /* units so far, by the thread alone */
	uint32_t late;          /* of them, how many it has waited for */
	uint32_t alive; /* the kernel clears it when the writer cannot write any more; a futex */
	int fd;
	long pid, parent;
};

long writer_clone(uint64_t flags, void *stack_end, uint32_t *alive, void (*run)(struct writer *),
                  struct writer *w) __attribute__((visibility("hidden")));

static bool claim(struct unit *u)
{
	uint32_t posted = UNIT_POSTED;

	return __atomic_compare_exchange_n(&u->state, &posted, UNIT_CLAIMED, false,
	                                   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

__attribute__((no_stack_protector)) static void write_unit(struct writer *w, unsigned int index)
{
	struct unit *u = &w->unit[index];
	long r = u->size == 0 ? 0
	                      : sys_call4(SYS_pwrite64, (uint64_t)w->fd, (uintptr_t)w->page[index],
	                                  u->size, u->offset);

	u->written = sys_failed(r) ? 0 : (size_t)r;
	__atomic_store_n(&u->state, UNIT_WRITTEN, __ATOMIC_RELEASE);
}

__attribute__((no_stack_protector)) static bool write_posted(struct writer *w)
{
	bool any = false;

	for (unsigned int i = 0; i < UNITS; i++) {
		if (!claim(&w->unit[i]))
			continue;
		write_unit(w, i);
		sys_call4(SYS_futex, (uintptr_t)&w->unit[i].state, FUTEX_WAKE_PRIVATE, 1, 0);
		any = true;
	}
	return any;
}

/*
 * The writer.  Its TLS is another thread's, so nothing of libc may be called.  It ends when it is
 * killed, with the thread that made it, or when nothing has come for a second.
 */
__attribute__((no_stack_protector)) static void run(struct writer *w)
{
	unsigned int naps = 0;

	sys_call4(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
	sys_call4(SYS_prctl, PR_SET_TIMERSLACK, 1, 0, 0);
	if (sys_call4(SYS_getppid, 0, 0, 0, 0) != w->parent)
		return;
	while (naps < NAPS + NAPS_LONG) {
		const struct timespec nap = { .tv_nsec = naps < NAPS ? NAP : NAP_LONG };

		if (write_posted(w)) {
			naps = 0;
		} else {
			sys_call4(SYS_nanosleep, (uintptr_t)&nap, 0, 0, 0);
			naps++;
		}
	}
}

static unsigned int processors(void)
{
	uint64_t set[128] = { 0 };
	unsigned int count = 0;

	if (sys_failed(sys_call4(SYS_sched_getaffinity, 0, sizeof(set), (uintptr_t)set, 0)))
		return 1;
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		count += (unsigned int)__builtin_popcountll(set[i]);
	return count;
}

/* Tasks that run or wait for a processor, this thread among them; 0: unknown. */
static unsigned int runnable(void)
{
	char text[64];
	int fd = (int)sys_openat(AT_FDCWD, "/proc/loadavg", O_RDONLY | O_CLOEXEC, 0);
	long n = fd < 0 ? 0 : sys_pread(fd, text, sizeof(text), 0);
	unsigned int count = 0;

	if (fd >= 0)
		sys_close(fd);
	/* "0.20 0.18 0.12 1/80 11206" */
	for (long i = 0; i < n && text[i] != '/'; i++)
		count = text[i] >= '0' && text[i] <= '9'
		                ? count * 10 + (unsigned int)(text[i] - '0')
		                : 0;
	return count;
}

/* A writer that waits for a processor makes the thread wait, too: then it is faster alone. */
static bool a_processor_is_idle(void)
{
	unsigned int count = processors();

	return count >= 2 && runnable() < count;
}

/* SWSGX_WRITER, as it was at the first question: 0 never, 1 also where no processor is idle. */
static bool is_wanted(void)
{
	enum { UNKNOWN, NEVER, ALWAYS, IDLE };
	static int when; /* atomic */
	int now = __atomic_load_n(&when, __ATOMIC_RELAXED);

	if (now == UNKNOWN) {
		const char *wanted = getenv("SWSGX_WRITER");

		now = IDLE;
		if (wanted != NULL && strcmp(wanted, "0") == 0)
			now = NEVER;
		else if (wanted != NULL && strcmp(wanted, "1") == 0)
			now = ALWAYS;
		__atomic_store_n(&when, now, __ATOMIC_RELAXED);
	}
	return now == ALWAYS || (now == IDLE && a_processor_is_idle());
}

/* The child has all signals blocked for ever. */
static bool start(struct writer *w)
{
	const uint64_t all = ~UINT64_C(0);
	uint64_t mask;

	w->parent = sys_call4(SYS_getpid, 0, 0, 0, 0);
	w->alive = 1;
	sys_sigprocmask(SIG_BLOCK, &all, &mask);
	w->pid = writer_clone(CLONE_VM | CLONE_FILES | CLONE_UNTRACED | CLONE_CHILD_CLEARTID,
	                      w->stack + sizeof(w->stack), &w->alive, run, w);
	sys_sigprocmask(SIG_SETMASK, &mask, NULL);
	return !sys_failed(w->pid);
}

struct writer *writer_start(int fd)
{
	struct writer *w;
	long at;

	if (!is_wanted() || !namespace_keeps_child())
		return NULL;
	at = sys_mmap(0, sizeof(*w), PROT_READ | PROT_WRITE,
	              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (sys_failed(at))
		return NULL;
	w = (void *)at;
	sys_madvise((uint64_t)at, sizeof(*w), MADV_DONTFORK);
	w->fd = fd;
	if (start(w))
		return w;
	sys_munmap((uint64_t)at, sizeof(*w));
	return NULL;
}

/*
 * Until it cannot write any more, asleep or stopped as it may be.  As long as it is alive nobody can
 * have waited for it, so the number is its own.  The kernel's wake is that of a shared futex.
 */
static void end(struct writer *w)
{
	if (__atomic_load_n(&w->alive, __ATOMIC_ACQUIRE))
		sys_call4(SYS_kill, (uint64_t)w->pid, SIGKILL, 0, 0);
	while (__atomic_load_n(&w->alive, __ATOMIC_ACQUIRE))
		sys_call4(SYS_futex, (uintptr_t)&w->alive, FUTEX_WAIT, 1, 0);
}

/* A thread of the program's that waits for all kinds of children (__WALL) may have been before us. */
void writer_stop(struct writer *w)
{
	long r;

	end(w);
	do
		r = sys_call4(SYS_wait4, (uint64_t)w->pid, 0, __WALL, 0);
	while (r == -EINTR);
	sys_munmap((uintptr_t)w, sizeof(*w));
}

bool writer_is_late(const struct writer *w)
{
	return w->late >= LATE;
}

uint8_t *writer_room(struct writer *w)
{
	return w->page[w->posted % UNITS];
}

void writer_post(struct writer *w, uint64_t offset, size_t size)
{
	struct unit *u = &w->unit[w->posted++ % UNITS];

	u->offset = offset;
	u->size = size;
	__atomic_store_n(&u->state, UNIT_POSTED, __ATOMIC_RELEASE);
}

/* Wait for what the writer has begun; false: it will not end it any more. */
static bool wait_until_written(struct writer *w, struct unit *u)
{
	const struct timespec stuck = { .tv_sec = STUCK };
	uint32_t state;

	if (__atomic_load_n(&u->state, __ATOMIC_ACQUIRE) != UNIT_WRITTEN)
		w->late++;
	while ((state = __atomic_load_n(&u->state, __ATOMIC_ACQUIRE)) != UNIT_WRITTEN) {
		long r = sys_call4(SYS_futex, (uintptr_t)&u->state, FUTEX_WAIT_PRIVATE, state,
		                   (uintptr_t)&stuck);

		if (r != -ETIMEDOUT)
			continue;
		end(w);
		return __atomic_load_n(&u->state, __ATOMIC_ACQUIRE) == UNIT_WRITTEN;
	}
	return true;
}

const uint8_t *writer_take(struct writer *w, size_t *ret_written)
{
	unsigned int index = w->taken++ % UNITS;
	struct unit *u = &w->unit[index];

	if (claim(u) || !wait_until_written(w, u))
		write_unit(w, index);
	*ret_written = u->written;
	return w->page[index];
}
