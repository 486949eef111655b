/* SPDX-License-Identifier: Apache-2.0 */
/* Constants for assembly; each is asserted against its C definition when C includes this file. */
#ifndef SGX_ASM_H
#define SGX_ASM_H

#define SGX_LEAF_EREPORT 0
#define SGX_LEAF_EGETKEY 1
#define SGX_LEAF_EENTER  2
#define SGX_LEAF_ERESUME 3
#define SGX_LEAF_EEXIT   4

#ifndef __ASSEMBLER__

#include "sgx/leaf.h"

_Static_assert(SGX_LEAF_EREPORT == SGX_EREPORT, "EREPORT");
_Static_assert(SGX_LEAF_EGETKEY == SGX_EGETKEY, "EGETKEY");
_Static_assert(SGX_LEAF_EENTER == SGX_EENTER, "EENTER");
_Static_assert(SGX_LEAF_ERESUME == SGX_ERESUME, "ERESUME");
_Static_assert(SGX_LEAF_EEXIT == SGX_EEXIT, "EEXIT");

#endif

#endif
