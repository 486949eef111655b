// SPDX-License-Identifier: Apache-2.0
/* The DCAP driver's ABI: its nodes, its laxer mappings, and enclaves entered without a vDSO. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/dcap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#include <sys/ioctl.h>

static struct test_enclave e;

static uint64_t enter(uint64_t op, uint64_t rsi, uint64_t rdx)
{
	struct raw r = { .rax = SGX_EENTER,
		         .rbx = (uintptr_t)e.base,
		         .rcx = (uintptr_t)raw_aep,
		         .rdi = op,
		         .rsi = rsi,
		         .rdx = rdx,
		         .rflags = 0x202,
		         .mxcsr = 0x1f80,
		         .fcw = 0x37f };

	raw_enclu(&r);
	CHECK_EQUAL(r.rax, SGX_EEXIT);
	return r.rdx;
}

static void builds_and_enters(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_EXIT, 0, 17), 17);
	CHECK(vdso_symbol(SGX_VDSO_ENTER) == NULL);
}

static void only_its_nodes(void)
{
	CHECK_EQUAL(open(SGX_DEV_ENCLAVE, O_RDWR), -1);
	CHECK_EQUAL(errno, ENOENT);
	CHECK(open(SGX_DEV_DCAP_PROVISION, O_RDONLY) >= 0);
}

static void sets_attribute(void)
{
	struct sgx_enclave_provision arg;

	enclave_reserve(&e);
	enclave_open_node(&e);
	e.secs.attributes.flags |= SGX_ATTR_PROVISIONKEY;
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	arg.fd = (uint64_t)open(SGX_DEV_DCAP_PROVISION, O_RDONLY);
	CHECK_EQUAL(ioctl(e.fd, SGX_IOC_ENCLAVE_SET_ATTRIBUTE, &arg), 0);
	enclave_init(&e);
}

static void mprotect_is_free(void)
{
	enclave_make(&e);
	CHECK_EQUAL(mprotect(e.base + PAGE_RODATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE,
	                     PROT_READ | PROT_WRITE),
	            0);
	/* mmap is not. */
	errno = 0;
	CHECK(mmap(e.base + PAGE_RODATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE,
	           MAP_SHARED | MAP_FIXED, e.fd, 0) == MAP_FAILED);
	CHECK_EQUAL(errno, EACCES);
}

static void no_sgx2_requests(void)
{
	struct sgx_enclave_remove_pages arg = { 0 };

	enclave_make(&e);
	CHECK_EQUAL(ioctl(e.fd, SGX_IOC_ENCLAVE_REMOVE_PAGES, &arg), -1);
	CHECK_EQUAL(errno, ENOTTY);
}

static siginfo_t seen;

static void on_bus(int sig, siginfo_t *info, void *uc)
{
	greg_t *regs = ((ucontext_t *)uc)->uc_mcontext.gregs;

	(void)sig;
	seen = *info;
	/* As if the enclave had been left by EEXIT. */
	regs[REG_RIP] = (greg_t)(uintptr_t)raw_instruction + 3;
	regs[REG_RAX] = SGX_EEXIT;
}

static void hole(void)
{
	const struct sigaction a = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };
	uint64_t la;

	enclave_make(&e);
	la = (uintptr_t)e.base + PAGE_HOLE * SGX_PAGE_SIZE;
	NEED(sigaction(SIGBUS, &a, NULL) == 0);
	enter(OP_PEEK, la + 8, 0);
	CHECK_EQUAL(seen.si_signo, SIGBUS);
	CHECK_EQUAL(seen.si_code, BUS_ADRERR);
	CHECK_EQUAL((uintptr_t)seen.si_addr, la);
}

static sigjmp_buf back;

static void on_fault(int sig)
{
	siglongjmp(back, sig);
}

/* The signal that the host's own access gets. */
static int fault_of(volatile uint64_t *at, bool is_write)
{
	int sig = sigsetjmp(back, 1);

	if (sig == 0 && is_write)
		*at = 1;
	else if (sig == 0)
		(void)*at;
	return sig;
}

static void mapping_comes_first(void)
{
	volatile uint64_t *at;

	enclave_make(&e);
	at = (volatile uint64_t *)(e.base + PAGE_HOLE * SGX_PAGE_SIZE);
	NEED(signal(SIGBUS, on_fault) != SIG_ERR && signal(SIGSEGV, on_fault) != SIG_ERR);
	CHECK_EQUAL(fault_of(at, true), SIGBUS);
	NEED(mprotect((void *)at, SGX_PAGE_SIZE, PROT_READ) == 0);
	CHECK_EQUAL(fault_of(at, false), SIGBUS);
	CHECK_EQUAL(fault_of(at, true), SIGSEGV);
	NEED(mprotect((void *)at, SGX_PAGE_SIZE, PROT_NONE) == 0);
	CHECK_EQUAL(fault_of(at, false), SIGSEGV);
}

static const struct test tests[] = {
	{ "an enclave is built by /dev/sgx/enclave and entered by a plain ENCLU", builds_and_enters,
	  0 },
	{ "the kernel's nodes are not there", only_its_nodes, 0 },
	{ "SET_ATTRIBUTE allows the provision key", sets_attribute, 0 },
	{ "mprotect is not held to the pages' permissions", mprotect_is_free, 0 },
	{ "SGX2 requests are unknown", no_sgx2_requests, 0 },
	{ "an access to a hole is SIGBUS, and adds no page", hole, 0 },
	{ "what the mapping of a hole forbids is SIGSEGV", mapping_comes_first, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), "dcap");
}
