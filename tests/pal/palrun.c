// SPDX-License-Identifier: Apache-2.0
/*
 * palrun: load a PAL library and drive it.
 *
 *	palrun run|jobs|cycle|order|report|adopt|kill [-a ARGS] [-l LEVEL] [-n COUNT]
 *	       [-s SIGNAL [-p PID] [-t MS]] LIBRARY [PROGRAM [ARGUMENT]...]
 *
 * run     one program; the exit code is its exit value
 * jobs    COUNT of it at once; prints their exit values in a line
 * cycle   COUNT times load, init, run, destroy, unload; then claims that nothing has piled up
 * others  scenarios, which claim by themselves
 * With -s a second thread sends the signal MS milliseconds after the programs' start.
 * 99: pal_init failed; 98: a claim was false; 97: usage.
 */
#include "tests/pal/palrun.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 64

struct pal pal;
struct options options = { .args = "debug", .count = 1, .pid = -1, .after = 200 };
static void *library;

void claim_failed(const char *claim, const char *file, int line)
{
	fprintf(stderr, "palrun: %s:%d: not so: %s\n", file, line, claim);
	_exit(98);
}

static void load(const char *path)
{
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "palrun: %s\n", dlerror());
		exit(97);
	}
	pal.get_version = dlsym(library, "pal_get_version");
	pal.version = pal.get_version ? pal.get_version() : 1;
	pal.init = dlsym(library, "pal_init");
	pal.exec = dlsym(library, "pal_exec");
	pal.exec_v1 = dlsym(library, "pal_exec");
	pal.create_process = dlsym(library, "pal_create_process");
	pal.kill = dlsym(library, "pal_kill");
	pal.get_local_report = dlsym(library, "pal_get_local_report");
	pal.destroy = dlsym(library, "pal_destroy");
}

static void pause_ms(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static atomic_int programs_created;

int run_program(char **argv)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 };
	int pid, value = -1, r;

	if (pal.version == 1) {
		r = pal.exec_v1(argv[0], argv, &stdio, &value);
	} else {
		struct pal_create_process_args create = { argv[0], argv, environ, &stdio, &pid };
		struct pal_exec_args exec = { .exit_value = &value };

		r = pal.create_process(&create);
		if (r < 0)
			return r;
		atomic_fetch_add(&programs_created, 1);
		exec.pid = pid;
		r = pal.exec(&exec);
	}
	return r < 0 ? r : value;
}

void init_or_exit(void)
{
	struct pal_attr_v3 attr = { options.args, options.level, -1, 0 };
	int r = pal.init(&attr);

	if (r < 0)
		_exit(99);
}

/* A signal to all of them is for those that are there: wait until they are. */
static void *send_later(void *arg)
{
	while (atomic_load(&programs_created) < *(int *)arg)
		pause_ms(1);
	pause_ms(options.after);
	CLAIM(pal.kill(options.pid, options.sig) == 0);
	return arg;
}

static void *job(void *arg)
{
	*(int *)arg = run_program(options.argv);
	return NULL;
}

static int run_jobs(int *value, int count)
{
	pthread_t thread[JOBS_MAX], sender;

	CLAIM(count <= JOBS_MAX);
	for (int i = 0; i < count; i++)
		CLAIM(pthread_create(&thread[i], NULL, job, &value[i]) == 0);
	if (options.sig)
		CLAIM(pthread_create(&sender, NULL, send_later, &count) == 0);
	for (int i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	if (options.sig)
		pthread_join(sender, NULL);
	return 0;
}

static int command_run(void)
{
	int value;

	init_or_exit();
	run_jobs(&value, 1);
	CLAIM(pal.destroy() == 0);
	if (value < 0)
		fprintf(stderr, "palrun: error %d\n", value);
	return value & 0xff;
}

static int command_jobs(void)
{
	int value[JOBS_MAX];

	init_or_exit();
	run_jobs(value, options.count);
	CLAIM(pal.destroy() == 0);
	for (int i = 0; i < options.count; i++)
		printf("%s%d", i ? " " : "", value[i]);
	putchar('\n');
	return 0;
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static int count_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int c, count = 0;

	while ((c = getc(maps)) != EOF)
		count += c == '\n';
	fclose(maps);
	return count;
}

static int command_cycle(const char *path)
{
	int fds = 0, tasks = 0, maps = 0;

	for (int i = 0; i < options.count; i++) {
		if (i > 0)
			load(path);
		init_or_exit();
		CLAIM(run_program(options.argv) == 0);
		CLAIM(pal.destroy() == 0);
		dlclose(library);
		/* The first rounds may bring in what stays: libcrypto, stdio, malloc's arenas. */
		if (i == 4) {
			fds = count_entries("/proc/self/fd");
			tasks = count_entries("/proc/self/task");
			maps = count_maps();
		}
	}
	CLAIM(count_entries("/proc/self/fd") == fds);
	CLAIM(count_entries("/proc/self/task") == tasks);
	CLAIM(count_maps() <= maps + 1);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "palrun: see tests/pal/palrun.c\n");
	return 97;
}

static int command(const char *name, const char *path)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} table[] = {
		{ "run", command_run },      { "jobs", command_jobs },
		{ "order", scenario_order }, { "report", scenario_report },
		{ "adopt", scenario_adopt }, { "kill", scenario_kill },
	};

	load(path);
	if (strcmp(name, "cycle") == 0)
		return command_cycle(path);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, name) == 0)
			return table[i].run();
	}
	return usage();
}

int main(int argc, char **argv)
{
	static char *greet[] = { (char *)"skeleton", NULL };
	const char *name = argv[1];
	int c;

	if (argc < 3)
		return usage();
	optind = 2;
	while ((c = getopt(argc, argv, "+a:l:n:s:p:t:")) != -1) {
		switch (c) {
		case 'a': options.args = optarg; break;
		case 'l': options.level = optarg; break;
		case 'n': options.count = atoi(optarg); break;
		case 's': options.sig = atoi(optarg); break;
		case 'p': options.pid = atoi(optarg); break;
		case 't': options.after = atoi(optarg); break;
		default: return usage();
		}
	}
	if (optind >= argc)
		return usage();
	options.argv = optind + 1 < argc ? argv + optind + 1 : greet;
	return command(name, argv[optind]);
}
