// SPDX-License-Identifier: Apache-2.0
/* What palrun claims of a library by itself, call by call: order, kill, report. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sgx/report.h"
#include "tests/pal/palrun.h"

static int create(char **argv)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 };
	int pid = 0;
	struct pal_create_process_args args = { argv[0], argv, environ, &stdio, &pid };
	int r = pal.create_process(&args);

	return r < 0 ? r : pid;
}

static int execute(int pid)
{
	int value = -1;
	struct pal_exec_args args = { pid, &value };
	int r = pal.exec(&args);

	return r < 0 ? r : value;
}

static int init(void)
{
	struct pal_attr_v3 attr = { options.args, NULL, -1, 0 };

	return pal.init(&attr);
}

static void claim_nothing_works(void)
{
	struct sgx_targetinfo target = { 0 };
	struct sgx_report report;
	int size = sizeof(report);

	CLAIM(run_program(options.argv) == -EBADFD);
	CLAIM(pal.destroy() == -EBADFD);
	if (pal.version >= 2) {
		CLAIM(execute(1) == -EBADFD);
		CLAIM(pal.kill(-1, SIGTERM) == -EBADFD);
	}
	if (pal.version >= 3)
		CLAIM(pal.get_local_report(&target, sizeof(target), &report, &size) == -EBADFD);
}

static void claim_null_v1(void)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 };
	char *none[] = { NULL };
	int value;

	CLAIM(pal.exec_v1(NULL, options.argv, &stdio, &value) == -EINVAL);
	CLAIM(pal.exec_v1(options.argv[0], NULL, &stdio, &value) == -EINVAL);
	CLAIM(pal.exec_v1(options.argv[0], none, &stdio, &value) == -EINVAL);
	CLAIM(pal.exec_v1(options.argv[0], options.argv, NULL, &value) == -EINVAL);
	CLAIM(pal.exec_v1(options.argv[0], options.argv, &stdio, NULL) == -EINVAL);
}

static void claim_null(void)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 }, closed = { 0, 1000, 2 };
	int pid = 77;
	struct pal_create_process_args good = { options.argv[0], options.argv, NULL, &stdio, &pid };
	struct pal_create_process_args args = good;
	struct pal_exec_args no_value = { 1, NULL };

	CLAIM(pal.create_process(NULL) == -EINVAL);
	args.path = NULL;
	CLAIM(pal.create_process(&args) == -EINVAL);
	args = good;
	args.argv = NULL;
	CLAIM(pal.create_process(&args) == -EINVAL);
	args = good;
	args.stdio = NULL;
	CLAIM(pal.create_process(&args) == -EINVAL);
	args = good;
	args.pid = NULL;
	CLAIM(pal.create_process(&args) == -EINVAL);
	args = good;
	args.stdio = &closed;
	CLAIM(pal.create_process(&args) == -EBADF);
	CLAIM(pid == 77);
	CLAIM(pal.exec(NULL) == -EINVAL);
	CLAIM(pal.exec(&no_value) == -EINVAL);
	/* No environment at all is an empty one. */
	CLAIM(pal.create_process(&good) == 0 && pid == 1);
	CLAIM(execute(pid) == 0);
}

static void claim_order_of_programs(void)
{
	int first = create(options.argv), second = create(options.argv);

	CLAIM(first == 2 && second == 3);
	CLAIM(execute(second + 1) == -ESRCH);
	CLAIM(execute(0) == -ESRCH && execute(-1) == -ESRCH);
	CLAIM(execute(second) == 0);
	CLAIM(execute(second) == -ESRCH);
	CLAIM(execute(first) == 0);
	/* Never executed: pal_destroy takes it along. */
	CLAIM(create(options.argv) == 4);
}

int scenario_order(void)
{
	claim_nothing_works();
	CLAIM(pal.init(NULL) == -EINVAL);
	CLAIM(init() == 0);
	CLAIM(init() == -EALREADY);
	if (pal.version == 1) {
		claim_null_v1();
	} else {
		claim_null();
		claim_order_of_programs();
	}
	CLAIM(run_program(options.argv) == 0);
	CLAIM(pal.destroy() == 0);
	claim_nothing_works();
	CLAIM(init() == 0);
	/* Programs are numbered from 1 again. */
	if (pal.version >= 2)
		CLAIM(create(options.argv) == 1);
	CLAIM(pal.destroy() == 0);
	return 0;
}

