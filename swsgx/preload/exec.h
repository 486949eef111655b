/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that this one executes inherits. */
#ifndef SWSGX_PRELOAD_EXEC_H
#define SWSGX_PRELOAD_EXEC_H

/* Remember what of the environment makes software SGX; once, at start. */
void exec_remember(char **envp);

#endif
