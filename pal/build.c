// SPDX-License-Identifier: Apache-2.0
/*
 * From two files to an enclave: SECS, pages in the order of the layout, INIT, mappings.  The driver
 * judges; only when it has refused are the files examined for the cause (diagnose.c), so that a good
 * enclave is hashed once, by the processor.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/cleanup.h"
#include "pal/encl.h"
#include "sgx/secinfo.h"
#include "sgx/tcs.h"

#define ZEROS_SIZE (256 * 1024)

int encl_files_load(struct encl_files *ret, struct err *e)
{
	static const struct image_options none;
	_cleanup_(encl_files_release) struct encl_files files = { 0 };
	struct image_options options;
	int r = image_load("encl.bin", &none, &files.image, e);

	if (r < 0)
		return r;
	r = signature_load("encl.ss", &files.sig, e);
	if (r < 0)
		return r;
	r = image_options_unpack(files.sig.swdefined, &options, e);
	if (r < 0)
		return encl_suspect(&files, NULL, err_wrap(e, r, "encl.ss"), e);
	r = image_parse("encl.bin", files.image.image.file, files.image.image.file_size, &options,
	                &files.image.image, e);
	if (r < 0)
		return encl_suspect(&files, NULL, r, e);
	*ret = files;
	files = (struct encl_files){ 0 };
	return 0;
}

void encl_files_release(struct encl_files *files)
{
	image_release(&files->image);
}

/*
 * What the layout needs and what the signature asks for; DEBUG alone is the user's choice.  Where the
 * signature forbids something of this, EINIT says so.
 */
static void secs_fill(const struct encl_files *files, bool is_debug, uint64_t base,
                      struct sgx_secs *ret)
{
	const struct sgx_layout *layout = &files->image.image.layout;
	const struct sgx_sigstruct *sig = &files->sig;

	memset(ret, 0, sizeof(*ret));
	ret->size = layout->size;
	ret->baseaddr = base;
	ret->ssaframesize = layout->ssaframesize;
	ret->miscselect = layout->miscselect | (sig->miscselect & sig->miscmask);
	ret->attributes.flags =
		layout->attributes | (sig->attributes.flags & sig->attributemask.flags &
	                              ~(SGX_ATTR_DEBUG | SGX_ATTR_INIT));
	if (is_debug)
		ret->attributes.flags |= SGX_ATTR_DEBUG;
	ret->attributes.xfrm = layout->xfrm | (sig->attributes.xfrm & sig->attributemask.xfrm);
}

static int add_all(const struct encl *encl, struct driver_pages pages)
{
	pages.base = encl->base;
	while (pages.size > 0) {
		uint64_t done = 0;
		int r = encl->driver->add(encl->fd, &pages, &done);

		if (r < 0 && r != -EINTR)
			return r;
		if (done > pages.size || (r == 0 && done == 0))
			return -EIO;
		pages.src = (const uint8_t *)pages.src + done;
		pages.offset += done;
		pages.size -= done;
	}
	return 0;
}

/* Pages of zeros come from one small mapping, again and again. */
static int add_zeros(const struct encl *encl, const struct sgx_layout_segment *s)
{
	struct driver_pages pages = { .secinfo_flags = s->secinfo_flags };
	size_t size = s->size < ZEROS_SIZE ? s->size : ZEROS_SIZE;
	void *zeros =
		mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int r = 0;

	if (zeros == MAP_FAILED)
		return -errno;
	pages.src = zeros;
	for (uint64_t done = 0; r == 0 && done < s->size; done += pages.size) {
		pages.offset = s->offset + done;
		pages.size = s->size - done < size ? s->size - done : size;
		r = add_all(encl, pages);
	}
	munmap(zeros, size);
	return r;
}

