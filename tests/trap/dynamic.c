// SPDX-License-Identifier: Apache-2.0
/*
 * A running enclave that changes: pages that faults add, permissions and types that the host
 * changes, and what the enclave has to accept before it is so.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/tcs.h"
#include "tests/trap/change.h"
#include "tests/trap/harness.h"

#define EPC_SIZE 0x80000 /* main's 512K */

static void restricts(void)
{
	enclave_make(&e);
	poke(PAGE_STACK, 7);
	CHECK_EQUAL(restrict_to(PAGE_STACK, 1, SGX_SECINFO_R), 0);
	CHECK_EQUAL(result, 0);
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | RW | SGX_SECINFO_PR),
	            SGX_PAGE_ATTRIBUTES_MISMATCH);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR), 0);
	refused(PAGE_TCS2, OP_POKE, PAGE_STACK, PF_WRITE);
	CHECK_EQUAL(peek(PAGE_STACK), 7);
	CHECK_EQUAL(sgx2(SGX_EMODPE, PAGE_STACK, SGX_SECINFO_REG | RW), SGX_EMODPE);
	poke(PAGE_STACK, 8);
	CHECK_EQUAL(peek(PAGE_STACK), 8);
	/* What a page does not have it does not get. */
	CHECK_EQUAL(restrict_to(PAGE_RODATA, 1, SGX_SECINFO_RWX), 0);
	CHECK_EQUAL(accept_page(PAGE_RODATA, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR), 0);
}

static void trims_and_removes(void)
{
	enclave_make(&e);
	poke(PAGE_STACK, 7);
	CHECK_EQUAL(remove_pages(PAGE_STACK, 1), EPERM); /* not trimmed */
	CHECK_EQUAL(modify(PAGE_STACK, 1, SGX_PT_TRIM), 0);
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(remove_pages(PAGE_STACK, 1), EPERM); /* not accepted */
	refused(PAGE_TCS2, OP_PEEK, PAGE_STACK, PF_READ);
	CHECK_EQUAL(accept_page(PAGE_STACK, TRIMMED), 0);
	refused(PAGE_TCS2, OP_POKE | OP_NESTED, PAGE_STACK, PF_WRITE);
	CHECK_EQUAL(remove_pages(PAGE_STACK, 2), EFAULT); /* and a hole */
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(remove_pages(PAGE_STACK, 1), EFAULT);
	/* A fresh page comes to where it was. */
	CHECK_EQUAL(accept_page(PAGE_STACK, NEW_PAGE), 0);
	CHECK_EQUAL(peek(PAGE_STACK), 0);
}

