// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools show: what a file says, told apart by its content.  A SIGSTRUCT is shown even when it is
 * wrong, since that is when one wants to see it; an image only when its layout can be trusted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/crypto/crypto.h"
#include "sgx-tools/show.h"
#include "sgx-tools/tool.h"

static const char usage[] =
	"usage: %1$s FILE\n"
	"\n"
	"Print a SIGSTRUCT (encl.ss) or an enclave image (encl.bin) field by field, with MRENCLAVE\n"
	"and MRSIGNER, and say whether the signature verifies.\n";

static int show(const char *path, struct err *e)
{
	static const struct image_options none;
	_cleanup_(freep) char *bytes = NULL;
	struct sgx_sigstruct sig;
	struct image image;
	size_t size = 0;
	int r = io_read_file(path, TOOL_IMAGE_MAX, &bytes, &size, e);

	if (r < 0)
		return r;
	if (size == sizeof(sig)) {
		memcpy(&sig, bytes, sizeof(sig));
		show_sigstruct(path, &sig);
		return 0;
	}
	if (!tool_is_image(bytes, size))
		return err_set(e, -EINVAL, "%s: neither a SIGSTRUCT nor an enclave image", path);
	r = image_parse(path, bytes, size, &none, &image, e);
	if (r == 0)
		show_image(path, &image);
	return r;
}

int cmd_show(int argc, char **argv, struct err *e)
{
	int r;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		printf(usage, argv[0]);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "--") == 0)
		argv++, argc--;
	else if (argc >= 2 && argv[1][0] == '-' && argv[1][1] != '\0')
		return err_set(e, -EINVAL, "%s: unknown option", argv[1]);
	if (argc != 2)
		return err_set(e, -EINVAL, "%d operands, not FILE; --help says more", argc - 1);
	r = crypto_load(e);
	return r < 0 ? r : show(argv[1], e);
}
