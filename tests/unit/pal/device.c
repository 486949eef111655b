// SPDX-License-Identifier: Apache-2.0
/* See device.h. */
#include "tests/unit/pal/device.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "lib/sgx/measure.h"
#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/sigstruct.h"
#include "sgx/uapi/legacy.h"

int __real_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg);
void *__real_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset);
int __real_mprotect(void *addr, size_t size, int prot);
int __wrap_mprotect(void *addr, size_t size, int prot);

struct device dev;

void device_plug(unsigned long init_request)
{
	dev = (struct device){ .init_request = init_request };
	dev.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int fail_with(int error)
{
	errno = error;
	return -1;
}

static int dev_create(const struct isgx_create *arg)
{
	const struct sgx_secs *secs = (const void *)arg->src;

	if (!secs)
		return sizeof(*secs); /* so many bytes were not readable */
	if (secs->baseaddr != dev.range.start || secs->size != dev.range.size || dev.secs.size)
		return fail_with(EINVAL);
	if (dev.create_result)
		return dev.create_result < 0 ? fail_with(-dev.create_result) : dev.create_result;
	dev.secs = *secs;
	measure_ecreate(&dev.measure, secs->ssaframesize, secs->size, secs->cet_leg_bitmap_offset);
	return 0;
}

static int dev_add(const struct isgx_add_page *arg)
{
	const struct sgx_secinfo *secinfo = (const void *)arg->secinfo;
	uint64_t offset = arg->addr - dev.range.start;

	if (dev.add_result && dev.added == 3 * 4096)
		return fail_with(-dev.add_result);
	if (offset >= dev.secs.size || dev.is_initialised || arg->mrmask != 0xffff)
		return fail_with(EINVAL);
	measure_eadd(&dev.measure, offset, secinfo->flags);
	measure_page(&dev.measure, offset, (const void *)arg->src);
	dev.added += 4096;
	return 0;
}

/* Garbage is refused as EINIT would. */
static int dev_init(const struct isgx_init *arg, bool has_token)
{
	const struct sgx_sigstruct *sig = (const void *)arg->sigstruct;

	if (arg->addr < dev.range.start || arg->addr - dev.range.start >= dev.range.size)
		return fail_with(EINVAL);
	if (!dev.secs.size)
		return fail_with(ENOENT);
	dev.inits++;
	dev.has_token = has_token;
	if (has_token)
		dev.token = *(const struct sgx_einittoken *)arg->einittoken;
	if (dev.is_initialised)
		return 0;
	if (dev.init_times-- > 0)
		return dev.init_result < 0 ? fail_with(-dev.init_result) : dev.init_result;
	if (sig->exponent != 3)
		return SGX_INVALID_SIG_STRUCT;
	dev.is_initialised = true;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	if (fd != dev.fd)
		return __real_ioctl(fd, request, arg);
	if (request == ISGX_IOC_CREATE)
		return dev_create(arg);
	if (request == ISGX_IOC_ADD_PAGE)
		return dev_add(arg);
	if (request == dev.init_request)
		return dev_init(arg, request == ISGX_IOC_INIT);
	return fail_with(ENOTTY);
}

void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	int r;

	if (fd < 0 || fd != dev.fd)
		return __real_mmap(addr, size, prot, flags, fd, offset);
	assert_int_equal(flags & MAP_PRIVATE, 0);
	assert_int_equal(prot, PROT_NONE);
	r = flags & MAP_FIXED_NOREPLACE ? range_reserve_at((uint64_t)addr, size, &dev.range)
	                                : range_reserve(size, &dev.range);
	if (r == 0)
		return (void *)dev.range.start;
	errno = -r;
	return MAP_FAILED;
}

int __wrap_mprotect(void *addr, size_t size, int prot)
{
	if ((uint64_t)addr - dev.range.start >= dev.range.size)
		return __real_mprotect(addr, size, prot);
	if (dev.mprotect_error)
		return fail_with(dev.mprotect_error);
	assert_true(dev.map_count < 8);
	dev.map[dev.map_count].addr = (uint64_t)addr;
	dev.map[dev.map_count].size = size;
	dev.map[dev.map_count++].prot = prot;
	return 0;
}