static void *exec_thread(void *arg)
{
	int *io = arg;

	*io = execute(*io);
	return NULL;
}

static void pause_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static pthread_t start(int *pid_then_value)
{
	pthread_t thread;

	CLAIM(pthread_create(&thread, NULL, exec_thread, pid_then_value) == 0);
	pause_ms(50);
	return thread;
}

/* Each of two spinning programs is hit alone; then what is ignored, what is refused. */
static void claim_aim(char **spin)
{
	int a = create(spin), b = create(spin), c = create(spin), hold = c;
	int pid_a = a, pid_b = b;
	pthread_t thread_b = start(&b), thread_a = start(&a);

	CLAIM(pal.kill(pid_a, 0) == 0 && pal.kill(0, 0) == 0);
	CLAIM(pal.kill(pid_a, SIGCHLD) == 0 && pal.kill(-1, SIGWINCH) == 0 &&
	      pal.kill(pid_a, SIGSTOP) == 0 && pal.kill(pid_a, SIGCONT) == 0);
	CLAIM(pal.kill(SIGTERM, -1) == -EINVAL && pal.kill(-1, 65) == -EINVAL);
	CLAIM(pal.kill(-2, SIGTERM) == -EINVAL);
	CLAIM(pal.kill(99, SIGTERM) == -ESRCH);
	CLAIM(execute(pid_a) == -EINVAL);
	/* Killed before its start, it never starts. */
	CLAIM(pal.kill(hold, SIGINT) == 0 && execute(hold) == 128 + SIGINT);
	/* 0 is the one that was started first. */
	CLAIM(pal.kill(0, SIGUSR1) == 0);
	pthread_join(thread_b, NULL);
	CLAIM(b == 128 + SIGUSR1);
	CLAIM(pal.kill(0, SIGTERM) == -ESRCH && pal.kill(pid_b, 0) == -ESRCH);
	CLAIM(pal.kill(pid_a, SIGTERM) == 0);
	pthread_join(thread_a, NULL);
	CLAIM(a == 128 + SIGTERM);
	CLAIM(pal.kill(-1, SIGTERM) == -ESRCH);
}

/* A host that has all signals blocked, as one with a signalfd does, and its own handlers. */
static void claim_blocked(char **spin)
{
	sigset_t all, old, before, after;
	pthread_t thread;
	int value = create(spin);

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	thread = start(&value);
	CLAIM(pal.kill(-1, SIGTERM) == 0);
	pthread_join(thread, NULL);
	CLAIM(value == 128 + SIGTERM);
	CLAIM(execute(create(options.argv)) == 0);
	pthread_sigmask(SIG_SETMASK, &old, &after);
	for (int sig = 1; sig < SIGRTMAX; sig++)
		CLAIM(sigismember(&after, sig) == sigismember(&before, sig));
}

static volatile sig_atomic_t traps;

static void on_trap(int sig)
{
	(void)sig;
	traps++;
}

/* Signals that are not the enclave's go where they went before. */
static void claim_passed_on(void)
{
	signal(SIGTRAP, on_trap);
	CLAIM(init() == 0);
	raise(SIGTRAP);
	CLAIM(traps == 1);
	CLAIM(pal.destroy() == 0);
	raise(SIGTRAP);
	CLAIM(traps == 2);
	signal(SIGTRAP, SIG_IGN);
	CLAIM(init() == 0);
	raise(SIGTRAP);
	CLAIM(pal.destroy() == 0);
	signal(SIGTRAP, SIG_DFL);
}

/* Init too works where everything is blocked, and leaves it so. */
static void claim_init_blocked(void)
{
	sigset_t all, old, before, after;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	CLAIM(init() == 0);
	CLAIM(pal.destroy() == 0);
	pthread_sigmask(SIG_SETMASK, &old, &after);
	CLAIM(memcmp(&before, &after, sizeof(after)) == 0);
}

