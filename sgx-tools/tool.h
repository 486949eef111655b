/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands of sgx-tools share.  A command gets its arguments without its name, writes its
 * result to stdout and returns 0, an exit status of its own above 1, or a negative errno with the line that
 * main prints.
 */
#ifndef SGX_TOOLS_TOOL_H
#define SGX_TOOLS_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

#define TOOL_VERSION   "0.1.0"
#define TOOL_IMAGE_MAX (1024 * 1024 * 1024) /* bytes of the largest enclave image that is read */

/* argv[0] is what the user calls this command: "sgxsign" or "sgx-tools sign". */
#define CMD(name, summary) int cmd_##name(int argc, char **argv, struct err *e);
#include "sgx-tools/commands.def"
#undef CMD

/* sgx-tools --verbose COMMAND: say on standard error which file was written. */
extern bool tool_is_verbose;

/* Does the file begin as an encl.bin does? */
bool tool_is_image(const void *bytes, size_t size);

#endif
