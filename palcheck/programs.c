// SPDX-License-Identifier: Apache-2.0
/* One program and several: what reaches them, and what comes back. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "palcheck/check.h"

void check_exit_code(struct subject *s)
{
	static char *const codes[] = { "0", "1", "7", "127", "128", "143", "255" };
	char text[16];

	subject_start(s);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		int value = run_and_read(s, command(s, "exit", codes[i], NULL), NULL, NULL, 0, text,
		                         sizeof(text));

		CLAIM(value == atoi(codes[i]), "`exit %s` has the exit value %d", codes[i], value);
	}
	subject_destroy(s);
}

static void claim_echo(struct subject *s, char **argv, const char *want)
{
	char text[65536];
	int value = run_and_read(s, argv, NULL, NULL, 0, text, sizeof(text));

	CLAIM(value == 0, "echo ends with %d", value);
	CLAIM(strcmp(text, want) == 0, "wanted \"%.100s\", arrived \"%.100s\"", want, text);
}

void check_argv(struct subject *s)
{
	static char large[20001], want[20002];

	subject_start(s);
	claim_echo(s, command(s, "echo", NULL), "\n");
	claim_echo(s, command(s, "echo", "one", "two", NULL), "one two\n");
	claim_echo(s, command(s, "echo", "one  two", "", " three ", NULL), "one  two   three \n");
	claim_echo(s, command(s, "echo", "a\tb", "c\nd", "\"e\" 'f' \\ $g `h` *", "\xc3\xbc", NULL),
	           "a\tb c\nd \"e\" 'f' \\ $g `h` * \xc3\xbc\n");
	memset(large, 'x', sizeof(large) - 1);
	memset(want, 'x', sizeof(want) - 2);
	want[sizeof(want) - 2] = '\n';
	claim_echo(s, command(s, "echo", large, NULL), want);
	subject_destroy(s);
}

/* Is this a whole line of the text? */
static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at++) {
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	}
	return false;
}

static bool is_one_of(char *const *list, const char *text)
{
	while (*list && strcmp(*list, text) != 0)
		list++;
	return *list;
}

/* What a shell that is the program sets by itself. */
static bool is_a_shells(const char *variable)
{
	return strncmp(variable, "PWD=", 4) == 0 || strncmp(variable, "SHLVL=", 6) == 0 ||
	       strncmp(variable, "_=", 2) == 0;
}

void check_env(struct subject *s)
{
	static char *const env[] = { "TRICKY=a b=c  d", "EMPTY=", "PATH=/nowhere", NULL };
	char text[65536], *host;
	int value;

	setenv("PALCHECK_OF_THE_HOST", "1", 1);
	subject_start(s);
	value = run_and_read(s, command(s, "env", NULL), env, NULL, 0, text, sizeof(text));
	CLAIM(value == 0, "env ends with %d", value);
	for (size_t i = 0; env[i]; i++)
		CLAIM(has_line(text, env[i]), "%s is missing", env[i]);
	for (char **v = environ; (host = *v); v++)
		CLAIM(!has_line(text, host) || is_one_of(env, host) || is_a_shells(host),
		      "a variable of the host's arrived: %s", host);
	value = run_and_read(s, command(s, "exit", "3", NULL), env + 3, NULL, 0, text,
	                     sizeof(text));
	CLAIM(value == 3, "with an empty environment `exit 3` ends with %d", value);
	subject_destroy(s);
}

void check_copied(struct subject *s)
{
	char word[] = "before", variable[] = "V=before", text[65536];
	char *env[] = { variable, NULL }, **argv = command(s, "echo", word, NULL);
	int out = memory_file(NULL, 0);
	struct job echo = { .s = s, .argv = argv, .env = env, .in = 0, .out = out, .err = 2 };
	struct job show = {
		.s = s, .argv = command(s, "env", NULL), .env = env, .in = 0, .out = out, .err = 2
	};
	ssize_t n;

	subject_start(s);
	job_create(&echo);
	job_create(&show);
	strcpy(word, "after!");
	strcpy(variable, "V=after!");
	env[0] = NULL;
	argv[0] = NULL;
	job_execute(&echo);
	job_execute(&show);
	n = pread(out, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	CLAIM(has_line(text, "before"),
	      "an argument that changed after pal_create_process arrived");
	CLAIM(has_line(text, "V=before"),
	      "a variable that changed after pal_create_process arrived");
	subject_destroy(s);
}

void check_stdin(struct subject *s)
{
	enum { SIZE = 300000 };
	static char sent[SIZE], arrived[SIZE + 2];
	unsigned int seed = 1;
	int value;

	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (char)(seed = seed * 1103515245 + 12345) >> 3;
	subject_start(s);
	value = run_and_read(s, command(s, "cat", NULL), NULL, sent, SIZE, arrived,
	                     sizeof(arrived));
	CLAIM(value == 0, "cat ends with %d", value);
	CLAIM(arrived[SIZE] == '\0' && memcmp(sent, arrived, SIZE) == 0,
	      "%d bytes that were copied by cat are others", SIZE);
	value = run_and_read(s, command(s, "cat", NULL), NULL, NULL, 0, arrived, sizeof(arrived));
	CLAIM(value == 0 && arrived[0] == '\0', "cat of an empty stream ends with %d", value);
	subject_destroy(s);
}

static int at_number(int fd, int number)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, number);

	CLAIM(moved >= number, "no descriptor above %d: %s", number, strerror(errno));
	close(fd);
	return moved;
}

