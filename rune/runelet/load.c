// SPDX-License-Identifier: Apache-2.0
/*
 * Loading with stderr captured: the PAL says best why it failed, and the user must get to see just
 * that.  See load.h.
 */
#include "rune/runelet/load.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "rune/runelet/capture.h"
#include "rune/runelet/status.h"

/* For the exit handler: what is being loaded, or NULL. */
static const struct load_options *loading;
static struct capture capture;

static bool is_verbose(const char *log_level)
{
	return strcmp(log_level, "debug") == 0 || strcmp(log_level, "trace") == 0;
}

/* The library ends the process while it loads: say so, with its last words. */
static _Noreturn void ended(const struct load_options *o, const char *how, int code)
{
	char line[400];
	struct err e;

	loading = NULL;
	capture_stop(&capture);
	if (capture_last_line(&capture, line, sizeof(line)))
		err_set(&e, 0, "%s: the library called %s: %s", o->path, how, line);
	else
		err_set(&e, 0, "%s: the library called %s", o->path, how);
	status_failed(o->status_fd, e.text);
	_exit(code);
}

/* Constructors and pal_init have been seen to call exit(), which would lose the reason. */
static void on_process_exit(int code, void *arg)
{
	char how[32];

	(void)arg;
	snprintf(how, sizeof(how), "exit(%d)", code);
	if (loading)
		ended(loading, how, 1);
}

/*
 * Assertions and panics end here, on the thread that made them.  A handler may not do all this in
 * general; abort() is called with no lock of ours held, and the process is lost in any case.
 * Later it returns, and abort() does what it does.
 */
static void on_abort(int sig)
{
	if (loading)
		ended(loading, "abort()", 128 + sig);
}

static int init_failed(int r, struct err *e)
{
	static const char prefix[] = "pal_init: ";
	char line[sizeof(e->text)];

	if (!capture_last_line(&capture, line, sizeof(line)))
		return err_set(e, r, "%s%s", prefix, strerror(-r));
	if (strncmp(line, prefix, strlen(prefix)) == 0)
		return err_set(e, r, "%s", line);
	return err_set(e, r, "%s%.*s", prefix, (int)(sizeof(line) - sizeof(prefix)), line);
}

static int open_and_init(const struct load_options *o, struct runelet_pal *ret, bool *ret_is_init,
                         struct err *e)
{
	int r = runelet_pal_open(o->path, ret, e);

	if (r < 0)
		return r;
	*ret_is_init = true;
	r = runelet_pal_init(ret, o->args, o->log_level);
	fflush(NULL);
	return r < 0 ? r : 0;
}

int load_pal(const struct load_options *o, struct runelet_pal *ret, struct err *e)
{
	struct runelet_pal pal;
	bool is_init = false;
	int r;

	capture_begin(&capture);
	loading = o;
	on_exit(on_process_exit, NULL);
	signal(SIGABRT, on_abort);
	r = open_and_init(o, &pal, &is_init, e);
	loading = NULL;
	capture_stop(&capture);
	if (r < 0 && is_init)
		init_failed(r, e);
	if (r == 0 || is_verbose(o->log_level))
		capture_pass(&capture);
	if (r < 0)
		return r;
	*ret = pal;
	return 0;
}
