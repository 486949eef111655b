// SPDX-License-Identifier: Apache-2.0
/*
 * The drivers before the kernel's, /dev/isgx and /dev/sgx: what each request refuses, and how.  A row
 * breaks one thing.  How their enclaves live and die is in address.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/tcs.h"
#include "tests/trap/harness.h"
#include "tests/trap/isgx.h"

#define NOWHERE UINT64_C(0x1000)
#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static struct test_enclave e;

#define CHECK_ERRNO(call, wanted)           \
	do {                                \
		errno = 0;                  \
		CHECK_EQUAL(call, -1);      \
		CHECK_EQUAL(errno, wanted); \
	} while (0)

/* A test with the one node, then with the other. */
#define BOTH(name, body)                              \
	static void name(void)                        \
	{                                             \
		isgx_node = SGX_DEV_ISGX;             \
		body();                               \
		isgx_node = SGX_DEV_DCAP_OLD_ENCLAVE; \
		body();                               \
	}

/* Two pages, the second of which is not there. */
static uint8_t *half_there(void)
{
	uint8_t *p = mmap(NULL, 2 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(p != MAP_FAILED && munmap(p + SGX_PAGE_SIZE, SGX_PAGE_SIZE) == 0);
	return p;
}

static void nodes(void)
{
	struct stat st;

	CHECK_EQUAL(stat(SGX_DEV_ISGX, &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK(open(SGX_DEV_DCAP_OLD_PROVISION, O_RDONLY) >= 0);
	CHECK_ERRNO(open("/dev/sgx_enclave", O_RDWR), ENOENT);
	CHECK_ERRNO(open("/dev/sgx/enclave", O_RDWR), ENOENT);
	CHECK(vdso_symbol(SGX_VDSO_ENTER) == NULL);
}

static void unknown_requests(void)
{
	struct isgx_modify arg = { .flags = SGX_SECINFO_R };

	isgx_make(&e);
	CHECK_ERRNO(ioctl(e.fd, DCAP_OLD_IOC_INIT, &arg), ENOTTY);
	CHECK_ERRNO(ioctl(e.fd, DCAP_OLD_IOC_SET_ATTRIBUTE, &arg), ENOTTY);
	isgx_node = SGX_DEV_DCAP_OLD_ENCLAVE;
	isgx_make(&e);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_EMODPR, &arg), ENOTTY);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_INIT, &arg), ENOTTY);
}

#define SECS(field) offsetof(struct sgx_secs, field), sizeof(((struct sgx_secs *)0)->field)
#define BIT(n)      (UINT64_C(1) << (n))
#define FLAGS       (SGX_ATTR_MODE64BIT | SGX_ATTR_DEBUG)

static const struct {
	size_t offset, size;
	uint64_t value;
	int code;
} secs_rows[] = {
	{ SECS(size), 0, EINVAL },
	{ SECS(size), SGX_PAGE_SIZE, EINVAL },
	{ SECS(size), 3 * SGX_PAGE_SIZE, EINVAL },
	{ SECS(size), PAGES / 2 * SGX_PAGE_SIZE, EINVAL }, /* the mapping is larger */
	{ SECS(size), BIT(37), EINVAL },
	{ SECS(baseaddr), 0, EINVAL }, /* no mapping there */
	{ SECS(baseaddr), NOWHERE, EINVAL },
	{ SECS(ssaframesize), 0, EINVAL },
	{ SECS(miscselect), BIT(1), EINVAL },
	{ SECS(attributes.flags), SGX_ATTR_DEBUG, EINVAL }, /* 32 bits */
	{ SECS(attributes.flags), FLAGS | BIT(0), EINVAL },
	{ SECS(attributes.flags), FLAGS | BIT(3), EINVAL },
	{ SECS(attributes.flags), FLAGS | BIT(6), EINVAL },
	{ SECS(attributes.flags), FLAGS | SGX_ATTR_AEXNOTIFY, EINVAL },
	{ SECS(attributes.flags), FLAGS | BIT(63), EINVAL },
	{ SECS(attributes.xfrm), 0, EINVAL },
	{ SECS(attributes.xfrm), 1, EINVAL },
	{ SECS(attributes.xfrm), SGX_XFRM_LEGACY | BIT(3), EINVAL }, /* half of MPX */
	{ SECS(attributes.xfrm), SGX_XFRM_LEGACY | BIT(62), EINVAL },
	{ 24, 1, 1, EINVAL }, /* reserved */
	{ 47, 1, 1, EINVAL },
	{ 96, 1, 1, EINVAL },
	{ 127, 1, 1, EINVAL },
	{ 160, 1, 1, EINVAL },
	{ 191, 1, 1, EINVAL },
	{ 262, 1, 1, EINVAL },
	{ 4095, 1, 1, EINVAL },
	{ SECS(configsvn), 1, EFAULT }, /* the driver lets it pass, ECREATE faults */
	{ 192, 1, 1, EFAULT },          /* CONFIGID */
};

