// SPDX-License-Identifier: Apache-2.0
/* The options of the gen- commands, and what they make in the same way. */
#include "sgx-tools/gen.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "sgx-tools/output.h"
#include "sgx-tools/tool.h"
#include "sgx/quote.h"

static int refuse(int option, const char *word, struct err *e)
{
	if (option == ':')
		return err_set(e, -EINVAL, "%s: wants a value", word);
	return err_set(e, -EINVAL, "%s: unknown option", word);
}

int gen_parse(int argc, char **argv, const struct gen_option *options, size_t count, bool *ret_help,
              struct err *e)
{
	struct option long_options[GEN_OPTIONS_MAX + 2] = { 0 };
	int option;

	for (size_t i = 0; i < count; i++)
		long_options[i] =
			(struct option){ options[i].name, required_argument, NULL, 256 + (int)i };
	long_options[count] = (struct option){ "help", no_argument, NULL, 'h' };
	*ret_help = false;
	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((option = getopt_long_only(argc, argv, ":h", long_options, NULL)) != -1) {
		if (option == 'h') {
			*ret_help = true;
			return 0;
		}
		if (option < 256)
			return refuse(option, argv[optind - 1], e);
		*options[option - 256].value = optarg;
	}
	if (optind < argc)
		return err_set(e, -EINVAL, "%s: there are no operands; --help says more",
		               argv[optind]);
	return 0;
}

int gen_type_parse(const char *text, enum gen_type *ret, struct err *e)
{
	if (!text || strcasecmp(text, "ecdsa") == 0)
		*ret = GEN_ECDSA;
	else if (strcasecmp(text, "epidLinkable") == 0)
		*ret = GEN_EPID_LINKABLE;
	else if (strcasecmp(text, "epidUnlinkable") == 0)
		*ret = GEN_EPID_UNLINKABLE;
	else
		return err_set(e, -EINVAL,
		               "--quote-type %s: neither ecdsa, epidLinkable nor epidUnlinkable",
		               text);
	return 0;
}

int gen_save(const char *what, const char *path, const void *bytes, size_t size, struct err *e)
{
	struct output output = { .path = path, .bytes = bytes, .size = size };
	int r = outputs_write(&output, 1, e);

	if (r == 0 && tool_is_verbose)
		fprintf(stderr, "%s file %s saved\n", what, path);
	return r;
}

char *gen_token_name(const char *signature)
{
	const char *slash = strrchr(signature, '/');
	const char *name = slash ? slash + 1 : signature;
	const char *dot = strrchr(name, '.');
	size_t kept = dot && dot != name ? (size_t)(dot - signature) : strlen(signature);
	char *ret;

	return asprintf(&ret, "%.*s.token", (int)kept, signature) < 0 ? NULL : ret;
}

size_t gen_epid_size(const uint8_t *quote, size_t size)
{
	struct sgx_epid_quote head;

	if (size < sizeof(head))
		return 0;
	memcpy(&head, quote, sizeof(head));
	if (head.version < 1 || head.version > 2 || head.signature_size > size - sizeof(head))
		return 0;
	return sizeof(head) + head.signature_size;
}
