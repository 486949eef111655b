// SPDX-License-Identifier: Apache-2.0
/*
 * A PAL of version 3 whose programs are ordinary processes, and which breaks one promise when it is
 * compiled with BROKEN as the name of palcheck's test for it.  Unbroken it keeps all that need no
 * enclave.  Tests compile it once for each name.
 */
#include "include/liberpal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef BROKEN
#define BROKEN ""
#endif
#define IS(name) (strcmp(BROKEN, name) == 0)

enum state { FREE, CREATED, RUNNING, ENDED };

static struct program {
	enum state state;
	char *path, **argv, **env;
	int fd[3];
	int sig; /* to end it before it starts */
	pid_t process;
} programs[64]; /* by number, from 1 */
#define COUNT ((int)(sizeof(programs) / sizeof(programs[0])))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, serial = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_ready, was_ready;
static int reporting;
static void *volatile leaked;

__attribute__((constructor)) static void loaded(void)
{
	if (IS("constructors"))
		puts("loading");
}

int pal_get_version(void)
{
	static int calls;

	return IS("version") ? 3 + (calls++ > 1) : 3;
}

static void *sleeper(void *arg)
{
	pause();
	return arg;
}

static void noticed(int sig)
{
	(void)sig;
}

/* What some breaking libraries do each time they start. */
static void misbehave(void)
{
	pthread_t thread;

	if (IS("leak_fds"))
		open("/dev/null", O_RDONLY);
	if (IS("leak_threads"))
		pthread_create(&thread, NULL, sleeper, NULL);
	if (IS("leak_memory"))
		leaked = malloc(5000);
	if (IS("signals"))
		signal(SIGUSR2, noticed);
	if (IS("environment"))
		setenv("LEFT_BEHIND", "1", 1);
}

int pal_init(const struct pal_attr_v3 *attr)
{
	if (!attr && !IS("init_null"))
		return -EINVAL;
	if (IS("init_args") && attr->args && attr->args[0] == ' ')
		abort();
	if (IS("init_level") && attr->log_level && strcmp(attr->log_level, "fatal") == 0)
		return -EINVAL;
	if (IS("init_handed_over") && (attr->fd != -1 || attr->addr != 0))
		return -EBADF;
	if (is_ready && !IS("init_twice"))
		return -EALREADY;
	if (was_ready && IS("order_after"))
		return -EBUSY;
	is_ready = true;
	misbehave();
	return IS("init") ? 1 : 0;
}

static struct program *find(int pid)
{
	return pid > 0 && pid < COUNT && programs[pid].state != FREE ? &programs[pid] : NULL;
}