void check_stdio(struct subject *s)
{
	int in = at_number(memory_file("through\n", 8), 200),
	    out = at_number(memory_file(NULL, 0), 100), err = at_number(memory_file(NULL, 0), 101);
	struct job job = {
		.s = s, .argv = command(s, "cat", NULL), .in = in, .out = out, .err = err
	};
	off_t printed;
	char text[16] = "", warning[16] = "";

	subject_start(s);
	printed = lseek(1, 0, SEEK_END);
	job_run(&job);
	job.argv = command(s, "warn", "aside", NULL);
	job_run(&job);
	CLAIM(pread(out, text, sizeof(text) - 1, 0) == 8 && strcmp(text, "through\n") == 0,
	      "descriptors 200 and 100 carried \"%s\"", text);
	CLAIM(pread(err, warning, sizeof(warning) - 1, 0) == 6 && strcmp(warning, "aside\n") == 0,
	      "descriptor 101, for standard error, carried \"%s\"", warning);
	CLAIM(lseek(1, 0, SEEK_END) == printed, "something went to the host's own output");
	subject_destroy(s);
}

void check_stdio_duplicated(struct subject *s)
{
	int in = memory_file("through\n", 8), out = memory_file(NULL, 0), kept = dup(out);
	struct job job = {
		.s = s, .argv = command(s, "cat", NULL), .in = in, .out = out, .err = 2
	};
	char text[16] = "";

	subject_start(s);
	job_create(&job);
	close(in);
	close(out);
	job_execute(&job);
	CLAIM(pread(kept, text, sizeof(text) - 1, 0) == 8 && strcmp(text, "through\n") == 0,
	      "with the caller's descriptors closed, \"%s\" arrived", text);
	subject_destroy(s);
}

static void claim_same_file(int fd, const struct stat *before)
{
	struct stat now;

	CLAIM(fstat(fd, &now) == 0, "descriptor %d was closed", fd);
	CLAIM(now.st_dev == before->st_dev && now.st_ino == before->st_ino,
	      "descriptor %d is another file now", fd);
}

void check_stdio_open(struct subject *s)
{
	int in = memory_file(NULL, 0), out = memory_file(NULL, 0);
	struct job job = {
		.s = s, .argv = command(s, "cat", NULL), .in = in, .out = out, .err = 2
	};
	struct stat before[3];

	for (int fd = 0; fd <= 2; fd++)
		CLAIM(fstat(fd, &before[fd]) == 0, "descriptor %d: %s", fd, strerror(errno));
	subject_start(s);
	job_run(&job);
	job.in = 0;
	job.out = 1;
	job_run(&job);
	subject_destroy(s);
	CLAIM(fcntl(in, F_GETFD) >= 0 && fcntl(out, F_GETFD) >= 0, "a descriptor was closed");
	for (int fd = 0; fd <= 2; fd++)
		claim_same_file(fd, &before[fd]);
}

