// SPDX-License-Identifier: Apache-2.0
/*
 * Reading an encl.bin.  It is read, not mapped: a file that is cut while we use it would be a SIGBUS
 * in somebody else's process, and the driver refuses pages of a mapping of a noexec mount.
 */
#include "pal/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "sgx/secinfo.h"

void image_release(struct image_file *file)
{
	range_release(&file->memory);
	file->image.file = NULL;
}

static int read_whole(const char *path, struct range *ret, size_t *ret_size, struct err *e)
{
	_cleanup_(range_release) struct range memory = { 0 };
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *map;
	int r;

	if (fd < 0)
		return err_errno(e, "%s", path);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: not a regular file", path);
	if (st.st_size < SGX_PAGE_SIZE)
		return err_set(e, -EINVAL, "%s: not an enclave image: %lld bytes, less than a page",
		               path, (long long)st.st_size);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	           -1, 0);
	if (map == MAP_FAILED)
		return err_errno(e, "%s: memory for %lld bytes", path, (long long)st.st_size);
	memory = (struct range){ .start = (uint64_t)map, .size = (uint64_t)st.st_size };
	r = io_read_exact(fd, map, (size_t)st.st_size);
	if (r < 0)
		return err_set(e, r, "read %s: %s", path, strerror(-r));
	*ret = memory;
	*ret_size = (size_t)st.st_size;
	memory.size = 0;
	return 0;
}

int image_load(const char *path, const struct image_options *options, struct image_file *ret,
               struct err *e)
{
	_cleanup_(image_release) struct image_file file = { 0 };
	size_t size = 0;
	int r = read_whole(path, &file.memory, &size, e);

	if (r < 0)
		return r;
	r = image_parse(path, (const void *)file.memory.start, size, options, &file.image, e);
	if (r < 0)
		return r;
	*ret = file;
	file = (struct image_file){ 0 };
	return 0;
}

int signature_load(const char *path, struct sgx_sigstruct *ret, struct err *e)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct sgx_sigstruct sig;
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "open %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size != (off_t)sizeof(sig))
		return err_set(e, -EINVAL, "%s: not a SIGSTRUCT of %zu bytes", path, sizeof(sig));
	r = io_read_exact(fd, &sig, sizeof(sig));
	if (r < 0)
		return err_set(e, r, "read %s: %s", path, strerror(-r));
	*ret = sig;
	return 0;
}
