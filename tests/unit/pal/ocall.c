// SPDX-License-Identifier: Apache-2.0
/* Reads and writes that a program asks for. */
#include "pal/ocall.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static uint8_t area[ENCL_OCALL_AREA] __attribute__((aligned(8)));
static struct process process;
static struct encl_thread thread;
static struct ocall_server server = { &process, &thread, area, 0 };
static int ends[2];

static int pipe_open(void **state)
{
	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	process.fd[0] = ends[0];
	process.fd[1] = process.fd[2] = ends[1];
	atomic_store(&thread.kill, false);
	server.pipe_sig = 0;
	return 0;
}

static int pipe_close(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static int64_t io(uint64_t number, uint64_t fd, uint64_t data, uint64_t length)
{
	struct encl_io request = { fd, data, length };

	memcpy(area, &request, sizeof(request));
	return ocall_serve(&server, number, (uint64_t)area);
}

static void bytes_go_out_and_in(void **state)
{
	uint64_t data = (uint64_t)area + 64;

	(void)state;
	memcpy((void *)data, "hello", 5);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, data, 5), 5);
	memset((void *)data, 0, 5);
	assert_int_equal(io(ENCL_OCALL_READ, 0, data, 100), 5);
	assert_memory_equal((void *)data, "hello", 5);
	close(ends[1]);
	assert_int_equal(io(ENCL_OCALL_READ, 0, data, 100), 0);
}

static void what_is_not_in_the_area_is_refused(void **state)
{
	uint64_t start = (uint64_t)area, end = start + sizeof(area);

	(void)state;
	assert_int_equal(ocall_serve(&server, ENCL_OCALL_WRITE, 0), -EFAULT);
	assert_int_equal(ocall_serve(&server, ENCL_OCALL_WRITE, start - 8), -EFAULT);
	assert_int_equal(ocall_serve(&server, ENCL_OCALL_WRITE, end - 16), -EFAULT);
	assert_int_equal(ocall_serve(&server, ENCL_OCALL_WRITE, UINT64_MAX - 7), -EFAULT);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, start - 1, 1), -EFAULT);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, end - 1, 2), -EFAULT);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, end, 1), -EFAULT);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, end - 1, 1), 1);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, start, ENCL_IO_MAX + 1), -EINVAL);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, start, UINT64_MAX), -EINVAL);
}

static void there_are_three_streams_and_three_ocalls(void **state)
{
	(void)state;
	assert_int_equal(io(ENCL_OCALL_WRITE, 3, (uint64_t)area, 1), -EBADF);
	assert_int_equal(io(ENCL_OCALL_WRITE, UINT64_MAX, (uint64_t)area, 1), -EBADF);
	assert_int_equal(io(3, 1, (uint64_t)area, 1), -ENOSYS);
	assert_int_equal(io(UINT64_MAX, 1, (uint64_t)area, 1), -ENOSYS);
	assert_int_equal(io(ENCL_OCALL_WRITE, 0, (uint64_t)area, 1), -EBADF);
}

static void a_killed_program_does_no_more_io(void **state)
{
	char byte;

	(void)state;
	atomic_store(&thread.kill, true);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, (uint64_t)area, 1), ENCL_OCALL_KILLED);
	assert_int_equal(server.pipe_sig, 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(ends[0], &byte, 1), -1);
}

static void a_stream_without_a_reader_kills(void **state)
{
	sigset_t set, old;
	static const struct timespec now;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	close(ends[0]);
	assert_int_equal(io(ENCL_OCALL_WRITE, 1, (uint64_t)area, 1), ENCL_OCALL_KILLED);
	assert_int_equal(server.pipe_sig, SIGPIPE);
	assert_int_equal(sigtimedwait(&set, NULL, &now), SIGPIPE);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void on_alarm(int sig)
{
	(void)sig;
	if (write(ends[1], "x", 1) != 1)
		_exit(1);
}

/* The signal that interrupts the wait brings the byte that is waited for. */
static void a_nonblocking_stream_is_waited_for(void **state)
{
	struct sigaction act = { .sa_handler = on_alarm }, old;

	(void)state;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	sigaction(SIGALRM, &act, &old);
	alarm(1);
	assert_int_equal(io(ENCL_OCALL_READ, 0, (uint64_t)area, 1), 1);
	sigaction(SIGALRM, &old, NULL);
	assert_int_equal(area[0], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, pipe_open, pipe_close)
		T(bytes_go_out_and_in),
		T(what_is_not_in_the_area_is_refused),
		T(there_are_three_streams_and_three_ocalls),
		T(a_killed_program_does_no_more_io),
		T(a_stream_without_a_reader_kills),
		T(a_nonblocking_stream_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
