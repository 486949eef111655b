// SPDX-License-Identifier: Apache-2.0
/*
 * runelet init: the life of the container.  The main thread decides, in its event loop; the PAL
 * thread loads the library, runs the container's program and ends the enclave, each when it is told.
 * The loop's deadlines keep a PAL that does not return from keeping the container.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rune/runelet/agent.h"
#include "rune/runelet/commands.h"
#include "rune/runelet/load.h"
#include "rune/runelet/options.h"
#include "rune/runelet/signals.h"
#include "rune/runelet/status.h"

/* Milliseconds. */
#define KILLED_WAIT  2000 /* for killed programs to return from pal_exec */
#define DESTROY_WAIT 5000 /* for pal_destroy */
#define FLUSH_WAIT   200  /* for stdio when a program holds the PAL */

enum order { ORDER_RUN, ORDER_DESTROY };

struct container {
	struct loop loop; /* first: expired() gets the loop */
	struct enclave enclave;
	struct agent agent;
	struct process program;
	struct source signals;
	struct load_options load;
	int agent_fd;
	bool is_waiting; /* --wait */
	/* To the PAL thread. */
	sem_t ordered;
	enum order order;
	/* From it. */
	int load_result;
	struct err load_error;

	bool is_loaded;
	bool is_begun; /* the PAL thread has the program */
	bool is_last;  /* the last call into the PAL, or the last flush, is made */
	int exit_code;
};

static _Noreturn void finish(void *arg)
{
	struct container *c = arg;

	agent_end(&c->agent);
	_exit(c->exit_code);
}

/* A PAL that calls exit() in pal_destroy must not change the container's exit code. */
static void on_process_exit(int code, void *arg)
{
	struct container *c = arg;

	(void)code;
	if (!c->is_last)
		return;
	fflush(NULL);
	finish(c);
}

static void *flush_thread(void *arg)
{
	struct container *c = arg;

	fflush(NULL);
	loop_post(&c->loop, finish, c);
	return NULL;
}

static void give_order(struct container *c, enum order order)
{
	c->order = order;
	sem_post(&c->ordered);
}

/* pal_destroy only when nobody is in the PAL: under a program's feet it might crash. */
static void destroy(struct container *c)
{
	bool is_busy = c->agent.working > 0 || (c->is_begun && c->program.phase != PROCESS_ENDED);

	c->is_last = true;
	c->loop.deadline = loop_now() + (is_busy ? FLUSH_WAIT : DESTROY_WAIT);
	if (!is_busy)
		give_order(c, ORDER_DESTROY);
	else if (thread_start(flush_thread, c) < 0)
		finish(c);
}

static void end(struct container *c, int code)
{
	if (c->agent.state == AGENT_STATE_ENDING)
		return;
	c->agent.state = AGENT_STATE_ENDING;
	c->exit_code = code;
	if (c->agent.working == 0) {
		destroy(c);
		return;
	}
	enclave_kill(&c->enclave, -1, SIGKILL);
	c->loop.deadline = loop_now() + KILLED_WAIT;
}

static void on_expired(struct loop *l)
{
	struct container *c = (struct container *)l;

	if (c->is_last)
		finish(c);
	destroy(c);
}

static void on_idle(struct agent *a)
{
	struct container *c = (struct container *)((char *)a - offsetof(struct container, agent));

	if (a->state == AGENT_STATE_ENDING && !c->is_last)
		destroy(c);
}

static struct container *of_program(struct process *p)
{
	return (struct container *)((char *)p - offsetof(struct container, program));
}

static void on_program_started(struct process *p)
{
	agent_started(&of_program(p)->agent, 0, NULL);
}

static void on_program_ended(struct process *p)
{
	struct container *c = of_program(p);

	if (p->result < 0 && !agent_started(&c->agent, p->result, p->error.text))
		status_failed(-1, p->error.text);
	end(c, p->result < 0 ? 1 : p->exit_value);
}

static void start(struct agent *a)
{
	struct container *c = (struct container *)((char *)a - offsetof(struct container, agent));

	a->state = AGENT_STATE_RUNNING;
	c->is_begun = true;
	/* Not before: engines attach to the streams between create and start. */
	if (c->load.notice)
		dprintf(STDERR_FILENO, "%s\n", c->load.notice);
	give_order(c, ORDER_RUN);
}

static void on_loaded(void *arg)
{
	struct container *c = arg;
	int r = c->load_result;

	if (r == 0 && c->agent_fd >= 0) {
		r = agent_begin(&c->agent, c->agent_fd);
		if (r < 0)
			err_set(&c->load_error, r, "--agent-fd: cannot be waited for");
	}
	if (r < 0) {
		status_failed(c->load.status_fd, c->load_error.text);
		_exit(1);
	}
	c->is_loaded = true;
	status_ready(c->load.status_fd);
	if (!c->is_waiting)
		start(&c->agent);
}

/*
 * It lives as long as the process: children that pal_init made keep their parent, see
 * signals_reap().
 */
