// SPDX-License-Identifier: Apache-2.0
/*
 * What stands between the user's config.json and a container that can run an enclave: the checks that
 * can be made on the host, the files to mount, the descriptors to hand over.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "rune/closure.h"
#include "rune/container.h"
#include "rune/elf.h"
#include "rune/host.h"
#include "rune/launch.h"
#include "rune/library.h"

/* The rewrite's mounts and what they are made from. */
struct files {
	struct closure closure;
	struct spec_mount *mounts;
	size_t count;
	char *inhibit_rpath; /* NULL: none of the libraries has a DT_RPATH */
	char runelet[PATH_MAX];
	char preload[PATH_MAX];
};

static void files_release(struct files *f)
{
	/* The loader's and runelet's destinations are literals. */
	for (size_t i = 2; i < f->count; i++)
		free((char *)(uintptr_t)f->mounts[i].destination);
	free(f->mounts);
	free(f->inhibit_rpath);
	closure_release(&f->closure);
}

/* What every version of a PAL must have; a version's further symbols are runelet's to look for. */
static int check_symbols(const char *path, struct err *e)
{
	static const char *const names[] = { "pal_init", "pal_exec", "pal_destroy" };
	_cleanup_(elf_close) struct elf elf = { 0 };

	if (elf_open(path, &elf, e) < 0)
		return -1;
	if (elf_is_program(&elf))
		return err_set(e, -ENOEXEC, "%s: not a shared library but a program", path);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!elf_defines(&elf, names[i]))
			return err_set(e, -ENOEXEC, "%s: not a PAL library: no symbol %s", path,
			               names[i]);
	}
	return 0;
}

static void add_mount(struct files *f, const char *source, const char *destination)
{
	f->mounts[f->count++] = (struct spec_mount){ source, destination };
}

static int inhibit_rpath(struct files *f, const char *destination)
{
	_cleanup_(freep) char *old = f->inhibit_rpath;
	int r = asprintf(&f->inhibit_rpath, "%s%s%s", old ? old : "", old ? ":" : "", destination);

	if (r < 0)
		f->inhibit_rpath = NULL;
	return r < 0 ? -ENOMEM : 0;
}

static int add_libraries(struct files *f, struct err *e)
{
	for (size_t i = 0; i < f->closure.count; i++) {
		const struct closure_file *file = &f->closure.files[i];
		char *destination;

		if (!file->path)
			continue;
		if (asprintf(&destination, SPEC_LIB_DIR "/%s", file->name) < 0)
			return err_set(e, -ENOMEM, "out of memory");
		add_mount(f, file->path, destination);
		if (file->rpath && inhibit_rpath(f, destination) < 0)
			return err_set(e, -ENOMEM, "out of memory");
	}
	return 0;
}

/* A PAL library's DT_RPATH or DT_RUNPATH may lead to anybody's folder. */
static int check_libraries(const struct closure *c, struct err *e)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->files[i].path && library_check(c->files[i].path, e) < 0)
			return -1;
	}
	return 0;
}

static int find_files(struct files *f, const struct launch *l, struct err *e)
{
	if (host_part("libexec/rune/runelet", f->runelet, e) < 0 ||
	    (l->is_simulated && host_part("lib/libswsgx.so", f->preload, e) < 0))
		return -1;
	/* The PAL's own library first: of two files with one name the first stays. */
	if (closure_add_program(&f->closure, f->runelet, e) < 0 ||
	    closure_add_library(&f->closure, l->settings.path, e) < 0 ||
	    check_libraries(&f->closure, e) < 0 ||
	    (l->is_simulated && closure_add_library(&f->closure, f->preload, e) < 0))
		return -1;
	f->mounts = calloc(f->closure.count + 2, sizeof(*f->mounts));
	if (!f->mounts)
		return err_set(e, -ENOMEM, "out of memory");
	add_mount(f, f->closure.loader, SPEC_LOADER);
	add_mount(f, f->runelet, SPEC_RUNELET);
	return add_libraries(f, e);
}

