// SPDX-License-Identifier: Apache-2.0
/* The forked harness; see harness.h.  The program first executes itself under bin/swsgx. */
#include "tests/trap/harness.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SECONDS 20
#define RUNNING         "TESTS_TRAP_RUNNING"

enum outcome { OUTCOME_OK = 0, OUTCOME_FAIL = 101, OUTCOME_ERROR = 102, OUTCOME_SKIP = 103 };

static int report_fd = -1;

static void report(const char *text)
{
	ssize_t n = write(report_fd, text, strlen(text));

	(void)n;
}

__attribute__((format(printf, 3, 0))) static void report_line(const char *file, int line,
                                                              const char *fmt, va_list ap)
{
	char text[400], all[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	snprintf(all, sizeof(all), "%s:%d: %s", file, line, text);
	report(all);
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_line(file, line, fmt, ap);
	va_end(ap);
	_exit(OUTCOME_FAIL);
}

void test_error(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_line(file, line, fmt, ap);
	va_end(ap);
	_exit(OUTCOME_ERROR);
}

void test_skip(const char *reason)
{
	report(reason);
	_exit(OUTCOME_SKIP);
}

/* Wait for the child, for so many seconds; false: it had to be killed. */
static bool wait_for(pid_t pid, unsigned int seconds, int *ret_status)
{
	const struct timespec tick = { .tv_nsec = 5 * 1000 * 1000 };
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		if (waitpid(pid, ret_status, WNOHANG) == pid)
			return true;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec)
			break;
		nanosleep(&tick, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, ret_status, 0);
	return false;
}

static bool print_outcome(size_t number, const char *claim, int status, bool in_time,
                          const char *text)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (code == OUTCOME_OK || code == OUTCOME_SKIP) {
		printf("ok %zu - %s%s%s\n", number, claim, code == OUTCOME_SKIP ? " # SKIP " : "",
		       code == OUTCOME_SKIP ? text : "");
		return true;
	}
	printf("not ok %zu - %s%s\n", number, claim,
	       code == OUTCOME_ERROR ? " # error of the test" : "");
	if (!in_time)
		printf("# it took too long\n");
	else if (WIFSIGNALED(status))
		printf("# it died of signal %d\n", WTERMSIG(status));
	else if (code != OUTCOME_FAIL && code != OUTCOME_ERROR)
		printf("# it exited with %d\n", code);
	if (*text != '\0')
		printf("# %s\n", text);
	return false;
}

static bool run_test(size_t number, const struct test *test)
{
	char text[512] = "";
	int fds[2], status = 0;
	bool in_time;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		report_fd = fds[1];
		test->run();
		_exit(OUTCOME_OK);
	}
	close(fds[1]);
	in_time = wait_for(pid, test->seconds ? test->seconds : DEFAULT_SECONDS, &status);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	return print_outcome(number, test->claim, status, in_time, text);
}

/* The folder of this program, up levels above. */
static bool folder(char ret[PATH_MAX], int up)
{
	ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - 1);

	if (n < 0)
		return false;
	ret[n] = '\0';
	for (; up >= 0; up--) {
		char *slash = strrchr(ret, '/');

		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	return true;
}

/* Run this program under swsgx, with a state folder of its own. */
static int run_under_swsgx(char **argv, const char *driver)
{
	char root[PATH_MAX], swsgx[PATH_MAX + 16], self[PATH_MAX], state[] = "/tmp/trap-XXXXXX";
	char state_option[64], driver_option[64], file[64];
	int status = 0;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	pid_t pid;

	if (n < 0 || !folder(root, 2) || mkdtemp(state) == NULL) {
		perror("harness");
		return 1;
	}
	self[n] = '\0';
	snprintf(swsgx, sizeof(swsgx), "%s/bin/swsgx", root);
	snprintf(state_option, sizeof(state_option), "--state=%s", state);
	snprintf(driver_option, sizeof(driver_option), "--driver=%s", driver ? driver : "intree");
	setenv(RUNNING, "1", 1);
	pid = fork();
	if (pid == 0) {
		execl(swsgx, swsgx, state_option, driver_option, "--", self, argv[1], NULL);
		perror(swsgx);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	snprintf(file, sizeof(file), "%s/platform", state);
	unlink(file);
	rmdir(state);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int harness_main(int argc, char **argv, const struct test *tests, size_t count, const char *driver)
{
	size_t only = argc > 1 ? strtoul(argv[1], NULL, 10) : 0; /* a test's number, to debug it */
	bool all_ok = true;

	if (getenv(RUNNING) == NULL)
		return run_under_swsgx(argv, driver);
	printf("1..%zu\n", only ? 1 : count);
	for (size_t i = 0; i < count; i++)
		if (only == 0 || only == i + 1)
			all_ok &= run_test(i + 1, &tests[i]);
	return all_ok ? 0 : 1;
}
