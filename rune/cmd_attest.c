// SPDX-License-Identifier: Apache-2.0
/*
 * rune attest: a report of the enclave of a running container, made by its PAL library for the enclave
 * that is to verify it, or the quote that aesmd makes of one.  They are bytes, and go to stdout or a file
 * as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"

#define TARGETINFO_SIZE 512
#define REPORTDATA_SIZE 64
#define REPORT_SIZE     432

enum {
	IS_RA,
	QUOTE_TYPE,
	SPID,
	SUBSCRIPTION_KEY,
	REPORT_FILE,
	TARGETINFO,
	REPORT_DATA,
	HELP,
	OPTION_COUNT
};

/* The first five are those of the original rune. */
static const struct arg_option option_table[OPTION_COUNT] = {
	[IS_RA] = { "isRA", NULL, ARG_FLAG, NULL },
	[QUOTE_TYPE] = { "quote-type", NULL, ARG_VALUE, NULL },
	[SPID] = { "spid", NULL, ARG_VALUE, NULL },
	[SUBSCRIPTION_KEY] = { "subscription-key", NULL, ARG_VALUE, NULL },
	[REPORT_FILE] = { "reportFile", NULL, ARG_VALUE, NULL },
	[TARGETINFO] = { "targetinfo", NULL, ARG_VALUE, NULL },
	[REPORT_DATA] = { "report-data", NULL, ARG_VALUE, NULL },
	[HELP] = { "help", "h", ARG_FLAG, NULL },
};

static const char usage[] =
	"rune attest [--targetinfo FILE] [--report-data HEX|FILE] [--reportFile FILE]\n"
	"            [--isRA] [--quote-type epidUnlinkable|epidLinkable|ecdsa]\n"
	"            [--spid HEX] [--subscription-key HEX] CONTAINER\n";

/* A line for a word that looks like an option and is none, or lacks its value. */
static int check_words(const struct args *a, struct err *e)
{
	int positionals = 0;

	for (int i = 0; i < a->count; i++) {
		if (a->owner[i]) {
			if (!a->owner[i]->value)
				return err_set(e, -EINVAL, "%s: no value", a->words[i]);
			continue;
		}
		if (a->words[i][0] == '-' && strcmp(a->words[i], "--") != 0)
			return err_set(e, -EINVAL, "unknown option: %s", a->words[i]);
		positionals += strcmp(a->words[i], "--") != 0;
	}
	if (positionals != 1)
		return err_set(e, -EINVAL, "needs one container, not %d", positionals);
	return 0;
}

/* Who names the type of quote that can be verified wants one; a target is for a report. */
static bool wants_quote(const struct arg_option *options)
{
	const char *type = options[QUOTE_TYPE].value;

	return args_is_set(&options[IS_RA]) ||
	       (type && strcmp(type, "ecdsa") == 0 && !options[TARGETINFO].value);
}

static int check_quote_type(const char *type, bool is_quote, struct err *e)
{
	if (!type || strcmp(type, "ecdsa") == 0)
		return 0;
	if (strcmp(type, "epidUnlinkable") != 0 && strcmp(type, "epidLinkable") != 0)
		return err_set(e, -EINVAL,
		               "--quote-type: %s: not one of epidUnlinkable, epidLinkable, ecdsa",
		               type);
	if (is_quote)
		return err_set(e, -ENOTSUP,
		               "--quote-type: %s: the service that verified EPID quotes has ended; "
		               "ecdsa is the type that can be verified",
		               type);
	return 0;
}

static int read_targetinfo(const char *path, unsigned char *ret, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r = io_read_file(path, TARGETINFO_SIZE, &bytes, &size, e);

	if (r == -EFBIG || (r == 0 && size != TARGETINFO_SIZE))
		return err_set(e, -EINVAL, "--targetinfo: %s: not a TARGETINFO of %d bytes", path,
		               TARGETINFO_SIZE);
	if (r < 0)
		return err_wrap(e, r, "--targetinfo");
	memcpy(ret, bytes, size);
	return 0;
}

/* Hexadecimal digits, else a file; what is missing up to 64 bytes are zeros behind. */
static int read_data(const char *text, unsigned char *ret, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = strlen(text);
	int r;

	if (size > 0 && size % 2 == 0 && strspn(text, "0123456789abcdefABCDEF") == size) {
		if (size > 2 * REPORTDATA_SIZE)
			return err_set(e, -EINVAL, "--report-data: %zu bytes, at most %d", size / 2,
			               REPORTDATA_SIZE);
		return hex_decode(text, ret, size / 2);
	}
	r = io_read_file(text, REPORTDATA_SIZE, &bytes, &size, e);
	if (r == -EFBIG)
		return err_set(e, r, "--report-data: %s: more than %d bytes", text,
		               REPORTDATA_SIZE);
	if (r < 0)
		return err_wrap(e, r, "--report-data: neither hexadecimal nor a file");
	memcpy(ret, bytes, size);
	return 0;
}

