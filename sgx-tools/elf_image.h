/* SPDX-License-Identifier: Apache-2.0 */
/* The enclave image that an encl.elf holds. */
#ifndef SGX_TOOLS_ELF_IMAGE_H
#define SGX_TOOLS_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

bool elf_is_elf(const void *bytes, size_t size);
/*
 * What `objcopy -O binary` makes of the file: the loaded segments' content, each at its address.  A new
 * buffer that the caller frees.  -EINVAL with the cause: not an ELF file for x86-64, cut short, a
 * segment outside the file, nothing to load, more than TOOL_IMAGE_MAX.
 */
int elf_image(const char *name, const void *bytes, size_t size, uint8_t **ret, size_t *ret_size,
              struct err *e);

#endif
