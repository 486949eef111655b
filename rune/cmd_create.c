// SPDX-License-Identifier: Apache-2.0
/*
 * rune create: for an enclave container the low-level runtime's create and start; then runelet has
 * called pal_init and waits, or create fails and nothing is left (docs/design/0003).
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/launch.h"

/* Signals that would end rune in the middle are taken where nothing is half done. */
static int block_signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	if (!launch_outlives_hangup())
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? err_errno(e, "signalfd") : fd;
}

static int start(struct launch *l, struct err *e)
{
	struct command c = command_begin(l->rune, "start");
	int code;

	command_add(&c, "--");
	command_add(&c, l->id);
	code = runtime_run(l->rune, &c, NULL, e);
	free(c.words);
	if (code > 0)
		return err_set(e, -EIO, "%s start: failed with exit code %d", l->rune->runtime,
		               code);
	return code;
}

static int create(struct launch *l, struct err *e)
{
	_cleanup_(closep) int signals = block_signals(e);
	struct command c;
	int code;

	if (signals < 0 || launch_prepare(l, e) < 0)
		return -1;
	c = launch_command(l);
	code = runtime_run(l->rune, &c, &l->handover, e);
	free(c.words);
	channel_handed_over(&l->channel);
	if (code != 0)
		return code; /* it has said why */
	if (launch_settle(l, e) < 0 || start(l, e) < 0 || launch_wait(l, signals, e) < 0) {
		launch_abort(l);
		return -1;
	}
	return 0;
}

int cmd_create(struct rune *r, struct err *e)
{
	_cleanup_(launch_end) struct launch l = LAUNCH_INIT;
	int is_enclave = launch_begin(&l, r, e);

	if (is_enclave > 0)
		return create(&l, e);
	if (is_enclave == 0)
		runtime_pass(r, e);
	return -1;
}
