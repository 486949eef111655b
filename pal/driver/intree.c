// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's own driver, since Linux 5.11 (sgx/uapi/intree.h).  A signal ends its longer requests
 * early; all of them may simply be asked again, so that is done here.
 */
#include "pal/driver/intree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"

static int request(int fd, unsigned long number, void *arg)
{
	int r;

	do
		r = ioctl(fd, number, arg);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r == 0 ? 0 : -EIO;
}

/* -EAGAIN: the processor's security version is being updated, or it is short of entropy. */
int intree_probe(const char *node)
{
	int r, try = 0;

	do {
		r = open(node, O_RDWR | O_CLOEXEC);
		if (r < 0)
			r = -errno;
	} while (driver_again(r, try++));
	return r;
}

/* No mapping of the device is needed yet: what the segments leave free stays as it is here. */
int intree_reserve(int fd, uint64_t size, uint64_t first, struct range *ret)
{
	(void)fd;
	return first != 0 ? range_reserve_at(first, size - first, ret) : range_reserve(size, ret);
}

int intree_create(int fd, const struct sgx_secs *secs)
{
	struct sgx_enclave_create create = { .src = (uint64_t)secs };

	return request(fd, SGX_IOC_ENCLAVE_CREATE, &create);
}

/* Not by request(): after an interruption count says how far it came, and only the rest may follow. */
int intree_add(int fd, const struct driver_pages *pages, uint64_t *ret_done)
{
	struct sgx_secinfo secinfo = { .flags = pages->secinfo_flags };
	struct sgx_enclave_add_pages add = {
		.src = (uint64_t)pages->src,
		.offset = pages->offset,
		.length = pages->size,
		.secinfo = (uint64_t)&secinfo,
		.flags = SGX_PAGE_MEASURE,
	};
	int r = ioctl(fd, SGX_IOC_ENCLAVE_ADD_PAGES, &add);

	if (r < 0)
		r = -errno;
	/* Errors before the first page leave count as it was: 0. */
	*ret_done = add.count;
	return r;
}

/* EINIT's code stays in the driver: all of them are -EPERM. */
int intree_init(int fd, const struct driver_init *init, uint32_t *ret_code)
{
	struct sgx_enclave_init arg = { .sigstruct = (uint64_t)init->sig };
	int r, try = 0;

	(void)ret_code;
	do
		r = request(fd, SGX_IOC_ENCLAVE_INIT, &arg);
	while (driver_again(r, try++));
	return r;
}

int intree_map(int fd, uint64_t addr, uint64_t size, int prot)
{
	void *map = mmap((void *)addr, size, prot, MAP_SHARED | MAP_FIXED, fd, 0);

	return map == MAP_FAILED ? -errno : 0;
}

/*
 * Requests that cannot succeed tell by their errors: CREATE without a SECS is -EINVAL on an enclave
 * that exists and -EFAULT on one that does not; INIT without a SIGSTRUCT is -EINVAL on one that is
 * initialised already and -EFAULT on one that is not.  What is no enclave knows neither.
 */
int intree_stage(int fd, uint64_t addr)
{
	struct sgx_enclave_create create = { 0 };
	struct sgx_enclave_init init = { 0 };

	(void)addr;
	if (request(fd, SGX_IOC_ENCLAVE_CREATE, &create) != -EINVAL)
		return 0;
	return request(fd, SGX_IOC_ENCLAVE_INIT, &init) == -EINVAL ? 2 : 1;
}

const struct driver driver_intree = {
	.name = "in-tree",
	.node = SGX_DEV_ENCLAVE,
	.probe = intree_probe,
	.reserve = intree_reserve,
	.create = intree_create,
	.add = intree_add,
	.init = intree_init,
	.map = intree_map,
	.stage = intree_stage,
	.owns = intree_owns,
};
