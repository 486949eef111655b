// SPDX-License-Identifier: Apache-2.0
/*
 * PAL libraries for runelet's tests, one for each FAKE_VERSION.  There is no enclave: a "program" is
 * a function that argv[0] names, and the args say how the library behaves.  They keep the PAL's
 * contract, so that what a test sees is runelet's doing.
 */
#include "include/liberpal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT   __attribute__((visibility("default")))
#define PROGRAMS 64

struct program {
	int pid; /* 0: the row is free */
	char **argv, **env;
	struct pal_stdio_fds io;
	unsigned long signals; /* not yet seen by the program; bit 0 is signal 1 */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int child, kept = -1;
static char options[256];

#ifdef FAKE_UNRESOLVED
void nobody_has_this(void);
#endif

static bool is_set(const char *option)
{
	return strstr(options, option) != NULL;
}

#if FAKE_VERSION != 1
EXPORT int pal_get_version(void)
{
	return FAKE_VERSION;
}
#endif

#ifdef FAKE_EXIT
__attribute__((constructor)) static void leave(void)
{
	fprintf(stderr, "no device\n");
	exit(1);
}
#endif

/* 1 MiB, or 5. */
static void print_much(void)
{
	for (int i = 0; i < (is_set("print-more") ? 5 : 1) * 1024 * 1024 / 64; i++)
		fprintf(stderr, "%063d\n", i);
}

EXPORT int pal_init(const struct pal_attr_v3 *attr)
{
	snprintf(options, sizeof(options), "%s", attr->args);
#ifdef FAKE_UNRESOLVED
	nobody_has_this();
#endif
	if (is_set("print-much"))
		print_much();
	if (is_set("show-init"))
		fprintf(stderr, "args=%s log_level=%s\n", attr->args, attr->log_level);
	if (is_set("show-v3") && (attr->fd != -1 || attr->addr != 0))
		return -EBADF;
	if (is_set("keep-stderr"))
		kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (is_set("fork-child")) {
		child = fork();
		if (child == 0)
			_exit(7);
	}
	if (is_set("init-hangs")) {
		dprintf(STDOUT_FILENO, "hangs\n");
		pause();
	}
	if (is_set("init-exits")) {
		fprintf(stderr, "encl.bin: gone\n");
		exit(3);
	}
	if (is_set("init-aborts")) {
		fprintf(stderr, "v2.c:12: assertion failed\n");
		abort();
	}
	if (is_set("fail-line"))
		fprintf(stderr, "first\n\033[31mencl.ss:\tsignature\033[0m differs \r\n\n  \n");
	return is_set("fail-") ? -ENOENT : 0;
}

/* The lowest signal that has come, once one has. */
static int next_signal(struct program *p)
{
	int sig;

	pthread_mutex_lock(&lock);
	while (p->signals == 0)
		pthread_cond_wait(&changed, &lock);
	sig = __builtin_ctzl(p->signals) + 1;
	p->signals &= p->signals - 1;
	pthread_mutex_unlock(&lock);
	return sig;
}

static int program_echo(struct program *p)
{
	for (int i = 1; p->argv[i]; i++)
		dprintf(p->io.stdout, "[%s]\n", p->argv[i]);
	return 0;
}

static int program_env(struct program *p)
{
	for (int i = 0; p->env[i]; i++)
		dprintf(p->io.stdout, "%s\n", p->env[i]);
	return 0;
}

static int program_cat(struct program *p)
{
	char text[4096];
	ssize_t n;

	while ((n = read(p->io.stdin, text, sizeof(text))) > 0) {
		if (write(p->io.stdout, text, (size_t)n) != n)
			return 1;
	}
	return n < 0 ? 2 : 0;
}

static int program_exit(struct program *p)
{
	return atoi(p->argv[1]);
}

static int program_block(struct program *p)
{
	int sig;

	dprintf(p->io.stdout, "blocks\n");
	do {
		sig = next_signal(p);
	} while (sig == SIGWINCH || sig == SIGURG); /* runc is written in Go, which sends SIGURG */
	return 128 + sig;
}

static int program_signals(struct program *p)
{
	int sig = 0;

	dprintf(p->io.stdout, "ready\n");
	while (sig != SIGTERM && sig != SIGKILL) {
		sig = next_signal(p);
		dprintf(p->io.stdout, "signal %d\n", sig);
	}
	return 5;
}

static int program_window(struct program *p)
{
	struct winsize size;
	int sig;

	dprintf(p->io.stdout, "ready\n");
	while ((sig = next_signal(p)) == SIGWINCH) {
		if (ioctl(p->io.stdin, TIOCGWINSZ, &size) == 0)
			dprintf(p->io.stdout, "%d columns\n", size.ws_col);
	}
	return 128 + sig;
}

/* What pal_init forked is still there to be waited for. */
static int program_wait_child(struct program *p)
{
	int status = 0;

	(void)p;
	usleep(200 * 1000);
	if (waitpid(child, &status, 0) != child)
		return 99;
	return WEXITSTATUS(status);
}

static int zombies(void)
{
	FILE *ps = popen("cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '", "re");
	int count = -1;

	if (!ps)
		return -1;
	if (fscanf(ps, "%d", &count) != 1)
		count = -1;
	pclose(ps);
	return count;
}

/* A process ends whose parent has ended before. */
static int program_orphan(struct program *p)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (fork() == 0) {
			usleep(50 * 1000);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	usleep(100 * 1000);
	for (int i = 0; i < 50 && zombies() != 0; i++)
		usleep(20 * 1000);
	dprintf(p->io.stdout, "zombies %d\n", zombies());
	return 0;
}

/* The descriptors that a process started by the PAL inherits; ls itself opens 3. */
static int program_fds(struct program *p)
{
	(void)p;
	return system("ls -C -w 0 /proc/self/fd") == 0 ? 0 : 1;
}

/* A child that runs no other program holds every descriptor of runelet until it is signalled. */
static int program_hold(struct program *p)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	dprintf(p->io.stdout, "holds\n");
	next_signal(p);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

static int program_print_kept(struct program *p)
{
	(void)p;
	dprintf(kept, "late words\n");
	usleep(100 * 1000);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct program *p);
} table[] = {
	{ "echo", program_echo },     { "env", program_env },
	{ "cat", program_cat },       { "exit", program_exit },
	{ "block", program_block },   { "signals", program_signals },
	{ "window", program_window }, { "wait-child", program_wait_child },
	{ "orphan", program_orphan }, { "fds", program_fds },
	{ "hold", program_hold },     { "print-kept", program_print_kept },
};

