// SPDX-License-Identifier: Apache-2.0
/* Programs from pal_create_process to their exit value. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "pal/aex.h"
#include "pal/log.h"
#include "pal/ocall.h"
#include "pal/runtime.h"

int runtime_create_process(const char *path, char *const *argv, char *const *env,
                           const struct pal_stdio_fds *stdio, int *ret_pid)
{
	_cleanup_(process_freep) struct process *p = NULL;
	int r;

	if (!path || !argv || !stdio || !ret_pid)
		return -EINVAL;
	r = process_new(argv, env, stdio, &p);
	if (r < 0)
		return r;
	pthread_mutex_lock(&runtime.lock);
	if (runtime.state == RUNTIME_READY) {
		process_add(&runtime.table, p);
		*ret_pid = take_ptr(p)->pid;
	} else {
		r = -EBADFD;
	}
	pthread_mutex_unlock(&runtime.lock);
	return r;
}

/* What a program dies of that does not handle it. */
static int signal_of(unsigned int vector)
{
	switch (vector) {
	case 0:  /* #DE */
	case 16: /* #MF */
	case 19: /* #XM */ return SIGFPE;
	case 1: /* #DB */
	case 3: /* #BP */ return SIGTRAP;
	case 6: /* #UD */ return SIGILL;
	case 17: /* #AC */ return SIGBUS;
	default: return SIGSEGV;
	}
}

static int exit_by_exception(const struct process *p, unsigned int vector,
                             const struct ecall_fault *fault)
{
	if (fault->happened)
		log_line(LOG_ERROR,
		         "pid %d: exception %u in the enclave, error code %#x, address %#llx",
		         p->pid, vector, fault->error_code, (unsigned long long)fault->addr);
	else
		log_line(LOG_ERROR, "pid %d: exception %u in the enclave", p->pid, vector);
	return 128 + signal_of(vector);
}

static void on_noticed(void *context)
{
	struct ocall_server *s = context;

	pthread_mutex_lock(&runtime.lock);
	s->process->has_noticed = true;
	pthread_cond_broadcast(&runtime.changed);
	pthread_mutex_unlock(&runtime.lock);
}

static int exit_value(const struct process *p, const struct encl_main *args,
                      const struct ocall_server *s, const struct ecall *call)
{
	int sig = s->pipe_sig ? s->pipe_sig : p->sig;

	switch (args->end) {
	case ENCL_END_EXIT: return (int)(args->value & 0xff);
	case ENCL_END_EXCEPTION:
		return exit_by_exception(p, (unsigned int)args->value, &call->fault);
	default: break;
	}
	/* Some faults leave no trace in the enclave's own frame, only outside. */
	if (call->fault.happened && sig == 0)
		return exit_by_exception(p, call->fault.vector, &call->fault);
	return 128 + (sig ? sig : SIGKILL);
}

static int run_main(struct ocall_server *s, int *ret_value)
{
	struct process *p = s->process;
	struct encl_main args = {
		.argc = p->argc,
		.envc = p->envc,
		.strings = (uint64_t)p->strings,
		.strings_size = p->strings_size,
		.ocall_area = (uint64_t)s->area,
		.ocall_area_size = ENCL_OCALL_AREA,
		.end = ENCL_END_KILLED,
	};
	struct ecall call = {
		.number = ENCL_ECALL_MAIN,
		.arg = &args,
		.ocall = ocall_serve,
		.noticed = on_noticed,
		.context = s,
	};
	int r = encl_ecall(&runtime.encl, s->thread, &call);

	if (r < 0 && call.fault.happened) {
		*ret_value = exit_by_exception(p, call.fault.vector, &call.fault);
		log_line(LOG_ERROR, "pid %d: the enclave could not end it, a thread of it is lost",
		         p->pid);
		return 0;
	}
	if (r < 0) {
		log_line(LOG_ERROR, "pid %d: the enclave does not run it: %s", p->pid,
		         strerror(-r));
		return r;
	}
	*ret_value = exit_value(p, &args, s, &call);
	return 0;
}

/* Nothing is sent to this thread any more; the program gives its thread of the enclave back. */
static void leave(struct process *p)
{
	pthread_mutex_lock(&runtime.lock);
	p->state = PROCESS_LEAVING;
	pthread_cond_broadcast(&runtime.changed);
	pthread_mutex_unlock(&runtime.lock);
}

static int run(struct process *p, int *ret_value)
{
	_cleanup_(freep) uint8_t *area = malloc(ENCL_OCALL_AREA);
	struct ocall_server server = { .process = p, .area = area };
	struct aex_thread thread;
	int r;

	if (!area) {
		leave(p);
		return -ENOMEM;
	}
	aex_enter(&thread);
	r = runtime_thread_get(p, &server.thread);
	if (r == 0 && server.thread) {
		r = run_main(&server, ret_value);
		runtime_thread_put(p, server.thread);
	} else if (r == 0) {
		*ret_value = 128 + p->sig;
	}
	leave(p);
	aex_leave(&thread);
	return r;
}

static int claim(int pid, struct process **ret)
{
	struct process *p;
	int r = 0;

	pthread_mutex_lock(&runtime.lock);
	p = process_find(&runtime.table, pid);
	if (runtime.state != RUNTIME_READY)
		r = -EBADFD;
	else if (!p)
		r = -ESRCH;
	else if (p->state != PROCESS_CREATED)
		r = -EINVAL;
	if (r == 0) {
		p->state = PROCESS_RUNNING;
		p->tid = gettid();
		runtime.users++;
		if (!runtime.table.main_pid)
			runtime.table.main_pid = pid;
		*ret = p;
	}
	pthread_mutex_unlock(&runtime.lock);
	return r;
}

int runtime_exec(int pid, int *ret_exit_value)
{
	struct process *p;
	int value = 0, r;

	if (!ret_exit_value)
		return -EINVAL;
	r = claim(pid, &p);
	if (r < 0)
		return r;
	r = run(p, &value);
	pthread_mutex_lock(&runtime.lock);
	process_remove(&runtime.table, p);
	process_free(p);
	runtime.users--;
	pthread_cond_broadcast(&runtime.changed);
	pthread_mutex_unlock(&runtime.lock);
	if (r == 0)
		*ret_exit_value = value;
	return r;
}