static json_object *member(json_object *object, const char *name)
{
	json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

/* The number on the host of a user or group of the container. */
static uint32_t on_host(json_object *mappings, uint32_t id)
{
	size_t count = json_object_is_type(mappings, json_type_array)
	                       ? json_object_array_length(mappings)
	                       : 0;

	for (size_t i = 0; i < count; i++) {
		json_object *m = json_object_array_get_idx(mappings, i);
		int64_t inside = json_object_get_int64(member(m, "containerID"));
		int64_t outside = json_object_get_int64(member(m, "hostID"));
		int64_t size = json_object_get_int64(member(m, "size"));

		if (id >= inside && id - inside < size)
			return (uint32_t)(outside + (id - inside));
	}
	return id;
}

/*
 * The low-level runtime resolves mounts and devices inside the container's root, but some releases make
 * /dev's links (fd, stdin, ptmx...) by a path that follows the image's own links out of it.
 */
static int check_root(const struct launch *l, struct err *e)
{
	static const struct {
		const char *name;
		const char *why;
	} folders[] = {
		{ &SPEC_DIR[1], "that is where rune's own parts go" },
		{ "dev", "the devices would go elsewhere" },
	};
	const char *path = json_object_get_string(member(member(l->bundle.config, "root"), "path"));
	_cleanup_(closep) int root =
		path ? openat(l->bundle.dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct stat st;

	/* What is missing, or is not ours to see, is the low-level runtime's to judge. */
	for (size_t i = 0; root >= 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (fstatat(root, folders[i].name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode))
			return err_set(e, -ENOTDIR, "/%s in the image is not a folder: %s",
			               folders[i].name, folders[i].why);
	}
	return 0;
}

static int open_channel(struct launch *l, struct err *e)
{
	json_object *config = l->bundle.config;
	json_object *user = member(member(config, "process"), "user");
	json_object *linux_part = member(config, "linux");
	uint32_t uid = (uint32_t)json_object_get_int64(member(user, "uid"));
	uint32_t gid = (uint32_t)json_object_get_int64(member(user, "gid"));

	return channel_open(l->rune->root, on_host(member(linux_part, "uidMappings"), uid),
	                    on_host(member(linux_part, "gidMappings"), gid), &l->channel, e);
}

/* The caller's own descriptors come first: systemd's sockets, then those of --preserve-fds. */
static int number_descriptors(struct launch *l, struct err *e)
{
	const char *text = l->options[LAUNCH_PRESERVE_FDS].value;
	uint64_t own = 0;

	if (text && parse_u64(text, 4096, &own) < 0)
		return err_set(e, -EINVAL, "--preserve-fds: %s: not a number of descriptors", text);
	l->fds[0] = l->channel.listener;
	l->fds[1] = l->channel.status_out;
	l->fds[2] = l->platform;
	l->handover = (struct handover){ .fds = l->fds,
		                         .count = l->is_simulated ? 3 : 2,
		                         .first = 3 + runtime_listen_fds() + (int)own };
	return 0;
}

static int rewrite(struct launch *l, const struct files *f, const struct host_devices *devices,
                   struct err *e)
{
	int first = l->handover.first;
	const struct spec_rewrite w = {
		.preload = l->is_simulated ? "libswsgx.so" : NULL,
		.inhibit_rpath = f->inhibit_rpath,
		.notice = l->is_simulated
		                  ? "rune: warning: no SGX device: this enclave is simulated "
		                    "and protects nothing"
		                  : NULL,
		.agent_socket = l->channel.path,
		.agent_fd = first,
		.status_fd = first + 1,
		.state_fd = l->is_simulated ? first + 2 : -1,
		.wait = true,
		.aesmd = access(SPEC_AESMD, F_OK) == 0,
		.mounts = f->mounts,
		.mount_count = f->count,
		.devices = devices->list,
		.device_count = devices->count,
	};

	/* run starts the program at once, and so the low-level runtime does it right. */
	if (strcmp(l->rune->command, "create") == 0 &&
	    spec_take_hooks(l->bundle.config, &l->hooks, e) < 0)
		return -1;
	if (spec_rewrite(l->bundle.config, &l->settings, &w, e) < 0)
		return -1;
	return bundle_replace(&l->bundle, l->bundle.config, e);
}

/*
 * A container of this name would be taken for the new one: given a socket that is not its own, and
 * deleted when anything fails.
 */
static int check_name(const struct launch *l, struct err *e)
{
	_cleanup_(closep) int dir = container_open(l->rune, l->id);

	return dir < 0 ? 0
	               : err_set(e, -EEXIST, "container with given ID already exists: %s", l->id);
}

int launch_prepare(struct launch *l, struct err *e)
{
	_cleanup_(files_release) struct files f = { .count = 0 };
	struct host_devices devices;
	int simulates;

	host_find_devices(&devices);
	if (check_name(l, e) < 0)
		return -1;
	if (library_check(l->settings.path, e) < 0 || check_symbols(l->settings.path, e) < 0)
		return -1;
	simulates = host_simulates(l->rune->simulation, &l->settings, &devices, e);
	if (simulates < 0)
		return -1;
	l->is_simulated = simulates == 1;
	if (!l->is_simulated && spec_dev_is_noexec(l->bundle.config))
		return err_set(e, -EACCES,
		               "config.json: /dev is mounted noexec, so that no enclave can be "
		               "mapped from its SGX device");
	if (check_root(l, e) < 0 || find_files(&f, l, e) < 0 || open_channel(l, e) < 0 ||
	    (l->is_simulated && host_open_platform(&l->platform, e) < 0) ||
	    number_descriptors(l, e) < 0)
		return -1;
	return rewrite(l, &f, &devices, e);
}
