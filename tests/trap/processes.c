// SPDX-License-Identifier: Apache-2.0
/*
 * An enclave that several processes share, changed by one of them: the threads of all of them leave it,
 * and those that were killed in it are not waited for.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/trap/change.h"
#include "tests/trap/harness.h"

struct shared {
	volatile uint64_t spin[2]; /* how often round, and whether to end */
	volatile uint64_t signals; /* that the other process has seen */
};

static struct shared *shared;

static void on_bus(int sig)
{
	(void)sig;
	shared->signals++;
}

static void share(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	NEED(shared != MAP_FAILED);
}

static void spin_in_child(void)
{
	enter(PAGE_TCS2, OP_SPIN, (uintptr_t)shared->spin, 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

/* parent: as the child knows it. */
static pid_t start_of(pid_t parent, void (*f)(void))
{
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		/* A test that fails leaves nobody spinning. */
		NEED(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent);
		NEED(signal(SIGBUS, on_bus) != SIG_ERR);
		f();
		_exit(0);
	}
	return pid;
}

static pid_t start(void (*f)(void))
{
	return start_of(getpid(), f);
}

static void ends_well(pid_t pid)
{
	int status;

	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
}

static void wait_for_more(void)
{
	uint64_t was = shared->spin[0];

	while (shared->spin[0] == was)
		usleep(100);
}

static void change_and_accept(void)
{
	CHECK_EQUAL(restrict_to(PAGE_STACK, 1, RW), 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | RW | SGX_SECINFO_PR), 0);
}

static void parent_changes(void)
{
	pid_t pid;

	share();
	enclave_make(&e);
	pid = start(spin_in_child);
	for (unsigned int i = 0; i < 20; i++) {
		wait_for_more();
		change_and_accept();
	}
	wait_for_more();
	shared->spin[1] = 1;
	ends_well(pid);
	CHECK_EQUAL(shared->signals, 0);
}

static void do_nothing(void)
{
}

/* More than the list of them has room for. */
static void many_come_and_go(void)
{
	pid_t pid;

	share();
	enclave_make(&e);
	for (unsigned int i = 0; i < 300; i++)
		ends_well(start(do_nothing));
	pid = start(spin_in_child);
	wait_for_more();
	change_and_accept();
	shared->spin[1] = 1;
	ends_well(pid);
}

/* A stopped process cannot leave, so the change is not done; it leaves when it goes on. */
static void stopped_inside(void)
{
	int status;
	pid_t pid;

	share();
	enclave_make(&e);
	pid = start(spin_in_child);
	wait_for_more();
	NEED(kill(pid, SIGSTOP) == 0 && waitpid(pid, &status, WUNTRACED) == pid);
	CHECK_EQUAL(restrict_to(PAGE_STACK, 1, RW), EFAULT);
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | RW | SGX_SECINFO_PR),
	            SGX_NOT_TRACKED);
	NEED(kill(pid, SIGCONT) == 0);
	change_and_accept();
	shared->spin[1] = 1;
	ends_well(pid);
}

static void change_in_child(void)
{
	for (unsigned int i = 0; i < 20; i++)
		change_and_accept();
	shared->spin[1] = 1;
}

static void child_changes(void)
{
	pid_t pid;

	share();
	enclave_make(&e);
	pid = start(change_in_child);
	enter(PAGE_TCS2, OP_SPIN, (uintptr_t)shared->spin, 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	ends_well(pid);
}

static void killed_inside(void)
{
	int status;
	pid_t pid;

	share();
	enclave_make(&e);
	pid = start(spin_in_child);
	wait_for_more();
	NEED(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
	for (unsigned int i = 0; i < 3; i++)
		change_and_accept();
}

/* By the trap and then without one, as far as it can be without. */
static void visit_and_spin(void)
{
	for (unsigned int i = 0; i < 3; i++)
		enter(PAGE_TCS2, OP_EXIT, 0, i);
	spin_in_child();
}

static void is_busy(void)
{
	enter(PAGE_TCS2, OP_EXIT, 0, 5);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_GP);
}

static void is_free(uint64_t value)
{
	CHECK_EQUAL(enter(PAGE_TCS2, OP_EXIT, 0, value), value);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

/* Dead, whether its parent has waited for it or not. */
static void killed_in_a_tcs(void)
{
	void (*const how[])(void) = { spin_in_child, visit_and_spin };

	share();
	enclave_make(&e);
	for (uint64_t i = 0; i < 4; i++) {
		pid_t pid = start(how[i % 2]);
		siginfo_t info;

		wait_for_more();
		is_busy();
		NEED(kill(pid, SIGKILL) == 0 &&
		     waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
		if (i < 2) {
			is_free(i);
			NEED(waitpid(pid, NULL, 0) == pid);
		} else {
			NEED(waitpid(pid, NULL, 0) == pid);
			is_free(i);
		}
		is_free(i);
	}
}

/* What is said of it here is no number of this process's namespace. */
static void alive_in_another_namespace(void)
{
	pid_t pid;

	share();
	enclave_make(&e);
	if (unshare(CLONE_NEWPID) < 0)
		test_skip("no PID namespace may be made");
	pid = start_of(0, visit_and_spin);
	wait_for_more();
	is_busy();
	shared->spin[1] = 1;
	ends_well(pid);
	is_free(1);
}

/* Without the library nothing would stand between the signal and its end. */
static void execute_in_child(void)
{
	char *const argv[] = { "sleep", "100", NULL }, *const envp[] = { NULL };

	shared->spin[0] = 1;
	/* Past libc's name, which would keep software SGX. */
	syscall(SYS_execve, "/bin/sleep", argv, envp);
}

/* It counts as inside for ever, as far as the enclave's file tells. */
static void spin_and_execute(void)
{
	pid_t pid = start(execute_in_child), spinner = start(spin_in_child);
	int status;

	while (shared->spin[0] < 2)
		usleep(100);
	NEED(kill(spinner, SIGKILL) == 0 && waitpid(spinner, &status, 0) == spinner);
	usleep(50000);
	change_and_accept();
	CHECK_EQUAL(waitpid(pid, &status, WNOHANG), 0); /* still asleep */
	NEED(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
}

static void other_programs_are_left_alone(void)
{
	share();
	enclave_make(&e);
	spin_and_execute();
}

static const struct test tests[] = {
	{ "a child's thread leaves when its parent changes a page, and sees nothing",
	  parent_changes, 0 },
	{ "a parent's thread leaves when its child does", child_changes, 0 },
	{ "it does so after any number of processes that came and went", many_come_and_go, 60 },
	{ "while it is stopped inside, requests are EFAULT and EACCEPT is not tracked",
	  stopped_inside, 60 },
	{ "a process that was killed inside is not waited for", killed_inside, 0 },
	{ "a TCS in which a process was killed is free, and one in which it is alive is not",
	  killed_in_a_tcs, 0 },
	{ "nor is it when the process is in another PID namespace", alive_in_another_namespace, 0 },
	{ "a process that has become another program gets no signal", other_programs_are_left_alone,
	  0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
