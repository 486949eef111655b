// SPDX-License-Identifier: Apache-2.0
/* The file, before any of its functions is called. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "palcheck/check.h"
#include "rune/closure.h"
#include "rune/elf.h"

static void open_elf(struct subject *s, struct elf *ret)
{
	struct err e;

	CLAIM(elf_open(s->path, ret, &e) == 0, "%s", e.text);
}

void check_file(struct subject *s)
{
	_cleanup_(elf_close) struct elf elf = { 0 };

	open_elf(s, &elf);
	CLAIM(!elf_is_program(&elf), "it is a program");
	CLAIM(dlopen(s->path, RTLD_NOW | RTLD_LOCAL), "%s", dlerror());
}

void check_version(struct subject *s)
{
	subject_load(s);
	CLAIM(s->version >= 1 && s->version <= 3, "pal_get_version returned %d", s->version);
	if (!s->get_version)
		return;
	for (int i = 0; i < 3; i++) {
		int again = s->get_version();

		CLAIM(again == s->version, "pal_get_version returned %d, then %d", s->version,
		      again);
	}
}

void check_symbols(struct subject *s)
{
	static const struct {
		const char *name;
		int since;
	} functions[] = {
#define PAL(name, since) { #name, since },
#include "include/liberpal.def"
#undef PAL
	};
	_cleanup_(elf_close) struct elf elf = { 0 };
	int version = 1;

	open_elf(s, &elf);
	if (elf_defines(&elf, "pal_get_version")) {
		void *library = dlopen(s->path, RTLD_NOW | RTLD_LOCAL);
		int (*get)(void) = library ? dlsym(library, "pal_get_version") : NULL;

		CLAIM(get, "pal_get_version cannot be called");
		version = get();
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		const char *name = functions[i].name;
		bool is_there = elf_defines(&elf, name);

		if (strcmp(name, "pal_get_version") == 0)
			continue;
		CLAIM(is_there || functions[i].since > version,
		      "%s is missing, which version %d has", name, version);
		CLAIM(!is_there || functions[i].since <= version,
		      "%s is there, which came with version %d: this is %d", name,
		      functions[i].since, version);
	}
}

static bool stack_is_executable(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	bool is_executable = false;

	CLAIM(maps, "/proc/self/maps: %s", strerror(errno));
	while (fgets(line, sizeof(line), maps))
		is_executable |= strstr(line, "[stack]") && strstr(line, " rwxp ");
	fclose(maps);
	return is_executable;
}

void check_stack(struct subject *s)
{
	_cleanup_(elf_close) struct elf elf = { 0 };
	bool has_note = false;

	open_elf(s, &elf);
	for (uint16_t i = 0; i < elf.program_header_count; i++) {
		Elf64_Phdr p;

		memcpy(&p, elf.bytes + elf.program_headers + i * sizeof(p), sizeof(p));
		if (p.p_type != PT_GNU_STACK)
			continue;
		has_note = true;
		CLAIM(!(p.p_flags & PF_X), "PT_GNU_STACK asks for an executable stack");
	}
	CLAIM(has_note, "there is no PT_GNU_STACK: an object lacks .note.GNU-stack, and the loader "
	                "then makes the stack executable");
	CLAIM(!stack_is_executable(), "the stack was executable before");
	CLAIM(dlopen(s->path, RTLD_NOW | RTLD_LOCAL), "%s", dlerror());
	CLAIM(!stack_is_executable(), "after dlopen the stack is executable");
}

/* A fixed path is looked for in the container, where it may be anybody's file. */
static void claim_no_fixed_path(const struct elf *elf, int64_t tag, const char *name)
{
	const char *path = elf_text(elf, tag, 0);

	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		size_t length = strcspn(path, ":");

		CLAIM(strncmp(path, "$ORIGIN", 7) == 0 || strncmp(path, "${ORIGIN}", 9) == 0,
		      "%s %.*s: in a container that is a folder of its image", name, (int)length,
		      path);
	}
}

void check_needed(struct subject *s)
{
	_cleanup_(elf_close) struct elf elf = { 0 };
	_cleanup_(closure_release) struct closure closure = { 0 };
	struct err e;

	open_elf(s, &elf);
	CLAIM(closure_add_library(&closure, s->path, &e) == 0, "%s", e.text);
	claim_no_fixed_path(&elf, DT_RPATH, "DT_RPATH");
	claim_no_fixed_path(&elf, DT_RUNPATH, "DT_RUNPATH");
}