static void faults_add_pages(void)
{
	enclave_make(&e);
	map(PAGE_HOLE, 3, PROT_READ | PROT_WRITE | PROT_EXEC);
	refused(PAGE_TCS2, OP_PEEK, PAGE_HOLE, PF_READ);
	enter_by(SGX_EENTER, PAGE_TCS2, OP_POKE | OP_NESTED, page(PAGE_HOLE + 1), 1);
	check_refused(PAGE_HOLE + 1, PF_WRITE);
	CHECK_EQUAL(accept_page(PAGE_HOLE + 1, SGX_SECINFO_REG | SGX_SECINFO_PENDING),
	            SGX_PAGE_ATTRIBUTES_MISMATCH);
	CHECK_EQUAL(accept_page(PAGE_HOLE + 1, NEW_PAGE), 0);
	/* The access that was refused is still to be done. */
	enter_by(SGX_ERESUME, PAGE_TCS2, 0, 0, 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(peek(PAGE_HOLE + 1), 1);
	CHECK_EQUAL(accept_page(PAGE_HOLE + 2, NEW_PAGE), 0); /* by EACCEPT itself */
	poke(PAGE_HOLE + 2, 9);
	CHECK_EQUAL(peek(PAGE_HOLE + 2), 9);
}

static void copies(void)
{
	enclave_make(&e);
	poke(PAGE_DATA, 0x1234);
	CHECK_EQUAL(sgx2(SGX_EACCEPTCOPY, PAGE_HOLE, SGX_SECINFO_REG | SGX_SECINFO_R), 0);
	CHECK_EQUAL(peek(PAGE_HOLE), 0x1234);
	map(PAGE_HOLE, 1, PROT_READ | PROT_WRITE);
	refused(PAGE_TCS2, OP_POKE, PAGE_HOLE, PF_WRITE);
}

/* What the mapping does not allow is an ordinary fault, and adds nothing. */
static void mapping_comes_first(void)
{
	enclave_make(&e);
	map(PAGE_HOLE, 1, PROT_READ);
	enter(PAGE_TCS2, OP_POKE, page(PAGE_HOLE), 1);
	CHECK_EQUAL(run.exception_error_code, PF_U | PF_W);
	CHECK_EQUAL(modify(PAGE_HOLE, 1, SGX_PT_TRIM), EFAULT);
	CHECK_EQUAL(result, 0); /* no page, so no leaf */
	/* A page that a fault adds may be mapped as anything. */
	refused(PAGE_TCS2, OP_PEEK | OP_NESTED, PAGE_HOLE, PF_READ);
	map(PAGE_HOLE, 1, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void makes_tcs(void)
{
	struct sgx_tcs *tcs;

	enclave_make(&e);
	/* The host can write it because software SGX protects nothing. */
	tcs = (struct sgx_tcs *)page(PAGE_STACK);
	tcs->ossa = (PAGE_SSA + 2) * SGX_PAGE_SIZE;
	tcs->nssa = 1;
	tcs->oentry = PAGE_CODE * SGX_PAGE_SIZE;
	tcs->fslimit = UINT32_MAX;
	tcs->gslimit = UINT32_MAX;
	CHECK_EQUAL(modify(PAGE_STACK, 1, SGX_PT_TCS), 0);
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(accept_page(PAGE_STACK, NEW_TCS), 0);
	CHECK_EQUAL(enter(PAGE_STACK, OP_EXIT, 0, 77), 77);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	refused(PAGE_TCS2, OP_PEEK, PAGE_STACK, PF_READ);
	/* From now on it is mapped as a TCS is. */
	errno = 0;
	CHECK_EQUAL(mprotect(tcs, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC), -1);
	CHECK_EQUAL(errno, EACCES);
	CHECK_EQUAL(modify(PAGE_STACK, 1, SGX_PT_TRIM), 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, TRIMMED), 0);
	CHECK_EQUAL(remove_pages(PAGE_STACK, 1), 0);
}

static volatile uint64_t spin[2];
static volatile sig_atomic_t bus_signals;

static void *spinner(void *unused)
{
	struct sgx_enclave_run mine = { 0 };

	(void)unused;
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS2, OP_SPIN, (uintptr_t)spin, 0, SGX_EENTER, &mine), 0);
	CHECK_EQUAL(mine.function, SGX_EEXIT);
	return NULL;
}

static void on_bus(int sig)
{
	(void)sig;
	bus_signals++;
}

static void wait_for_more(void)
{
	uint64_t was = spin[0];

	while (spin[0] == was)
		usleep(100);
}

static void threads_leave(void)
{
	pthread_t thread;

	enclave_make(&e);
	NEED(signal(SIGBUS, on_bus) != SIG_ERR);
	NEED(pthread_create(&thread, NULL, spinner, NULL) == 0);
	for (unsigned int i = 0; i < 50; i++) {
		wait_for_more();
		CHECK_EQUAL(restrict_to(PAGE_STACK, 1, RW), 0);
		CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | RW | SGX_SECINFO_PR), 0);
	}
	wait_for_more();
	spin[1] = 1;
	CHECK_EQUAL(pthread_join(thread, NULL), 0);
	CHECK_EQUAL(bus_signals, 0);
	raise(SIGBUS);
	CHECK_EQUAL(bus_signals, 1);
}

