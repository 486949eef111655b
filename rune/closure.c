// SPDX-License-Identifier: Apache-2.0
/*
 * The transitive closure of shared libraries; see closure.h.  A breadth-first walk, as the loader does
 * it: files is both the result and the queue.
 */
#include "rune/closure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "rune/elf.h"
#include "rune/ldcache.h"

#define LOADER_NAME "ld-linux-x86-64.so.2"
#define FILES_MAX   4096
#define CACHE_MAX   (64 * 1024 * 1024)

static const char *const standard_folders[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

/* Who needs a library, while it is looked for. */
struct asker {
	size_t index; /* in files */
	const char *path;
	const char *runpath; /* with $ORIGIN replaced, or NULL */
};

static void json_putp(json_object **object)
{
	json_object_put(*object);
}

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A path list with $ORIGIN and ${ORIGIN} replaced by path's folder; -ENOMEM. */
static int expand_origin(const char *list, const char *path, char **ret)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	FILE *f;

	if (!list) {
		*ret = NULL;
		return 0;
	}
	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	while (*list) {
		static const char *const names[] = { "$ORIGIN", "${ORIGIN}" };
		size_t skip = 0;

		for (size_t i = 0; i < 2 && !skip; i++) {
			if (strncmp(list, names[i], strlen(names[i])) == 0)
				skip = strlen(names[i]);
		}
		if (skip)
			fprintf(f, "%.*s", (int)(base_name(path) - path) - 1, path);
		else
			fputc(*list, f);
		list += skip ? skip : 1;
	}
	if (fclose(f) != 0)
		return -ENOMEM;
	*ret = take_ptr(text);
	return 0;
}

static bool is_library(const char *path)
{
	_cleanup_(elf_close) struct elf elf = { 0 };
	struct err unused;

	return elf_open(path, &elf, &unused) == 0;
}

static bool try_folder(const char *folder, size_t size, const char *name, char *ret)
{
	int n = snprintf(ret, PATH_MAX, "%.*s/%s", (int)size, folder, name);

	return n > 0 && n < PATH_MAX && is_library(ret);
}

/* Other variables ($LIB, $PLATFORM) and folders relative to wherever we run are passed over. */
static bool try_list(const char *list, const char *name, char *ret)
{
	while (list && *list) {
		size_t size = strcspn(list, ":");

		if (list[0] == '/' && size < PATH_MAX && !memchr(list, '$', size) &&
		    try_folder(list, size, name, ret))
			return true;
		list += size;
		list += *list == ':';
	}
	return false;
}

static bool try_cache(const struct closure *c, const char *name, char *ret)
{
	const char *path;

	for (size_t i = 0; (path = ldcache_find(c->cache, c->cache_size, name, i)); i++) {
		if (strlen(path) < PATH_MAX && is_library(path)) {
			strcpy(ret, path);
			return true;
		}
	}
	return false;
}

/* ld.so(8): DT_RPATH of who asks and of those who asked for it, DT_RUNPATH, the cache, the folders. */
static bool find_library(const struct closure *c, const struct asker *asker, const char *name,
                         char *ret)
{
	for (size_t i = asker->index; !asker->runpath; i = c->files[i].parent) {
		if (try_list(c->files[i].rpath, name, ret))
			return true;
		if (c->files[i].parent == i)
			break;
	}
	if (try_list(asker->runpath, name, ret) || (c->cache && try_cache(c, name, ret)))
		return true;
	for (size_t i = 0; i < sizeof(standard_folders) / sizeof(*standard_folders); i++) {
		if (try_folder(standard_folders[i], strlen(standard_folders[i]), name, ret))
			return true;
	}
	return false;
}

static bool is_known(const struct closure *c, const char *name)
{
	if (strcmp(name, LOADER_NAME) == 0)
		return true;
	for (size_t i = 0; i < c->count; i++) {
		if (c->files[i].path && strcmp(c->files[i].name, name) == 0)
			return true;
	}
	return false;
}

static int append(struct closure *c, const char *name, const char *path, size_t parent,
                  bool is_program, struct err *e)
{
	struct closure_file *file;

	if (c->count == FILES_MAX)
		return err_set(e, -ELOOP, "%s: more than %d libraries", path, FILES_MAX);
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 16;
		void *files = reallocarray(c->files, room, sizeof(*c->files));

		if (!files)
			return no_memory(e);
		c->files = files;
		c->room = room;
	}
	file = &c->files[c->count];
	*file = (struct closure_file){ .parent = parent };
	file->name = strdup(name);
	if (!file->name)
		return no_memory(e);
	file->file = realpath(path, NULL);
	if (!file->file) {
		free(file->name);
		return err_errno(e, "%s", path);
	}
	file->path = is_program ? NULL : file->file;
	c->count++;
	return 0;
}

/* 0 when it is in the closure now, 1 when there is none. */
static int add_dependency(struct closure *c, const struct asker *asker, const char *name,
                          struct err *e)
{
	char path[PATH_MAX];

	if (is_known(c, name))
		return 0;
	if (strchr(name, '/'))
		return err_set(e, -EINVAL, "%s: needs %s by its path; a container has only names",
		               asker->path, name);
	if (!find_library(c, asker, name, path))
		return 1;
	return append(c, name, path, asker->index, false, e);
}

static int add_needed(struct closure *c, const struct asker *asker, const struct elf *elf,
                      struct err *e)
{
	const char *name;

