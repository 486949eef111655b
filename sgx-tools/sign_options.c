// SPDX-License-Identifier: Apache-2.0
/* The command line of sgxsign: the original's options, and the two modes of signing elsewhere. */
#include "sgx-tools/sign_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "sgx-tools/tool.h"

enum { OPTION_TBS_ONLY = 256, OPTION_JOIN, OPTION_VERSION };

static const char usage[] =
	"usage: %1$s [OPTION]... KEY BIN SS [TBS]\n"
	"       %1$s [OPTION]... --tbs-only BIN TBS\n"
	"       %1$s --join TBS SIGNATURE KEY SS\n"
	"\n"
	"Sign the enclave image BIN with the RSA-3072 key KEY (PEM, exponent 3), write the\n"
	"SIGSTRUCT to SS and, when asked, the 256 bytes that are signed to TBS.\n"
	"\n"
	"  -N, --no-debugger, -p, --product  no debugger may ever open the enclave\n"
	"  -D, --debug-enclave               a debug enclave, and nothing else\n"
	"  -s, --mmap-size BYTES             an enclave of at least this many bytes\n"
	"  -a, --attrs HEX                   SGX attributes\n"
	"  -A, --attrs-mask HEX              the attributes that may not differ\n"
	"  -x, --xfrm HEX                    extended features (XFRM)\n"
	"  -X, --xfrm-mask HEX               the extended features that may not differ\n"
	"  -n, --null-dereference-protection enclave range from address 0, the image above it\n"
	"  -m, --mmap-min-addr HEX           with -n: where the image begins (default 0x10000)\n"
	"      --tbs-only                    write what is to be signed; needs no key\n"
	"      --join                        make the SIGSTRUCT from TBS and a signature of it;\n"
	"                                    KEY is the public key or its certificate\n"
	"      --help, --version\n";

