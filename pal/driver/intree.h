/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of the kernel's driver, for those that speak its ABI on another node. */
#ifndef PAL_DRIVER_INTREE_H
#define PAL_DRIVER_INTREE_H

#include "pal/driver/driver.h"

int intree_probe(const char *node);
int intree_reserve(int fd, uint64_t size, uint64_t first, struct range *ret);
int intree_create(int fd, const struct sgx_secs *secs);
int intree_add(int fd, const struct driver_pages *pages, uint64_t *ret_done);
int intree_init(int fd, const struct driver_init *init, uint32_t *ret_code);
int intree_map(int fd, uint64_t addr, uint64_t size, int prot);
int intree_stage(int fd, uint64_t addr);
bool intree_owns(int fd, uint64_t addr, uint64_t size);

#endif