/* What the child's page tables have allowed before must not count. */
static void processes_follow(void)
{
	int to_child[2], to_parent[2], status;
	pid_t pid;
	char go;

	enclave_make(&e);
	poke(PAGE_STACK, 1);
	NEED(pipe(to_child) == 0 && pipe(to_parent) == 0);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0) {
		poke(PAGE_STACK, 2);
		NEED(write(to_parent[1], "", 1) == 1);
		NEED(read(to_child[0], &go, 1) == 1);
		refused(PAGE_TCS2, OP_POKE, PAGE_STACK, PF_WRITE);
		CHECK_EQUAL(peek(PAGE_STACK), 2);
		_exit(0);
	}
	NEED(read(to_parent[0], &go, 1) == 1);
	CHECK_EQUAL(peek(PAGE_STACK), 2);
	CHECK_EQUAL(restrict_to(PAGE_STACK, 1, SGX_SECINFO_R), 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR), 0);
	NEED(write(to_child[1], "", 1) == 1);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQUAL(status, 0);
	refused(PAGE_TCS2, OP_POKE | OP_NESTED, PAGE_STACK, PF_WRITE);
}

static void memory_comes_back(void)
{
	enclave_make(&e);
	for (unsigned int i = 0; i < 200; i++) {
		CHECK_EQUAL(accept_page(PAGE_HOLE, NEW_PAGE), 0);
		CHECK_EQUAL(peek(PAGE_HOLE), 0);
		poke(PAGE_HOLE, i + 1);
		CHECK_EQUAL(modify(PAGE_HOLE, 1, SGX_PT_TRIM), 0);
		CHECK_EQUAL(accept_page(PAGE_HOLE, TRIMMED), 0);
		CHECK_EQUAL(remove_pages(PAGE_HOLE, 1), 0);
	}
}

/* A running enclave of so many bytes, of which only the first PAGES pages are there and mapped. */
static void make_larger(size_t size)
{
	uint8_t *at = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(at != MAP_FAILED);
	enclave_reserve(&e);
	e.base = (void *)(((uintptr_t)at + size - 1) & ~(size - 1));
	e.size = size;
	e.secs.baseaddr = (uintptr_t)e.base;
	e.secs.size = size;
	enclave_open_node(&e);
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	enclave_init(&e);
	enclave_map(&e);
}

/* Twice what CPUID says there is: main's SWSGX_EPC_SIZE. */
static void larger_than_the_epc(void)
{
	const unsigned int pages = 2 * EPC_SIZE / SGX_PAGE_SIZE, end = PAGES + pages;

	make_larger(4 * EPC_SIZE);
	map(PAGES, pages, PROT_READ | PROT_WRITE);
	for (unsigned int n = PAGES; n < end; n++) {
		CHECK_EQUAL(accept_page(n, NEW_PAGE), 0);
		poke(n, n ^ UINT64_C(0x5a5a000000000000));
	}
	for (unsigned int n = PAGES; n < end; n++)
		CHECK_EQUAL(peek(n), n ^ UINT64_C(0x5a5a000000000000));
}

static const struct test tests[] = {
	{ "RESTRICT takes permissions, EACCEPT agrees, EMODPE gives them back", restricts, 0 },
	{ "a page goes by trim, EACCEPT and REMOVE, in that order", trims_and_removes, 0 },
	{ "an access to a hole adds a pending page, which EACCEPT settles", faults_add_pages, 0 },
	{ "EACCEPTCOPY fills the page that it adds", copies, 0 },
	{ "what the mapping forbids adds no page", mapping_comes_first, 0 },
	{ "a page becomes a TCS, is entered, and goes", makes_tcs, 0 },
	{ "threads inside are made to leave, and the program sees nothing of it", threads_leave,
	  0 },
	{ "a process that shares the enclave is held to the change, too", processes_follow, 0 },
	{ "an enclave twice as large as the EPC keeps what is in its pages", larger_than_the_epc,
	  60 },
	{ "a page comes and goes two hundred times, empty each time", memory_comes_back, 0 },
};

int main(int argc, char **argv)
{
	setenv("SWSGX_EPC_SIZE", "512K", 1);
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
