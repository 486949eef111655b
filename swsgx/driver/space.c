// SPDX-License-Identifier: Apache-2.0
/*
 * The table of enclave mappings: ranges in ascending order that do not overlap.  It lives in a
 * reservation of its own, since malloc may be what calls munmap.
 */
#include "swsgx/driver/space.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "swsgx/driver/abi.h"
#include "swsgx/driver/rewrite.h"
#include "swsgx/driver/sys.h"

#define RANGES_MAX 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct space_range *ranges; /* RANGES_MAX of them, once there is one */
static unsigned int count;
uint64_t space_generation = 1;
static __thread bool forking __attribute__((tls_model("initial-exec")));

void space_lock_in_handler(void)
{
	if (!forking)
		pthread_mutex_lock(&lock);
}

void space_unlock_in_handler(void)
{
	if (!forking)
		pthread_mutex_unlock(&lock);
}

void space_fork_begin(void)
{
	space_lock_in_handler();
	forking = true;
}

void space_fork_end(void)
{
	forking = false;
	space_unlock_in_handler();
}

bool space_is_forking(void)
{
	return forking;
}

static void lock_to_look(uint64_t *ret_mask)
{
	const uint64_t all = ~UINT64_C(0);

	sys_sigprocmask(SIG_BLOCK, &all, ret_mask);
	space_lock_in_handler();
}

void space_lock(uint64_t *ret_mask)
{
	lock_to_look(ret_mask);
	__atomic_fetch_add(&space_generation, 1, __ATOMIC_SEQ_CST);
}

void space_unlock(const uint64_t *mask)
{
	space_unlock_in_handler();
	sys_sigprocmask(SIG_SETMASK, mask, NULL);
}

bool space_is_empty(void)
{
	return __atomic_load_n(&count, __ATOMIC_ACQUIRE) == 0;
}

bool space_overlaps(uint64_t addr, uint64_t len)
{
	const struct space_range *r;
	uint64_t mask;
	bool found;

	if (space_is_empty())
		return false;
	lock_to_look(&mask);
	r = space_first(addr);
	found = r != NULL && r->start < addr + len;
	space_unlock(&mask);
	return found;
}

struct space_range *space_first(uint64_t la)
{
	unsigned int low = 0, high = count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (ranges[middle].end <= la)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count ? &ranges[low] : NULL;
}

struct space_range *space_end(void)
{
	return ranges + count;
}

struct space_range *space_find(uint64_t la)
{
	struct space_range *r = space_first(la);

	return r != NULL && r->start <= la ? r : NULL;
}

int space_reserve(unsigned int more)
{
	if (ranges == NULL) {
		long at = sys_mmap(0, RANGES_MAX * sizeof(*ranges), PROT_READ | PROT_WRITE,
		                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (sys_failed(at))
			return (int)at;
		ranges = (void *)at;
	}
	return count + more <= RANGES_MAX ? 0 : -ENOMEM;
}

static void insert(unsigned int at, const struct space_range *r)
{
	memmove(&ranges[at + 1], &ranges[at], (count - at) * sizeof(*ranges));
	ranges[at] = *r;
	r->enclave->mappings++;
	__atomic_store_n(&count, count + 1, __ATOMIC_RELEASE);
}

static void delete (unsigned int at)
{
	ranges[at].enclave->mappings--;
	memmove(&ranges[at], &ranges[at + 1], (count - at - 1) * sizeof(*ranges));
	__atomic_store_n(&count, count - 1, __ATOMIC_RELEASE);
}

void space_forget(uint64_t start, uint64_t end)
{
	struct space_range *r;

	rewrite_forget(start, end);
	while ((r = space_first(start)) != NULL && r->start < end) {
		struct space_range tail = *r;

		if (r->start < start && r->end > end) {
			r->end = start;
			tail.start = end;
			insert((unsigned int)(r - ranges) + 1, &tail);
			return;
		}
		if (r->start < start)
			r->end = start;
		else if (r->end > end)
			r->start = end;
		else
			delete ((unsigned int)(r - ranges));
	}
}

void space_add(uint64_t start, uint64_t end, struct enclave *e, int prot, bool may_write)
{
	struct space_range new = { .start = start,
		                   .end = end,
		                   .enclave = e,
		                   .prot = prot & (PROT_READ | PROT_WRITE | PROT_EXEC),
		                   .may_write = may_write };
	struct space_range *r = space_first(start);

	insert(r != NULL ? (unsigned int)(r - ranges) : count, &new);
}

void space_set_prot(struct space_range *r, uint64_t start, uint64_t end, int prot)
{
	unsigned int at = (unsigned int)(r - ranges);
	struct space_range part = *r;

	if (r->prot == prot)
		return;
	if (part.start < start) { /* what is before keeps its protection */
		part.end = start;
		insert(at++, &part);
		ranges[at].start = start;
		part = ranges[at];
	}
	if (part.end > end) {
		part.start = end;
		ranges[at].end = end;
		insert(at + 1, &part);
	}
	ranges[at].prot = prot;
}

void space_fork_child(void)
{
	unsigned int i = 0;

	__atomic_fetch_add(&space_generation, 1, __ATOMIC_SEQ_CST);
	while (i < count) {
		const struct space_range r = ranges[i];

		__atomic_store_n(&r.enclave->inside, 0, __ATOMIC_RELEASE);
		if (driver_abi(r.enclave->state->abi)->by_address) {
			sys_munmap(r.start, r.end - r.start);
			rewrite_forget(r.start, r.end);
			delete (i);
		} else {
			i++;
		}
	}
	enclave_fork_child();
	enclave_sweep();
}
