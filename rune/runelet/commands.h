/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands; argv begins after their name. They return the exit code. */
#ifndef RUNE_RUNELET_COMMANDS_H
#define RUNE_RUNELET_COMMANDS_H

int cmd_init(int argc, char **argv);
int cmd_exec(int argc, char **argv);

#endif
