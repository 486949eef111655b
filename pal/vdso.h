/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the vDSO. */
#ifndef PAL_VDSO_H
#define PAL_VDSO_H

/* The function of that name in the ELF image, as the kernel maps it; NULL when it has none. */
void *vdso_symbol(const void *image, const char *name);
/* The same in this process's vDSO. */
void *vdso_find(const char *name);

#endif
