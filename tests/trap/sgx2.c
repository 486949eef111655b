// SPDX-License-Identifier: Apache-2.0
/*
 * The three requests of /dev/sgx_enclave that change a running enclave: what each refuses, with
 * which errno, and how far it says it came.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "sgx/uapi/intree.h"
#include "tests/trap/change.h"
#include "tests/trap/harness.h"

#define NOWHERE UINT64_C(0x1000)

/* The argument of each request: offset, length, then what it has. */
struct request {
	uint32_t number;
	uint64_t arg[5];
};

#define RESTRICT(...)                                 \
	{                                             \
		SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, \
		{                                     \
			__VA_ARGS__                   \
		}                                     \
	}
#define MODIFY(...)                           \
	{                                     \
		SGX_IOC_ENCLAVE_MODIFY_TYPES, \
		{                             \
			__VA_ARGS__           \
		}                             \
	}
#define REMOVE(...)                           \
	{                                     \
		SGX_IOC_ENCLAVE_REMOVE_PAGES, \
		{                             \
			__VA_ARGS__           \
		}                             \
	}

#define DATA  (PAGE_DATA * SGX_PAGE_SIZE)
#define PAGE  SGX_PAGE_SIZE
#define SIZE  (PAGES * SGX_PAGE_SIZE)
#define MINUS ((uint64_t)-SGX_PAGE_SIZE)

/* Wrong in one thing, and none gets as far as a page. */
static const struct request wrong[] = {
	RESTRICT(0),
	RESTRICT(DATA + 1, PAGE, RW),
	RESTRICT(DATA, 0, RW),
	RESTRICT(DATA, 100, RW),
	RESTRICT(DATA, MINUS, RW),
	RESTRICT(SIZE, PAGE, RW),
	RESTRICT(SIZE - PAGE, 2 * PAGE, RW),
	RESTRICT(DATA, PAGE, 8),
	RESTRICT(DATA, PAGE, UINT64_C(1) << 32 | 1),
	RESTRICT(DATA, PAGE, SGX_SECINFO_W),
	RESTRICT(DATA, PAGE, SGX_SECINFO_W | SGX_SECINFO_X),
	RESTRICT(DATA, PAGE, RW, 1),
	RESTRICT(DATA, PAGE, RW, 0, 1),
	MODIFY(0),
	MODIFY(DATA + 1, PAGE, SGX_PT_TRIM),
	MODIFY(DATA, 0, SGX_PT_TRIM),
	MODIFY(DATA, 100, SGX_PT_TRIM),
	MODIFY(DATA, MINUS, SGX_PT_TRIM),
	MODIFY(SIZE, PAGE, SGX_PT_TRIM),
	MODIFY(DATA, PAGE, 0x100 | SGX_PT_TRIM),
	MODIFY(DATA, PAGE, SGX_PT_SECS),
	MODIFY(DATA, PAGE, SGX_PT_REG),
	MODIFY(DATA, PAGE, SGX_PT_VA),
	MODIFY(DATA, PAGE, SGX_PT_TRIM, 1),
	MODIFY(DATA, PAGE, SGX_PT_TRIM, 0, 1),
	REMOVE(0),
	REMOVE(DATA + 1, PAGE),
	REMOVE(DATA, 0),
	REMOVE(DATA, 100),
	REMOVE(DATA, MINUS),
	REMOVE(SIZE, PAGE),
	REMOVE(DATA, PAGE, 1),
};

static void wrong_arguments(void)
{
	enclave_make(&e);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct request r = wrong[i];

		errno = 0;
		if (ioctl(e.fd, r.number, r.arg) != -1 || errno != EINVAL)
			test_fail(__FILE__, __LINE__, "row %zu: errno %d, not EINVAL", i, errno);
		CHECK(memcmp(r.arg, wrong[i].arg, sizeof(r.arg)) == 0);
	}
	CHECK_EQUAL(peek(PAGE_DATA), 0);
}