static const struct option long_options[] = {
	{ "product", no_argument, NULL, 'N' },
	{ "no-debugger", no_argument, NULL, 'N' },
	{ "debug-enclave", no_argument, NULL, 'D' },
	{ "mmap-size", required_argument, NULL, 's' },
	{ "attrs", required_argument, NULL, 'a' },
	{ "attrs-mask", required_argument, NULL, 'A' },
	{ "xfrm", required_argument, NULL, 'x' },
	{ "xfrm-mask", required_argument, NULL, 'X' },
	{ "null-dereference-protection", no_argument, NULL, 'n' },
	{ "mmap-min-addr", required_argument, NULL, 'm' },
	/* As the original spells them. */
	{ "null_dereference_protection", no_argument, NULL, 'n' },
	{ "mmap_min_addr", required_argument, NULL, 'm' },
	{ "tbs-only", no_argument, NULL, OPTION_TBS_ONLY },
	{ "join", no_argument, NULL, OPTION_JOIN },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* Hexadecimal with or without 0x. */
static int parse_hex(const char *text, uint64_t *ret)
{
	char prefixed[32];

	if (strlen(text) > 20)
		return -ERANGE;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return parse_u64(text, UINT64_MAX, ret);
	snprintf(prefixed, sizeof(prefixed), "0x%s", text);
	return parse_u64(prefixed, UINT64_MAX, ret);
}

int sign_number_parse(struct sign_number *n, int option, const char *text, struct err *e)
{
	int r = option == 's' ? parse_u64(text, UINT64_MAX, &n->value) : parse_hex(text, &n->value);

	if (r == -ERANGE)
		return err_set(e, r, "-%c %s: too large", option, text);
	if (r < 0)
		return err_set(e, r, "-%c %s: not a %snumber", option, text,
		               option == 's' ? "" : "hexadecimal ");
	n->is_set = true;
	return 0;
}

static int set_mode(struct sign_options *o, enum sign_mode mode, struct err *e)
{
	if (o->mode != SIGN_KEY && o->mode != mode)
		return err_set(e, -EINVAL, "--tbs-only and --join exclude each other");
	o->mode = mode;
	return 0;
}

static int count_beginning(const struct option *options, const char *name, size_t length)
{
	int count = 0;

	for (; options->name; options++)
		count += strncmp(options->name, name, length) == 0;
	return count;
}

/* What getopt could not take: argument is the word it stopped at. */
int sign_option_refuse(int option, const char *argument, const struct option *options,
                       struct err *e)
{
	int length = (int)strcspn(argument, "=");
	bool is_long = strncmp(argument, "--", 2) == 0;

	if (option == ':' && is_long)
		return err_set(e, -EINVAL, "%s: wants a value", argument);
	if (option == ':')
		return err_set(e, -EINVAL, "-%c: wants a value", optopt);
	if (is_long && optopt != 0)
		return err_set(e, -EINVAL, "%s: takes no value", argument);
	if (is_long && count_beginning(options, argument + 2, (size_t)length - 2) > 1)
		return err_set(e, -EINVAL, "%.*s: several options begin so", length, argument);
	if (is_long)
		return err_set(e, -EINVAL, "%s: unknown option", argument);
	return err_set(e, -EINVAL, "-%c: unknown option", optopt);
}

static int set_option(struct sign_options *o, int option, char **argv, struct err *e)
{
	switch (option) {
	case 'p':
	case 'N': o->no_debug = true; return 0;
	case 'D': o->debug = true; return 0;
	case 'n': o->protect_null = true; return 0;
	case 's': return sign_number_parse(&o->size, option, optarg, e);
	case 'a': return sign_number_parse(&o->attributes, option, optarg, e);
	case 'A': return sign_number_parse(&o->attributemask, option, optarg, e);
	case 'x': return sign_number_parse(&o->xfrm, option, optarg, e);
	case 'X': return sign_number_parse(&o->xfrmmask, option, optarg, e);
	case 'm': return sign_number_parse(&o->min_addr, option, optarg, e);
	case OPTION_TBS_ONLY: return set_mode(o, SIGN_TBS, e);
	case OPTION_JOIN: return set_mode(o, SIGN_JOIN, e);
	case 'h':
		printf(usage, argv[0]);
		o->mode = SIGN_HELP;
		return 0;
	case OPTION_VERSION:
		printf("%s %s\n", argv[0], TOOL_VERSION);
		o->mode = SIGN_HELP;
		return 0;
	default: return sign_option_refuse(option, argv[optind - 1], long_options, e);
	}
}

static int check(const struct sign_options *o, int operands, bool has_options, struct err *e)
{
	static const struct {
		int least, most;
		const char *names;
	} wanted[] = {
		[SIGN_KEY] = { 3, 4, "KEY BIN SS [TBS]" },
		[SIGN_TBS] = { 2, 2, "BIN TBS" },
		[SIGN_JOIN] = { 4, 4, "TBS SIGNATURE KEY SS" },
	};

	if (operands < wanted[o->mode].least || operands > wanted[o->mode].most)
		return err_set(e, -EINVAL, "%d operands, not %s; --help says more", operands,
		               wanted[o->mode].names);
	if (o->no_debug && o->debug)
		return err_set(e, -EINVAL, "-N and -D exclude each other");
	if (o->mode == SIGN_JOIN && has_options)
		return err_set(e, -EINVAL, "--join takes no other option: TBS says everything");
	return 0;
}

int sign_options_parse(int argc, char **argv, struct sign_options *ret, struct err *e)
{
	struct sign_options o = { .mode = SIGN_KEY };
	bool has_options = false;
	int option, r;

	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((option = getopt_long(argc, argv, ":pNDs:a:A:x:X:nm:h", long_options, NULL)) != -1) {
		r = set_option(&o, option, argv, e);
		if (r < 0)
			return r;
		if (o.mode == SIGN_HELP) {
			*ret = o;
			return 0;
		}
		has_options |= option < 256;
	}
	r = check(&o, argc - optind, has_options, e);
	if (r < 0)
		return r;
	o.operands = argv + optind;
	*ret = o;
	return 0;
}
