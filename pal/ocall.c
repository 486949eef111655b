// SPDX-License-Identifier: Apache-2.0
/*
 * Reads and writes of the program's own streams.  The request is copied out of the area before it is
 * checked, as the enclave's other threads could still change it.
 *
 * To end the program somebody sets the thread's kill flag and sends a signal, again and again until
 * it is noticed: so the flag may be looked at before a system call that then waits.
 */
#include "pal/ocall.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "pal/own.h"

static bool is_killed(const struct ocall_server *s)
{
	return atomic_load(&s->thread->kill);
}

/* A stream may be non-blocking for its other users; the program has no way to wait but to call. */
static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	poll(&p, 1, -1);
}

static bool area_holds(const struct ocall_server *s, uint64_t address, uint64_t size)
{
	uint64_t start = (uint64_t)s->area;

	return address >= start && size <= ENCL_OCALL_AREA &&
	       address - start <= ENCL_OCALL_AREA - size;
}

int ocall_copy_in(const struct ocall_server *server, uint64_t arg, void *ret, size_t size)
{
	if (!area_holds(server, arg, size))
		return -EFAULT;
	memcpy(ret, (const void *)arg, size);
	return 0;
}

static int64_t do_io(struct ocall_server *s, uint64_t number, const struct encl_io *io)
{
	int fd = s->process->fd[io->fd];
	bool is_read = number == ENCL_OCALL_READ;

	while (!is_killed(s)) {
		ssize_t n = is_read ? read(fd, (void *)io->data, io->length)
		                    : write(fd, (const void *)io->data, io->length);

		if (n >= 0)
			return is_killed(s) ? ENCL_OCALL_KILLED : n;
		if (errno == EAGAIN)
			wait_for(fd, is_read ? POLLIN : POLLOUT);
		else if (errno == EPIPE && !is_read)
			break;
		else if (errno != EINTR)
			return -errno;
	}
	/* Nobody reads any more: what SIGPIPE does to any program that has not asked otherwise. */
	if (!is_killed(s))
		s->pipe_sig = SIGPIPE;
	return ENCL_OCALL_KILLED;
}

int64_t ocall_serve(void *context, uint64_t number, uint64_t arg)
{
	struct ocall_server *s = context;
	struct encl_io io;

	if (is_killed(s))
		return ENCL_OCALL_KILLED;
	if (number == ENCL_OCALL_EXIT)
		return 0;
	if (number >= ENCL_OCALL_OWN)
		return own_ocall(s, number, arg);
	if (number != ENCL_OCALL_READ && number != ENCL_OCALL_WRITE)
		return -ENOSYS;
	if (ocall_copy_in(s, arg, &io, sizeof(io)) < 0)
		return -EFAULT;
	if (io.fd > 2)
		return -EBADF;
	if (io.length > ENCL_IO_MAX)
		return -EINVAL;
	if (!area_holds(s, io.data, io.length))
		return -EFAULT;
	return do_io(s, number, &io);
}