/* A TCS holds offsets from the base, which move with the image. */
static int add_moved_tcs(const struct encl *encl, const struct image *image,
                         const struct sgx_layout_segment *s)
{
	struct sgx_tcs tcs __attribute__((aligned(SGX_PAGE_SIZE)));

	for (uint64_t done = 0; done < s->size; done += SGX_PAGE_SIZE) {
		struct driver_pages pages = {
			.src = &tcs,
			.offset = s->offset + done,
			.size = SGX_PAGE_SIZE,
			.secinfo_flags = s->secinfo_flags,
		};
		int r;

		image_tcs(image, image->file + s->file_offset + done, &tcs);
		r = add_all(encl, pages);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_segment(const struct encl *encl, const struct image *image,
                       const struct sgx_layout_segment *s)
{
	struct driver_pages pages = {
		.src = image->file + s->file_offset,
		.offset = s->offset,
		.size = s->size,
		.secinfo_flags = s->secinfo_flags,
	};

	if (s->flags & SGX_LAYOUT_ZERO)
		return add_zeros(encl, s);
	if (image->offset != 0 && s->secinfo_flags == SGX_SECINFO_TCS)
		return add_moved_tcs(encl, image, s);
	return add_all(encl, pages);
}

static int add_image(const struct encl *encl, const struct image *image, struct err *e)
{
	for (uint32_t i = 0; i < image->layout.segment_count; i++) {
		const struct sgx_layout_segment *s = &image->layout.segment[i];
		int r = add_segment(encl, image, s);

		if (r == -ENOMEM)
			return err_set(
				e, r,
				"encl.bin: no room for the enclave's pages in the machine's SGX "
				"memory (EPC)");
		if (r < 0)
			return err_set(e, r, "encl.bin: pages at %#" PRIx64 ": the driver says: %s",
			               s->offset, strerror(-r));
	}
	return 0;
}

/* An image that was moved wants the range that starts at 0. */
static int reserve(struct encl *encl, const struct image *image, struct err *e)
{
	uint64_t size = image->layout.size;
	int r = encl->driver->reserve(encl->fd, size, image->offset, &encl->range);

	if (r < 0 && image->offset != 0)
		return err_set(e, r, "addresses %#" PRIx64 " to %#" PRIx64 " at %s: %s",
		               image->offset, size, encl->driver->node,
		               r == -EEXIST ? "in use, the enclave needs them" : strerror(-r));
	if (r < 0)
		return err_set(e, r,
		               "%s: no address space for an enclave of %#" PRIx64 " bytes: %s",
		               encl->driver->node, size, strerror(-r));
	encl->base = image->offset != 0 ? 0 : encl->range.start;
	return 0;
}

static int create(const struct encl *encl, const struct sgx_secs *secs, struct err *e)
{
	int r = encl->driver->create(encl->fd, secs);

	if (r == -ENOMEM)
		return err_set(e, r, "%s: out of SGX memory (EPC)", encl->driver->node);
	if (r == -EINVAL || r == -EIO)
		return err_set(e, r,
		               "%s: this processor refuses such an enclave (size %#" PRIx64
		               ", attributes %#" PRIx64 ", XFRM %#" PRIx64 ", MISCSELECT %#x): %s",
		               encl->driver->node, secs->size, secs->attributes.flags,
		               secs->attributes.xfrm, secs->miscselect, strerror(-r));
	if (r < 0)
		return err_set(e, r, "%s: create the enclave: %s", encl->driver->node,
		               strerror(-r));
	return 0;
}

static int init(const struct encl *encl, const struct encl_files *files,
                const struct sgx_secs *secs, const struct token *token, struct err *e)
{
	const struct driver_init init = {
		.base = encl->base,
		.sig = &files->sig,
		.token = &token->body,
	};
	struct encl_refusal refusal = { .driver = encl->driver, .token = token };

	refusal.error = encl->driver->init(encl->fd, &init, &refusal.code);
	return refusal.error < 0 ? encl_diagnose(files, secs, &refusal, e) : 0;
}

int encl_build(const struct encl_files *files, bool is_debug, const struct driver *driver, int fd,
               struct encl *ret, struct err *e)
{
	_cleanup_(encl_release) struct encl encl = { .driver = driver, .fd = fd };
	const struct image *image = &files->image.image;
	struct sgx_secs secs __attribute__((aligned(SGX_PAGE_SIZE)));
	struct token token = { 0 };
	int r = driver->wants_token ? token_load(&token, e) : 0;

	if (r < 0)
		return r;
	r = reserve(&encl, image, e);
	if (r < 0)
		return encl_suspect(files, NULL, r, e);
	secs_fill(files, is_debug, encl.base, &secs);
	r = create(&encl, &secs, e);
	if (r < 0)
		return r == -EINVAL || r == -EIO ? encl_suspect(files, NULL, r, e) : r;
	r = add_image(&encl, image, e);
	if (r < 0) /* a page of a kind that the processor looks into, a TCS */
		return r == -EINVAL || r == -EIO ? encl_suspect(files, &secs, r, e) : r;
	r = init(&encl, files, &secs, &token, e);
	if (r < 0)
		return r;
	r = encl_map(&encl, image, e);
	if (r < 0)
		return r;
	*ret = encl;
	encl = ENCL_NONE;
	return 0;
}
