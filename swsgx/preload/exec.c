// SPDX-License-Identifier: Apache-2.0
/*
 * The exec family: software SGX is one process tree's, so a program that is started with another
 * environment still gets LD_PRELOAD and the variables that go with it.  Everything is on the stack:
 * these functions are called after vfork and in signal handlers.
 */
#include "swsgx/preload/exec.h"

#include <alloca.h>
#include <dlfcn.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "swsgx/preload/next.h"

typedef int execve_fn(const char *path, char *const argv[], char *const envp[]);
typedef int fexecve_fn(int fd, char *const argv[], char *const envp[]);
typedef int execveat_fn(int dir, const char *path, char *const argv[], char *const envp[],
                        int flags);
typedef int spawn_fn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                     const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);

#define PRELOAD "LD_PRELOAD="

static const char *const kept_names[] = { "SWSGX_STATE=",    "SWSGX_DRIVER=",  "SWSGX_LAUNCH=",
	                                  "SWSGX_EPC_SIZE=", "SWSGX_CPUID=",   "SWSGX_TRACE=",
	                                  "SWSGX_STATS=",    "SWSGX_REWRITE=", "SWSGX_WRITER=" };
#define KEPT (sizeof(kept_names) / sizeof(kept_names[0]))

static const char *library; /* our own path, when LD_PRELOAD has brought us */
static char *kept[KEPT];

static char *find(char *const envp[], const char *name)
{
	for (; envp != NULL && *envp != NULL; envp++)
		if (strncmp(*envp, name, strlen(name)) == 0)
			return *envp;
	return NULL;
}

static bool names_library(const char *preload)
{
	return preload != NULL && strstr(preload, library) != NULL;
}

void exec_remember(char **envp)
{
	Dl_info info;

	if (dladdr((const void *)exec_remember, &info) == 0)
		return;
	library = info.dli_fname;
	if (!names_library(find(envp, PRELOAD)))
		library = NULL;
	for (unsigned int i = 0; i < KEPT; i++)
		kept[i] = find(envp, kept_names[i]);
}

static size_t count(char *const envp[])
{
	size_t n = 0;

	while (envp != NULL && envp[n] != NULL)
		n++;
	return n;
}

static size_t preload_size(char *const envp[])
{
	const char *old = find(envp, PRELOAD);

	return library == NULL ? 0
	                       : strlen(PRELOAD) + strlen(library) + (old ? strlen(old) : 0) + 2;
}

/* ret has room for count + KEPT + 2 pointers, text for preload_size bytes. */
static char *const *complete(char *const envp[], char **ret, char *text)
{
	const char *old = find(envp, PRELOAD);
	size_t n = 0;

	if (library == NULL)
		return envp;
	for (size_t i = 0; envp != NULL && envp[i] != NULL; i++)
		if (names_library(old) || strncmp(envp[i], PRELOAD, strlen(PRELOAD)) != 0)
			ret[n++] = envp[i];
	if (!names_library(old)) {
		char *end = stpcpy(stpcpy(text, PRELOAD), library);

		if (old != NULL && old[strlen(PRELOAD)] != '\0')
			stpcpy(stpcpy(end, ":"), old + strlen(PRELOAD));
		ret[n++] = text;
	}
	for (unsigned int i = 0; i < KEPT; i++)
		if (kept[i] != NULL && find(envp, kept_names[i]) == NULL)
			ret[n++] = kept[i];
	ret[n] = NULL;
	return ret;
}

/* Inherited by the callee of this function, so a macro: the room is the caller's stack. */
#define COMPLETE(envp)                                                             \
	complete(envp, (char **)alloca((count(envp) + KEPT + 2) * sizeof(char *)), \
	         (char *)alloca(preload_size(envp) + 1))

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	return NEXT(execve_fn, execve)(path, argv, COMPLETE(envp));
}

EXPORT int execvpe(const char *path, char *const argv[], char *const envp[])
{
	return NEXT(execve_fn, execvpe)(path, argv, COMPLETE(envp));
}

EXPORT int execv(const char *path, char *const argv[])
{
	return NEXT(execve_fn, execve)(path, argv, COMPLETE(environ));
}

EXPORT int execvp(const char *path, char *const argv[])
{
	return NEXT(execve_fn, execvpe)(path, argv, COMPLETE(environ));
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	return NEXT(fexecve_fn, fexecve)(fd, argv, COMPLETE(envp));
}

EXPORT int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	return NEXT(execveat_fn, execveat)(dir, path, argv, COMPLETE(envp), flags);
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	return NEXT(spawn_fn, posix_spawn)(pid, path, actions, attr, argv, COMPLETE(envp));
}

EXPORT int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	return NEXT(spawn_fn, posix_spawnp)(pid, path, actions, attr, argv, COMPLETE(envp));
}

static size_t count_arguments(va_list ap)
{
	size_t n = 1;

	while (va_arg(ap, char *) != NULL)
		n++;
	return n;
}

/* argv from arg and what follows it; ap is left behind the NULL. */
static void collect(const char *arg, va_list ap, char **argv)
{
	*argv++ = (char *)arg;
	if (arg == NULL)
		return;
	while ((*argv++ = va_arg(ap, char *)) != NULL)
		;
}

#define ARGUMENTS(argv, arg, ap)                                                        \
	va_start(ap, arg);                                                              \
	argv = (char **)alloca(((arg) ? count_arguments(ap) + 1 : 1) * sizeof(char *)); \
	va_end(ap);                                                                     \
	va_start(ap, arg);                                                              \
	collect(arg, ap, argv)

EXPORT int execl(const char *path, const char *arg, ...)
{
	va_list ap;
	char **argv;

	ARGUMENTS(argv, arg, ap);
	va_end(ap);
	return NEXT(execve_fn, execve)(path, argv, COMPLETE(environ));
}

EXPORT int execlp(const char *path, const char *arg, ...)
{
	va_list ap;
	char **argv;

	ARGUMENTS(argv, arg, ap);
	va_end(ap);
	return NEXT(execve_fn, execvpe)(path, argv, COMPLETE(environ));
}

EXPORT int execle(const char *path, const char *arg, ...)
{
	va_list ap;
	char **argv;
	char *const *envp;

	ARGUMENTS(argv, arg, ap);
	envp = va_arg(ap, char *const *);
	va_end(ap);
	return NEXT(execve_fn, execve)(path, argv, COMPLETE(envp));
}
