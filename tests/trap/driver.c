// SPDX-License-Identifier: Apache-2.0
/*
 * The requests of /dev/sgx_enclave: what each refuses, with which errno, in which order.  A row
 * breaks one thing.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgx/secinfo.h"
#include "sgx/tcs.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define NOWHERE UINT64_C(0x1000)

static struct test_enclave e;

#define CHECK_ERRNO(call, wanted)           \
	do {                                \
		errno = 0;                  \
		CHECK_EQUAL(call, -1);      \
		CHECK_EQUAL(errno, wanted); \
	} while (0)

static int create(const struct sgx_secs *secs)
{
	struct sgx_enclave_create arg = { .src = (uintptr_t)secs };

	return ioctl(e.fd, SGX_IOC_ENCLAVE_CREATE, &arg);
}

static void create_refuses(void)
{
	struct sgx_secs secs;

	enclave_reserve(&e);
	enclave_open_node(&e);
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_CREATE, (void *)NOWHERE), EFAULT);
	CHECK_ERRNO(create((const void *)NOWHERE), EFAULT);
	secs = e.secs;
	secs.size = 3 * SGX_PAGE_SIZE;
	CHECK_ERRNO(create(&secs), EINVAL);
	secs.size = 0;
	CHECK_ERRNO(create(&secs), EINVAL);
	secs.size = SGX_PAGE_SIZE; /* ECREATE wants two */
	CHECK_ERRNO(create(&secs), EIO);
	secs.size = UINT64_C(1) << 40;
	CHECK_ERRNO(create(&secs), EIO);
	secs = e.secs;
	secs.baseaddr += SGX_PAGE_SIZE;
	CHECK_ERRNO(create(&secs), EIO);
	secs = e.secs;
	secs.attributes.xfrm = 1;
	CHECK_ERRNO(create(&secs), EIO);
	secs = e.secs;
	secs.ssaframesize = 0;
	CHECK_ERRNO(create(&secs), EIO);
	secs = e.secs;
	secs.reserved4[3000] = 1;
	CHECK_ERRNO(create(&secs), EIO);
	CHECK_EQUAL(create(&e.secs), 0); /* it can be tried again */
	CHECK_ERRNO(create(&e.secs), EINVAL);
}

static const void *page_zero(void)
{
	static const _Alignas(SGX_PAGE_SIZE) uint8_t zero[SGX_PAGE_SIZE];

	return zero;
}

static struct sgx_secinfo secinfo_rw = { .flags = SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W };

static struct sgx_enclave_add_pages add_one(void)
{
	return (struct sgx_enclave_add_pages){ .src = (uintptr_t)page_zero(),
		                               .offset = PAGE_STACK * SGX_PAGE_SIZE,
		                               .length = SGX_PAGE_SIZE,
		                               .secinfo = (uintptr_t)&secinfo_rw,
		                               .count = 0x5a5a };
}

static int add(struct sgx_enclave_add_pages *arg)
{
	return ioctl(e.fd, SGX_IOC_ENCLAVE_ADD_PAGES, arg);
}

static void add_pages_refuses_arguments(void)
{
	struct sgx_enclave_add_pages a = add_one();

	enclave_reserve(&e);
	enclave_open_node(&e);
	CHECK_ERRNO(add(&a), EINVAL); /* not created */
	enclave_create(&e);
	CHECK_ERRNO(add((void *)NOWHERE), EFAULT);
	a.src++;
	CHECK_ERRNO(add(&a), EINVAL);
	a = add_one();
	a.offset++;
	CHECK_ERRNO(add(&a), EINVAL);
	a = add_one();
	a.length = 0;
	CHECK_ERRNO(add(&a), EINVAL);
	a.length = 100;
	CHECK_ERRNO(add(&a), EINVAL);
	a.length = (uint64_t)-SGX_PAGE_SIZE;
	CHECK_ERRNO(add(&a), EINVAL);
	a = add_one();
	a.offset = e.size;
	CHECK_ERRNO(add(&a), EINVAL);
	a = add_one();
	a.secinfo = NOWHERE;
	CHECK_ERRNO(add(&a), EFAULT);
	CHECK_EQUAL(a.count, 0x5a5a); /* not touched before the first page */
}

