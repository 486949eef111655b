// SPDX-License-Identifier: Apache-2.0
/*
 * Programs in the real image: arguments that are passed on and arguments that are not accepted, the
 * applets, and the report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/enclave/machine.h"

#define argv(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_program(struct machine *m, const char *const *args, const char *input,
                           const char *output, uint64_t value)
{
	struct program p = { .input = input };

	machine_run(m, 1, &p, args);
	assert_int_equal(p.result, 0);
	assert_int_equal(machine_main(m)->end, ENCL_END_EXIT);
	assert_int_equal(machine_main(m)->value, value);
	assert_string_equal(p.output, output);
}

static void the_greeting_names_arguments_and_measurement(void **state)
{
	assert_program(*state, argv("./encl.elf", "one", "two"), NULL,
	               "Hello from the skeleton enclave!\narguments: ./encl.elf one two\n"
	               "MRENCLAVE: 000102030405060708090a0b0c0d0e0f"
	               "101112131415161718191a1b1c1d1e1f\n"
	               "debug enclave: yes, a debugger can read it\n",
	               0);
}

/* What two programs or two streams write at a time is cut at lines, not in them. */
static void a_line_is_one_write(void **state)
{
	struct program greeting = { 0 }, echo = { 0 };

	machine_run(*state, 1, &greeting, argv("./encl.elf", "one", "two"));
	assert_int_equal(greeting.ocalls, 4);
	machine_run(*state, 1, &echo, argv("echo", "a", "b", "c"));
	assert_int_equal(echo.ocalls, 1);
}

static void an_applet_is_named_by_either_argument(void **state)
{
	assert_program(*state, argv("/bin/echo", "a", "b c", ""), NULL, "a b c \n", 0);
	assert_program(*state, argv("anything", "echo", "a"), NULL, "a\n", 0);
	assert_program(*state, argv("echo"), NULL, "\n", 0);
	assert_program(*state, argv("x", "env"), NULL, "HOME=/root\n", 0);
}

static void cat_copies_all_of_its_input(void **state)
{
	assert_program(*state, argv("cat"), "line one\nline two", "line one\nline two", 0);
	assert_program(*state, argv("cat"), "", "", 0);
}

static void exit_ends_with_its_number(void **state)
{
	assert_program(*state, argv("x", "exit"), NULL, "", 0);
	assert_program(*state, argv("x", "exit", "7"), NULL, "", 7);
	assert_program(*state, argv("x", "exit", "255"), NULL, "", 255);
}

static void exit_refuses_what_is_no_exit_code(void **state)
{
	static const char *const wrong[] = { "256", "-1", "7x", "", "99999999999999999999" };
	char text[64];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "exit: %s: not a number from 0 to 255\n", wrong[i]);
		assert_program(*state, argv("x", "exit", wrong[i]), NULL, text, 2);
	}
}

static void help_lists_every_applet(void **state)
{
	struct program p = { 0 };

	machine_run(*state, 1, &p, argv("x", "help"));
	for (const char *const *name =
	             argv("echo", "warn", "env", "cat", "exit", "spin", "crash", "smash");
	     *name; name++)
		assert_non_null(strstr(p.output, *name));
}

static void assert_refused(struct machine *m, int64_t result)
{
	assert_int_equal(
		machine_call(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m), ENCL_EXIT_RETURN),
		result);
	assert_int_equal(machine_main(m)->end, 99);
}

static void counts_and_sizes_out_of_bounds_are_refused(void **state)
{
	struct machine *m = *state;
	static const struct {
		uint64_t argc, envc, size;
		int result;
	} rows[] = {
		{ 0, 1, 9, -EINVAL },
		{ ENCL_ARGC_MAX + 1, 0, 9, -E2BIG },
		{ 1, ENCL_ARGC_MAX, 9, -E2BIG },
		{ 1, UINT64_MAX, 9, -E2BIG },
		{ UINT64_MAX, 2, 9, -E2BIG },
		{ 1ULL << 61, 0, 9, -E2BIG },
		{ 1, 0, ENCL_ARGS_MAX + 1, -E2BIG },
		{ 1, 0, UINT64_MAX, -E2BIG },
		{ 1, 0, 0, -EINVAL },
		{ 2, 1, 2, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		machine_args(m, argv("echo"));
		machine_main(m)->argc = rows[i].argc;
		machine_main(m)->envc = rows[i].envc;
		machine_main(m)->strings_size = rows[i].size;
		assert_refused(m, rows[i].result);
	}
	assert_as_good_as_new(m, 1);
}

static void strings_that_do_not_fit_their_count_are_refused(void **state)
{
	struct machine *m = *state;

	machine_args(m, argv("echo", "x"));
	machine_main(m)->strings_size--; /* the last zero byte */
	assert_refused(m, -EINVAL);
	machine_main(m)->strings_size += 2; /* a byte behind it */
	assert_refused(m, -EINVAL);
	machine_args(m, argv("echo", "x"));
	machine_main(m)->argc = 3;
	assert_refused(m, -EINVAL);
	machine_args(m, argv("echo", "x"));
	machine_main(m)->envc = 0;
	assert_refused(m, -EINVAL);
	assert_as_good_as_new(m, 1);
}

static void addresses_in_the_enclave_are_refused(void **state)
{
	struct machine *m = *state;
	const uint64_t inside[] = {
		0,           m->base,    m->base + 0x8000,   m->base + m->size - 8,
		m->base - 8, 1ULL << 47, 0xffff800000000000, -8ULL
	};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		machine_args(m, argv("echo", "a string that crosses from below"));
		machine_main(m)->strings = inside[i];
		assert_refused(m, -EFAULT);
		machine_args(m, argv("echo"));
		machine_main(m)->ocall_area = inside[i];
		assert_refused(m, -EFAULT);
		assert_int_equal(machine_call(m, 1, ENCL_ECALL_MAIN, inside[i], ENCL_EXIT_RETURN),
		                 -EFAULT);
		assert_int_equal(machine_call(m, 1, ENCL_ECALL_REPORT, inside[i], ENCL_EXIT_RETURN),
		                 -EFAULT);
	}
	machine_args(m, argv("echo"));
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m) + 4,
	                              ENCL_EXIT_RETURN),
	                 -EINVAL);
	machine_main(m)->ocall_area += 4;
	assert_refused(m, -EINVAL);
	machine_main(m)->ocall_area = m->base - ENCL_OCALL_AREA + 8;
	assert_refused(m, -EFAULT);
	machine_args(m, argv("echo"));
	machine_main(m)->ocall_area_size--;
	assert_refused(m, -EINVAL);
	assert_as_good_as_new(m, 1);
}

