// SPDX-License-Identifier: Apache-2.0
/*
 * swsgx --trace=FILE: the file is made and emptied here, where its name means something and a failure
 * can be told; every process of the tree then opens it to append.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "swsgx/launcher.h"

int trace_prepare(const char *file, char ret[PATH_MAX], struct err *e)
{
	if (strcmp(file, "-") == 0) {
		memcpy(ret, file, 2);
		return 0;
	}
	if (*file == '\0')
		return err_set(e, -EINVAL, "--trace: no file");

	_cleanup_(closep) int fd =
		open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0 || realpath(file, ret) == NULL)
		return err_errno(e, "--trace: %s", file);
	return 0;
}
