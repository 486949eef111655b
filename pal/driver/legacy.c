// SPDX-License-Identifier: Apache-2.0
/*
 * The drivers before the kernel's (sgx/uapi/legacy.h): /dev/isgx, and the DCAP driver up to 1.22, which
 * differs in its INIT only.  The range is mapped from the device first, all of it and without access;
 * CREATE wants it in one piece.  From then on it may be cut by mprotect, but never unmapped in parts:
 * with the first piece that goes the enclave is dead.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "pal/driver/intree.h"
#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/legacy.h"

static int request(int fd, unsigned long number, void *arg)
{
	int r;

	do
		r = ioctl(fd, number, arg);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

/* Newer drivers have a folder where the old one of DCAP has its node. */
static int legacy_probe(const char *node)
{
	int r = intree_probe(node);

	return r == -EISDIR ? -ENOENT : r;
}

/* Without a hint the driver finds an address that is a multiple of size. */
static int legacy_reserve(int fd, uint64_t size, uint64_t first, struct range *ret)
{
	int flags = MAP_SHARED | (first != 0 ? MAP_FIXED_NOREPLACE : 0);
	void *map = mmap(NULL, size, PROT_NONE, flags, fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	if (first != 0 && map != NULL) { /* a kernel before 4.17 takes the address for a hint */
		munmap(map, size);
		return -EEXIST;
	}
	*ret = (struct range){ .start = (uint64_t)map, .size = size };
	return 0;
}

/* A fault of ECREATE is -EFAULT; positive are the bytes of the SECS that were not readable. */
static int legacy_create(int fd, const struct sgx_secs *secs)
{
	struct isgx_create create = { .src = (uint64_t)secs };
	int r = request(fd, ISGX_IOC_CREATE, &create);

	return r > 0 || r == -EFAULT ? -EIO : r;
}

static int legacy_add(int fd, const struct driver_pages *pages, uint64_t *ret_done)
{
	struct sgx_secinfo secinfo = { .flags = pages->secinfo_flags };
	int r = 0;

	*ret_done = 0;
	while (r == 0 && *ret_done < pages->size) {
		struct isgx_add_page add = {
			.addr = pages->base + pages->offset + *ret_done,
			.src = (uint64_t)pages->src + *ret_done,
			.secinfo = (uint64_t)&secinfo,
			.mrmask = ISGX_MRMASK_PAGE,
		};

		r = request(fd, ISGX_IOC_ADD_PAGE, &add);
		if (r == 0)
			*ret_done += SGX_PAGE_SIZE;
	}
	return r > 0 ? -EIO : r;
}

/* An unmasked event is an interrupt that came in EINIT's way. */
static int init_result(int r, uint32_t *ret_code)
{
	if (r == SGX_UNMASKED_EVENT)
		return -EAGAIN;
	if (r == ISGX_POWER_LOST || r == -EFAULT)
		return -EIO;
	if (r <= 0)
		return r;
	*ret_code = (uint32_t)r;
	return -EPERM;
}

static int isgx_init(int fd, const struct driver_init *init, uint32_t *ret_code)
{
	struct isgx_init arg = {
		.addr = init->base,
		.sigstruct = (uint64_t)init->sig,
		.einittoken = (uint64_t)init->token,
	};
	int r, try = 0;

	do
		r = init_result(request(fd, ISGX_IOC_INIT, &arg), ret_code);
	while (driver_again(r, try++));
	return r;
}

static int dcap_old_init(int fd, const struct driver_init *init, uint32_t *ret_code)
{
	struct dcap_old_init arg = { .addr = init->base, .sigstruct = (uint64_t)init->sig };
	int r, try = 0;

	do
		r = init_result(request(fd, DCAP_OLD_IOC_INIT, &arg), ret_code);
	while (driver_again(r, try++));
	return r;
}

/* The range is the device's already.  On a noexec mount mmap would say -EPERM, mprotect -EACCES. */
static int legacy_map(int fd, uint64_t addr, uint64_t size, int prot)
{
	(void)fd;
	if (mprotect((void *)addr, size, prot) == 0)
		return 0;
	return errno == EACCES ? -EPERM : -errno;
}

typedef int init_fn(int fd, const struct driver_init *init, uint32_t *ret_code);

/* INIT of an enclave that is initialised does nothing, and no SIGSTRUCT of zeros initialises one. */
static int stage_by(init_fn *init, int fd, uint64_t addr)
{
	static const struct sgx_sigstruct sig;
	static const struct sgx_einittoken token;
	struct driver_init nothing = { .base = addr, .sig = &sig, .token = &token };
	uint32_t code = 0;

	if (init(fd, &nothing, &code) == 0)
		return 2;
	return code != 0 ? 1 : 0;
}

/* CREATE takes a range in one piece only, so that its ends say it all. */
static bool owns_by(init_fn *init, int fd, uint64_t addr, uint64_t size)
{
	return stage_by(init, fd, addr) == 2 &&
	       stage_by(init, fd, addr + size - SGX_PAGE_SIZE) == 2;
}

static int isgx_stage(int fd, uint64_t addr)
{
	return stage_by(isgx_init, fd, addr);
}

static bool isgx_owns(int fd, uint64_t addr, uint64_t size)
{
	return owns_by(isgx_init, fd, addr, size);
}

static int dcap_old_stage(int fd, uint64_t addr)
{
	return stage_by(dcap_old_init, fd, addr);
}

static bool dcap_old_owns(int fd, uint64_t addr, uint64_t size)
{
	return owns_by(dcap_old_init, fd, addr, size);
}

const struct driver driver_isgx = {
	.name = "legacy",
	.node = SGX_DEV_ISGX,
	.wants_token = true,
	.probe = legacy_probe,
	.reserve = legacy_reserve,
	.create = legacy_create,
	.add = legacy_add,
	.init = isgx_init,
	.map = legacy_map,
	.stage = isgx_stage,
	.owns = isgx_owns,
};

const struct driver driver_dcap_old = {
	.name = "old DCAP",
	.node = SGX_DEV_DCAP_OLD_ENCLAVE,
	.probe = legacy_probe,
	.reserve = legacy_reserve,
	.create = legacy_create,
	.add = legacy_add,
	.init = dcap_old_init,
	.map = legacy_map,
	.stage = dcap_old_stage,
	.owns = dcap_old_owns,
};
