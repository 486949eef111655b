// SPDX-License-Identifier: Apache-2.0
/*
 * Reads and writes as ocalls.  The request and its data are in the ocall area, which is the host's
 * memory: nothing there is read back but the data, and of that no more than was asked for.
 */
#include "enclave/io.h"

#include "enclave/abi.h"
#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/ocall.h"
#include "enclave/thread.h"

#define IO_DATA 64 /* behind struct encl_io in the area */

_Static_assert(sizeof(struct encl_io) <= IO_DATA, "request and data do not overlap");
_Static_assert(IO_DATA + ENCL_IO_MAX <= ENCL_OCALL_AREA, "the area holds both");

static int64_t io_ocall(enum encl_ocall number, int fd, uint64_t size)
{
	hptr area = td_own()->ocall_area;
	struct encl_io io = { (uint64_t)fd, area.v + IO_DATA, size };

	if (copy_out(area, &io, sizeof(io)) < 0)
		return -EFAULT;
	return ocall_result(encl_ocall(number, area.v), size);
}

int64_t encl_read(int fd, void *buffer, size_t size)
{
	hptr data = { td_own()->ocall_area.v + IO_DATA };
	int64_t done;

	if (size > ENCL_IO_MAX)
		size = ENCL_IO_MAX;
	done = io_ocall(ENCL_OCALL_READ, fd, size);
	if (done > 0 && copy_in(buffer, data, (size_t)done) < 0)
		return -EFAULT;
	return done;
}

int64_t encl_write(int fd, const void *buffer, size_t size)
{
	hptr data = { td_own()->ocall_area.v + IO_DATA };

	if (size > ENCL_IO_MAX)
		size = ENCL_IO_MAX;
	if (copy_out(data, buffer, size) < 0)
		return -EFAULT;
	return io_ocall(ENCL_OCALL_WRITE, fd, size);
}

int encl_write_all(int fd, const void *buffer, size_t size)
{
	const uint8_t *p = buffer;

	while (size > 0) {
		int64_t done = encl_write(fd, p, size);

		if (done < 0)
			return (int)done;
		if (done == 0)
			return -EIO;
		p += done;
		size -= (size_t)done;
	}
	return 0;
}
