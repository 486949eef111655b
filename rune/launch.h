/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The making of one container: create's and run's command line, and, for an enclave container, all
 * that the low-level runtime and runelet need and all that has to be undone when it fails.
 */
#ifndef RUNE_LAUNCH_H
#define RUNE_LAUNCH_H

#include "rune/args.h"
#include "rune/bundle.h"
#include "rune/channel.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

enum launch_option {
	LAUNCH_BUNDLE,
	LAUNCH_DETACH,
	LAUNCH_PRESERVE_FDS,
	LAUNCH_CONSOLE_SOCKET,
	LAUNCH_PID_FILE,
	LAUNCH_PIDFD_SOCKET,
	LAUNCH_HELP,
	LAUNCH_CONFIG,
	LAUNCH_OTHER, /* the flags, and crun's options */
	LAUNCH_OPTION_COUNT = LAUNCH_OTHER + 4,
};

#define LAUNCH_FDS 3

struct launch {
	struct rune *rune;
	struct arg_option options[LAUNCH_OPTION_COUNT];
	struct args args;
	const char *id;
	struct bundle bundle;
	struct spec_settings settings;
	/* Of an enclave container */
	bool is_simulated;
	struct channel channel;
	json_object *hooks; /* of start, taken by create; or NULL */
	int platform;       /* of software SGX, or -1 */
	int fds[LAUNCH_FDS];
	struct handover handover;
};

/* Read command line and config.json: 1 an enclave container, 0 an ordinary one, -1 an error. */
int launch_begin(struct launch *l, struct rune *r, struct err *e);
/* Check, rewrite config.json and make the channel. */
int launch_prepare(struct launch *l, struct err *e);
/* The low-level command line, with the descriptors that are handed over. */
struct command launch_command(struct launch *l);
/* Put config.json back, and give the container its socket. */
int launch_settle(struct launch *l, struct err *e);
/* The caller ignores SIGHUP, as nohup does: a hangup is then to end nothing. */
bool launch_outlives_hangup(void);
/* Wait for the status; HUP, INT, QUIT and TERM, from the signalfd, end that. */
int launch_wait(struct launch *l, int signals, struct err *e);
/* Have runelet run the program: as run does it, nobody else is told to. */
int launch_start(struct launch *l, struct err *e);
/* End the container's process; who waits for it, the low-level runtime's run, removes the rest. */
void launch_kill(struct launch *l);
/* The low-level runtime writes the pid file last; what fails behind that is to leave none either. */
void launch_remove_pid_file(const struct launch *l);
/* Remove the container, and its pid file. */
void launch_abort(struct launch *l);
/* The error that the status line stands for, when it is not "ready". */
int launch_failure(const struct launch *l, struct err *e);
/* For _cleanup_, after LAUNCH_INIT. */
void launch_end(struct launch *l);

#define LAUNCH_INIT                                                            \
	{                                                                      \
		.bundle = BUNDLE_INIT, .channel = CHANNEL_INIT, .platform = -1 \
	}

#endif