/* A chain of cats that was started at its end: each waits for one that is started later. */
void check_parallel(struct subject *s)
{
	enum { COUNT = 4 };
	struct job jobs[COUNT];
	int out = memory_file(NULL, 0), ends[2] = { -1, out };
	char text[16] = "";

	subject_start(s);
	for (int i = 0; i < COUNT; i++) {
		int before = ends[1];
		bool is_last = i == COUNT - 1;

		CLAIM(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
		jobs[i] = (struct job){ .s = s,
			                .argv = command(s, is_last ? "echo" : "cat",
			                                is_last ? "passed on" : NULL, NULL),
			                .in = ends[0],
			                .out = before,
			                .err = 2 };
		job_start(&jobs[i]);
	}
	for (int i = COUNT - 1; i >= 0; i--) {
		job_join(&jobs[i]);
		if (jobs[i].out != out)
			close(jobs[i].out);
		CLAIM(jobs[i].value == 0, "program %d of %d ends with %d", i, COUNT, jobs[i].value);
	}
	CLAIM(pread(out, text, sizeof(text) - 1, 0) == 10 && strcmp(text, "passed on\n") == 0,
	      "through %d programs arrived \"%s\"", COUNT, text);
	subject_destroy(s);
}

void check_broken_pipe(struct subject *s)
{
	static char input[1 << 20];
	int ends[2], in = memory_file(input, sizeof(input));
	struct job job = { .s = s, .argv = command(s, "cat", NULL), .in = in, .err = 2 };
	char text[16];
	int value;

	signal(SIGPIPE, SIG_DFL);
	subject_start(s);
	CLAIM(pipe(ends) == 0, "no pipe");
	close(ends[0]);
	job.out = ends[1];
	job_run(&job);
	CLAIM(job.value == 128 + SIGPIPE,
	      "a cat that could not write has the exit value %d, not that of SIGPIPE, %d",
	      job.value, 128 + SIGPIPE);
	value = run_and_read(s, command(s, "exit", "5", NULL), NULL, NULL, 0, text, sizeof(text));
	CLAIM(value == 5, "afterwards `exit 5` ends with %d", value);
	subject_destroy(s);
}

void check_pids(struct subject *s)
{
	struct job jobs[3];

	subject_start(s);
	for (int i = 0; i < 3; i++) {
		jobs[i] = (struct job){
			.s = s, .argv = command(s, "exit", "0", NULL), .in = 0, .out = 1, .err = 2
		};
		job_create(&jobs[i]);
		for (int j = 0; j < i; j++)
			CLAIM(jobs[i].pid != jobs[j].pid, "two programs have the number %d",
			      jobs[i].pid);
	}
	/* In no particular order. */
	job_execute(&jobs[1]);
	job_execute(&jobs[2]);
	job_execute(&jobs[0]);
	subject_destroy(s);
}

/* One program in two pal_exec at once; it ends when its input does. */
struct twice {
	struct subject *s;
	int pid, r[2], value[2];
};

static void *first_exec(void *arg)
{
	struct twice *t = arg;
	struct pal_exec_args args = { .pid = t->pid, .exit_value = &t->value[0] };

	t->r[0] = returned(t->s->exec(&args), "pal_exec");
	return NULL;
}

static void *second_exec(void *arg)
{
	struct twice *t = arg;
	struct pal_exec_args args = { .pid = t->pid, .exit_value = &t->value[1] };

	t->r[1] = returned(t->s->exec(&args), "pal_exec");
	return NULL;
}

static void claim_not_twice(struct subject *s)
{
	int ends[2], out = memory_file(NULL, 0);
	struct job job = { .s = s, .argv = command(s, "cat", NULL), .out = out, .err = 2 };
	struct twice twice = { .s = s, .value = { 77, 77 } };
	pthread_t thread[2];

	CLAIM(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
	job.in = ends[0];
	job_create(&job);
	twice.pid = job.pid;
	CLAIM(pthread_create(&thread[0], NULL, first_exec, &twice) == 0 &&
	              pthread_create(&thread[1], NULL, second_exec, &twice) == 0,
	      "no thread");
	pause_ms(100);
	close(ends[1]);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	CLAIM((twice.r[0] == 0) + (twice.r[1] == 0) == 1,
	      "of two pal_exec of one program at once, %d returned 0",
	      (twice.r[0] == 0) + (twice.r[1] == 0));
	for (int i = 0; i < 2; i++)
		CLAIM(twice.value[i] == (twice.r[i] == 0 ? 0 : 77),
		      "of two pal_exec of one program, one that returned %d wrote %d", twice.r[i],
		      twice.value[i]);
	close(ends[0]);
	close(out);
}

void check_exec_once(struct subject *s)
{
	struct job job = {
		.s = s, .argv = command(s, "exit", "4", NULL), .in = 0, .out = 1, .err = 2
	};
	int value = 77;
	struct pal_exec_args args = { .exit_value = &value };

	subject_start(s);
	job_run(&job);
	CLAIM(job.value == 4, "`exit 4` ends with %d", job.value);
	args.pid = job.pid;
	refused(s->exec(&args), "pal_exec of a program that has ended");
	for (int odd = -1; odd <= 0; odd++) {
		args.pid = odd;
		refused(s->exec(&args), "pal_exec of a program numbered 0 or less");
	}
	args.pid = job.pid + 1000;
	refused(s->exec(&args), "pal_exec of a program that never was");
	CLAIM(value == 77, "a pal_exec that was refused wrote an exit value");
	claim_not_twice(s);
	subject_destroy(s);
}