static void state_before_argument(void)
{
	static const uint32_t numbers[] = { SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS,
		                            SGX_IOC_ENCLAVE_MODIFY_TYPES,
		                            SGX_IOC_ENCLAVE_REMOVE_PAGES };

	enclave_reserve(&e);
	enclave_open_node(&e);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < 3; i++) {
			errno = 0;
			CHECK_EQUAL(ioctl(e.fd, numbers[i], (void *)NOWHERE), -1);
			CHECK_EQUAL(errno, round < 2 ? EINVAL : EFAULT);
		}
		if (round == 0) {
			enclave_create(&e);
			enclave_add(&e);
		} else if (round == 1) {
			enclave_sign(&e);
			enclave_init(&e);
		}
	}
}

/* The kernel writes the argument back last. */
static void unwritable_argument(void)
{
	struct sgx_enclave_restrict_permissions *arg;

	enclave_make(&e);
	arg = mmap(NULL, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(arg != MAP_FAILED);
	arg->offset = PAGE_STACK * SGX_PAGE_SIZE;
	arg->length = SGX_PAGE_SIZE;
	arg->permissions = SGX_SECINFO_R;
	NEED(mprotect(arg, SGX_PAGE_SIZE, PROT_READ) == 0);
	errno = 0;
	CHECK_EQUAL(ioctl(e.fd, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, arg), -1);
	CHECK_EQUAL(errno, EFAULT);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR), 0);
}

static void restrict_refuses(void)
{
	enclave_make(&e);
	CHECK_EQUAL(restrict_to(PAGE_TCS1, 1, SGX_SECINFO_R), EINVAL);
	CHECK_EQUAL(count, 0);
	CHECK_EQUAL(restrict_to(PAGE_STACK, 2, SGX_SECINFO_R), EFAULT); /* and a hole */
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(result, 0);
	CHECK_EQUAL(accept_page(PAGE_STACK, SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR), 0);
	map(PAGE_HOLE, 1, PROT_READ | PROT_WRITE);
	refused(PAGE_TCS2, OP_POKE, PAGE_HOLE, PF_WRITE); /* a page now, pending */
	CHECK_EQUAL(restrict_to(PAGE_HOLE, 1, SGX_SECINFO_R), EFAULT);
	CHECK_EQUAL(result, SGX_PAGE_NOT_MODIFIABLE);
	CHECK_EQUAL(count, 0);
	CHECK_EQUAL(modify(PAGE_HOLE, 1, SGX_PT_TRIM), EFAULT);
	CHECK_EQUAL(result, SGX_PAGE_NOT_MODIFIABLE);
	CHECK_EQUAL(modify(PAGE_STACK, 1, SGX_PT_TRIM), 0);
	CHECK_EQUAL(restrict_to(PAGE_STACK, 1, SGX_SECINFO_R), EINVAL);
}

static void modify_refuses(void)
{
	enclave_make(&e);
	CHECK_EQUAL(modify(PAGE_HOLE, 1, SGX_PT_TRIM), EFAULT);
	CHECK_EQUAL(modify(PAGE_TCS1, 1, SGX_PT_TCS), EINVAL);
	CHECK_EQUAL(modify(PAGE_RODATA, 1, SGX_PT_TCS), EPERM);
	CHECK_EQUAL(modify(PAGE_CODE, 1, SGX_PT_TCS), EPERM);
	CHECK_EQUAL(modify(PAGE_STACK, 2, SGX_PT_TRIM), EFAULT);
	CHECK_EQUAL(count, SGX_PAGE_SIZE);
	CHECK_EQUAL(modify(PAGE_STACK, 1, SGX_PT_TRIM), EINVAL); /* it is trimmed */
	CHECK_EQUAL(modify(PAGE_STACK, 1, SGX_PT_TCS), EINVAL);
	CHECK_EQUAL(count, 0);
}

static const struct test tests[] = {
	{ "wrong arguments are EINVAL and come back as they were", wrong_arguments, 0 },
	{ "before INIT EINVAL comes before EFAULT", state_before_argument, 0 },
	{ "an argument that cannot be written is EFAULT, when all is done", unwritable_argument,
	  0 },
	{ "RESTRICT refuses TCS, holes, and pages that are not settled", restrict_refuses, 0 },
	{ "MODIFY_TYPES refuses what cannot become that", modify_refuses, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
