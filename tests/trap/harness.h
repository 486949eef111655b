/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of code that raises signals: each in a forked child with a time limit, under swsgx.  Four
 * outcomes: ok; not ok (the subject is wrong); skip; error (the test is, or its surroundings).
 */
#ifndef TESTS_TRAP_HARNESS_H
#define TESTS_TRAP_HARNESS_H

#include <stdbool.h>
#include <stddef.h>

struct test {
	const char *claim;
	void (*run)(void);
	unsigned int seconds; /* 0: 20 */
};

/*
 * Run the tests of the table on software SGX and print TAP; returns main's value.  driver: as
 * swsgx --driver takes it, or NULL.
 */
int harness_main(int argc, char **argv, const struct test *tests, size_t count, const char *driver);

/* In a test: end it. */
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void test_error(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void test_skip(const char *reason) __attribute__((noreturn));

#define CHECK(condition)                                                 \
	do {                                                             \
		if (!(condition))                                        \
			test_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)

#define CHECK_EQUAL(got, wanted)                                                              \
	do {                                                                                  \
		unsigned long long got_ = (unsigned long long)(got);                          \
		unsigned long long wanted_ = (unsigned long long)(wanted);                    \
		if (got_ != wanted_)                                                          \
			test_fail(__FILE__, __LINE__, "%s is 0x%llx, not 0x%llx", #got, got_, \
			          wanted_);                                                   \
	} while (0)

/* Something that the test needs, but that it does not test. */
#define NEED(condition)                                                   \
	do {                                                              \
		if (!(condition))                                         \
			test_error(__FILE__, __LINE__, "%s", #condition); \
	} while (0)

#endif
