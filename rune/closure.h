/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared libraries that programs and libraries need, found as the dynamic loader would on this
 * host but without running it: DT_NEEDED and dlopen notes; DT_RPATH, DT_RUNPATH, the loader's cache,
 * the standard folders.  LD_LIBRARY_PATH has no say.
 */
#ifndef RUNE_CLOSURE_H
#define RUNE_CLOSURE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

struct closure_file {
	char *name;       /* as the loader looks for it, without a slash; unique among libraries */
	const char *path; /* on the host; NULL: a program, which nobody looks for */
	char *rpath; /* DT_RPATH with $ORIGIN replaced, where DT_RUNPATH does not switch it off */
	/* closure.c's own */
	char *file;    /* symbolic links resolved */
	size_t parent; /* who asked for it first; itself for what was added */
};

/* Start with { 0 }; closure_release, for _cleanup_, ends it. */
struct closure {
	struct closure_file *files; /* in the order found; the loader is not among them */
	size_t count, room;
	char *loader; /* the dynamic loader's file; NULL until a program has been added */
	char *cache;
	size_t cache_size;
	bool has_cache;
};

/*
 * Add a program's libraries, or a library, under the last part of path, and its libraries.  Of two
 * files with one name the first stays.  -ENOENT names the library that is missing and who needs it;
 * after an error the closure can only be released.
 */
int closure_add_program(struct closure *closure, const char *path, struct err *e);
int closure_add_library(struct closure *closure, const char *path, struct err *e);
void closure_release(struct closure *closure);

#endif
