// SPDX-License-Identifier: Apache-2.0
/* Finding the low-level runtime and building its command lines; see runtime.h.  process.c starts it. */
#include "rune/runtime.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "rune/userns.h"

#define COMMAND_ROOM 32

/* rune may itself be installed under the name runc: it must not find itself. */
static bool is_self(const char *path)
{
	struct stat self, other;

	return stat("/proc/self/exe", &self) == 0 && stat(path, &other) == 0 &&
	       self.st_dev == other.st_dev && self.st_ino == other.st_ino;
}

static bool find_in_path(const char *name, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");
	size_t size;

	if (!path || path[0] == '\0')
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (;; path += size + 1) {
		size = strcspn(path, ":");
		if (size > 0 &&
		    snprintf(ret, PATH_MAX, "%.*s/%s", (int)size, path, name) < PATH_MAX &&
		    access(ret, X_OK) == 0 && !is_self(ret))
			return true;
		if (path[size] == '\0')
			return false;
	}
}

/* crun refuses a hierarchy of version 1 or of both versions. */
static bool is_unified(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

int runtime_find(struct rune *r, struct err *e)
{
	if (r->oci_runtime) {
		if (!strchr(r->oci_runtime, '/')) {
			if (find_in_path(r->oci_runtime, r->runtime))
				return 0;
			return err_set(e, -ENOENT, "--oci-runtime: %s: not found in PATH",
			               r->oci_runtime);
		}
		snprintf(r->runtime, sizeof(r->runtime), "%s", r->oci_runtime);
		if (access(r->runtime, X_OK) < 0)
			return err_errno(e, "--oci-runtime: %s", r->oci_runtime);
		return 0;
	}
	if (is_unified() && find_in_path("crun", r->runtime))
		return 0;
	if (find_in_path("runc", r->runtime))
		return 0;
	return err_set(e, -ENOENT,
	               "no OCI runtime to work with: install runc, or name one with "
	               "--oci-runtime");
}

/* As each of them has it; runc's own root has a folder of the system, any other root the user's. */
void runtime_default_root(const char *runtime, char ret[PATH_MAX])
{
	const char *name = strrchr(runtime, '/');
	const char *folder = getenv("XDG_RUNTIME_DIR");
	const char *user = getenv("USER");
	bool is_crun = name && strcmp(name, "/crun") == 0;
	bool is_systems =
		geteuid() == 0 && (userns_is_initial() || (user && strcmp(user, "root") == 0));

	if (!folder || folder[0] == '\0' || (is_systems && !is_crun))
		folder = "/run";
	snprintf(ret, PATH_MAX, "%s/%s", folder, is_crun ? "crun" : "runc");
}

static void command_reserve(struct command *c, size_t more)
{
	size_t room = c->count + more + COMMAND_ROOM;

	if (c->count + more + 1 <= c->room)
		return;
	c->words = realloc(c->words, room * sizeof(*c->words));
	if (!c->words)
		abort(); /* a few hundred bytes, before anything has begun */
	c->room = room;
}

/* The runtime shows its argv[0] in messages: what it is called when found in PATH. */
static const char *own_name(const char *runtime)
{
	const char *slash = strrchr(runtime, '/');

	return slash ? slash + 1 : runtime;
}

bool runtime_is_runc(const struct rune *r)
{
	return strcmp(own_name(r->runtime), "runc") == 0;
}

struct command command_begin(const struct rune *r, const char *subcommand)
{
	struct command c = { 0 };

	command_add(&c, own_name(r->runtime));
	command_add_all(&c, r->words + 1, r->command_at - 1);
	command_add(&c, subcommand);
	return c;
}

void command_add(struct command *c, const char *word)
{
	command_reserve(c, 1);
	c->words[c->count++] = (char *)(uintptr_t)word;
	c->words[c->count] = NULL;
}

void command_add_all(struct command *c, char **words, int count)
{
	for (int i = 0; i < count; i++) {
		if (words[i])
			command_add(c, words[i]);
	}
}

int runtime_exec(const struct rune *r, char **words, struct err *e)
{
	execv(r->runtime, words);
	return err_errno(e, "%s", r->runtime);
}

int runtime_pass(const struct rune *r, struct err *e)
{
	r->words[0] = (char *)(uintptr_t)own_name(r->runtime);
	return runtime_exec(r, r->words, e);
}