	for (size_t i = 0; (name = elf_text(elf, DT_NEEDED, i)); i++) {
		int r = add_dependency(c, asker, name, e);

		if (r < 0)
			return r;
		if (r)
			return err_set(e, -ENOENT, "%s: needs %s, which is not on this host",
			               asker->path, name);
	}
	return 0;
}

/* The names are alternatives: the first that there is, is enough. */
static int add_noted(struct closure *c, const struct asker *asker, json_object *note, struct err *e)
{
	json_object *names, *priority;
	const char *name = NULL;

	if (!json_object_object_get_ex(note, "soname", &names) ||
	    !json_object_is_type(names, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		json_object *item = json_object_array_get_idx(names, i);
		int r;

		if (!json_object_is_type(item, json_type_string))
			continue;
		name = json_object_get_string(item);
		if (strchr(name, '/'))
			continue;
		r = add_dependency(c, asker, name, e);
		if (r <= 0)
			return r;
	}
	if (name && json_object_object_get_ex(note, "priority", &priority) &&
	    json_object_is_type(priority, json_type_string) &&
	    strcmp(json_object_get_string(priority), "required") == 0)
		return err_set(e, -ENOENT, "%s: needs %s (dlopen), which is not on this host",
		               asker->path, name);
	return 0;
}

static int add_notes(struct closure *c, const struct asker *asker, const struct elf *elf,
                     struct err *e)
{
	const char *text;
	size_t size;

	for (size_t i = 0; (text = elf_dlopen_note(elf, i, &size)); i++) {
		json_tokener *tokener = size < INT_MAX ? json_tokener_new() : NULL;
		_cleanup_(json_putp) json_object *notes = NULL;

		if (!tokener)
			return no_memory(e);
		notes = json_tokener_parse_ex(tokener, text, (int)size);
		json_tokener_free(tokener);
		for (size_t k = 0; json_object_is_type(notes, json_type_array) &&
		                   k < json_object_array_length(notes);
		     k++) {
			int r = add_noted(c, asker, json_object_array_get_idx(notes, k), e);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* glibc loads the unwinder when a thread is cancelled or exits, and ends the process without it. */
static int add_unwinder(struct closure *c, const struct asker *asker, struct err *e)
{
	int r = 0;

	if (strcmp(c->files[asker->index].name, "libc.so.6") == 0)
		r = add_dependency(c, asker, "libgcc_s.so.1", e);
	return r < 0 ? r : 0;
}

static int add_dependencies(struct closure *c, size_t index, struct err *e)
{
	_cleanup_(elf_close) struct elf elf = { 0 };
	/* c->files moves when it grows; the texts that it points to do not. */
	struct asker asker = { .index = index, .path = c->files[index].file };
	_cleanup_(freep) char *runpath = NULL;
	int r = elf_open(asker.path, &elf, e);

	if (r < 0)
		return r;
	if (expand_origin(elf_text(&elf, DT_RUNPATH, 0), asker.path, &runpath) < 0)
		return no_memory(e);
	if (!runpath &&
	    expand_origin(elf_text(&elf, DT_RPATH, 0), asker.path, &c->files[index].rpath) < 0)
		return no_memory(e);
	asker.runpath = runpath;
	r = add_needed(c, &asker, &elf, e);
	if (r == 0)
		r = add_notes(c, &asker, &elf, e);
	return r < 0 ? r : add_unwinder(c, &asker, e);
}

/* A host without the cache has the folders. */
static void open_cache(struct closure *c)
{
	struct err unused;
	char *cache;

	if (!c->has_cache &&
	    io_read_file(LDCACHE_PATH, CACHE_MAX, &cache, &c->cache_size, &unused) == 0)
		c->cache = cache;
	c->has_cache = true;
}

static int add(struct closure *c, const char *path, bool is_program, struct err *e)
{
	size_t first = c->count;
	int r = append(c, base_name(path), path, first, is_program, e);

	if (r < 0)
		return r;
	open_cache(c);
	for (size_t i = first; i < c->count; i++) {
		r = add_dependencies(c, i, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int closure_add_program(struct closure *c, const char *path, struct err *e)
{
	_cleanup_(elf_close) struct elf elf = { 0 };
	const char *loader;
	int r = elf_open(path, &elf, e);

	if (r < 0)
		return r;
	loader = elf_interpreter(&elf);
	if (!loader)
		return err_set(e, -ENOEXEC, "%s: names no dynamic loader", path);
	if (!c->loader) {
		c->loader = realpath(loader, NULL);
		if (!c->loader)
			return err_errno(e, "%s: its dynamic loader %s", path, loader);
	}
	return add(c, path, true, e);
}

int closure_add_library(struct closure *c, const char *path, struct err *e)
{
	_cleanup_(elf_close) struct elf elf = { 0 };
	int r = elf_open(path, &elf, e);

	if (r < 0)
		return r;
	if (elf_is_program(&elf))
		return err_set(e, -ENOEXEC, "%s: not a shared library (a program)", path);
	if (is_known(c, base_name(path)))
		return 0;
	return add(c, path, false, e);
}

void closure_release(struct closure *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->files[i].name);
		free(c->files[i].file);
		free(c->files[i].rpath);
	}
	free(c->files);
	free(c->loader);
	free(c->cache);
	*c = (struct closure){ 0 };
}
