/* SPDX-License-Identifier: Apache-2.0 */
/* mmap, mprotect, munmap and madvise of enclaves, by the driver's rules.  All return 0 or -errno. */
#ifndef SWSGX_DRIVER_MMAP_H
#define SWSGX_DRIVER_MMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* mmap of a descriptor that enclave_is; the file offset does not matter: content is by address. */
int driver_mmap(uint64_t addr, size_t len, int prot, int flags, int fd, uint64_t offset,
                uint64_t *ret);
/* mprotect of a range that space_overlaps; parts of it may be ordinary memory. */
int driver_mprotect(uint64_t addr, size_t len, int prot);
int driver_munmap(uint64_t addr, size_t len);
/* mmap of something else over [addr, addr + len): MAP_FIXED is in flags. */
int driver_mmap_over(uint64_t addr, size_t len, int prot, int flags, int fd, uint64_t offset,
                     uint64_t *ret);
/* mremap of a range that space_overlaps: enclave mappings shrink, but neither grow nor move. */
int driver_mremap(uint64_t addr, size_t old_len, size_t len);
/*
 * madvise, of any range, which the kernel has not seen yet: 0 when it may, or what it would say of a
 * device's memory in that range, of which nothing may be given away or brought in.
 */
int driver_madvise(uint64_t addr, size_t len, int advice);

#endif
