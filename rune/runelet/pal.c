// SPDX-License-Identifier: Apache-2.0
/*
 * The PAL library: loaded with all its symbols bound and none given to others, refused with one line
 * that says which file and why.  See pal.h.
 */
#include "rune/runelet/pal.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define CALL(p, name) ((__typeof__(name) *)(p)->symbol[RUNELET_##name])

typedef int exec_v1(char *path, char *argv[], struct pal_stdio_fds *stdio, int *exit_code);

static const struct {
	const char *name;
	int since;
} symbols[RUNELET_PAL_SYMBOLS] = {
#define PAL(name, since) { #name, since },
#include "include/liberpal.def"
#undef PAL
};

/* A dependency that is missing is reported by its own name: say whose it is. */
static int load_error(const char *path, struct err *e)
{
	const char *why = dlerror();

	if (!why)
		why = "cannot be loaded";
	if (strncmp(why, path, strlen(path)) == 0)
		return err_set(e, -ENOEXEC, "%s", why);
	return err_set(e, -ENOEXEC, "%s: %s", path, why);
}

int runelet_pal_open(const char *path, struct runelet_pal *ret, struct err *e)
{
	struct runelet_pal pal = { .version = 1 };
	struct stat st;
	void *handle;

	if (!strchr(path, '/'))
		return err_set(e, -EINVAL, "%s: not a path to a PAL library: it has no slash",
		               path);
	/* The loader would wait for ever at a pipe's other end. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, -ENOEXEC, "%s: not a regular file", path);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return load_error(path, e);
	for (int i = 0; i < RUNELET_PAL_SYMBOLS; i++)
		pal.symbol[i] = dlsym(handle, symbols[i].name);
	if (pal.symbol[RUNELET_pal_get_version])
		pal.version = CALL(&pal, pal_get_version)();
	if (pal.version < 1 || pal.version > RUNELET_PAL_NEWEST)
		return err_set(e, -ENOTSUP, "%s: PAL version %d is not supported, only 1 to %d",
		               path, pal.version, RUNELET_PAL_NEWEST);
	for (int i = 0; i < RUNELET_PAL_SYMBOLS; i++) {
		if (i == RUNELET_pal_get_version || symbols[i].since > pal.version)
			continue;
		if (!pal.symbol[i])
			return err_set(e, -ENOSYS, "%s: PAL version %d without the symbol %s", path,
			               pal.version, symbols[i].name);
	}
	*ret = pal;
	return 0;
}

/* Libraries of versions 1 and 2 read only the fields they know. */
int runelet_pal_init(const struct runelet_pal *p, const char *args, const char *log_level)
{
	struct pal_attr_v3 attr = { .args = args, .log_level = log_level, .fd = -1, .addr = 0 };

	return CALL(p, pal_init)(&attr);
}

int runelet_pal_exec_v1(const struct runelet_pal *p, char **argv, struct pal_stdio_fds *stdio,
                        int *exit_value)
{
	exec_v1 *call = (exec_v1 *)p->symbol[RUNELET_pal_exec];

	return call(argv[0], argv, stdio, exit_value);
}

int runelet_pal_create_process(const struct runelet_pal *p, struct pal_create_process_args *args)
{
	return CALL(p, pal_create_process)(args);
}

int runelet_pal_exec(const struct runelet_pal *p, int pid, int *exit_value)
{
	struct pal_exec_args args = { .pid = pid, .exit_value = exit_value };

	return CALL(p, pal_exec)(&args);
}

int runelet_pal_kill(const struct runelet_pal *p, int pid, int sig)
{
	return CALL(p, pal_kill)(pid, sig);
}

int runelet_pal_get_local_report(const struct runelet_pal *p, void *targetinfo, int targetinfo_len,
                                 void *report, int *report_len)
{
	return CALL(p, pal_get_local_report)(targetinfo, targetinfo_len, report, report_len);
}

int runelet_pal_destroy(const struct runelet_pal *p)
{
	return CALL(p, pal_destroy)();
}