static void create_refuses(void)
{
	struct sgx_secs secs;

	isgx_map(&e);
	for (size_t i = 0; i < ROWS(secs_rows); i++) {
		secs = e.secs;
		memcpy((uint8_t *)&secs + secs_rows[i].offset, &secs_rows[i].value,
		       secs_rows[i].size);
		CHECK_ERRNO(isgx_create(&e, &secs), secs_rows[i].code);
	}
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_CREATE, (void *)NOWHERE), EFAULT);
	CHECK_EQUAL(isgx_create(&e, (void *)NOWHERE), sizeof(secs)); /* what it could not read */
	CHECK_EQUAL(isgx_create(&e, half_there() + SGX_PAGE_SIZE - 100), sizeof(secs) - 100);
	secs = e.secs;
	secs.ssaframesize = 0x100000; /* as many bytes as 32 bits do not hold */
	CHECK_EQUAL(isgx_create(&e, &secs), 0);
	CHECK_ERRNO(isgx_create(&e, &e.secs), EINVAL);
}
BOTH(create_refuses_both, create_refuses)

static void create_largest(void)
{
	const size_t size = (size_t)BIT(36);

	isgx_map(&e);
	e.base = mmap(NULL, size, PROT_NONE, MAP_SHARED, e.fd, 0);
	CHECK(e.base != MAP_FAILED);
	e.secs.baseaddr = (uintptr_t)e.base;
	e.secs.size = size;
	CHECK_ERRNO(isgx_create(&e, &e.secs), EFAULT); /* ECREATE wants less */
}
BOTH(create_largest_both, create_largest)

/* CREATE wants the range in one mapping. */
static void create_cut(void)
{
	isgx_map(&e);
	CHECK_EQUAL(mprotect(e.base + SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_ERRNO(isgx_create(&e, &e.secs), EINVAL);
	isgx_map(&e);
	CHECK_EQUAL(munmap(e.base, SGX_PAGE_SIZE), 0);
	CHECK_ERRNO(isgx_create(&e, &e.secs), EINVAL);
}
BOTH(create_cut_both, create_cut)

static const _Alignas(SGX_PAGE_SIZE) uint8_t zeros[SGX_PAGE_SIZE];
static const struct sgx_secinfo rw = { .flags = SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W };

static void add_refuses_addresses(void)
{
	struct isgx_add_page add = { .src = (uintptr_t)zeros, .secinfo = (uintptr_t)&rw };

	isgx_map(&e);
	CHECK_ERRNO(isgx_add(&e, 0, zeros, &rw), ENOENT); /* not created */
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_ADD_PAGE, (void *)NOWHERE), EFAULT);
	add.addr = (uintptr_t)e.base + 1;
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_ADD_PAGE, &add), EINVAL);
	add.addr = (uintptr_t)zeros; /* no enclave */
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_ADD_PAGE, &add), EINVAL);
	CHECK_ERRNO(isgx_add(&e, PAGES, zeros, &rw), EINVAL);
	CHECK_ERRNO(isgx_add(&e, 0, zeros, (void *)NOWHERE), EFAULT);
	CHECK_EQUAL(isgx_add(&e, 0, (void *)NOWHERE, &rw), SGX_PAGE_SIZE);
	CHECK_EQUAL(isgx_add(&e, 0, half_there() + 1000, &rw), 1000);
	CHECK_EQUAL(isgx_add(&e, 0, zeros, &rw), 0);
	CHECK_ERRNO(isgx_add(&e, 0, zeros, &rw), EEXIST);
}
BOTH(add_refuses_addresses_both, add_refuses_addresses)

