// SPDX-License-Identifier: Apache-2.0
/* SGX2 of /dev/isgx: what its five requests refuse and how, and what they do to a running enclave. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/tcs.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/harness.h"
#include "tests/trap/isgx.h"

#define NOWHERE  ((void *)0x1000)
#define RW       (SGX_SECINFO_R | SGX_SECINFO_W)
#define CODE     (SGX_SECINFO_R | SGX_SECINFO_X)
#define NEW_PAGE (SGX_SECINFO_REG | SGX_SECINFO_PENDING | RW)
#define TRIMMED  ((uint64_t)SGX_PT_TRIM << SGX_SECINFO_PT_SHIFT | SGX_SECINFO_MODIFIED)

static struct test_enclave e;

#define CHECK_ERRNO(call, wanted)           \
	do {                                \
		errno = 0;                  \
		CHECK_EQUAL(call, -1);      \
		CHECK_EQUAL(errno, wanted); \
	} while (0)

static uint64_t address(unsigned int page)
{
	return (uintptr_t)e.base + page * SGX_PAGE_SIZE;
}

static int modify(uint64_t start, uint32_t pages, uint64_t flags)
{
	struct isgx_modify arg = { .range = { .start = start, .nr_pages = pages }, .flags = flags };

	return ioctl(e.fd, ISGX_IOC_EMODPR, &arg);
}

static int range(unsigned int request, uint64_t start, uint32_t pages)
{
	struct isgx_range arg = { .start = start, .nr_pages = pages };

	return ioctl(e.fd, request, &arg);
}

static int remove_page(uint64_t at)
{
	return ioctl(e.fd, ISGX_IOC_PAGE_REMOVE, &at);
}

static uint64_t accept_page(unsigned int page, uint64_t flags)
{
	return isgx_enter(&e, OP_SGX2, address(page) | SGX_EACCEPT, flags);
}

/* The requests that take a range and nothing else; EMODPR's checks of the range are theirs. */
static const unsigned int changes[] = { ISGX_IOC_MKTCS, ISGX_IOC_TRIM };

static void refuse_arguments(void)
{
	isgx_make(&e);
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, SGX_SECINFO_W), EINVAL);
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, SGX_SECINFO_R | 8), EINVAL);
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, SGX_SECINFO_REG), EINVAL);
	CHECK_ERRNO(modify(address(PAGE_STACK) + 1, 1, RW), EINVAL);
	CHECK_ERRNO(modify(address(PAGE_STACK), 0, RW), EINVAL);
	for (unsigned int i = 0; i < 2; i++) {
		CHECK_ERRNO(range(changes[i], address(PAGE_STACK) + 1, 1), EINVAL);
		CHECK_ERRNO(range(changes[i], address(PAGE_STACK), 0), EINVAL);
		CHECK_ERRNO(range(changes[i], (uintptr_t)&e & ~0xfffULL, 1), EINVAL);
		CHECK_ERRNO(range(changes[i], address(PAGES - 1), 2), EINVAL);
		CHECK_ERRNO(range(changes[i], address(0), UINT32_MAX), EINVAL);
		CHECK_ERRNO(range(changes[i], address(PAGE_HOLE), 1), EFAULT);
		CHECK_ERRNO(ioctl(e.fd, changes[i], NOWHERE), EFAULT);
	}
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, (uintptr_t)&e, 1), EINVAL);
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGE_HOLE), 1), EINVAL);
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGE_STACK), 1), EINVAL); /* no TRIM */
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGES - 1), 2), EINVAL);
	CHECK_EQUAL(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGE_STACK) + 5, 0), 0);
	CHECK_ERRNO(remove_page(address(PAGE_HOLE)), EINVAL);
	CHECK_ERRNO(remove_page(address(PAGE_STACK) + 8), EINVAL);
	CHECK_ERRNO(remove_page(0x1000), EINVAL);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_EMODPR, NOWHERE), EFAULT);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_NOTIFY_ACCEPT, NOWHERE), EFAULT);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_PAGE_REMOVE, NOWHERE), EFAULT);
	CHECK_EQUAL(isgx_enter(&e, OP_EXIT, 0, 5), 5);
}

