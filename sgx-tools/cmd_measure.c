// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools measure: the MRENCLAVE of an enclave that nobody has signed, from its image, from the ELF
 * file that the image is made of, or from an SGXS stream; and the stream itself, for others' tools.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/sgx/sgxs.h"
#include "sgx-tools/elf_image.h"
#include "sgx-tools/output.h"
#include "sgx-tools/sign_options.h"
#include "sgx-tools/tool.h"

enum { OPTION_SGXS = 256 };

static const char usage[] =
	"usage: %1$s [OPTION]... FILE\n"
	"\n"
	"Print the MRENCLAVE of FILE: an enclave image (encl.bin), the ELF file that it is made of\n"
	"(encl.elf), or an SGXS stream.\n"
	"\n"
	"      --sgxs OUT                    write the stream that is measured to OUT\n"
	"  -s, --mmap-size BYTES             as sgxsign's option of this name, and so are:\n"
	"  -n, --null-dereference-protection\n"
	"  -m, --mmap-min-addr HEX\n";

static const struct option long_options[] = {
	{ "sgxs", required_argument, NULL, OPTION_SGXS },
	{ "mmap-size", required_argument, NULL, 's' },
	{ "null-dereference-protection", no_argument, NULL, 'n' },
	{ "mmap-min-addr", required_argument, NULL, 'm' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct sign_options placing;
	const char *file, *sgxs;
	bool is_placed, is_help;
};

static int parse(int argc, char **argv, struct request *ret, struct err *e)
{
	struct request q = { .file = NULL };
	int option, r = 0;

	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((option = getopt_long(argc, argv, ":s:nm:h", long_options, NULL)) != -1) {
		q.is_placed |= option == 's' || option == 'n' || option == 'm';
		switch (option) {
		case OPTION_SGXS: q.sgxs = optarg; break;
		case 'n': q.placing.protect_null = true; break;
		case 's': r = sign_number_parse(&q.placing.size, option, optarg, e); break;
		case 'm': r = sign_number_parse(&q.placing.min_addr, option, optarg, e); break;
		case 'h': q.is_help = true; break;
		default: r = sign_option_refuse(option, argv[optind - 1], long_options, e);
		}
		if (r < 0)
			return r;
	}
	if (!q.is_help && argc - optind != 1)
		return err_set(e, -EINVAL, "%d operands, not FILE; --help says more",
		               argc - optind);
	q.file = argv[optind];
	*ret = q;
	return 0;
}

static int write_stream(const char *path, const struct image *image, struct err *e)
{
	uint64_t size = sgxs_size(image);
	_cleanup_(freep) uint8_t *stream = NULL;
	struct output output = { .path = path, .size = size };

	if (size > TOOL_IMAGE_MAX)
		return err_set(e, -EFBIG, "%s: a stream of %llu bytes is more than %d", path,
		               (unsigned long long)size, TOOL_IMAGE_MAX);
	stream = malloc(size);
	if (!stream)
		return err_set(e, -ENOMEM, "no memory for a stream of %llu bytes",
		               (unsigned long long)size);
	sgxs_write(image, stream);
	output.bytes = stream;
	return outputs_write(&output, 1, e);
}

static int measure_image(const struct request *q, const void *bytes, size_t size,
                         uint8_t mrenclave[SHA256_SIZE], struct err *e)
{
	static const struct image_options none;
	struct image_options placing;
	struct image image;
	int r = image_parse(q->file, bytes, size, &none, &image, e);

	if (r == 0)
		r = sign_options_image(&q->placing, &image.layout, &placing, e);
	if (r == 0)
		r = image_parse(q->file, bytes, size, &placing, &image, e);
	if (r < 0)
		return r;
	image_measure(&image, mrenclave);
	return q->sgxs ? write_stream(q->sgxs, &image, e) : 0;
}

static int measure_stream(const struct request *q, const char *bytes, size_t size,
                          uint8_t mrenclave[SHA256_SIZE], struct err *e)
{
	if (q->is_placed || q->sgxs)
		return err_set(e, -EINVAL, "%s: a stream already, it takes no option", q->file);
	return sgxs_measure(q->file, bytes, size, mrenclave, e);
}

static int measure(const struct request *q, uint8_t mrenclave[SHA256_SIZE], struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	_cleanup_(freep) uint8_t *image = NULL;
	size_t size = 0, image_size = 0;
	int r = q->sgxs ? output_differs(q->sgxs, q->file, e) : 0;

	if (r == 0)
		r = io_read_file(q->file, TOOL_IMAGE_MAX, &bytes, &size, e);
	if (r < 0)
		return r;
	if (sgxs_is_stream(bytes, size))
		return measure_stream(q, bytes, size, mrenclave, e);
	if (tool_is_image(bytes, size))
		return measure_image(q, bytes, size, mrenclave, e);
	if (!elf_is_elf(bytes, size))
		return err_set(e, -EINVAL,
		               "%s: neither an enclave image, nor ELF, nor an SGXS stream",
		               q->file);
	r = elf_image(q->file, bytes, size, &image, &image_size, e);
	if (r == 0 && !tool_is_image(image, image_size))
		r = err_set(e, -EINVAL, "%s: an ELF file without an enclave image", q->file);
	return r < 0 ? r : measure_image(q, image, image_size, mrenclave, e);
}

int cmd_measure(int argc, char **argv, struct err *e)
{
	uint8_t mrenclave[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];
	struct request q;
	int r = parse(argc, argv, &q, e);

	if (r == 0 && q.is_help) {
		printf(usage, argv[0]);
		return 0;
	}
	if (r == 0)
		r = crypto_load(e);
	if (r == 0)
		r = measure(&q, mrenclave, e);
	if (r < 0)
		return r;
	hex_encode(mrenclave, sizeof(mrenclave), text);
	printf("MRENCLAVE %s\n", text);
	return 0;
}
