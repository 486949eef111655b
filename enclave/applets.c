// SPDX-License-Identifier: Apache-2.0
/*
 * Small programs for trying the enclave out and for the tests, one a row of the table.  An applet is
 * run if the last part of argv[0], or argv[1], is its name; it is called with its own name as
 * argv[0].  A program of your own needs none of this file: see app.c.
 */
#include "enclave/app.h"

#include <stddef.h>

#include "enclave/heap.h"
#include "enclave/insn.h"
#include "enclave/io.h"
#include "enclave/string.h"
#include "enclave/text.h"

static int applet_echo(int argc, char **argv, char **envp)
{
	char *line = encl_join(argc - 1, argv + 1);

	(void)envp;
	return !line || encl_puts(line) < 0;
}

static int applet_warn(int argc, char **argv, char **envp)
{
	char *line = encl_join(argc - 1, argv + 1);

	(void)envp;
	return !line || encl_dprintf(2, "%s\n", line) < 0;
}

static int applet_env(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	for (; *envp; envp++)
		if (encl_puts(*envp) < 0)
			return 1;
	return 0;
}

static int applet_cat(int argc, char **argv, char **envp)
{
	const size_t size = 16 * 1024;
	char *buffer = encl_alloc(size);
	int64_t n = 0;

	(void)argc;
	(void)argv;
	(void)envp;
	while (buffer && (n = encl_read(0, buffer, size)) > 0)
		if (encl_write_all(1, buffer, (size_t)n) < 0)
			return 1;
	return !buffer || n < 0;
}

static int applet_exit(int argc, char **argv, char **envp)
{
	const char *s = argc > 1 ? argv[1] : "0";
	unsigned int value = 0;

	(void)envp;
	do {
		if (*s < '0' || *s > '9' || value > 255) {
			encl_dprintf(2, "exit: %s: not a number from 0 to 255\n", argv[1]);
			return 2;
		}
		value = value * 10 + (unsigned int)(*s++ - '0');
	} while (*s != '\0');
	if (value > 255) {
		encl_dprintf(2, "exit: %s: not a number from 0 to 255\n", argv[1]);
		return 2;
	}
	encl_exit((int)value);
}

static int applet_spin(int argc, char **argv, char **envp)
{
	(void)argv;
	(void)envp;
	while (argc > 0)
		relax();
	return 0;
}

/* Of their own, so that check-enclave knows that these instructions are nowhere else. */
__attribute__((used, noinline)) static int applet_cpuid(int argc, char **argv, char **envp)
{
	const uint32_t leaves[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0x80000000, 0x80000001 };
	uint32_t r[4];

	(void)argc;
	(void)argv;
	(void)envp;
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		raw_cpuid(leaves[i], 0, r);
		if (encl_printf("leaf %x: eax %x, ebx %x, ecx %x, edx %x\n", leaves[i], r[0], r[1],
		                r[2], r[3]) < 0)
			return 1;
	}
	return 0;
}

__attribute__((used, noinline)) static int applet_rdtsc(int argc, char **argv, char **envp)
{
	uint64_t first = raw_rdtsc(), second = raw_rdtsc();

	(void)argc;
	(void)argv;
	(void)envp;
	return encl_printf("first %lu, then %lu\n", first, second) < 0;
}

static void crash_ud2(void)
{
	ud2();
}

static void crash_null(void)
{
	raw_load(0);
}

static void crash_write(void)
{
	raw_store((uint64_t)applet_run, 0); /* text is not writable */
}

/* Down the stack until the guard page, long before the depth is reached. */
static unsigned int descend(unsigned int depth)
{
	volatile uint8_t frame[256];

	frame[depth % sizeof(frame)] = (uint8_t)depth;
	return depth == UINT32_MAX ? 0 : descend(depth + 1) + frame[(depth + 1) % sizeof(frame)];
}

static void crash_stack(void)
{
	descend(0);
}

/* Beyond a buffer on the stack: on return the stack protector stops the whole enclave. */
__attribute__((noinline)) static void crash_smash(void)
{
	volatile uint8_t buffer[16];

	for (unsigned int i = 0; i < 64; i++)
		raw_store((uint64_t)buffer + i, 0x41);
}

static void crash_divide(void)
{
	raw_divide(1, 0);
}

static int applet_crash(int argc, char **argv, char **envp)
{
	const char *how = argc > 1 ? argv[1] : "ud2";

	(void)envp;
#define CRASH(name, text)            \
	if (strcmp(how, #name) == 0) \
		crash_##name();
#include "enclave/applets.def"
#undef CRASH
	encl_dprintf(2, "crash: %s: not a way to crash, see help\n", how);
	return 2;
}

static int applet_help(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	encl_puts("Programs of the skeleton enclave, as first argument or last part of argv[0]:");
#define APPLET(name, arguments, text) encl_puts("  " #name arguments "\n\t" text);
#include "enclave/applets.def"
#undef APPLET
	encl_puts("HOW:");
#define CRASH(name, text) encl_puts("  " #name "\n\t" text);
#include "enclave/applets.def"
#undef CRASH
	return encl_puts("Without any of these it prints a greeting.") < 0;
}

static bool applet_named(const char *name, int argc, char **argv, char **envp, int *ret_code)
{
#define APPLET(applet, arguments, text)                        \
	if (strcmp(name, #applet) == 0) {                      \
		*ret_code = applet_##applet(argc, argv, envp); \
		return true;                                   \
	}
#include "enclave/applets.def"
#undef APPLET
	return false;
}

bool applet_run(int argc, char **argv, char **envp, int *ret_code)
{
	const char *slash = strrchr(argv[0], '/');

	if (applet_named(slash ? slash + 1 : argv[0], argc, argv, envp, ret_code))
		return true;
	return argc > 1 && applet_named(argv[1], argc - 1, argv + 1, envp, ret_code);
}
