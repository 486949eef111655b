/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a file of the host is somebody's to trust.  What rune mounts into a container is run there
 * before anything of the container's own, and the name comes from whoever made the container.
 */
#ifndef RUNE_LIBRARY_H
#define RUNE_LIBRARY_H

#include "lib/base/err.h"

/*
 * An absolute path to a regular file, which neither everybody nor a stranger can write or put another
 * in the place of: the file and every folder above it are root's or the caller's, and a folder that
 * everybody may write to is sticky.  Symbolic links are followed first.  The caller is the user who
 * runs rune, by sudo as well; in a user namespace also those who have no number in it.
 */
int library_check(const char *path, struct err *e);

#endif
