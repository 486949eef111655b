// SPDX-License-Identifier: Apache-2.0
/*
 * fork, while the library stands between the program and its signals: neither parent nor child waits
 * for ever, and what a child sets is its own.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/trap/harness.h"
#include "tests/trap/interrupt.h"

#define FORKS 1000

static pthread_t allocating;

static void nothing(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)info;
	(void)uc;
}

static void ends_well(pid_t pid)
{
	int status;

	NEED(pid > 0);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
}

static void *allocate(void *unused)
{
	void *p[64];

	for (;;) {
		for (size_t i = 0; i < 64; i++)
			p[i] = malloc(i * 37 + 1);
		for (size_t i = 0; i < 64; i++)
			free(p[i]);
	}
	return unused;
}

static void *interrupt(void *unused)
{
	for (;;) {
		pthread_kill(allocating, SIGUSR1);
		usleep(20);
	}
	return unused;
}

static void forks_beside_malloc(void)
{
	pthread_t thread;

	enclave_make(&e);
	catch_with(SIGUSR1, nothing, SA_RESTART);
	NEED(pthread_create(&allocating, NULL, allocate, NULL) == 0);
	NEED(pthread_create(&thread, NULL, interrupt, NULL) == 0);
	for (unsigned int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		ends_well(pid);
	}
}

static const struct test tests[] = {
	{ "fork goes on when a signal interrupts another thread's malloc", forks_beside_malloc,
	  60 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