/* What a library can change of its process by being loaded. */
struct surroundings {
	int fds, tasks;
	struct sigaction actions[65];
	sigset_t mask;
	mode_t umask;
	char folder[4096];
	off_t printed;
	char **environment; /* a copy of it */
};

static char **copy_environment(void)
{
	size_t count = 0;
	char **copy;

	while (environ[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	CLAIM(copy, "no memory");
	for (size_t i = 0; i < count; i++) {
		copy[i] = strdup(environ[i]);
		CLAIM(copy[i], "no memory");
	}
	return copy;
}

static bool is_same_environment(char *const *one, char *const *other)
{
	while (*one && *other && strcmp(*one, *other) == 0)
		one++, other++;
	return !*one && !*other;
}

static void look_around(struct surroundings *ret)
{
	*ret = (struct surroundings){ 0 };
	ret->fds = count_entries("/proc/self/fd");
	ret->tasks = count_entries("/proc/self/task");
	for (int sig = 1; sig <= 64; sig++)
		sigaction(sig, NULL, &ret->actions[sig]);
	sigprocmask(SIG_BLOCK, NULL, &ret->mask);
	ret->umask = umask(0);
	umask(ret->umask);
	CLAIM(getcwd(ret->folder, sizeof(ret->folder)), "the folder: %s", strerror(errno));
	ret->printed = lseek(1, 0, SEEK_END);
	ret->environment = copy_environment();
}

static bool is_same_set(const sigset_t *one, const sigset_t *other)
{
	for (int sig = 1; sig <= 64; sig++) {
		if (sigismember(one, sig) != sigismember(other, sig))
			return false;
	}
	return true;
}

static void claim_signals(const struct surroundings *before, const struct surroundings *now)
{
	for (int sig = 1; sig <= 64; sig++) {
		CLAIM(before->actions[sig].sa_handler == now->actions[sig].sa_handler,
		      "the handler of signal %d has changed", sig);
		CLAIM(before->actions[sig].sa_flags == now->actions[sig].sa_flags,
		      "the flags of signal %d's handler have changed", sig);
		CLAIM(is_same_set(&before->actions[sig].sa_mask, &now->actions[sig].sa_mask),
		      "the mask of signal %d's handler has changed", sig);
		CLAIM(sigismember(&before->mask, sig) == sigismember(&now->mask, sig),
		      "signal %d was %sblocked", sig, sigismember(&now->mask, sig) ? "" : "un");
	}
}

static void claim_settings(const struct surroundings *before, const struct surroundings *now)
{
	CLAIM(before->umask == now->umask, "the umask has changed");
	CLAIM(strcmp(before->folder, now->folder) == 0, "the working directory is now %s",
	      now->folder);
	CLAIM(is_same_environment(before->environment, now->environment),
	      "the environment has changed");
}

void check_constructors(struct subject *s)
{
	static struct surroundings before, now;

	look_around(&before);
	CLAIM(dlopen(s->path, RTLD_NOW | RTLD_LOCAL), "%s", dlerror());
	fflush(NULL);
	look_around(&now);
	CLAIM(now.printed == before.printed, "it printed something");
	CLAIM(now.fds == before.fds, "it opened %d descriptors", now.fds - before.fds);
	CLAIM(now.tasks == before.tasks, "it started %d threads", now.tasks - before.tasks);
	claim_signals(&before, &now);
	claim_settings(&before, &now);
}

static void noticed(int sig)
{
	(void)sig;
}

/* One enclave's life, from before to after it. */
static void look_around_a_life(struct subject *s, struct surroundings *ret_before,
                               struct surroundings *ret_after)
{
	char text[16];

	subject_load(s);
	look_around(ret_before);
	CLAIM(subject_init(s, s->args, s->log_level) == 0, "pal_init fails");
	run_and_read(s, command(s, "exit", "0", NULL), NULL, NULL, 0, text, sizeof(text));
	subject_destroy(s);
	look_around(ret_after);
}

/* A host that has handlers, and signals blocked, as one with a signalfd does. */
void check_signals(struct subject *s)
{
	static struct surroundings before, now;
	sigset_t some;

	signal(SIGUSR1, noticed);
	signal(SIGCHLD, noticed);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&some);
	sigaddset(&some, SIGTERM);
	sigaddset(&some, SIGUSR2);
	sigprocmask(SIG_BLOCK, &some, NULL);
	look_around_a_life(s, &before, &now);
	claim_signals(&before, &now);
}

void check_environment(struct subject *s)
{
	static struct surroundings before, now;

	look_around_a_life(s, &before, &now);
	claim_settings(&before, &now);
}
