// SPDX-License-Identifier: Apache-2.0
/*
 * An enclave that is handed over: built and initialised by somebody else, in this process or in
 * another, from the encl.bin that is in our working directory too.  From then on it is ours alone to
 * enter.
 *
 * Callers of older versions of the API leave garbage in fd and addr, so neither is used before it has
 * been found to be what it should be: fd the file of an initialised enclave; addr a multiple of the
 * enclave's size whose range is free in this process, or shows that very enclave.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "pal/encl.h"

/*
 * The enclave's size, before anything is allocated: a mapping of ours could otherwise be where the
 * enclave has to be.  What is read is checked when the files are loaded.
 */
static int peek_size(uint64_t *ret, struct err *e)
{
	_cleanup_(closep) int fd = open("encl.bin", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct image_options options;
	struct sgx_sigstruct sig;
	struct sgx_layout layout;
	int r;

	if (fd < 0)
		return err_errno(e, "encl.bin");
	r = io_read_exact(fd, &layout, sizeof(layout));
	if (r < 0)
		return err_set(e, r, "encl.bin: not an enclave image");
	r = signature_load("encl.ss", &sig, e);
	if (r < 0)
		return r;
	r = image_options_unpack(sig.swdefined, &options, e);
	if (r == 0)
		*ret = options.size ? options.size : layout.size;
	return r;
}

/* 0: the range is ours, or shows the enclave. */
static int claim_range(int fd, uint64_t addr, uint64_t size, struct encl *encl, struct err *e)
{
	int r;

	if (size == 0 || addr % size != 0 || addr + size < addr)
		return err_set(e, -ENOENT, "%#" PRIx64 " is no multiple of the enclave's size",
		               addr);
	r = range_reserve_at(addr, size, &encl->range);
	if (r < 0 && !encl->driver->owns(fd, addr, size))
		return err_set(e, -ENOENT, "%#" PRIx64 " is in use for something else", addr);
	return 0;
}

/* No enclave, or not one that the files describe, is for all of them -ENOENT. */
static int claim(int fd, uint64_t addr, struct encl *encl, uint64_t *ret_size, struct err *e)
{
	int r;

	if (fcntl(fd, F_GETFD) < 0)
		return err_set(e, -ENOENT, "descriptor %d is not open", fd);
	encl->driver = driver_of(fd, addr);
	if (!encl->driver)
		return err_set(e, -ENOENT, "descriptor %d is no initialised enclave", fd);
	r = peek_size(ret_size, e);
	if (r < 0)
		return -ENOENT;
	return claim_range(fd, addr, *ret_size, encl, e);
}

int encl_adopt(int fd, uint64_t addr, struct encl *ret, struct err *e)
{
	_cleanup_(encl_release) struct encl encl = ENCL_NONE;
	_cleanup_(encl_files_release) struct encl_files files = { 0 };
	uint64_t size = 0;
	int r = claim(fd, addr, &encl, &size, e);

	if (r < 0)
		return r;
	r = encl_files_load(&files, e);
	if (r < 0)
		return r;
	if (files.image.image.layout.size != size)
		return err_set(e, -EINVAL, "encl.bin: changed while it was read");
	encl.base = addr;
	encl.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (encl.fd < 0)
		return err_errno(e, "descriptor %d", fd);
	r = encl_map(&encl, &files.image.image, e);
	if (r < 0)
		return r;
	*ret = encl;
	encl = ENCL_NONE;
	return 0;
}