static void refuse_states(void)
{
	isgx_map(&e);
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, RW), ENOENT); /* not created */
	CHECK_ERRNO(range(ISGX_IOC_TRIM, address(PAGE_STACK), 1), ENOENT);
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGE_STACK), 1), ENOENT);
	CHECK_ERRNO(remove_page(address(PAGE_STACK)), EINVAL);
	isgx_build(&e);
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, RW), EFAULT); /* not initialised */
	CHECK_ERRNO(range(ISGX_IOC_MKTCS, address(PAGE_STACK), 1), EFAULT);
	CHECK_ERRNO(remove_page(address(PAGE_STACK)), EINVAL);
	isgx_make(&e);
	CHECK_EQUAL(munmap(e.base + (PAGES - 1) * SGX_PAGE_SIZE, SGX_PAGE_SIZE), 0); /* dead */
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, RW), EFAULT);
	CHECK_ERRNO(range(ISGX_IOC_TRIM, address(PAGE_STACK), 1), EFAULT);
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGE_STACK), 1), EINVAL);
	CHECK_ERRNO(remove_page(address(PAGE_STACK)), EINVAL);
}

static void refuse_types(void)
{
	isgx_make(&e);
	CHECK_ERRNO(modify(address(PAGE_TCS0), 1, RW), EINVAL);
	CHECK_ERRNO(range(ISGX_IOC_MKTCS, address(PAGE_TCS2), 1), EPERM); /* EMODT faults */
	CHECK_EQUAL(range(ISGX_IOC_TRIM, address(PAGE_STACK), 1), 0);
	CHECK_ERRNO(modify(address(PAGE_STACK), 1, RW), EINVAL);
	CHECK_ERRNO(range(ISGX_IOC_TRIM, address(PAGE_STACK), 1), EPERM);
}

static void a_chunk_is_all_or_none(void)
{
	isgx_make(&e);
	/* The stack and the hole behind it. */
	CHECK_ERRNO(modify(address(PAGE_STACK), PAGE_HOLE + 1 - PAGE_STACK, SGX_SECINFO_R), EFAULT);
	CHECK_EQUAL(isgx_enter(&e, OP_POKE, address(PAGE_STACK), 3), 3);
	/* A refusal in the middle stops nobody. */
	CHECK_ERRNO(modify(address(PAGE_TCS2), 2, CODE), EINVAL);
	CHECK_EQUAL(accept_page(PAGE_CODE, SGX_SECINFO_REG | CODE | SGX_SECINFO_PR), 0);
}

static void restricts(void)
{
	isgx_make(&e);
	CHECK_EQUAL(modify(address(PAGE_STACK), 1, SGX_SECINFO_R), 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | RW | SGX_SECINFO_PR),
	            SGX_PAGE_ATTRIBUTES_MISMATCH);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR), 0);
}

static void makes_tcs(void)
{
	isgx_make(&e);
	isgx_enter(&e, OP_POKE, address(PAGE_STACK) + offsetof(struct sgx_tcs, cssa), 1ULL << 32);
	CHECK_EQUAL(range(ISGX_IOC_MKTCS, address(PAGE_STACK), 1), 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_TCS | SGX_SECINFO_MODIFIED), 0);
}

static void trims_and_removes(void)
{
	isgx_make(&e);
	CHECK_EQUAL(isgx_enter(&e, OP_POKE, address(PAGE_STACK), 7), 7);
	CHECK_EQUAL(range(ISGX_IOC_TRIM, address(PAGE_STACK), 1), 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, TRIMMED), 0);
	/* The last error counts, and stops nobody. */
	CHECK_ERRNO(range(ISGX_IOC_NOTIFY_ACCEPT, address(PAGE_STACK - 1), 2), EINVAL);
	CHECK_ERRNO(remove_page(address(PAGE_STACK)), EINVAL); /* it is gone */
	/* A fresh page comes to where it was. */
	CHECK_EQUAL(accept_page(PAGE_STACK, NEW_PAGE), 0);
	CHECK_EQUAL(isgx_enter(&e, OP_PEEK, address(PAGE_STACK), 1), 0);
	CHECK_EQUAL(remove_page(address(PAGE_STACK)), 0); /* any page */
	CHECK_ERRNO(range(ISGX_IOC_TRIM, address(PAGE_STACK), 1), EFAULT);
}

