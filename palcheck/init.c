// SPDX-License-Identifier: Apache-2.0
/* pal_init: what it takes, what it refuses, and what it must not fall over. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "palcheck/check.h"

/* The enclave works: a program ends as it should. */
static void claim_works(struct subject *s)
{
	char text[16];
	int value =
		run_and_read(s, command(s, "exit", "5", NULL), NULL, NULL, 0, text, sizeof(text));

	CLAIM(value == 5, "afterwards `exit 5` ends with %d", value);
}

void check_init(struct subject *s)
{
	subject_start(s);
	subject_destroy(s);
}

void check_init_null(struct subject *s)
{
	subject_load(s);
	refused(s->init(NULL), "pal_init(NULL)");
	CLAIM(subject_init(s, s->args, s->log_level) == 0, "afterwards the right pal_init fails");
	claim_works(s);
	subject_destroy(s);
}

/* Some of these may be right for this runtime: then they work, and are undone. */
void check_init_args(struct subject *s)
{
	static char large[1 << 16];
	static const char *const odd[] = { NULL,       "",     " ",
		                           ",",        " , ,", "no-such-option",
		                           "=",        "%s%n", "debug,no-such-option",
		                           "\xff\xfe", large };

	memset(large, 'a', sizeof(large) - 1);
	subject_load(s);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (subject_init(s, odd[i], "off") == 0)
			subject_destroy(s);
	}
	CLAIM(subject_init(s, s->args, s->log_level) == 0, "afterwards the right pal_init fails");
	claim_works(s);
	subject_destroy(s);
}

void check_init_level(struct subject *s)
{
	static const char *const level[] = { "trace", "debug", "info", "warning", "error",
		                             "fatal", "panic", "off",  NULL };

	subject_load(s);
	for (size_t i = 0; i < sizeof(level) / sizeof(level[0]); i++) {
		int r = subject_init(s, s->args, level[i]);

		CLAIM(r == 0, "log level %s: %s", level[i] ? level[i] : "NULL", strerror(-r));
		subject_destroy(s);
	}
}

void check_init_twice(struct subject *s)
{
	subject_start(s);
	CLAIM(subject_init(s, s->args, s->log_level) < 0, "the second pal_init returned 0");
	claim_works(s);
	subject_destroy(s);
}

/*
 * Callers of version 1 and 2 hand over a shorter structure; what a library of version 3 then reads as
 * descriptor and address is whatever stood on their stack.
 */
void check_init_handed_over(struct subject *s)
{
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = open("/dev/zero", O_RDWR | O_CLOEXEC);
	const struct {
		const char *what;
		int fd;
		uint64_t addr;
	} odd[] = {
		{ "fd -1, addr 0", -1, 0 },
		{ "a closed fd, addr 0", 2222424, 0 },
		{ "a closed fd and an address", 2222424, (uintptr_t)memory },
		{ "fd -1 and an address", -1, (uintptr_t)memory },
		{ "fd 0, addr 0", 0, 0 },
		{ "a file, and ordinary memory", file, (uintptr_t)memory },
		{ "a file, and no memory", file, 4096 },
		{ "a file, and an address that is not canonical", file, UINT64_C(0x5a5a) << 48 },
		{ "a file, and an odd address", file, (uintptr_t)memory + 1 },
	};

	subject_load(s);
	CLAIM(memory != MAP_FAILED && file >= 0, "no memory, or no /dev/zero");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct pal_attr_v3 attr = { s->args, s->log_level, odd[i].fd, odd[i].addr };
		int r = returned(s->init(&attr), "pal_init");

		CLAIM(r == 0, "%s: %s", odd[i].what, strerror(-r));
		claim_works(s);
		subject_destroy(s);
	}
	CLAIM(fcntl(file, F_GETFD) >= 0, "it closed a descriptor that was handed over");
	CLAIM(munmap(memory, 4096) == 0, "it unmapped memory that was handed over");
}
