// SPDX-License-Identifier: Apache-2.0
/*
 * Programs and their threads.  A thread that runs a program touches only its own struct process and
 * tells the main loop by posts.  See process.h.
 */
#include "rune/runelet/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"

#define STACK_SIZE (8 * 1024 * 1024) /* what a main thread would have, whatever RLIMIT_STACK says */

struct kill_request {
	int pid;
	int sig;
};

int thread_start(void *(*f)(void *arg), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	r = pthread_create(&thread, &attr, f, arg);
	pthread_attr_destroy(&attr);
	return -r;
}

static void *kill_thread(void *arg)
{
	struct enclave *enc = ((void **)arg)[0];
	int from = (int)(intptr_t)((void **)arg)[1];
	struct kill_request k;

	while (io_read_exact(from, &k, sizeof(k)) == 0)
		runelet_pal_kill(&enc->pal, k.pid, k.sig);
	return NULL;
}

static int kill_thread_start(struct enclave *enc)
{
	static void *arg[2];
	int ends[2];
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	arg[0] = enc;
	arg[1] = (void *)(intptr_t)ends[0];
	r = thread_start(kill_thread, arg);
	if (r < 0) {
		close(ends[0]);
		close(ends[1]);
		return r;
	}
	enc->kills = ends[1];
	return 0;
}

/* Thousands may wait; more are dropped, as the kernel drops a signal that is pending already. */
void enclave_kill(struct enclave *enc, pid_t pid, int sig)
{
	struct kill_request k = { pid, sig };

	if (enc->pal.version < 2)
		return;
	if (enc->kills < 0 && kill_thread_start(enc) < 0)
		return;
	if (write(enc->kills, &k, sizeof(k)) < 0)
		return;
}

static void on_started(void *arg)
{
	struct process *p = arg;

	p->phase = PROCESS_RUNNING;
	for (int sig = 1; sig <= 64; sig++) {
		if (p->pending & UINT64_C(1) << (sig - 1))
			enclave_kill(p->enclave, p->pid, sig);
	}
	p->started(p);
}

static void on_ended(void *arg)
{
	struct process *p = arg;

	p->phase = PROCESS_ENDED;
	p->ended(p);
}

static void failed(struct process *p, const char *call, int r)
{
	p->result = err_set(&p->error, r, "%s: %s: %s", call, p->argv[0], strerror(-r));
}

static void run_v1(struct process *p)
{
	int r;

	loop_post(p->enclave->loop, on_started, p);
	r = runelet_pal_exec_v1(&p->enclave->pal, p->argv, &p->stdio, &p->exit_value);
	if (r < 0)
		failed(p, "pal_exec", r);
}

static void run(struct process *p)
{
	struct pal_create_process_args args = { .path = p->argv[0],
		                                .argv = p->argv,
		                                .env = p->env,
		                                .stdio = &p->stdio,
		                                .pid = &p->pid };
	int r = runelet_pal_create_process(&p->enclave->pal, &args);

	if (r < 0) {
		failed(p, "pal_create_process", r);
		return;
	}
	loop_post(p->enclave->loop, on_started, p);
	r = runelet_pal_exec(&p->enclave->pal, p->pid, &p->exit_value);
	if (r < 0)
		failed(p, "pal_exec", r);
}

void process_run(struct process *p)
{
	if (p->enclave->pal.version < 2)
		run_v1(p);
	else
		run(p);
	/* What is no exit value must not pass for success when cut to eight bits. */
	if (p->exit_value < 0 || p->exit_value > 255)
		p->exit_value = 255;
	loop_post(p->enclave->loop, on_ended, p);
}

void process_signal(struct process *p, int sig)
{
	if (p->phase == PROCESS_STARTING)
		p->pending |= UINT64_C(1) << (sig - 1);
	else if (p->phase == PROCESS_RUNNING)
		enclave_kill(p->enclave, p->pid, sig);
}