static sigjmp_buf back;
static uint64_t fault_address, fault_error;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	fault_address = (uintptr_t)info->si_addr;
	fault_error = (uint64_t)uc->uc_mcontext.gregs[REG_ERR];
	siglongjmp(back, sig);
}

/* The signal that an access from inside ends in, or 0. */
static int fault_of(uint64_t op, uint64_t at)
{
	int sig = sigsetjmp(back, 1);

	if (sig == 0)
		isgx_enter(&e, op, at, 1);
	return sig;
}

static void handle_faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	NEED(sigaction(SIGBUS, &action, NULL) == 0 && sigaction(SIGSEGV, &action, NULL) == 0);
}

static void faults_add_pages(void)
{
	handle_faults();
	isgx_make(&e);
	/* A write is told by SIGBUS, although the page is there by then. */
	CHECK_EQUAL(fault_of(OP_POKE, address(PAGE_HOLE)), SIGBUS);
	CHECK_EQUAL(fault_address, address(PAGE_HOLE));
	CHECK_EQUAL(fault_error & PF_SGX, 0);
	e.base += 2 * SGX_PAGE_SIZE; /* the other thread */
	CHECK_EQUAL(isgx_enter(&e, OP_SGX2, address(PAGE_HOLE - 2) | SGX_EACCEPT, NEW_PAGE), 0);
	CHECK_EQUAL(isgx_enter(&e, OP_PEEK, address(PAGE_HOLE - 2), 1), 0);
}

static void reads_add_pages(void)
{
	handle_faults();
	isgx_make(&e);
	CHECK_EQUAL(fault_of(OP_PEEK, address(PAGE_HOLE)), SIGSEGV);
	CHECK_EQUAL(fault_error, PF_SGX | PF_P | PF_U);
	/* The enclave has not accepted it: the leaf's code is the result. */
	CHECK_EQUAL(modify(address(PAGE_HOLE), 1, RW), SGX_PAGE_NOT_MODIFIABLE);
	CHECK_EQUAL(range(ISGX_IOC_TRIM, address(PAGE_HOLE), 1), SGX_PAGE_NOT_MODIFIABLE);
}

static void read_only_mappings_get_none(void)
{
	handle_faults();
	isgx_make(&e);
	NEED(mprotect(e.base + PAGE_HOLE * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ) == 0);
	CHECK_EQUAL(fault_of(OP_PEEK, address(PAGE_HOLE)), SIGBUS);
	CHECK_ERRNO(remove_page(address(PAGE_HOLE)), EINVAL); /* nothing is there */
}

static const struct test tests[] = {
	{ "wrong ranges, flags and pointers are refused", refuse_arguments, 0 },
	{ "an enclave that is not running is refused", refuse_states, 0 },
	{ "pages of the wrong type are refused, by the driver or by ENCLS", refuse_types, 0 },
	{ "16 pages change if all are there; a refusal of one stops no other",
	  a_chunk_is_all_or_none, 0 },
	{ "EMODPR takes permissions away", restricts, 0 },
	{ "MKTCS makes a TCS of a page", makes_tcs, 0 },
	{ "TRIM, NOTIFY_ACCEPT and PAGE_REMOVE give pages back", trims_and_removes, 0 },
	{ "a write to a hole adds a page and is SIGBUS", faults_add_pages, 0 },
	{ "a read of a hole adds a page", reads_add_pages, 0 },
	{ "a hole that cannot be written stays one", read_only_mappings_get_none, 0 },
};

int main(int argc, char **argv)
{
	setenv("SWSGX_LAUNCH", "any", 1);
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), "legacy");
}
