/* SPDX-License-Identifier: Apache-2.0 */
/* Whether root is the host's: in a user namespace anybody may be called so. */
#ifndef RUNE_USERNS_H
#define RUNE_USERNS_H

#include <stdbool.h>

bool userns_is_initial(void);

#endif
