/* SPDX-License-Identifier: Apache-2.0 */
/* How large an SSA frame has to be (SDM vol. 3D, ECREATE). */
#ifndef LIB_SGX_SSAFRAME_H
#define LIB_SGX_SSAFRAME_H

#include <stdint.h>

/*
 * The pages of a frame that holds the state of xfrm, the MISC components and GPRSGX, by the standard
 * XSAVE layout, the same on every processor: 0, or -EINVAL when a bit has no place in it.
 */
int ssaframe_pages(uint64_t xfrm, uint32_t miscselect, uint32_t *ret);

#endif