static void add_refuses_secinfo(void)
{
	static const uint64_t flags[] = {
		SGX_SECINFO_R, /* PT_SECS */
		UINT64_C(3) << SGX_SECINFO_PT_SHIFT | SGX_SECINFO_R,
		SGX_SECINFO_REG | SGX_SECINFO_W,
		SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PENDING,
		SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_MODIFIED,
		SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_PR,
		SGX_SECINFO_REG | SGX_SECINFO_R | BIT(7),
		SGX_SECINFO_REG | SGX_SECINFO_R | BIT(16),
	};
	struct sgx_secinfo secinfo = rw;

	isgx_map(&e);
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	for (size_t i = 0; i < ROWS(flags); i++) {
		secinfo.flags = flags[i];
		CHECK_ERRNO(isgx_add(&e, 0, zeros, &secinfo), EINVAL);
	}
	secinfo = rw;
	secinfo.reserved[55] = 1;
	CHECK_ERRNO(isgx_add(&e, 0, zeros, &secinfo), EINVAL);
}
BOTH(add_refuses_secinfo_both, add_refuses_secinfo)

#define TCS(field) offsetof(struct sgx_tcs, field), sizeof(((struct sgx_tcs *)0)->field)

static const struct {
	size_t offset, size;
	uint64_t value;
} tcs_rows[] = {
	{ TCS(flags), SGX_TCS_DBGOPTIN },
	{ TCS(flags), BIT(63) },
	{ TCS(ossa), 1 },
	{ TCS(ossa), PAGES *SGX_PAGE_SIZE },
	{ TCS(ofsbase), 8 },
	{ TCS(ofsbase), BIT(40) },
	{ TCS(ogsbase), 2048 },
	{ TCS(ogsbase), PAGES *SGX_PAGE_SIZE },
	{ TCS(fslimit), 0xffe },
	{ TCS(gslimit), 0x1000 },
	{ 72, 1, 1 }, /* reserved */
	{ 4095, 1, 1 },
};

static void add_refuses_tcs(void)
{
	/* A TCS may have permissions: EADD clears them. */
	struct sgx_secinfo secinfo = { .flags = SGX_SECINFO_TCS | SGX_SECINFO_RWX };
	_Alignas(SGX_PAGE_SIZE) uint8_t tcs[SGX_PAGE_SIZE];
	uint64_t unused;

	isgx_map(&e);
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	for (size_t i = 0; i < ROWS(tcs_rows); i++) {
		memcpy(tcs, enclave_page_content(&e, 0, &unused), sizeof(tcs));
		memcpy(tcs + tcs_rows[i].offset, &tcs_rows[i].value, tcs_rows[i].size);
		CHECK_ERRNO(isgx_add(&e, 0, tcs, &secinfo), EINVAL);
	}
	CHECK_EQUAL(isgx_add(&e, 0, enclave_page_content(&e, 0, &unused), &secinfo), 0);
}
BOTH(add_refuses_tcs_both, add_refuses_tcs)

static void init_refuses(void)
{
	struct sgx_sigstruct sig;

	isgx_map(&e);
	CHECK_ERRNO(isgx_init(&e, &e.sigstruct, NULL), ENOENT); /* not created */
	e.base++;
	CHECK_ERRNO(isgx_init(&e, &e.sigstruct, NULL), EINVAL);
	e.base += e.size - 1;
	CHECK_ERRNO(isgx_init(&e, &e.sigstruct, NULL), EINVAL); /* no enclave */
	isgx_build(&e);
	CHECK_EQUAL(isgx_init(&e, (void *)NOWHERE, NULL), sizeof(sig));
	sig = e.sigstruct;
	sig.vendor = 1;
	CHECK_EQUAL(isgx_init(&e, &sig, NULL), SGX_INVALID_SIG_STRUCT);
	sig = e.sigstruct;
	sig.signature[5] ^= 1;
	CHECK_EQUAL(isgx_init(&e, &sig, NULL), SGX_INVALID_SIGNATURE);
	e.secs.attributes.flags |=
		SGX_ATTR_KSS; /* signed for an enclave that was created otherwise */
	enclave_sign(&e);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), SGX_INVALID_ATTRIBUTE);
	isgx_build(&e);
	CHECK_EQUAL(isgx_add(&e, PAGE_HOLE, zeros, &rw), 0); /* nobody has signed this page */
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), SGX_INVALID_MEASUREMENT);
	isgx_make(&e);
	CHECK_EQUAL(isgx_init(&e, &sig, NULL), 0); /* it is done, whatever that signature is */
	CHECK_ERRNO(isgx_add(&e, PAGE_HOLE, zeros, &rw), EINVAL);
}
BOTH(init_refuses_both, init_refuses)