static void arguments_are_read_once(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };
	enum stop stop;

	m->until = machine_symbol(m, "enclave_main");
	stop = machine_enter(m, 1, ENCL_ECALL_MAIN, machine_args(m, argv("echo", "before")));
	assert_int_equal(stop, STOP_AEX);
	m->until = 0;
	memset((char *)m->host + HOST_TEXT, 'X', 4096);
	machine_main(m)->argc = 1000;
	machine_main(m)->ocall_area = m->base;
	machine_finish(m, 1, &p, machine_resume(m, 1));
	assert_string_equal(p.output, "before\n");
}

static void as_many_arguments_as_promised_fit(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };
	char *text = (char *)m->host + HOST_TEXT;

	machine_args(m, argv("exit"));
	memset(text, 0, ENCL_ARGS_MAX);
	strcpy(text, "exit");
	strcpy(text + 5, "9");
	memset(text + 7, 'e', ENCL_ARGS_MAX - 7 - (ENCL_ARGC_MAX - 2));
	machine_main(m)->argc = 2;
	machine_main(m)->envc = ENCL_ARGC_MAX - 2;
	machine_main(m)->strings_size = ENCL_ARGS_MAX;
	machine_finish(m, 1, &p, machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)));
	assert_int_equal(p.result, 0);
	assert_int_equal(machine_main(m)->value, 9);
	assert_as_good_as_new(m, 1);
}

static void a_report_is_made_of_copies(void **state)
{
	struct machine *m = *state;
	struct encl_report *args = (struct encl_report *)(m->host + HOST_ARGS);
	struct sgx_report *report = (struct sgx_report *)(m->host + 0x3008); /* not 512-aligned */

	memset(m->host + 0x2000, 0xee, 0x1000); /* reserved bytes and all */
	memset(report, 0x55, sizeof(*report) + 8);
	*args = (struct encl_report){ (uint64_t)m->host + 0x2001, (uint64_t)m->host + 0x2a03,
		                      (uint64_t)report };
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_REPORT, (uint64_t)args, ENCL_EXIT_RETURN),
	                 0);
	assert_int_equal(report->mrenclave[31], 31);
	for (size_t i = 0; i < sizeof(report->reportdata); i++)
		assert_int_equal(report->reportdata[i], 0xee);
	assert_int_equal(((uint8_t *)(report + 1))[0], 0x55);
	args->reportdata = 0;
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_REPORT, (uint64_t)args, ENCL_EXIT_RETURN),
	                 0);
	assert_int_equal(report->reportdata[0] | report->reportdata[63], 0);
}

static void a_report_to_the_inside_is_refused(void **state)
{
	struct machine *m = *state;
	struct encl_report *args = (struct encl_report *)(m->host + HOST_ARGS);
	const struct encl_report good = { (uint64_t)m->host + 0x2000, (uint64_t)m->host + 0x2a00,
		                          (uint64_t)m->host + 0x3000 };
	uint64_t *const fields[] = { &args->targetinfo, &args->reportdata, &args->report };

	for (size_t i = 0; i < 3; i++) {
		*args = good;
		*fields[i] = m->base + 0x1000;
		assert_int_equal(
			machine_call(m, 1, ENCL_ECALL_REPORT, (uint64_t)args, ENCL_EXIT_RETURN),
			-EFAULT);
		*fields[i] = m->base - 8;
		assert_int_equal(
			machine_call(m, 1, ENCL_ECALL_REPORT, (uint64_t)args, ENCL_EXIT_RETURN),
			-EFAULT);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_greeting_names_arguments_and_measurement),
		test(a_line_is_one_write),
		test(an_applet_is_named_by_either_argument),
		test(cat_copies_all_of_its_input),
		test(exit_ends_with_its_number),
		test(exit_refuses_what_is_no_exit_code),
		test(help_lists_every_applet),
		test(counts_and_sizes_out_of_bounds_are_refused),
		test(strings_that_do_not_fit_their_count_are_refused),
		test(addresses_in_the_enclave_are_refused),
		test(arguments_are_read_once),
		test(as_many_arguments_as_promised_fit),
		test(a_report_is_made_of_copies),
		test(a_report_to_the_inside_is_refused),
	};

	return machine_tests(tests);
}