int scenario_kill(void)
{
	static char spin_name[] = "x", spin_applet[] = "spin";
	char *spin[] = { spin_name, spin_applet, NULL };
	struct sigaction before[65] = { 0 }, after = { 0 };
	int value;
	pthread_t thread;

	for (int sig = 1; sig <= 64; sig++)
		sigaction(sig, NULL, &before[sig]);
	claim_passed_on();
	claim_init_blocked();
	CLAIM(init() == 0);
	claim_aim(spin);
	claim_blocked(spin);
	/* A thread that was ended in the enclave serves the next program. */
	for (int i = 0; i < 20; i++) {
		value = create(spin);
		thread = start(&value);
		CLAIM(pal.kill(-1, SIGKILL) == 0);
		pthread_join(thread, NULL);
		CLAIM(value == 128 + SIGKILL);
	}
	CLAIM(execute(create(options.argv)) == 0);
	/* pal_destroy ends what runs. */
	value = create(spin);
	thread = start(&value);
	CLAIM(pal.destroy() == 0);
	pthread_join(thread, NULL);
	CLAIM(value == 128 + SIGKILL);
	for (int sig = 1; sig <= 64; sig++) {
		after = (struct sigaction){ 0 };
		sigaction(sig, NULL, &after);
		CLAIM(before[sig].sa_handler == after.sa_handler);
	}
	return 0;
}

static void *report_thread(void *arg)
{
	struct sgx_targetinfo target = { 0 };
	struct sgx_report report;

	for (int i = 0; i < 50; i++) {
		int size = sizeof(report);

		CLAIM(pal.get_local_report(&target, sizeof(target), &report, &size) == 0);
	}
	return arg;
}

int scenario_report(void)
{
	struct sgx_targetinfo target = { 0 };
	struct {
		struct sgx_targetinfo target;
		uint8_t data[SGX_REPORTDATA_SIZE];
	} with_data = { 0 };
	struct sgx_report report[2], again;
	int size = sizeof(report);
	pthread_t thread[4];

	CLAIM(init() == 0);
	memset(report, 0xa5, sizeof(report));
	CLAIM(pal.get_local_report(&target, 512, &report, &size) == 0);
	CLAIM(size == 432);
	CLAIM(report[0].attributes.flags & SGX_ATTR_INIT);
	/* No byte behind the report. */
	for (size_t i = 0; i < sizeof(report[1]); i++)
		CLAIM(((unsigned char *)&report[1])[i] == 0xa5);
	target.measurement[0] = 1;
	CLAIM(pal.get_local_report(&target, 512, &again, &size) == 0);
	CLAIM(memcmp(&again, &report[0], SGX_REPORT_MACED) == 0);
	CLAIM(memcmp(&again, &report[0], sizeof(again)) != 0);
	memcpy(with_data.data, "sixty-four bytes of the caller's", 32);
	with_data.data[63] = 0x7f;
	CLAIM(pal.get_local_report(&with_data, 576, &again, &size) == 0);
	CLAIM(memcmp(again.reportdata, with_data.data, sizeof(with_data.data)) == 0);
	CLAIM(memcmp(again.mrenclave, report[0].mrenclave, sizeof(again.mrenclave)) == 0);
	CLAIM(pal.get_local_report(NULL, 512, &again, &size) == -EINVAL);
	CLAIM(pal.get_local_report(&with_data, 575, &again, &size) == -EINVAL);
	CLAIM(pal.get_local_report(&with_data, 577, &again, &size) == -EINVAL);
	CLAIM(pal.get_local_report(&target, 511, &again, &size) == -EINVAL);
	CLAIM(pal.get_local_report(&target, 513, &again, &size) == -EINVAL);
	CLAIM(pal.get_local_report(&target, 512, NULL, &size) == -EINVAL);
	CLAIM(pal.get_local_report(&target, 512, &again, NULL) == -EINVAL);
	size = 431;
	CLAIM(pal.get_local_report(&target, 512, &again, &size) == -EINVAL && size == 431);
	for (int i = 0; i < 4; i++)
		CLAIM(pthread_create(&thread[i], NULL, report_thread, NULL) == 0);
	CLAIM(run_program(options.argv) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	CLAIM(pal.destroy() == 0);
	return 0;
}
