// SPDX-License-Identifier: Apache-2.0
/*
 * CPUID and RDTSC in a program, on the real image: answers that are the enclave's own, and what is no
 * such instruction.
 */
#include "tests/unit/enclave/machine.h"

#include <string.h>

static struct program finish(struct machine *m)
{
	struct program p = { 0 };

	machine_finish(m, 1, &p, machine_resume(m, 1));
	assert_int_equal(p.result, 0);
	return p;
}

static void assert_killed_by(struct machine *m, uint64_t vector, const char *line)
{
	struct program p = finish(m);

	assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
	assert_int_equal(machine_main(m)->value, vector);
	assert_memory_equal(p.output, line, strlen(line));
	assert_as_good_as_new(m, 1);
}

/* CPUID's answers are the same whatever the processor and the host are; upper halves are zero. */
static void cpuid_is_answered_from_a_table(void **state)
{
	static const struct {
		uint64_t leaf;
		uint32_t answer[4];
	} rows[] = {
		{ 0, { 1, 0x6c656b53, 0x6c636e45, 0x6e6f7465 } },
		{ 0xffffffff00000001, { 0, 0, 0x40802201, 0x07008111 } },
		{ 2, { 0 } },
		{ 0x12, { 0 } },
		{ 0x40000000, { 0 } },
		{ UINT64_MAX, { 0 } },
		{ 0x80000001, { 0, 0, 1, 0x20000000 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *m = *state;
		struct sgx_gprsgx *g = machine_at_cpuid(m, 1);
		uint64_t next;

		g->rax = rows[i].leaf;
		g->rbx = g->rcx = g->rdx = UINT64_MAX;
		next = g->rip + 2;
		assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
		m->until = next;
		assert_int_equal(machine_resume(m, 1), STOP_AEX);
		m->until = 0;
		assert_int_equal(g->rax, rows[i].answer[0]);
		assert_int_equal(g->rbx, rows[i].answer[1]);
		assert_int_equal(g->rcx, rows[i].answer[2]);
		assert_int_equal(g->rdx, rows[i].answer[3]);
		assert_int_equal(machine_hand_in(m, 1), 0); /* no exception: the end */
		finish(m);
	}
}

static void rdtsc_only_rises(void **state)
{
	struct machine *m = *state;
	struct sgx_gprsgx *g = machine_ssa(m, 1, 0);
	uint64_t last = 0, now, next;

	for (int i = 0; i < 3; i++) {
		m->until = machine_find(m, "applet_rdtsc", "\x0f\x31", 2);
		assert_int_equal(machine_start(m, 1, "rdtsc", NULL), STOP_AEX);
		machine_forge(m, 1, 6);
		next = m->until + 2;
		m->until = 0;
		assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
		m->until = next;
		assert_int_equal(machine_resume(m, 1), STOP_AEX);
		m->until = 0;
		now = g->rdx << 32 | g->rax;
		assert_true(g->rax <= UINT32_MAX && now > last);
		last = now;
		assert_int_equal(machine_hand_in(m, 1), 0);
		finish(m);
	}
}

/* S7: the bytes at RIP decide, not that there was an exception. */
static void another_exception_at_cpuid_is_not_emulated(void **state)
{
	struct machine *m = *state;

	machine_at_cpuid(m, 1);
	machine_forge(m, 1, 14);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	assert_killed_by(m, 14, "enclave: exception 14 (#PF) at 0x");
}

/* Of the last byte of the text nothing beyond is read; an address in it but at no CPUID is no CPUID. */
static void an_undefined_instruction_at_the_text_s_end_is_just_that(void **state)
{
	struct machine *m = *state;
	struct sgx_gprsgx *g = machine_at_cpuid(m, 1);

	uint8_t *last = m->memory + (machine_symbol(m, "text_end") - 1 - m->base), old = *last;

	g->rip = machine_symbol(m, "text_end") - 1;
	last[0] = 0x0f;
	last[1] = 0xa2;
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	m->until = machine_symbol(m, "encl_report"); /* not emulated */
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	m->until = 0;
	last[0] = old;
	assert_killed_by(m, 6, "enclave: exception 6 (#UD) at 0x");
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(cpuid_is_answered_from_a_table),
		test(rdtsc_only_rises),
		test(another_exception_at_cpuid_is_not_emulated),
		test(an_undefined_instruction_at_the_text_s_end_is_just_that),
	};

	return machine_tests(tests);
}
