// SPDX-License-Identifier: Apache-2.0
/* Finding the program, and refusing those that would run without software SGX unnoticed. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "swsgx/launcher.h"

#define PHDRS_MAX 64

static int search(const char *name, char ret[PATH_MAX], struct err *e)
{
	const char *path = getenv("PATH");
	int found = -ENOENT;
	size_t len;

	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (; found != 0; path += len + 1) {
		len = strcspn(path, ":");
		if ((size_t)snprintf(ret, PATH_MAX, "%.*s%s%s", (int)len, path, len ? "/" : "",
		                     name) < PATH_MAX) {
			if (access(ret, X_OK) == 0)
				return 0;
			if (errno == EACCES)
				found = -EACCES;
		}
		if (path[len] == '\0')
			break;
	}
	return err_set(e, found, "%s: %s", name, found == -EACCES ? strerror(EACCES) : "not found");
}

static int check_elf(int fd, const char *path, const Elf64_Ehdr *ehdr, struct err *e)
{
	Elf64_Phdr phdr[PHDRS_MAX];
	size_t size = ehdr->e_phnum * sizeof(phdr[0]);

	if (ehdr->e_ident[EI_CLASS] != ELFCLASS64 || ehdr->e_machine != EM_X86_64)
		return err_set(e, -ENOEXEC, "%s: not a program for x86-64", path);
	if (ehdr->e_phnum > PHDRS_MAX || ehdr->e_phentsize != sizeof(phdr[0]) ||
	    pread(fd, phdr, size, (off_t)ehdr->e_phoff) != (ssize_t)size)
		return err_set(e, -ENOEXEC, "%s: its program headers cannot be read", path);
	for (unsigned int i = 0; i < ehdr->e_phnum; i++)
		if (phdr[i].p_type == PT_INTERP)
			return 0;
	return err_set(e, -ENOEXEC, "%s: statically linked: no library can be preloaded into it",
	               path);
}

static int check(const char *path, struct err *e)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	Elf64_Ehdr ehdr;

	if (fd < 0)
		return errno == EACCES
		               ? 0
		               : err_errno(e, "%s", path); /* may be executed all the same */
	if (fstat(fd, &st) < 0)
		return err_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EACCES, "%s: not a program", path);
	if (((st.st_mode & S_ISUID) && st.st_uid != geteuid()) ||
	    ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getegid()))
		return err_set(e, -EPERM,
		               "%s: runs with another user's rights: nothing is preloaded into it",
		               path);
	if (pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr) ||
	    memcmp(ehdr.e_ident, ELFMAG, SELFMAG) != 0)
		return 0; /* a script: its interpreter inherits the environment */
	return check_elf(fd, path, &ehdr, e);
}

int program_find(const char *name, char ret[PATH_MAX], struct err *e)
{
	int r;

	if (strchr(name, '/') == NULL) {
		r = search(name, ret, e);
		if (r < 0)
			return r;
	} else {
		if (strlen(name) >= PATH_MAX)
			return err_set(e, -ENAMETOOLONG, "the program's path is too long");
		memcpy(ret, name, strlen(name) + 1);
		if (access(ret, X_OK) < 0)
			return err_errno(e, "%s", name);
	}
	return check(ret, e);
}
