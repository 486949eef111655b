// SPDX-License-Identifier: Apache-2.0
/*
 * rune run: the low-level runtime's run as a child, since config.json has to be put back and pal_init's
 * failure told.  Signals are passed on; the terminal is the child's, which is in the same process group.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/launch.h"

/* Job control's and the faults' keep their meaning for rune itself. */
static int take_signals(struct err *e)
{
	static const int kept[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGSEGV,
		                    SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP, SIGABRT };
	sigset_t set;
	int fd;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		sigdelset(&set, kept[i]);
	if (launch_outlives_hangup())
		sigdelset(&set, SIGHUP);
	sigprocmask(SIG_SETMASK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(e, "signalfd") : fd;
}

/*
 * What the terminal sends reaches its whole foreground process group, and so the child as well; but its
 * hangup only the session's leader.
 */
static bool has_reached_child(const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL && (info->ssi_signo != SIGHUP || getsid(0) != getpid());
}

static void pass_signals(int signals, pid_t child)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD && !has_reached_child(&info))
			kill(child, (int)info.ssi_signo);
	}
}

/*
 * runelet has said what became of pal_init.  The program has to wait until the socket is in its place:
 * a quick one could end, and the container's folder be removed, while it is being moved there.
 */
static int take_status(struct launch *l, struct err *e)
{
	if (!channel_is_ready(&l->channel))
		return bundle_restore(&l->bundle, e);
	if (launch_settle(l, e) < 0 || launch_start(l, e) < 0) {
		launch_kill(l);
		return -1;
	}
	return 0;
}

/* The child's exit code once it has ended, or -1; the status is taken when it comes before that. */
static int wait_for_end(struct launch *l, int signals, pid_t child, struct err *e)
{
	struct pollfd p[2] = { { signals, POLLIN, 0 }, { l->channel.status_in, POLLIN, 0 } };
	int settled = 0;
	int status;

	do {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents && channel_read_status(&l->channel) == 1) {
			p[1].fd = -1;
			p[1].revents = 0;
			settled = take_status(l, e);
		}
		if (p[0].revents)
			pass_signals(signals, child);
	} while (waitpid(child, &status, WNOHANG) != child);
	return settled < 0 ? -1 : runtime_exit_code(status);
}

/* run --detach: the child ends when the container's process has begun. */
static int detached(struct launch *l, int signals, int code, struct err *e)
{
	if (code != 0)
		return code; /* it has said why */
	if (channel_is_ready(&l->channel))
		return 0; /* wait_for_end has taken it */
	if (launch_wait(l, signals, e) < 0 || launch_settle(l, e) < 0 || launch_start(l, e) < 0)
		return -1;
	return 0;
}

static int attached(struct launch *l, int code, struct err *e)
{
	/* A line that was written just before the end. */
	while (channel_read_status(&l->channel) == 0)
		;
	if (channel_is_ready(&l->channel))
		return code;
	/* Without a line it was the low-level runtime that failed, and it has said why; unless the
	 * container's process was killed. */
	if (l->channel.line[0] == '\0' && code < 128)
		return code;
	launch_failure(l, e);
	return -1;
}

static int run(struct launch *l, struct err *e)
{
	_cleanup_(closep) int signals = take_signals(e);
	bool is_detached = args_is_set(&l->options[LAUNCH_DETACH]);
	struct command c;
	pid_t child;
	int code;

	if (signals < 0 || launch_prepare(l, e) < 0)
		return -1;
	c = launch_command(l);
	code = runtime_spawn(l->rune, &c, &l->handover, -1, &child, e);
	free(c.words);
	if (code < 0)
		return -1;
	channel_handed_over(&l->channel);
	code = wait_for_end(l, signals, child, e);
	if (code >= 0)
		code = is_detached ? detached(l, signals, code, e) : attached(l, code, e);
	if (code < 0 && is_detached)
		launch_abort(l);
	else if (code < 0)
		launch_remove_pid_file(l); /* the child has removed the container */
	return code;
}

int cmd_run(struct rune *r, struct err *e)
{
	_cleanup_(launch_end) struct launch l = LAUNCH_INIT;
	int is_enclave = launch_begin(&l, r, e);

	if (is_enclave > 0)
		return run(&l, e);
	if (is_enclave == 0)
		runtime_pass(r, e);
	return -1;
}
