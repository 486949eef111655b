// SPDX-License-Identifier: Apache-2.0
/*
 * An enclave that is handed over: built and initialised by somebody else, in this process or in
 * another, from the encl.bin that is in our working directory too.  From then on it is ours alone to
 * enter.
 *
 * Callers of older versions of the API leave garbage in fd and addr, so neither is used before it has
 * been found to be what it should be: fd the file of an initialised enclave; addr a multiple of the
 * enclave's size whose range is free in this process, or mapped from that very file.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/sgx/sigstruct.h"
#include "pal/encl.h"

struct mapping {
	uint64_t start, end, inode;
	unsigned int major, minor;
	char prot[5];
};

static void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static bool read_mapping(FILE *maps, struct mapping *ret)
{
	char line[512];

	if (!fgets(line, sizeof(line), maps))
		return false;
	/* The rest of a line that is longer, its path, is no line of this form. */
	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %x:%x %" SCNu64, &ret->start,
	              &ret->end, ret->prot, &ret->major, &ret->minor, &ret->inode) == 6 ||
	       read_mapping(maps, ret);
}

/* Reserved address space between the segments: anonymous, no access. */
static bool is_reserved(const struct mapping *m)
{
	return m->inode == 0 && m->prot[0] == '-' && m->prot[1] == '-' && m->prot[2] == '-';
}

/* Is the range mapped from this file, and for the rest at most reserved? */
static bool is_mapped_from(uint64_t start, uint64_t size, const struct stat *file)
{
	_cleanup_(fclosep) FILE *maps = fopen("/proc/self/maps", "re");
	bool is_found = false;
	struct mapping m;

	while (maps && read_mapping(maps, &m)) {
		if (m.end <= start || (m.start > start && m.start - start >= size))
			continue;
		if (is_reserved(&m))
			continue;
		if (m.inode != file->st_ino || makedev(m.major, m.minor) != file->st_dev)
			return false;
		is_found = true;
	}
	return is_found;
}

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
	r = sigstruct_load("encl.ss", &sig, e);
	if (r < 0)
		return r;
	r = image_options_unpack(sig.swdefined, &options, e);
	if (r == 0)
		*ret = options.size ? options.size : layout.size;
	return r;
}

/* 0: the range is ours, or mapped from the file. */
static int claim_range(uint64_t addr, uint64_t size, const struct stat *file, struct range *ret,
                       struct err *e)
{
	int r;

	if (size == 0 || addr % size != 0 || addr + size < addr)
		return err_set(e, -ENOENT, "%#" PRIx64 " is no multiple of the enclave's size",
		               addr);
	r = range_reserve_at(addr, size, ret);
	if (r < 0 && !is_mapped_from(addr, size, file))
		return err_set(e, -ENOENT, "%#" PRIx64 " is in use for something else", addr);
	return 0;
}

/* No enclave, or not one that the files describe, is for all of them -ENOENT. */
static int claim(int fd, uint64_t addr, struct encl *encl, uint64_t *ret_size, struct err *e)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return err_set(e, -ENOENT, "descriptor %d is not open", fd);
	encl->driver = driver_of(fd, addr);
	if (!encl->driver)
		return err_set(e, -ENOENT, "descriptor %d is no initialised enclave", fd);
	r = peek_size(ret_size, e);
	if (r < 0)
		return -ENOENT;
	return claim_range(addr, *ret_size, &st, &encl->range, e);
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
