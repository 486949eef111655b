// SPDX-License-Identifier: Apache-2.0
/* A program that has given up its right to the platform's keys, as daemons do, before its first enclave. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define NOBODY   65534
#define KEY_SIZE 16

static struct test_enclave e; /* signed, not opened */
static uint8_t *keys;         /* shared; room for two */

static void find_key(uint8_t *ret)
{
	struct sgx_enclave_run run = { .tcs = 0 };

	enclave_open_node(&e);
	enclave_create(&e);
	enclave_add(&e);
	enclave_init(&e);
	enclave_map(&e);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_KEY, (uintptr_t)ret, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
}

static void find_key_in_child(void)
{
	int status;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		find_key(keys);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
}

static void platform_path(const char *state, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%s/platform", state);
}

/* Root becomes another; whoever is not root closes the folder to himself. */
static void give_up(const char *state)
{
	char path[PATH_MAX];

	platform_path(state, path);
	if (getuid() == 0)
		NEED(setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		     setresuid(NOBODY, NOBODY, NOBODY) == 0);
	else
		NEED(chmod(state, 0) == 0);
	NEED(access(path, R_OK) < 0);
}

static void keeps_its_platform(void)
{
	const char *state = getenv("SWSGX_STATE");

	NEED(state != NULL);
	keys = mmap(NULL, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(keys != MAP_FAILED);
	enclave_reserve(&e);
	enclave_sign(&e);
	find_key_in_child();
	give_up(state);
	find_key(keys + KEY_SIZE);
	if (getuid() != NOBODY)
		NEED(chmod(state, 0700) == 0);
	CHECK(memcmp(keys, keys + KEY_SIZE, KEY_SIZE) == 0);
	CHECK(memcmp(keys, keys + 2 * KEY_SIZE, KEY_SIZE) != 0);
}

static const struct test tests[] = {
	{ "a program that cannot read the platform's keys any more has the platform it began with",
	  keeps_its_platform, 0 },
};

/* The first enclave of a new platform makes its keys; then the program begins once more. */
static void begin_with_keys(char **argv)
{
	const char *state = getenv("SWSGX_STATE");
	char path[PATH_MAX];

	if (state == NULL)
		return; /* not under swsgx yet */
	platform_path(state, path);
	if (access(path, F_OK) == 0 || open(SGX_DEV_ENCLAVE, O_RDWR) < 0)
		return;
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	begin_with_keys(argv);
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