static void init_open_launch(void)
{
	struct sgx_einittoken token = { .valid = 1 };

	isgx_build(&e);
	CHECK_ERRNO(ioctl(e.fd, ISGX_IOC_INIT, (void *)NOWHERE), EFAULT);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, (void *)NOWHERE), sizeof(token));
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, &token), SGX_INVALID_EINITTOKEN);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), 0);
	isgx_map(&e);
	e.secs.attributes.flags |= SGX_ATTR_PROVISIONKEY | SGX_ATTR_EINITTOKENKEY;
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	isgx_add_all(&e);
	enclave_sign(&e);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), 0);
}

static void sets_attribute(void)
{
	struct dcap_old_set_attribute arg = { 0 };

	isgx_node = SGX_DEV_DCAP_OLD_ENCLAVE;
	isgx_map(&e);
	e.secs.attributes.flags |= SGX_ATTR_PROVISIONKEY;
	arg.addr = (uintptr_t)e.base;
	arg.attribute_fd = (uint64_t)open(SGX_DEV_DCAP_OLD_PROVISION, O_RDONLY);
	CHECK_ERRNO(ioctl(e.fd, DCAP_OLD_IOC_SET_ATTRIBUTE, &arg), ENOENT);
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	isgx_add_all(&e);
	enclave_sign(&e);
	CHECK_ERRNO(isgx_init(&e, &e.sigstruct, NULL), EACCES);
	arg.attribute_fd = (uint64_t)e.fd;
	CHECK_ERRNO(ioctl(e.fd, DCAP_OLD_IOC_SET_ATTRIBUTE, &arg), EINVAL);
	arg.attribute_fd = (uint64_t)open(SGX_DEV_DCAP_OLD_PROVISION, O_RDONLY);
	CHECK_EQUAL(ioctl(e.fd, DCAP_OLD_IOC_SET_ATTRIBUTE, &arg), 0);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), 0);
	isgx_map(&e);
	e.secs.attributes.flags |= SGX_ATTR_EINITTOKENKEY;
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	isgx_add_all(&e);
	enclave_sign(&e);
	CHECK_ERRNO(isgx_init(&e, &e.sigstruct, NULL), EACCES);
}

static void measures_chunks(void)
{
	isgx_map(&e);
	e.unmeasured = 0xbffe; /* the first chunk and the last but one count */
	CHECK_EQUAL(isgx_create(&e, &e.secs), 0);
	isgx_add_all(&e);
	e.unmeasured = 0;
	enclave_sign(&e);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), SGX_INVALID_MEASUREMENT);
	e.unmeasured = 0xbffe;
	enclave_sign(&e);
	CHECK_EQUAL(isgx_init(&e, &e.sigstruct, NULL), 0);
}
BOTH(measures_chunks_both, measures_chunks)

static const struct test tests[] = {
	{ "the nodes are there, the kernel's are not, nor is the vDSO function", nodes, 0 },
	{ "unknown requests are ENOTTY, and DCAP's driver knows none of SGX2", unknown_requests,
	  0 },
	{ "CREATE refuses what the driver refuses", create_refuses_both, 0 },
	{ "CREATE of the largest size that may be mapped faults", create_largest_both, 0 },
	{ "CREATE wants the range in one piece", create_cut_both, 0 },
	{ "ADD_PAGE refuses wrong addresses and pointers", add_refuses_addresses_both, 0 },
	{ "ADD_PAGE refuses wrong SECINFOs", add_refuses_secinfo_both, 0 },
	{ "ADD_PAGE refuses wrong TCSs, but not for their permissions", add_refuses_tcs_both, 0 },
	{ "ADD_PAGE measures the chunks of its mask", measures_chunks_both, 0 },
	{ "INIT returns EINIT's code, and 0 when it was done before", init_refuses_both, 0 },
	{ "INIT launches without a token where launch control is open", init_open_launch, 0 },
	{ "SET_ATTRIBUTE allows the provision key, and nothing the launch key", sets_attribute, 0 },
};

int main(int argc, char **argv)
{
	setenv("SWSGX_LAUNCH", "any", 1);
	return harness_main(argc, argv, tests, ROWS(tests), "legacy,dcap-old");
}
