/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files behind the nodes: memfds of a size that is theirs for ever, of which the program gets a
 * descriptor that it can only name to the driver.
 */
#ifndef SWSGX_DRIVER_FILE_H
#define SWSGX_DRIVER_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/*
 * The limit of file sizes (RLIMIT_FSIZE) is meant for what fills disks, and these files have to be larger.
 * Until it is put back the process may have files of this size: 0, or -EFBIG when nobody may raise the
 * limit so far.  Under the address space's lock, which fork waits for.
 */
int file_limit_lift(uint64_t size, struct rlimit *ret_was);
void file_limit_put_back(uint64_t size, const struct rlimit *was);
/* Would a write that ends there be SIGXFSZ? */
bool file_is_limited(uint64_t end);

/* A new file: a descriptor for us, which is closed by execve, or -errno.  Under the same lock. */
int file_create(const char *name, uint64_t size);
/*
 * The descriptor for the program, which has asked for these flags of open; fd is closed.  It can
 * neither be read nor written nor mapped, nor made larger or smaller: the kernel says EBADF, EACCES and
 * EINVAL of itself, whoever calls it.
 */
int file_hand_out(int fd, int flags);
/*
 * Does fd, of a size that is ours, look like one that was handed out?  What is in the file may still be
 * anything.
 */
bool file_is(int fd);
/* What the program asked for: O_RDONLY, O_WRONLY or O_RDWR. */
int file_mode(int fd);
/* The same file for reading, writing and mapping: a descriptor, or -errno where /proc is missing. */
int file_reopen(int fd);

#endif
