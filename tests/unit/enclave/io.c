// SPDX-License-Identifier: Apache-2.0
/*
 * enclave/io.c and print.c as plain code, with a host of the test's making behind encl_ocall:
 * one that lies about lengths and changes its memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <asm/prctl.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enclave/ecall.h"
#include "enclave/io.h"
#include "enclave/thread.h"

#define PAGE 4096

/* This test's enclave: a layout page and a TD. */
_Alignas(PAGE) const struct sgx_layout encl_layout = { .size = PAGE };
static struct td td;

static uint8_t *area; /* the host's, with nothing behind it */
static uint64_t answer;
static unsigned int ocalls;
static struct encl_io asked;
static char written[8192];
static size_t written_size;
static jmp_buf ended;

noreturn void program_end(uint64_t end, uint64_t value)
{
	assert_int_equal(end, ENCL_END_KILLED);
	assert_int_equal(value, 0);
	longjmp(ended, 1);
}

uint64_t encl_ocall(uint64_t number, uint64_t argument)
{
	assert_int_equal(argument, (uint64_t)area);
	memcpy(&asked, area, sizeof(asked));
	ocalls++;
	/* The request is the host's to change; the enclave must not look at it again. */
	memset(area, 0xff, sizeof(asked));
	if (number == ENCL_OCALL_WRITE && answer == 0) {
		size_t n = asked.length > 100 ? 100 : asked.length; /* in pieces */

		assert_true(written_size + n < sizeof(written));
		memcpy(written + written_size, (const void *)asked.data, n);
		written_size += n;
		return n;
	}
	return answer;
}

static int setup(void **state)
{
	(void)state;
	area = mmap(NULL, ENCL_OCALL_AREA + PAGE, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(area != MAP_FAILED);
	mprotect(area + ENCL_OCALL_AREA, PAGE, PROT_NONE);
	td = (struct td){ .self = (uint64_t)&td - encl_base(), .ocall_area = { (uint64_t)area } };
	syscall(SYS_arch_prctl, ARCH_SET_GS, &td);
	answer = 0;
	ocalls = 0;
	written_size = 0;
	memset(written, 0, sizeof(written));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(area, ENCL_OCALL_AREA + PAGE);
}

static void a_read_believes_no_length_beyond_what_it_asked_for(void **state)
{
	static const struct {
		uint64_t answer;
		int64_t result;
	} rows[] = {
		{ 8, 8 },
		{ 1, 1 },
		{ 0, 0 },
		{ 9, -EIO },
		{ ENCL_IO_MAX, -EIO },
		{ 1ULL << 31, -EIO },
		{ 1ULL << 32, -EIO },
		{ (1ULL << 32) + 1, -EIO },
		{ INT64_MAX, -EIO },
		{ 1ULL << 63, -EIO },
		{ -4095ULL, -4095 },
		{ -4097ULL, -EIO },
		{ -(uint64_t)EBADF, -EBADF },
		{ -1ULL, -1 },
	};
	uint8_t buffer[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(buffer, 0x77, sizeof(buffer));
		memset(area, 0x11, ENCL_OCALL_AREA);
		answer = rows[i].answer;
		assert_int_equal(encl_read(0, buffer, 8), rows[i].result);
		for (size_t k = 0; k < sizeof(buffer); k++)
			assert_int_equal(buffer[k], (int64_t)k < rows[i].result ? 0x11 : 0x77);
	}
}

static void a_request_is_never_larger_than_the_area(void **state)
{
	static uint8_t buffer[2 * ENCL_IO_MAX];

	(void)state;
	answer = 1;
	assert_int_equal(encl_read(0, buffer, sizeof(buffer)), 1);
	assert_int_equal(asked.length, ENCL_IO_MAX);
	assert_true(asked.data + asked.length <= (uint64_t)area + ENCL_OCALL_AREA);
	assert_int_equal(encl_write(2, buffer, SIZE_MAX), 1);
	assert_int_equal(asked.length, ENCL_IO_MAX);
	assert_int_equal(asked.fd, 2);
}

static void a_write_goes_out_whole_in_as_many_pieces_as_it_takes(void **state)
{
	char text[1001];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(encl_write_all(1, text, sizeof(text)), 0);
	assert_int_equal(ocalls, 11);
	assert_int_equal(written_size, sizeof(text));
	assert_memory_equal(written, text, sizeof(text));
}

static void an_answer_that_means_killed_ends_the_program(void **state)
{
	uint8_t byte;

	(void)state;
	answer = (uint64_t)(int64_t)ENCL_OCALL_KILLED;
	if (setjmp(ended) == 0) {
		encl_read(0, &byte, 1);
		fail_msg("the program went on");
	}
}

static void an_area_in_the_enclave_is_not_written_to(void **state)
{
	(void)state;
	td.ocall_area = (hptr){ encl_base() };
	assert_int_equal(encl_write(1, "x", 1), -EFAULT);
	assert_int_equal(ocalls, 0);
}

static void printf_knows_what_it_promises(void **state)
{
	char wanted[1024];

	(void)state;
	snprintf(wanted, sizeof(wanted), "%s|%c|%d|%i|%u|%x|%ld|%lu|%llx|%zu|%p|%%|", "text", 'c',
	         INT32_MIN, 0, UINT32_MAX, 0xbeefU, INT64_MIN, UINT64_MAX, 0x123456789abcdefULL,
	         SIZE_MAX, (void *)0x1000);
	assert_int_equal(encl_printf("%s|%c|%d|%i|%u|%x|%ld|%lu|%llx|%zu|%p|%%|", "text", 'c',
	                             INT32_MIN, 0, UINT32_MAX, 0xbeefU, INT64_MIN, UINT64_MAX,
	                             0x123456789abcdefULL, SIZE_MAX, (void *)0x1000),
	                 0);
	assert_string_equal(written, wanted);
}

static void printf_prints_what_it_does_not_know_as_it_stands(void **state)
{
	const char *volatile format = "100%y %"; /* hidden from the compiler's check */

	(void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	assert_int_equal(encl_printf(format), 0);
#pragma GCC diagnostic pop
	assert_string_equal(written, "100%y %");
}

static void long_output_is_complete_and_an_error_is_reported(void **state)
{
	char text[2001] = { 0 };

	(void)state;
	memset(text, 'y', sizeof(text) - 1);
	assert_int_equal(encl_puts(text), 0);
	assert_int_equal(written_size, sizeof(text));
	assert_int_equal(written[sizeof(text) - 1], '\n');
	answer = (uint64_t)-EPIPE;
	assert_int_equal(encl_puts("z"), -EPIPE);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_read_believes_no_length_beyond_what_it_asked_for),
		test(a_request_is_never_larger_than_the_area),
		test(a_write_goes_out_whole_in_as_many_pieces_as_it_takes),
		test(an_answer_that_means_killed_ends_the_program),
		test(an_area_in_the_enclave_is_not_written_to),
		test(printf_knows_what_it_promises),
		test(printf_prints_what_it_does_not_know_as_it_stands),
		test(long_output_is_complete_and_an_error_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
