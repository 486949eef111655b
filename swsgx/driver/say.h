/* SPDX-License-Identifier: Apache-2.0 */
/* What the user has to be told because nobody else can: a line on standard error. */
#ifndef SWSGX_DRIVER_SAY_H
#define SWSGX_DRIVER_SAY_H

#include <stdbool.h>

void say(const char *text);
/* Once in a process; *said is false at first. */
void say_once(bool *said, const char *text);

#endif
