// SPDX-License-Identifier: Apache-2.0
/*
 * rune kill: the low-level runtime's, which signals runelet.  But real-time signals, SIGCHLD and the
 * faults mean something else there: those go to the agent, which passes them to pal_kill like the others.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "rune/args.h"
#include "rune/container.h"
#include "rune/runtime.h"

#define FIRST_REAL_TIME 32 /* the kernel's */

/* The signal's number when it is one that has to go by the agent, else 0. */
static int by_agent(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
		{ "CHLD", SIGCHLD }, { "SEGV", SIGSEGV }, { "ILL", SIGILL }, { "BUS", SIGBUS },
		{ "FPE", SIGFPE },   { "TRAP", SIGTRAP }, { "SYS", SIGSYS },
	};
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	bool is_number;
	uint64_t number = 0;

	is_number = parse_u64(text, NSIG - 1, &number) == 0;
	if (is_number && number >= FIRST_REAL_TIME)
		return (int)number;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (is_number ? number == (uint64_t)signals[i].number
		              : strcasecmp(name, signals[i].name) == 0)
			return signals[i].number;
	}
	return 0;
}

int cmd_kill(struct rune *r, struct err *e)
{
	struct arg_option options[] = {
		{ "all", "a", ARG_FLAG, NULL },
		{ "help", "h", ARG_FLAG, NULL },
	};
	_cleanup_(args_release) struct args args = { .options = options, .option_count = 2 };
	int at, code, sig = 0;

	if (args_parse(&args, r->args) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	at = args.first + 1;
	if (at < args.count && !args.owner[at] && !args_is_set(&options[1]))
		sig = by_agent(args.words[at]);
	if (sig == 0 || !container_is_enclave(r, args.positional))
		return runtime_pass(r, e);
	code = container_send(r, args.positional, sig, e);
	/* Nobody there: the low-level runtime has the words for it. */
	if (code == -ECONNREFUSED || code == -ECONNRESET || code == -EPIPE)
		return runtime_pass(r, e);
	return code;
}
