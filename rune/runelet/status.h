/* SPDX-License-Identifier: Apache-2.0 */
/* The one line that tells rune, or the terminal, whether the container could be created. */
#ifndef RUNE_RUNELET_STATUS_H
#define RUNE_RUNELET_STATUS_H

/* "ready" to the descriptor, which is closed; nothing when it is -1. */
void status_ready(int fd);
/* Why not, to the descriptor or as "runelet: ..." to stderr. */
void status_failed(int fd, const char *line);

#endif
