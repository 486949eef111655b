// SPDX-License-Identifier: Apache-2.0
/*
 * What is mapped in a range?  The kernel's driver has no request that tells, but each enclave is a file
 * of its own, and /proc/self/maps says from which file a mapping is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/base/cleanup.h"
#include "pal/driver/intree.h"

struct mapping {
	uint64_t start, end, inode;
	unsigned int major, minor;
	char prot[5];
};

static void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static bool read_mapping(FILE *maps, struct mapping *ret)
{
	char line[512];

	if (!fgets(line, sizeof(line), maps))
		return false;
	/* The rest of a line that is longer, its path, is no line of this form. */
	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %x:%x %" SCNu64, &ret->start,
	              &ret->end, ret->prot, &ret->major, &ret->minor, &ret->inode) == 6 ||
	       read_mapping(maps, ret);
}

/* Reserved address space between the segments: anonymous, no access. */
static bool is_reserved(const struct mapping *m)
{
	return m->inode == 0 && m->prot[0] == '-' && m->prot[1] == '-' && m->prot[2] == '-';
}

bool intree_owns(int fd, uint64_t addr, uint64_t size)
{
	_cleanup_(fclosep) FILE *maps = fopen("/proc/self/maps", "re");
	bool is_found = false;
	struct mapping m;
	struct stat file;

	if (fstat(fd, &file) < 0)
		return false;
	while (maps && read_mapping(maps, &m)) {
		if (m.end <= addr || (m.start > addr && m.start - addr >= size))
			continue;
		if (is_reserved(&m))
			continue;
		if (m.inode != file.st_ino || makedev(m.major, m.minor) != file.st_dev)
			return false;
		is_found = true;
	}
	return is_found;
}