static void add_pages_refuses_secinfo(void)
{
	static const uint64_t flags[] = {
		SGX_SECINFO_R, /* PT_SECS */
		UINT64_C(3) << SGX_SECINFO_PT_SHIFT | SGX_SECINFO_R,
		SGX_SECINFO_REG | SGX_SECINFO_W,
		SGX_SECINFO_TCS | SGX_SECINFO_R,
		SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PENDING,
		SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_MODIFIED,
		SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR,
		SGX_SECINFO_REG | SGX_SECINFO_R | 1 << 16,
	};
	struct sgx_secinfo secinfo = { .flags = 0 };
	struct sgx_enclave_add_pages a = add_one();

	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	a.secinfo = (uintptr_t)&secinfo;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		secinfo.flags = flags[i];
		CHECK_ERRNO(add(&a), EINVAL);
	}
	secinfo = secinfo_rw;
	secinfo.reserved[55] = 1;
	CHECK_ERRNO(add(&a), EINVAL);
}

static void add_pages_counts(void)
{
	struct sgx_enclave_add_pages a = add_one();
	uint8_t *two;
	struct sgx_tcs *tcs;
	struct sgx_secinfo secinfo = { .flags = SGX_SECINFO_TCS };

	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	two = mmap(NULL, 2 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	           0);
	NEED(two != MAP_FAILED && munmap(two + SGX_PAGE_SIZE, SGX_PAGE_SIZE) == 0);
	a.src = (uintptr_t)two;
	a.length = 2 * SGX_PAGE_SIZE;
	CHECK_ERRNO(add(&a), EFAULT);
	CHECK_EQUAL(a.count, SGX_PAGE_SIZE); /* one was there */
	a = add_one();
	CHECK_ERRNO(add(&a), EBUSY);
	CHECK_EQUAL(a.count, 0);
	tcs = (void *)two;
	tcs->reserved[0] = 1;
	a.src = (uintptr_t)two;
	a.offset = 0;
	a.secinfo = (uintptr_t)&secinfo;
	CHECK_ERRNO(add(&a), EIO);
	tcs->reserved[0] = 0;
	CHECK_EQUAL(add(&a), 0);
	CHECK_EQUAL(a.count, SGX_PAGE_SIZE);
}

static int init(const struct sgx_sigstruct *sig)
{
	struct sgx_enclave_init arg = { .sigstruct = (uintptr_t)sig };

	return ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, &arg);
}

static void init_refuses(void)
{
	struct sgx_sigstruct sig;

	enclave_reserve(&e);
	enclave_open_node(&e);
	CHECK_ERRNO(init(&e.sigstruct), EINVAL); /* not created */
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, (void *)NOWHERE), EFAULT);
	CHECK_ERRNO(init((const void *)NOWHERE), EFAULT);
	sig = e.sigstruct;
	sig.vendor = 1;
	CHECK_ERRNO(init(&sig), EINVAL);
	sig = e.sigstruct;
	sig.attributes.flags |= UINT64_C(1) << 40;
	sig.attributemask.flags |= UINT64_C(1) << 40;
	CHECK_ERRNO(init(&sig), EINVAL);
	sig = e.sigstruct;
	sig.miscselect |= 1U << 31;
	sig.miscmask |= 1U << 31;
	CHECK_ERRNO(init(&sig), EINVAL);
	sig = e.sigstruct;
	sig.attributes.xfrm |= UINT64_C(1) << 62;
	sig.attributemask.xfrm |= UINT64_C(1) << 62;
	CHECK_ERRNO(init(&sig), EINVAL);
	sig = e.sigstruct;
	sig.signature[5] ^= 1;
	CHECK_ERRNO(init(&sig), EPERM);
	sig = e.sigstruct;
	sig.enclavehash[0] ^= 1;
	CHECK_ERRNO(init(&sig), EPERM);
	CHECK_EQUAL(init(&e.sigstruct), 0);
	CHECK_ERRNO(init(&e.sigstruct), EINVAL);
	CHECK_ERRNO(create(&e.secs), EINVAL);
}

