/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers as libc's names meet them: nodes and ioctl.  All return -errno on failure. */
#ifndef SWSGX_DRIVER_DRIVER_H
#define SWSGX_DRIVER_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which drivers this machine has: names separated by commas, NULL or "" for the kernel's.  -EINVAL
 * when a name is unknown, -ENOTDIR for dcap and dcap-old together; nothing has changed then.  Before
 * anything else.
 */
int driver_select(const char *names);
bool driver_has_vdso(void);
/*
 * Which enclaves /dev/isgx launches without a token: "any", which NULL and "" mean too, as on a
 * processor whose launch control is open; "token", none, as on one before that.  -EINVAL when it is
 * neither.
 */
int driver_launch(const char *mode);

enum driver_node {
	NODE_NONE,
	NODE_ENCLAVE,
	NODE_PROVISION,
};

/* Is path one of the nodes of this machine?  *ret_abi: whose. */
enum driver_node driver_node(const char *path, uint32_t *ret_abi);
/* Open it: a descriptor or -errno.  The platform must be loaded. */
int driver_open(enum driver_node node, uint32_t abi, int flags);
/* Requests of every SGX driver have this type byte. */
static inline bool driver_request_is_ours(unsigned long request)
{
	return (request >> 8 & 0xff) == 0xa4;
}
/* ioctl of a descriptor for which enclave_is holds. */
int driver_ioctl(int fd, unsigned long request, uint64_t arg);

#endif