static int run_program(struct program *p, int *exit_value)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, p->argv[0]) == 0) {
			*exit_value = table[i].run(p);
			return 0;
		}
	}
	return -ENOEXEC;
}

#if FAKE_VERSION == 1
EXPORT int pal_exec_fake(char *path, char *argv[], struct pal_stdio_fds *io,
                         int *exit_code) __asm__("pal_exec");

EXPORT int pal_exec_fake(char *path, char *argv[], struct pal_stdio_fds *io, int *exit_code)
{
	struct program p = { .argv = argv, .io = *io };

	if (strcmp(path, argv[0]) != 0)
		return -EINVAL;
	return run_program(&p, exit_code);
}
#else
static struct program programs[PROGRAMS];
static int last_pid;

static char **copy(char **strings)
{
	char **to;
	size_t count = 0;

	while (strings[count])
		count++;
	to = calloc(count + 1, sizeof(*to));
	for (size_t i = 0; i < count; i++)
		to[i] = strdup(strings[i]);
	return to;
}

static void release(char **strings)
{
	for (size_t i = 0; strings[i]; i++)
		free(strings[i]);
	free(strings);
}

static struct program *find(int pid)
{
	for (int i = 0; i < PROGRAMS; i++) {
		if (programs[i].pid == pid)
			return &programs[i];
	}
	return NULL;
}

EXPORT int pal_create_process(struct pal_create_process_args *args)
{
	struct program *p;

	if (is_set("create-fails-srch"))
		return -ESRCH;
	if (is_set("create-fails"))
		return -E2BIG;
	if (is_set("create-slow"))
		usleep(300 * 1000);
	pthread_mutex_lock(&lock);
	p = find(0);
	if (p) {
		*p = (struct program){ .argv = copy(args->argv), .env = copy(args->env) };
		p->io.stdin = fcntl(args->stdio->stdin, F_DUPFD_CLOEXEC, 3);
		p->io.stdout = fcntl(args->stdio->stdout, F_DUPFD_CLOEXEC, 3);
		p->io.stderr = fcntl(args->stdio->stderr, F_DUPFD_CLOEXEC, 3);
		p->pid = *args->pid = ++last_pid;
	}
	pthread_mutex_unlock(&lock);
	return p ? 0 : -EAGAIN;
}

EXPORT int pal_exec(struct pal_exec_args *args)
{
	struct program *p;
	int r;

	pthread_mutex_lock(&lock);
	p = find(args->pid);
	pthread_mutex_unlock(&lock);
	if (!p)
		return -ESRCH;
	r = run_program(p, args->exit_value);
	pthread_mutex_lock(&lock);
	release(p->argv);
	release(p->env);
	close(p->io.stdin);
	close(p->io.stdout);
	close(p->io.stderr);
	p->pid = 0;
	pthread_mutex_unlock(&lock);
	return r;
}

#ifndef FAKE_WITHOUT_KILL
EXPORT int pal_kill(int pid, int sig)
{
	int told = 0;

	if (is_set("kill-hangs"))
		pause();
	if (is_set("kill-ignored"))
		return 0;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < PROGRAMS; i++) {
		struct program *p = &programs[i];

		if (p->pid == 0 || (pid != -1 && p->pid != (pid ? pid : 1)))
			continue;
		p->signals |= 1UL << (sig - 1);
		told++;
	}
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return told ? 0 : -ESRCH;
}
#endif
#endif

#if FAKE_VERSION >= 3
EXPORT int pal_get_local_report(void *targetinfo, int targetinfo_len, void *report, int *report_len)
{
	int most = is_set("report-data") ? 576 : 512;

	if ((targetinfo_len != 512 && targetinfo_len != most) || *report_len < 432)
		return -EINVAL;
	if (is_set("report-slow"))
		usleep(500 * 1000);
	memcpy(report, targetinfo, 432);
	if (targetinfo_len == 576)
		memcpy((char *)report + 320, (char *)targetinfo + 512, 64);
	*report_len = is_set("report-short") ? 16 : 432;
	return 0;
}
#endif

EXPORT int pal_destroy(void)
{
	if (is_set("destroy-hangs"))
		pause();
	if (is_set("destroy-closes"))
		close(STDIN_FILENO);
	if (is_set("destroy-exits"))
		exit(77);
	if (is_set("destroy-line"))
		printf("destroyed\n"); /* left in stdio's buffer */
	return 0;
}
