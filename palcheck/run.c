// SPDX-License-Identifier: Apache-2.0
/*
 * One test, one process.  The verdict comes over a pipe; a child that ends without one was ended by the
 * library, and that is the verdict.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "palcheck/check.h"

static int verdict_fd = -1;

static void tell(const char *text)
{
	ssize_t n = write(verdict_fd, text, strlen(text) + 1);

	(void)n; /* the parent takes silence for a failure */
}

/* The verdict's first byte says which it is. */
__attribute__((format(printf, 3, 0))) static _Noreturn void end_test(char verdict, int status,
                                                                     const char *fmt, va_list ap)
{
	char text[sizeof(((struct verdict *)0)->reason)] = { verdict };

	vsnprintf(text + 1, sizeof(text) - 1, fmt, ap);
	tell(text);
	_exit(status);
}

void claim_failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_test('-', 1, fmt, ap);
}

void claim_skipped(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_test('#', 0, fmt, ap);
}

static _Noreturn void child(const struct test *test, const struct subject *subject, int pipe_end,
                            int output)
{
	struct subject s = *subject;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* High, so that the library's descriptors are those of any process that it is loaded into. */
	verdict_fd = fcntl(pipe_end, F_DUPFD_CLOEXEC, 900);
	if (null < 0 || verdict_fd < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0)
		_exit(2);
	close(null);
	close(pipe_end);
	close(output);
	test->run(&s);
	tell("+");
	_exit(0);
}

/* The verdict's text: its length, 0 when the child ended without one, -1 when time is up. */
static ssize_t await(int fd, int timeout, char *text, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, timeout * 1000) <= 0)
		return -1;
	n = read(fd, text, size - 1);
	return n < 0 ? 0 : n;
}

static void judge(struct verdict *ret, const char *text, ssize_t n, int status, int timeout)
{
	ret->outcome = OUTCOME_FAILED;
	if (n < 0) {
		snprintf(ret->reason, sizeof(ret->reason), "not done after %d s", timeout);
	} else if (n > 0 && text[0] == '+') {
		ret->outcome = OUTCOME_OK;
	} else if (n > 0) {
		if (text[0] == '#')
			ret->outcome = OUTCOME_SKIPPED;
		snprintf(ret->reason, sizeof(ret->reason), "%s", text + 1);
	} else if (WIFSIGNALED(status)) {
		snprintf(ret->reason, sizeof(ret->reason), "signal %d (%s) ended its process",
		         WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else {
		snprintf(ret->reason, sizeof(ret->reason), "it ended its process with status %d",
		         WEXITSTATUS(status));
	}
}

static void read_output(int fd, struct verdict *ret)
{
	ssize_t n = pread(fd, ret->output, sizeof(ret->output) - 1, 0);

	ret->output[n < 0 ? 0 : n] = '\0';
}

void run_test(const struct test *test, const struct subject *subject, int timeout,
              struct verdict *ret)
{
	char text[sizeof(ret->reason)];
	int ends[2], status = 0, output = memfd_create("output", MFD_CLOEXEC);
	ssize_t n;
	pid_t pid;

	*ret = (struct verdict){ .outcome = OUTCOME_FAILED };
	if (output < 0 || pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		snprintf(ret->reason, sizeof(ret->reason), "cannot start it: %s", strerror(errno));
		return;
	}
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child(test, subject, ends[1], output);
	}
	close(ends[1]);
	n = await(ends[0], timeout, text, sizeof(text));
	/* Its threads, and programs that it left, end with it. */
	if (n != 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	judge(ret, text, n, status, timeout);
	read_output(output, ret);
	close(ends[0]);
	close(output);
}
