// SPDX-License-Identifier: Apache-2.0
/*
 * A driver with no SGX behind it, for tests: it measures what it is given, maps anonymous memory, and
 * fails where the test's script says so.  It is in no row of drivers[].
 */
#include "pal/driver/null.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/sgx/measure.h"
#include "sgx/secinfo.h"

struct null_script null_script;
struct null_record null_record;

static int null_probe(const char *node)
{
	int fd = open(node, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int null_reserve(int fd, uint64_t size, uint64_t first, struct range *ret)
{
	(void)fd;
	return first != 0 ? range_reserve_at(first, size - first, ret) : range_reserve(size, ret);
}

static int null_create(int fd, const struct sgx_secs *secs)
{
	(void)fd;
	if (null_script.create_error)
		return null_script.create_error;
	memset(&null_record, 0, sizeof(null_record));
	null_record.secs = *secs;
	measure_ecreate(&null_record.measure, secs->ssaframesize, secs->size,
	                secs->cet_leg_bitmap_offset);
	return 0;
}

static int null_add(int fd, const struct driver_pages *pages, uint64_t *ret_done)
{
	uint64_t most = pages->size;

	(void)fd;
	if (null_script.add_most && null_script.add_most < most)
		most = null_script.add_most;
	for (*ret_done = 0; *ret_done < most; *ret_done += SGX_PAGE_SIZE) {
		uint64_t offset = pages->offset + *ret_done;

		if (null_script.add_error && offset == null_script.add_fail_at)
			return null_script.add_error;
		measure_eadd(&null_record.measure, offset, pages->secinfo_flags);
		measure_page(&null_record.measure, offset, (const uint8_t *)pages->src + *ret_done);
		null_record.added += SGX_PAGE_SIZE;
	}
	return 0;
}

static int null_init(int fd, const struct driver_init *init, uint32_t *ret_code)
{
	(void)fd;
	if (null_script.init_code)
		*ret_code = null_script.init_code;
	if (null_script.init_error)
		return null_script.init_error;
	null_record.sig = *init->sig;
	return 0;
}

static int null_map(int fd, uint64_t addr, uint64_t size, int prot)
{
	(void)fd;
	if (null_script.map_error)
		return null_script.map_error;
	if (null_record.map_count < NULL_MAPS_MAX) {
		null_record.map[null_record.map_count].addr = addr;
		null_record.map[null_record.map_count].size = size;
		null_record.map[null_record.map_count++].prot = prot;
	}
	if (mmap((void *)addr, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		return -errno;
	return 0;
}

static int null_stage(int fd, uint64_t addr)
{
	(void)fd;
	(void)addr;
	return 0;
}

static bool null_owns(int fd, uint64_t addr, uint64_t size)
{
	(void)fd;
	(void)addr;
	(void)size;
	return false;
}

const struct driver driver_null = {
	.name = "null",
	.node = "/dev/null",
	.probe = null_probe,
	.reserve = null_reserve,
	.create = null_create,
	.add = null_add,
	.init = null_init,
	.map = null_map,
	.stage = null_stage,
	.owns = null_owns,
};
