// SPDX-License-Identifier: Apache-2.0
/* Whom rune takes files from; see library.h. */
#include "rune/library.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "rune/userns.h"

/* In a user namespace the host's root, like everybody without a number there, is shown as this. */
#define OVERFLOW_UID 65534

/* Who may run rune as root by sudo has no need of a library to do as root pleases. */
static bool is_sudo_caller(uid_t uid)
{
	const char *text = geteuid() == 0 ? getenv("SUDO_UID") : NULL;
	uint64_t caller;

	return text && parse_u64(text, UINT_MAX - 1, &caller) == 0 && caller == uid;
}

static bool is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid() || is_sudo_caller(uid) ||
	       (uid == OVERFLOW_UID && !userns_is_initial());
}

static int check_folder(const char *path, const char *folder, struct err *e)
{
	struct stat st;

	if (stat(folder, &st) < 0)
		return err_errno(e, "%s", folder);
	if (!is_trusted(st.st_uid))
		return err_set(e, -EPERM,
		               "%s: its folder %s belongs to user %u, neither root nor the caller",
		               path, folder, st.st_uid);
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return err_set(e, -EPERM, "%s: everybody may write to its folder %s", path, folder);
	return 0;
}

static int check_folders(const char *path, char *real, struct err *e)
{
	int r = 0;

	for (char *slash; r == 0 && (slash = strrchr(real, '/'));) {
		*slash = '\0';
		r = check_folder(path, slash == real ? "/" : real, e);
	}
	return r;
}

int library_check(const char *path, struct err *e)
{
	_cleanup_(freep) char *real = NULL;
	struct stat st;

	if (path[0] != '/')
		return err_set(e, -EINVAL, "%s: not an absolute path", path);
	real = realpath(path, NULL);
	if (!real || stat(real, &st) < 0)
		return err_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -ENOEXEC, "%s: not a regular file", path);
	if (!is_trusted(st.st_uid))
		return err_set(e, -EPERM, "%s: belongs to user %u, neither root nor the caller",
		               path, st.st_uid);
	if (st.st_mode & S_IWOTH)
		return err_set(e, -EPERM, "%s: everybody may write to it", path);
	return check_folders(path, real, e);
}
