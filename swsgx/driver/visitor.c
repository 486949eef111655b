// SPDX-License-Identifier: Apache-2.0
/*
 * Entries of the list are claimed and freed without a lock, since the processes may end at any time.  A
 * pid says little: it may be another process's by now, or that of another program, to which our
 * signal would be deadly.  So before anybody is asked, the kernel is: a process that maps the file
 * has the library, and it is this one's to answer.
 */
#include "swsgx/driver/visitor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "swsgx/driver/sys.h"

static uint32_t own_pid(void)
{
	return (uint32_t)sys_call4(SYS_getpid, 0, 0, 0, 0);
}

/* Does /proc name processes by the numbers that they have here? */
static bool proc_is_ours(void)
{
	char name[16], own[16];
	long n =
		sys_call4(SYS_readlink, (uintptr_t) "/proc/self", (uintptr_t)name, sizeof(name), 0);

	return snprintf(own, sizeof(own), "%u", own_pid()) == n &&
	       memcmp(name, own, (size_t)n) == 0;
}

/* Pids of another namespace mean nothing here; 0 when it is not known. */
static uint64_t pid_namespace(void)
{
	struct stat st;

	return sys_call4(SYS_newfstatat, (uint64_t)AT_FDCWD, (uintptr_t) "/proc/self/ns/pid",
	                 (uintptr_t)&st, 0) == 0 &&
	                       proc_is_ours()
	               ? st.st_ino
	               : 0;
}

static void forget(struct enclave_visitor *v, uint32_t pid)
{
	__atomic_compare_exchange_n(&v->pid, &pid, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void visitor_forget(struct enclave *e)
{
	if (e->visitor != NULL)
		forget(e->visitor, own_pid());
	e->visitor = NULL;
}

void visitor_left(struct enclave *e, uint64_t epoch)
{
	if (e->visitor != NULL)
		__atomic_store_n(&e->visitor->left, epoch, __ATOMIC_RELEASE);
}

/* Does the open list of mappings name it? */
static bool names(int fd, const char *name)
{
	char text[4096];
	size_t kept = 0, len = strlen(name);
	long n;

	while ((n = sys_call4(SYS_read, (uint64_t)fd, (uintptr_t)(text + kept), sizeof(text) - kept,
	                      0)) > 0) {
		size_t all = kept + (size_t)n;

		if (memmem(text, all, name, len) != NULL)
			return true;
		kept = all < len ? all : len;
		memmove(text, text + all - kept, kept);
	}
	return n < 0; /* it cannot be read to the end: who knows */
}

/* False: pid is surely not a process with a view of e. */
static bool maps(const struct enclave *e, uint32_t pid)
{
	char path[32], name[48];
	bool found;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	snprintf(name, sizeof(name), " %02x:%02x %lu ", major(e->dev), minor(e->dev), e->ino);
	fd = (int)sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd != -ENOENT && fd != -ESRCH;
	found = names(fd, name);
	sys_close(fd);
	return found;
}

bool visitor_remains(struct enclave *e, uint64_t epoch, void (*ask)(uint32_t pid))
{
	uint64_t here = pid_namespace();
	bool any = __atomic_load_n(&e->state->crowded, __ATOMIC_ACQUIRE);

	for (unsigned int i = 0; i < ENCLAVE_VISITORS; i++) {
		struct enclave_visitor *v = &e->state->visitors[i];
		uint32_t pid = __atomic_load_n(&v->pid, __ATOMIC_ACQUIRE);

		if (pid == 0 || v == e->visitor ||
		    __atomic_load_n(&v->left, __ATOMIC_ACQUIRE) >= epoch)
			continue;
		if (here == 0 || __atomic_load_n(&v->pid_namespace, __ATOMIC_ACQUIRE) != here) {
			any = true;
		} else if (!maps(e, pid)) {
			forget(v, pid);
		} else {
			any = true;
			if (ask != NULL)
				ask(pid);
		}
	}
	return any;
}

uint64_t visitor_thread(uint32_t tid)
{
	const uint64_t here = pid_namespace(); /* of 32 bits */

	return here != 0 ? here << 32 | tid : 0;
}

bool visitor_is_gone(const struct enclave *e, uint64_t thread)
{
	const uint32_t tid = (uint32_t)thread;

	if (thread == 0 || thread >> 32 != pid_namespace() ||
	    sys_call4(SYS_tgkill, own_pid(), tid, 0, 0) == 0)
		return false;
	/* The number of one that is a zombie, or another's by now, is not free. */
	return sys_call4(SYS_kill, tid, 0, 0, 0) == -ESRCH || !maps(e, tid);
}

static bool claim(struct enclave *e)
{
	for (unsigned int i = 0; i < ENCLAVE_VISITORS; i++) {
		struct enclave_visitor *v = &e->state->visitors[i];
		uint32_t nobody = 0;

		if (!__atomic_compare_exchange_n(&v->pid, &nobody, own_pid(), false,
		                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			continue;
		__atomic_store_n(&v->left, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&v->pid_namespace, pid_namespace(), __ATOMIC_RELEASE);
		e->visitor = v;
		return true;
	}
	return false;
}

/* Nobody tells of his end, so those that have ended are looked for when there is no room. */
void visitor_enter(struct enclave *e)
{
	e->visitor = NULL;
	if (claim(e))
		return;
	visitor_remains(e, UINT64_MAX, NULL);
	if (!claim(e))
		__atomic_store_n(&e->state->crowded, 1, __ATOMIC_RELEASE);
}