/* A copy of the list and its strings; or, broken, the list itself. */
static char **copy_list(char *const *list)
{
	size_t count = 0;
	char **copy;

	if (IS("copied"))
		return (char **)list;
	while (list && list[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = strdup(list[i]);
	return copy;
}

static void free_list(char **list)
{
	for (size_t i = 0; list[i] && !IS("copied"); i++)
		free(list[i]);
	if (!IS("copied"))
		free(list);
}

static void release(struct program *p)
{
	if (p->state == ENDED)
		return;
	for (int i = 0; i < 3; i++) {
		if (!IS("stdio_duplicated"))
			close(p->fd[i]);
	}
	free(p->path);
	free_list(p->argv);
	free_list(p->env);
	p->state = ENDED;
}

int pal_create_process(struct pal_create_process_args *a)
{
	int number = 1;
	struct program *p;

	if (!is_ready && !IS("order_before"))
		return -EBADFD;
	if (!IS("null") && (!a || !a->path || !a->argv || !a->stdio || !a->pid))
		return -EINVAL;
	pthread_mutex_lock(&lock);
	while (number < COUNT && programs[number].state != FREE)
		number++;
	p = number < COUNT ? &programs[number] : NULL;
	if (p) {
		const int fd[3] = { a->stdio->stdin, a->stdio->stdout, a->stdio->stderr };

		*p = (struct program){ .state = CREATED, .path = strdup(a->path) };
		p->argv = copy_list(a->argv);
		p->env = copy_list(a->env);
		for (int i = 0; i < 3; i++)
			p->fd[i] =
				IS("stdio_duplicated") ? fd[i] : fcntl(fd[i], F_DUPFD_CLOEXEC, 600);
		*a->pid = IS("pids") ? 1 : number;
	}
	pthread_mutex_unlock(&lock);
	return p ? 0 : -EAGAIN;
}

/* One word at blanks, as a runtime does that joins its arguments and splits them again. */
static char **split_list(char *const *list)
{
	char **ret = calloc(256, sizeof(*ret));
	size_t count = 0;

	for (size_t i = 0; list[i]; i++) {
		char *copy = strdup(list[i]);

		for (char *word = strtok(copy, " "); word && count < 255; word = strtok(NULL, " "))
			ret[count++] = word;
	}
	return ret;
}

/* The program's, and behind it all of the host's but what palcheck has put there. */
static char **appended(char *const *env)
{
	static char *ret[1024];
	size_t count = 0;

	for (; *env && count < 500; env++)
		ret[count++] = *env;
	for (char **v = environ; *v && count < 1023; v++) {
		if (strncmp(*v, "PALCHECK_", 9) != 0)
			ret[count++] = *v;
	}
	ret[count] = NULL;
	return ret;
}

static char **environment(struct program *p)
{
	if (IS("env:appended"))
		return appended(p->env);
	return IS("env") ? environ : p->env;
}

static int spawn(struct program *p)
{
	posix_spawn_file_actions_t actions;
	char **argv = IS("argv") ? split_list(p->argv) : p->argv;
	int r;

	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < 3; i++) {
		if (IS("stdin") && i == 0)
			posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		else if ((!IS("stdio") || i == 0) && (!IS("stdio:stderr") || i != 2))
			posix_spawn_file_actions_adddup2(&actions, p->fd[i], i);
	}
	r = posix_spawn(&p->process, p->path, &actions, NULL, argv, environment(p));
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int exit_value(int status)
{
	if (WIFEXITED(status))
		return IS("exit_code") ? WEXITSTATUS(status) & 0x7f : WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGPIPE && IS("broken_pipe"))
		raise(SIGPIPE);
	if (WTERMSIG(status) == SIGPIPE && IS("broken_pipe:value"))
		return 1;
	if (IS("kill_term"))
		return WTERMSIG(status);
	return WTERMSIG(status) == SIGKILL && IS("kill_kill") ? 0 : 128 + WTERMSIG(status);
}

int pal_exec(struct pal_exec_args *a)
{
	struct program *p;
	int status = 0, r;

	if (!is_ready)
		return -EBADFD;
	if (!a || !a->exit_value)
		return -EINVAL;
	if (IS("parallel"))
		pthread_mutex_lock(&serial);
	pthread_mutex_lock(&lock);
	p = find(a->pid);
	r = !p ? -ESRCH : p->state == CREATED ? 0 : IS("exec_once") ? 1 : -EINVAL;
	if (p && p->state == RUNNING && IS("exec_once:running"))
		r = 0;
	if (r == 0 && p->sig == 0) {
		r = spawn(p);
		p->state = RUNNING;
	}
	pthread_mutex_unlock(&lock);
	if (r != 0)
		return r < 0 ? r : 0;
	if (p->sig != 0)
		status = p->sig;
	else
		waitpid(p->process, &status, 0);
	*a->exit_value = exit_value(status);
	pthread_mutex_lock(&lock);
	release(p);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	if (IS("parallel"))
		pthread_mutex_unlock(&serial);
	return 0;
}

static bool is_ignored(int sig)
{
	return sig == 0 || sig == SIGCHLD || sig == SIGWINCH || sig == SIGURG || sig == SIGCONT;
}

static void end(struct program *p, int sig)
{
	if (p->state == CREATED)
		p->sig = sig;
	else if (!IS("kill_waiting") || !p->argv[1] || strcmp(p->argv[1], "cat") != 0)
		kill(p->process, sig);
}

static bool is_meant(int number, int pid, int first, int last)
{
	if (IS("kill_aims"))
		return true;
	if (pid == -1)
		return !IS("kill_all") || number == first;
	if (pid == 0)
		return number == (IS("kill_first") ? last : first);
	return number == pid;
}

int pal_kill(int pid, int sig)
{
	int first = 0, last = 0, hit = 0;

	if (!is_ready)
		return -EBADFD;
	if (IS("kill_wrong") && (sig < 0 || sig > 64))
		return 0;
	if (sig < 0 || sig > 64 || pid < -1)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	for (int i = 1; i < COUNT; i++) {
		if (programs[i].state == CREATED || programs[i].state == RUNNING) {
			first = first ? first : i;
			last = i;
		}
	}
	for (int i = 1; i <= last; i++) {
		struct program *p = &programs[i];

		if ((p->state != CREATED && p->state != RUNNING) || !is_meant(i, pid, first, last))
			continue;
		hit++;
		if (!is_ignored(sig) || (IS("kill_ignored") && sig == SIGCHLD))
			end(p, is_ignored(sig) ? SIGTERM : sig);
	}
	pthread_mutex_unlock(&lock);
	return hit ? 0 : -ESRCH;
}

int pal_get_local_report(void *targetinfo, int targetinfo_len, void *report, int *report_len)
{
	unsigned char text[448] = { [48] = 1 };
	static unsigned char count;
	bool is_small = !report_len || *report_len < 432;

	if (IS("report_size:negative") && report_len)
		is_small = (size_t)*report_len < 432;
	if (IS("report_size:outputs") && is_small && report_len)
		*report_len = 432;

	if (!is_ready)
		return -EBADFD;
	if (!targetinfo || targetinfo_len != 512 || !report || is_small)
		return -EINVAL;
	if (__atomic_fetch_add(&reporting, 1, __ATOMIC_SEQ_CST) > 0 && IS("report_parallel")) {
		__atomic_fetch_sub(&reporting, 1, __ATOMIC_SEQ_CST);
		return -EBUSY;
	}
	if (IS("report_target"))
		text[320] = count++;
	if (IS("report_target:data"))
		memcpy(text + 320, "what lay on the stack", 21);
	memcpy(text + 416, targetinfo, 16);
	memcpy(report, text, IS("report_size") ? 448 : 432);
	*report_len = 432;
	if (IS("report_parallel"))
		usleep(1000);
	__atomic_fetch_sub(&reporting, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static void misbehave_at_the_end(void)
{
	if (IS("stdio_open:replaced")) {
		int fd = open("/dev/zero", O_RDWR);

		dup2(fd, 0);
		close(fd);
	}
	if (IS("environment:overwritten") && getenv("HOME"))
		memset(getenv("HOME"), 'x', strlen(getenv("HOME")));
	if (IS("signals:flags") || IS("signals:mask")) {
		struct sigaction action;

		sigaction(SIGUSR1, NULL, &action);
		if (IS("signals:flags"))
			action.sa_flags ^= SA_RESETHAND;
		else
			sigfillset(&action.sa_mask);
		sigaction(SIGUSR1, &action, NULL);
	}
}

int pal_destroy(void)
{
	if (!is_ready)
		return -EBADFD;
	if (IS("stdio_open"))
		close(0);
	misbehave_at_the_end();
	pthread_mutex_lock(&lock);
	for (int i = 1; i < COUNT; i++) {
		struct program *p = &programs[i];

		if (p->state == CREATED && IS("destroy_created")) {
			pthread_mutex_unlock(&lock);
			return -EBUSY;
		}
		if (p->state == CREATED)
			release(p);
		if (p->state == RUNNING && !IS("destroy_running"))
			kill(p->process, SIGKILL);
		while (p->state == RUNNING)
			pthread_cond_wait(&changed, &lock);
		p->state = FREE;
	}
	is_ready = false;
	was_ready = true;
	pthread_mutex_unlock(&lock);
	return 0;
}
