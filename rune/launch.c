// SPDX-License-Identifier: Apache-2.0
/* The making of one container, from its command line to its end; see launch.h. */
#include "rune/launch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "rune/container.h"
#include "rune/hooks.h"

#define EXIT_WAIT 200 /* milliseconds */

static const struct arg_option option_table[LAUNCH_OPTION_COUNT] = {
	[LAUNCH_BUNDLE] = { "bundle", "b", ARG_VALUE, NULL },
	[LAUNCH_DETACH] = { "detach", "d", ARG_FLAG, NULL },
	[LAUNCH_PRESERVE_FDS] = { "preserve-fds", NULL, ARG_VALUE, NULL },
	[LAUNCH_CONSOLE_SOCKET] = { "console-socket", NULL, ARG_VALUE, NULL },
	[LAUNCH_PID_FILE] = { "pid-file", NULL, ARG_VALUE, NULL },
	[LAUNCH_PIDFD_SOCKET] = { "pidfd-socket", NULL, ARG_VALUE, NULL },
	[LAUNCH_HELP] = { "help", "h", ARG_FLAG, NULL },
	[LAUNCH_CONFIG] = { "config", "f", ARG_VALUE, NULL },
	[LAUNCH_OTHER] = { "keep", NULL, ARG_FLAG, NULL },
	{ "no-subreaper", NULL, ARG_FLAG, NULL },
	{ "no-pivot", NULL, ARG_FLAG, NULL },
	{ "no-new-keyring", NULL, ARG_FLAG, NULL },
};

/* What rune does not understand it must not pass on: it might name another bundle, or another file. */
static int check_options(const struct launch *l, struct err *e)
{
	const char *unknown = args_unknown(&l->args);

	if (l->options[LAUNCH_CONFIG].value)
		return err_set(e, -ENOTSUP,
		               "--config: rune reads no other file than config.json in the bundle");
	/* runc takes no short or joined spellings, and refuses it itself. */
	if (unknown && !runtime_is_runc(l->rune))
		return err_set(e, -EINVAL, "%s: %s: unknown option", l->rune->command, unknown);
	return 0;
}

int launch_begin(struct launch *l, struct rune *r, struct err *e)
{
	const char *path;

	l->rune = r;
	memcpy(l->options, option_table, sizeof(option_table));
	l->args = (struct args){ .options = l->options, .option_count = LAUNCH_OPTION_COUNT };
	if (args_parse(&l->args, r->args) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	if (check_options(l, e) < 0)
		return -1;
	l->id = l->args.positional;
	path = l->options[LAUNCH_BUNDLE].value;
	/* What is wrong with the command line or the bundle is the low-level runtime's to say. */
	if (!l->id || args_is_set(&l->options[LAUNCH_HELP]))
		return 0;
	if (bundle_open(path && path[0] != '\0' ? path : ".", &l->bundle, e) < 0)
		return -1;
	if (!l->bundle.config)
		return 0;
	if (spec_settings_read(l->bundle.config, &l->settings, e) < 0)
		return -1;
	return l->settings.present ? 1 : 0;
}

struct command launch_command(struct launch *l)
{
	struct command c = command_begin(l->rune, l->rune->command);
	static char preserve[32];
	uint64_t own = 0;

	if (l->options[LAUNCH_PRESERVE_FDS].value)
		parse_u64(l->options[LAUNCH_PRESERVE_FDS].value, INT_MAX, &own);
	snprintf(preserve, sizeof(preserve), "--preserve-fds=%u",
	         (unsigned int)own + (unsigned int)l->handover.count);
	args_remove(&l->args, &l->options[LAUNCH_PRESERVE_FDS]);
	command_add(&c, preserve);
	command_add_all(&c, l->args.words, l->args.count);
	return c;
}

int launch_settle(struct launch *l, struct err *e)
{
	if (bundle_restore(&l->bundle, e) < 0)
		return -1;
	if (l->hooks && hooks_save(l->rune, l->id, l->hooks, e) < 0)
		return -1;
	return channel_adopt(&l->channel, l->rune, l->id, e);
}

int launch_start(struct launch *l, struct err *e)
{
	int code = container_ask(l->rune, l->id, AGENT_START, NULL, e);

	/* A container that was ended meanwhile is no failure: its exit code tells. */
	if (code == -ENOENT || code == -ECONNREFUSED || code == -ECONNRESET || code == -ESRCH)
		return 0;
	return code;
}

bool launch_outlives_hangup(void)
{
	struct sigaction action;

	return sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static bool is_end(const struct signalfd_siginfo *info)
{
	return info->ssi_signo == SIGHUP || info->ssi_signo == SIGINT ||
	       info->ssi_signo == SIGQUIT || info->ssi_signo == SIGTERM;
}

int launch_wait(struct launch *l, int signals, struct err *e)
{
	struct pollfd p[2] = { { l->channel.status_in, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents && read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info) &&
		    is_end(&info))
			return err_set(e, -EINTR, "%s: ended by signal %u", l->rune->command,
			               info.ssi_signo);
		if (p[0].revents && channel_read_status(&l->channel) == 1)
			break;
	}
	return channel_is_ready(&l->channel) ? 0 : launch_failure(l, e);
}

void launch_kill(struct launch *l)
{
	struct command c = command_begin(l->rune, "kill");
	struct err e;

	command_add(&c, "--");
	command_add(&c, l->id);
	command_add(&c, "KILL");
	c.is_silent = true;
	runtime_run(l->rune, &c, NULL, &e);
	free(c.words);
}

/* After a failed pal_init runelet ends by itself, and with it the pipe. */
static void wait_for_exit(int status)
{
	struct pollfd p = { status, POLLIN, 0 };
	char rest[256];

	while (poll(&p, 1, EXIT_WAIT) > 0 && read(status, rest, sizeof(rest)) > 0)
		;
}

void launch_remove_pid_file(const struct launch *l)
{
	const char *path = l->options[LAUNCH_PID_FILE].value;

	if (path)
		unlink(path);
}

void launch_abort(struct launch *l)
{
	struct command c = command_begin(l->rune, "delete");
	struct err e;

	command_add(&c, "--force");
	command_add(&c, "--");
	command_add(&c, l->id);
	/* The user is to read why the container has to go, not how. */
	c.is_silent = true;
	wait_for_exit(l->channel.status_in);
	runtime_run(l->rune, &c, NULL, &e);
	free(c.words);
	launch_remove_pid_file(l);
}

int launch_failure(const struct launch *l, struct err *e)
{
	if (l->channel.line[0] != '\0')
		return err_set(e, -EIO, "%s", l->channel.line);
	return err_set(e, -EIO, "%s: crashed, or was killed, before pal_init had returned",
	               l->settings.path);
}

void launch_end(struct launch *l)
{
	args_release(&l->args);
	bundle_close(&l->bundle);
	channel_close(&l->channel);
	closep(&l->platform);
	spec_settings_release(&l->settings);
	json_object_put(l->hooks);
}