static void *pal_thread(void *arg)
{
	struct container *c = arg;

	c->load_result = load_pal(&c->load, &c->enclave.pal, &c->load_error);
	loop_post(&c->loop, on_loaded, c);
	for (;;) {
		while (sem_wait(&c->ordered) < 0)
			;
		if (c->order == ORDER_RUN) {
			process_run(&c->program);
			continue;
		}
		runelet_pal_destroy(&c->enclave.pal);
		fflush(NULL);
		loop_post(&c->loop, finish, c);
	}
	return NULL;
}

/*
 * The program gets every signal, as it would from the kernel.  Where no program can be told, the
 * signal does what it would do to a program that does not care.
 */
static void take_signal(struct container *c, int sig)
{
	if (c->is_begun && c->enclave.pal.version >= 2) {
		process_signal(&c->program, sig);
	} else if (signals_terminate(sig) && !c->is_loaded) {
		struct err e;

		err_set(&e, 0, "%s: stopped by signal %d while loading", c->load.path, sig);
		status_failed(c->load.status_fd, e.text);
		_exit(128 + sig);
	} else if (signals_terminate(sig)) {
		end(c, 128 + sig);
	}
}

static void on_signal(struct source *s)
{
	struct container *c = (struct container *)((char *)s - offsetof(struct container, signals));
	int sig = signals_next(s->fd);

	if (sig == SIGCHLD)
		signals_reap();
	else if (sig != 0)
		take_signal(c, sig);
}

static void on_agent_signal(struct agent *a, int sig)
{
	take_signal((struct container *)((char *)a - offsetof(struct container, agent)), sig);
}

static int check_options(const struct container *c, struct err *e)
{
	int is_listening = 0;
	socklen_t size = sizeof(is_listening);

	if (!c->load.path)
		return err_set(e, -EINVAL, "--pal: not given");
	if (c->is_waiting && c->agent_fd < 0)
		return err_set(e, -EINVAL, "--wait: without --agent-fd nobody could start it");
	if (c->agent_fd >= 0 &&
	    (getsockopt(c->agent_fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) < 0 ||
	     !is_listening))
		return err_set(e, -EINVAL, "--agent-fd: not a listening socket");
	return 0;
}

static int parse(struct container *c, int argc, char **argv, struct err *e)
{
	struct name_list hidden = { calloc((size_t)argc + 1, sizeof(char *)), 0 };
	struct name_list added = { calloc((size_t)argc + 1, sizeof(char *)), 0 };
	const struct option_row rows[] = {
		{ "--pal", OPTION_TEXT, &c->load.path },
		{ "--pal-args", OPTION_TEXT, &c->load.args },
		{ "--log-level", OPTION_TEXT, &c->load.log_level },
		{ "--hide-env", OPTION_LIST, &hidden },
		{ "--add-env", OPTION_LIST, &added },
		{ "--agent-fd", OPTION_FD, &c->agent_fd },
		{ "--status-fd", OPTION_FD, &c->load.status_fd },
		{ "--wait", OPTION_FLAG, &c->is_waiting },
		{ "--notice", OPTION_TEXT, &c->load.notice },
		{ NULL, OPTION_FLAG, NULL },
	};
	int r = hidden.names && added.names ? options_parse(argv, rows, e) : -ENOMEM;

	if (r >= 0) {
		c->program.argv = argv + r;
		c->program.env = options_environment(&hidden, &added);
		r = check_options(c, e);
	}
	free(hidden.names);
	free(added.names);
	if (r == -ENOMEM || (r == 0 && !c->program.env))
		return err_set(e, -ENOMEM, "out of memory");
	return r;
}

static int begin(struct container *c, struct err *e)
{
	sigset_t taken;
	int r;

	/* A PAL may start processes.  Kernels without the flag have no SGX driver either. */
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	r = loop_init(&c->loop, e);
	if (r < 0)
		return r;
	signals_taken(&taken);
	c->signals = (struct source){ .fd = signals_take(&taken), .ready = on_signal };
	if (c->signals.fd < 0 || loop_add(&c->loop, &c->signals) < 0)
		return err_set(e, -EMFILE, "signalfd: not available");
	r = thread_start(pal_thread, c);
	if (r < 0)
		return err_set(e, r, "no thread for the PAL library");
	return 0;
}

int cmd_init(int argc, char **argv)
{
	static struct container c = {
		.loop = { .expired = on_expired },
		.load = { .args = "", .log_level = "", .status_fd = -1 },
		.agent_fd = -1,
		.enclave = { .kills = -1 },
		.agent = { .start = start,
		           .signal = on_agent_signal,
		           .idle = on_idle,
		           .state = AGENT_STATE_CREATED },
		.program = { .stdio = { 0, 1, 2 },
		             .started = on_program_started,
		             .ended = on_program_ended },
	};
	struct err e;
	int r;

	c.enclave.loop = &c.loop;
	c.agent.enclave = &c.enclave;
	c.program.enclave = &c.enclave;
	sem_init(&c.ordered, 0, 0);
	on_exit(on_process_exit, &c);
	r = parse(&c, argc, argv, &e);
	if (r >= 0)
		r = begin(&c, &e);
	if (r < 0) {
		status_failed(c.load.status_fd, e.text);
		return 1;
	}
	loop_run(&c.loop);
}