static void init_measures(void)
{
	struct sgx_enclave_add_pages a = add_one();

	enclave_reserve(&e);
	enclave_open_node(&e);
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	a.offset = PAGE_HOLE * SGX_PAGE_SIZE; /* a page that the signer has not seen */
	CHECK_EQUAL(add(&a), 0);
	CHECK_ERRNO(init(&e.sigstruct), EPERM);
}

static void provision(void)
{
	struct sgx_enclave_provision arg = { .fd = 0 };
	int fd = open(SGX_DEV_PROVISION, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	enclave_reserve(&e);
	enclave_open_node(&e);
	e.secs.attributes.flags |= SGX_ATTR_PROVISIONKEY;
	arg.fd = (uint64_t)e.fd;
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_PROVISION, &arg), EINVAL);
	arg.fd = 9999;
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_PROVISION, &arg), EINVAL);
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_PROVISION, (void *)NOWHERE), EFAULT);
	arg.fd = (uint64_t)fd;
	CHECK_EQUAL(ioctl(e.fd, SGX_IOC_ENCLAVE_PROVISION, &arg), 0); /* lost: before CREATE */
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	CHECK_ERRNO(init(&e.sigstruct), EACCES);
	arg.fd = (uint64_t)fd | UINT64_C(1) << 32; /* 32 bits count */
	CHECK_EQUAL(ioctl(e.fd, SGX_IOC_ENCLAVE_PROVISION, &arg), 0);
	CHECK_EQUAL(init(&e.sigstruct), 0);
}

static void einittokenkey(void)
{
	enclave_reserve(&e);
	enclave_open_node(&e);
	e.secs.attributes.flags |= SGX_ATTR_EINITTOKENKEY;
	enclave_create(&e);
	enclave_add(&e);
	enclave_sign(&e);
	CHECK_ERRNO(init(&e.sigstruct), EACCES);
}

static void other_requests(void)
{
	uint64_t arg[8] = { 0 };

	enclave_make(&e);
	CHECK_ERRNO(ioctl(e.fd, 0x4008a409, &arg), ENOTTY);
	CHECK_ERRNO(ioctl(e.fd, SGX_IOC_ENCLAVE_CREATE | 0x40000, &arg), ENOTTY); /* other size */
	CHECK_ERRNO(ioctl(0, SGX_IOC_ENCLAVE_CREATE, &arg), ENOTTY);
	CHECK_ERRNO(ioctl(999, SGX_IOC_ENCLAVE_CREATE, &arg), EBADF);
}

static void nodes(void)
{
	struct stat st;
	int fd;

	CHECK_EQUAL(stat(SGX_DEV_ENCLAVE, &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQUAL(access(SGX_DEV_ENCLAVE, R_OK | W_OK), 0);
	CHECK_EQUAL(lstat(SGX_DEV_PROVISION, &st), 0);
	fd = open("/dev//./sgx_enclave", O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQUAL(fcntl(fd, F_GETFD), 0);
	CHECK_EQUAL(fstat(fd, &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQUAL(close(fd), 0);
	fd = open(SGX_DEV_ENCLAVE, O_RDWR | O_CLOEXEC);
	CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_ERRNO(open(SGX_DEV_ENCLAVE, O_RDWR | O_DIRECTORY), ENOTDIR);
	CHECK_ERRNO(open("/dev/sgx/enclave", O_RDWR), ENOENT); /* another driver's */
	CHECK_ERRNO(open("/dev/sgx_enclave2", O_RDWR), ENOENT);
}

static const struct test tests[] = {
	{ "the nodes are character devices that can be opened", nodes, 0 },
	{ "CREATE refuses what the driver refuses", create_refuses, 0 },
	{ "ADD_PAGES refuses wrong ranges and pointers", add_pages_refuses_arguments, 0 },
	{ "ADD_PAGES refuses wrong SECINFOs", add_pages_refuses_secinfo, 0 },
	{ "ADD_PAGES says how far it came", add_pages_counts, 0 },
	{ "INIT refuses what the driver refuses", init_refuses, 0 },
	{ "INIT refuses an enclave with a page too many", init_measures, 0 },
	{ "PROVISION allows the provision key, after CREATE", provision, 0 },
	{ "nothing allows the launch key", einittokenkey, 0 },
	{ "unknown requests and other files are ENOTTY", other_requests, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
