// SPDX-License-Identifier: Apache-2.0
/* The PAL's life: none, starting, ready, ending, none.  See runtime.h. */
#include "pal/runtime.h"

#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "pal/aex.h"
#include "pal/args.h"
#include "pal/debugger.h"
#include "pal/log.h"
#include "pal/own.h"

struct runtime runtime = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
	.encl = ENCL_NONE,
};

static int build(const struct args *args, struct encl *ret, struct err *e)
{
	_cleanup_(encl_files_release) struct encl_files files = { 0 };
	const struct driver *driver;
	int fd, r = encl_files_load(&files, e);

	if (r < 0)
		return r;
	r = driver_open(&driver, &fd, e);
	if (r < 0)
		return r;
	return encl_build(&files, args->is_debug, driver, fd, ret, e);
}

/* Returns whether there is an enclave to take over; an error then is *ret_error. */
static bool adopt(int fd, uint64_t addr, struct encl *ret, int *ret_error, struct err *e)
{
	if (fd < 0 || addr == 0)
		return false;
	*ret_error = encl_adopt(fd, addr, ret, e);
	if (*ret_error != -ENOENT)
		return true;
	log_line(LOG_DEBUG, "no enclave is handed over: %s", e->text);
	return false;
}

static int call_alone(struct encl *encl, struct ecall *call)
{
	struct aex_thread signals;
	int r;

	aex_enter(&signals);
	r = encl_ecall(encl, &encl->thread[0], call);
	aex_leave(&signals);
	return r;
}

int runtime_call(struct encl *encl, uint64_t number, void *arg)
{
	struct ecall call = { .number = (enum encl_ecall)number, .arg = arg };

	return call_alone(encl, &call);
}

/* An enclave that somebody else has initialised has had this ecall. */
static int ecall_init(struct encl *encl, bool is_adopted, struct err *e)
{
	struct ecall call = { .number = ENCL_ECALL_INIT };
	int r = call_alone(encl, &call);

	if (r == 0 || (is_adopted && r == -EALREADY))
		return 0;
	if (call.fault.happened)
		return err_set(e, r, "encl.bin: exception %u at %#llx while the enclave started",
		               call.fault.vector, (unsigned long long)call.fault.addr);
	return err_set(e, r, "encl.bin: the enclave did not start: %s", strerror(-r));
}

static int prepare(struct encl *encl, bool is_adopted, struct err *e)
{
	int r = aex_install(encl);

	if (r < 0)
		return err_set(e, r, "no free real-time signal");
	r = ecall_init(encl, is_adopted, e);
	if (r == 0)
		r = own_start(encl, e);
	if (r < 0)
		aex_restore();
	return r;
}

/* ret stays where it is: signal handlers get to know it. */
static int start(const struct args *args, int fd, uint64_t addr, struct encl *ret, struct err *e)
{
	int r = 0;
	bool is_adopted = adopt(fd, addr, ret, &r, e);

	if (!is_adopted)
		r = build(args, ret, e);
	if (r < 0)
		return r;
	encl_loaded(ret);
	r = prepare(ret, is_adopted, e);
	if (r < 0) {
		encl_unloaded(ret);
		encl_release(ret);
		return r;
	}
	log_line(LOG_DEBUG, "enclave of %u threads, %s, %s driver, entered by %s",
	         ret->thread_count, is_adopted ? "handed over" : "built", ret->driver->name,
	         ret->enter ? "the vDSO" : "ENCLU");
	return 0;
}

static int begin(void)
{
	int r = -EALREADY;

	pthread_mutex_lock(&runtime.lock);
	if (runtime.state == RUNTIME_NONE) {
		runtime.state = RUNTIME_STARTING;
		r = 0;
	}
	pthread_mutex_unlock(&runtime.lock);
	return r;
}

static void set_state(enum runtime_state state)
{
	pthread_mutex_lock(&runtime.lock);
	runtime.state = state;
	pthread_mutex_unlock(&runtime.lock);
}

int runtime_init(const char *args_text, const char *log_level, int fd, uint64_t addr)
{
	enum log_level level;
	struct args args;
	struct err e;
	int r = begin();

	if (r < 0)
		return r;
	log_level_set(LOG_WARNING);
	r = log_level_parse(log_level, &level, &e);
	if (r == 0) {
		log_level_set(level);
		r = args_parse(args_text, &args, &e);
	}
	if (r == 0)
		r = start(&args, fd, addr, &runtime.encl, &e);
	if (r < 0)
		log_line(LOG_FATAL, "%s", e.text);
	set_state(r < 0 ? RUNTIME_NONE : RUNTIME_READY);
	return r;
}

int runtime_use(void)
{
	int r = -EBADFD;

	pthread_mutex_lock(&runtime.lock);
	if (runtime.state == RUNTIME_READY) {
		runtime.users++;
		r = 0;
	}
	pthread_mutex_unlock(&runtime.lock);
	return r;
}

void runtime_unuse(void)
{
	pthread_mutex_lock(&runtime.lock);
	runtime.users--;
	pthread_cond_broadcast(&runtime.changed);
	pthread_mutex_unlock(&runtime.lock);
}

static void free_created(void)
{
	struct process *next;

	for (struct process *p = runtime.table.first; p; p = next) {
		next = p->next;
		if (p->state == PROCESS_CREATED) {
			process_remove(&runtime.table, p);
			process_free(p);
		}
	}
}

int runtime_destroy(void)
{
	pthread_mutex_lock(&runtime.lock);
	if (runtime.state != RUNTIME_READY) {
		pthread_mutex_unlock(&runtime.lock);
		return -EBADFD;
	}
	runtime.state = RUNTIME_ENDING;
	free_created();
	runtime_end_programs(-1, SIGKILL, -1);
	while (runtime.users > 0)
		pthread_cond_wait(&runtime.changed, &runtime.lock);
	pthread_mutex_unlock(&runtime.lock);
	/* Nobody is inside, and in this state nobody comes. */
	aex_restore();
	encl_unloaded(&runtime.encl);
	encl_release(&runtime.encl);
	pthread_mutex_lock(&runtime.lock);
	runtime.table = (struct process_table){ 0 };
	runtime.state = RUNTIME_NONE;
	pthread_mutex_unlock(&runtime.lock);
	return 0;
}