/* A file is replaced as a whole; a pipe or a device is written to. */
static int write_report(const char *path, const struct packet *p, struct err *e)
{
	size_t size = p->head.payload_size;
	mode_t mask = umask(077);
	struct stat st;
	int r = 0;

	umask(mask);
	if (path && (stat(path, &st) < 0 || S_ISREG(st.st_mode)))
		return io_write_file(path, p->payload, size, 0666 & ~mask, e);
	_cleanup_(closep) int fd =
		path ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : dup(STDOUT_FILENO);
	if (fd < 0)
		return err_errno(e, "%s", path ? path : "stdout");
	if (isatty(fd))
		return err_set(e, -ENOTTY,
		               "a report is not for a terminal; --reportFile names a file");
	r = io_write_all(fd, p->payload, size);
	if (r < 0)
		return err_set(e, r, "%s: %s", path ? path : "stdout", strerror(-r));
	return 0;
}

static int check_container(const struct rune *r, const char *id, struct err *e)
{
	_cleanup_(closep) int dir = container_open(r, id);
	int code;

	if (dir < 0)
		return err_set(e, dir, "container %s does not exist", id);
	if (!container_is_enclave(r, id))
		return err_set(e, -EINVAL, "container %s is not an enclave container", id);
	code = container_ask(r, id, AGENT_STATE, NULL, e);
	if (code == -EAGAIN)
		return err_set(e, code, "container %s does not answer: is it paused?", id);
	return code;
}

/* The request: with isRA a quote, else a report, for the target given or for aesmd's quoting enclave. */
static int ask(const struct rune *r, const char *id, const struct arg_option *options,
               const struct packet **ret, struct err *e)
{
	unsigned char request[TARGETINFO_SIZE + REPORTDATA_SIZE] = { 0 };
	unsigned char *data = request + TARGETINFO_SIZE;
	const char *target = options[TARGETINFO].value;
	int code = 0;

	if (options[REPORT_DATA].value)
		code = read_data(options[REPORT_DATA].value, data, e);
	if (code < 0)
		return code;
	if (wants_quote(options))
		return container_request(r, id, AGENT_QUOTE, data, REPORTDATA_SIZE, ret, e);
	if (!target)
		return container_request(r, id, AGENT_REPORT, data, REPORTDATA_SIZE, ret, e);
	code = read_targetinfo(target, request, e);
	return code < 0 ? code
	                : container_request(r, id, AGENT_REPORT, request, sizeof(request), ret, e);
}

static int attest(const struct rune *r, const char *id, const struct arg_option *options,
                  struct err *e)
{
	bool is_quote = wants_quote(options);
	const struct packet *answer;
	int code = check_quote_type(options[QUOTE_TYPE].value, is_quote, e);

	if (code == 0 && is_quote && options[TARGETINFO].value)
		code = err_set(e, -EINVAL,
		               "a quote (--isRA) is for everybody, not for --targetinfo");
	if (code == 0)
		code = check_container(r, id, e);
	if (code == 0)
		code = ask(r, id, options, &answer, e);
	if (code == -ECONNREFUSED)
		return err_set(e, code, "container %s is not running", id);
	if (code < 0)
		return code;
	if (!is_quote && answer->head.payload_size != REPORT_SIZE)
		return err_set(e, -EPROTO, "the agent's answer is not a report");
	return write_report(options[REPORT_FILE].value, answer, e);
}

int cmd_attest(struct rune *r, struct err *e)
{
	struct arg_option options[OPTION_COUNT];
	_cleanup_(args_release) struct args args = { .options = options,
		                                     .option_count = OPTION_COUNT };
	int code;

	memcpy(options, option_table, sizeof(options));
	if (args_parse(&args, r->args) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	if (args_is_set(&options[HELP])) {
		io_write_all(STDOUT_FILENO, usage, sizeof(usage) - 1);
		return 0;
	}
	code = check_words(&args, e);
	if (code == 0)
		code = attest(r, args.positional, options, e);
	return code < 0 ? err_wrap(e, code, "attest") : 0;
}
