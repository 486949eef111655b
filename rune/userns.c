// SPDX-License-Identifier: Apache-2.0
/* The initial user namespace is the one in which every number is itself; see userns.h. */
#include "rune/userns.h"

#include <limits.h>
#include <stdio.h>

bool userns_is_initial(void)
{
	unsigned long inside, outside, count;
	FILE *map = fopen("/proc/self/uid_map", "re");
	bool is_initial;

	if (!map)
		return true;
	is_initial = fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 && inside == 0 &&
	             outside == 0 && count == UINT_MAX;
	fclose(map);
	return is_initial;
}
