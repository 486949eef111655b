// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions in two stages on the real image: what the program's handler gets, that the program goes on
 * as if nothing had been, and what is left to the handler when the stack is not.
 */
#include "tests/unit/enclave/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RED_ZONE     128
#define HANDLER_ROOM 0x2000

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

/* Everything that an asynchronous exit saves, filled with what no handler would put there. */
static void fill_frame(struct machine *m, struct sgx_gprsgx *g)
{
	uint64_t *fields[] = { &g->rbp, &g->rsi, &g->rdi, &g->r8,  &g->r9, &g->r10,
		               &g->r11, &g->r12, &g->r13, &g->r14, &g->r15 };
	struct user_fpregs_struct *fp = (void *)machine_frame(m, 1, 0);

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = 0x1111111111111111 * (i + 1);
	g->rflags = 0x44ed7 & ~0x100ULL; /* all of the status flags, DF, AC, NT */
	memset(fp->xmm_space, 0x5c, sizeof(fp->xmm_space));
	memset(fp->st_space, 0, sizeof(fp->st_space));
	fp->st_space[0] = 0x1234;
	fp->ftw = 1;
	fp->mxcsr = 0x5f80;
	fp->cwd = 0x027f;
}

static void the_interrupted_program_goes_on_bit_for_bit(void **state)
{
	struct machine *m = *state;
	struct sgx_gprsgx *g = machine_at_cpuid(m, 1), before;
	struct user_fpregs_struct fp;
	uint8_t red_zone[RED_ZONE];

	fill_frame(m, g);
	before = *g;
	memcpy(&fp, machine_frame(m, 1, 0), sizeof(fp));
	memset(m->memory + (g->rsp - RED_ZONE - m->base), 0x77, RED_ZONE);
	memset(red_zone, 0x77, sizeof(red_zone));
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	m->until = before.rip + 2;
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	m->until = 0;
	assert_memory_equal(m->memory + (before.rsp - RED_ZONE - m->base), red_zone, RED_ZONE);
	assert_int_equal(g->rip, before.rip + 2);
	assert_int_equal(g->rsp, before.rsp);
	assert_int_equal(g->rflags, before.rflags);
	assert_memory_equal(&g->rbp, &before.rbp, 11 * 8);
	assert_memory_equal(machine_frame(m, 1, 0), &fp, sizeof(fp));
}

static void the_handler_starts_clean_below_the_red_zone(void **state)
{
	struct machine *m = *state;
	struct sgx_gprsgx *g = machine_at_cpuid(m, 1);
	const struct user_regs_struct *r = &m->gpr;
	uint64_t rsp = g->rsp;

	fill_frame(m, g);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	m->until = machine_symbol(m, "exception_handle");
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	assert_int_equal(r->rax | r->rbx | r->rcx | r->rdx | r->rsi | r->rdi | r->rbp | r->r8, 0);
	assert_int_equal(r->r9 | r->r10 | r->r11 | r->r12 | r->r13 | r->r14 | r->r15, 0);
	assert_int_equal(r->eflags & 0x44400, 0);
	assert_int_equal(m->fp.mxcsr, 0x1fbf);
	assert_int_equal(m->fp.ftw, 0);
	assert_int_equal(r->rsp, ((rsp - RED_ZONE) & ~15ULL) - 8);
	assert_int_equal(machine_td(m, 1)->state, TD_RUN);
}

/* What the author's handler leaves in RIP and RSP is held against the program's text and stack. */
static void a_program_goes_on_only_in_its_text_and_on_its_stack(void **state)
{
	struct machine *m = *state;
	const struct td *td = machine_td(m, 1);
	const uint64_t top = m->base + td->stack, entry = machine_symbol(m, "encl_entry");
	const struct {
		uint64_t rip, rsp; /* 0: as it is */
	} rows[] = {
		{ entry, 0 },
		{ machine_symbol(m, "encl_handle"), 0 },
		{ machine_symbol(m, "text_end"), 0 },
		{ (uint64_t)m->host, 0 },
		{ m->base, 0 },
		{ 0, top + 8 },
		{ 0, top - ENCL_STACK + RED_ZONE + HANDLER_ROOM - 8 },
		{ 0, (uint64_t)m->host + 0x800 },
		{ 0, top - 0x1004 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct encl_exception *e = &machine_td(m, 1)->exception;

		machine_at_cpuid(m, 1);
		assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
		/* Where exception_handle looks at what the handler says. */
		m->until = machine_find(m, "exception_handle", "\x84\xc0", 2);
		assert_int_equal(machine_resume(m, 1), STOP_AEX);
		m->until = 0;
		e->rip = rows[i].rip ? rows[i].rip : e->rip;
		e->rsp = rows[i].rsp ? rows[i].rsp : e->rsp;
		finish(m);
		assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
		assert_int_equal(machine_main(m)->value, 6);
		assert_as_good_as_new(m, 1);
	}
}

static void the_line_names_what_addr2line_takes(void **state)
{
	struct machine *m = *state;
	char line[64];

	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	snprintf(line, sizeof(line), "enclave: exception 6 (#UD) at 0x%lx of encl.elf\n",
	         machine_ssa(m, 1, 0)->rip - m->base);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	assert_killed_by(m, 6, line);
}

static void only_a_debug_enclave_tells(void **state)
{
	struct machine *m = *state;

	m->is_product = true;
	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	assert_int_equal(finish(m).output_size, 0);
	assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
}

static void a_stack_that_overflows_says_so(void **state)
{
	struct machine *m = *state;
	const struct td *td = machine_td(m, 1);

	assert_int_equal(machine_start(m, 1, "crash", "stack"), STOP_AEX);
	assert_true(machine_ssa(m, 1, 0)->rsp <
	            m->base + td->stack - ENCL_STACK + RED_ZONE + HANDLER_ROOM);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	assert_int_equal(machine_ssa(m, 1, 0)->rsp, m->base + td->stack);
	assert_killed_by(m, 14, "enclave: stack overflow at 0x");
}

/* S9: there is a stack, but not enough: the program ends, and below its stack nothing is written. */
static void a_program_with_little_stack_left_ends(void **state)
{
	static const uint64_t left[] = { 0, 8, 144, HANDLER_ROOM, HANDLER_ROOM + RED_ZONE - 8 };
	struct machine *m = *state;
	const struct td *td = machine_td(m, 1);
	uint64_t bottom = m->base + td->stack - ENCL_STACK;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		struct sgx_gprsgx *g = machine_at_cpuid(m, 1);

		g->rsp = bottom + left[i];
		memset(m->memory + (bottom - m->base), 0x66, HANDLER_ROOM);
		assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
		finish(m);
		for (size_t k = 0; k < HANDLER_ROOM; k++)
			assert_int_equal(m->memory[bottom - m->base + k], 0x66);
		assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
		assert_int_equal(machine_main(m)->value, 6);
		assert_as_good_as_new(m, 1);
	}
}

/* S10: whoever's memory RSP points at, it is not written to, and no handler runs. */
static void a_stack_pointer_from_elsewhere_is_not_used(void **state)
{
	struct machine *m = *state;
	const struct td *td = machine_td(m, 1);
	uint64_t top = m->base + td->stack;
	const uint64_t places[] = { (uint64_t)m->host + 0x8000,
		                    top + 8,
		                    top - ENCL_STACK - ENCL_GUARD - 8,
		                    machine_td(m, 2)->stack + m->base,
		                    m->base + td->self + 2048,
		                    m->base + td->exc_stack,
		                    0,
		                    -8ULL,
		                    1ULL << 47 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct sgx_gprsgx *g = machine_at_cpuid(m, 1);
		uint8_t host[0x10000];

		g->rsp = places[i];
		memset(m->host + 0x4000, 0x33, sizeof(host));
		memset(host, 0x33, sizeof(host));
		assert_int_equal(machine_hand_in(m, 1), 0);
		assert_int_equal(finish(m).ocalls, 0);
		assert_memory_equal(m->host + 0x4000, host, sizeof(host));
		assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
		assert_as_good_as_new(m, 1);
	}
}

static void a_fault_of_the_handler_ends_the_program(void **state)
{
	struct machine *m = *state;

	machine_at_cpuid(m, 1);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	m->until = machine_symbol(m, "encl_emulate");
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	m->until = 0;
	machine_forge(m, 1, 14);
	assert_int_equal(machine_hand_in(m, 1), 0);
	assert_int_equal(finish(m).ocalls, 0);
	assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
	assert_int_equal(machine_main(m)->value, 14);
	assert_as_good_as_new(m, 1);
}

/* Vectors that no program raises for itself, and exits of a kind that there is not. */
static void what_is_no_exception_of_a_program_ends_it_unasked(void **state)
{
	static const uint32_t forged[] = { 1, 2, 7, 8, 11, 18, 20, 31, 32, 64, 255 };
	struct machine *m = *state;

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		machine_at_cpuid(m, 1);
		machine_forge(m, 1, forged[i]);
		assert_int_equal(machine_hand_in(m, 1), 0);
		assert_int_equal(finish(m).ocalls, 0);
		assert_int_equal(machine_main(m)->value, forged[i]);
	}
	machine_at_cpuid(m, 1);
	machine_ssa(m, 1, 0)->exitinfo = SGX_EXITINFO_VALID | 0x400 | 6;
	assert_int_equal(machine_hand_in(m, 1), 0);
	assert_int_equal(finish(m).ocalls, 0);
}

static void another_ecall_s_fault_is_not_the_program_s(void **state)
{
	struct machine *m = *state;

	m->until = machine_symbol(m, "ecall_report");
	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_REPORT,
	                               machine_args(m, (const char *const[]){ "x", NULL })),
	                 STOP_AEX);
	m->until = 0;
	machine_forge(m, 1, 14);
	assert_int_equal(machine_hand_in(m, 1), 0);
	assert_int_equal(machine_resume(m, 1), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
	assert_int_equal((int64_t)m->gpr.rdi, -EFAULT);
}

/* The reader of standard error has gone: the program still ends by its exception. */
static void an_ocall_of_the_handler_that_kills_ends_by_the_exception(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 1, "crash", "divide"), STOP_AEX);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	assert_int_equal(machine_resume(m, 1), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
	assert_int_equal(
		machine_call(m, 1, (uint64_t)(int64_t)ENCL_OCALL_KILLED, 0, ENCL_EXIT_RETURN), 0);
	assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
	assert_int_equal(machine_main(m)->value, 0);
	assert_as_good_as_new(m, 1);
}

/*
 * From ERESUME to the program's next instruction, and at each instruction between: an entry at CSSA 1
 * is refused and the program goes on, or it ends the program; an exception there does not reach a
 * second handler.
 */
static void no_instruction_of_the_handling_is_a_bad_moment(void **state)
{
	struct machine *m = *state;
	uint64_t end = machine_find(m, "applet_cpuid", "\x0f\xa2", 2) + 2;
	unsigned int refused = 0, killed = 0;
	bool is_back = false;

	for (uint64_t n = 1; !is_back; n++) {
		int64_t r;

		machine_at_cpuid(m, 1);
		assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
		m->steps = n;
		assert_int_equal(machine_resume(m, 1), STOP_AEX);
		m->steps = 0;
		is_back = machine_ssa(m, 1, 0)->rip == end;
		if (is_back)
			break;
		r = machine_hand_in(m, 1);
		if (r == -EAGAIN) {
			refused++;
			m->until = end;
			assert_int_equal(machine_resume(m, 1), STOP_AEX);
			m->until = 0;
			r = machine_hand_in(m, 1);
		} else {
			killed++;
		}
		assert_int_equal(r, 0);
		finish(m);
		assert_int_equal(machine_main(m)->end, ENCL_END_KILLED);
		assert_int_equal(machine_td(m, 1)->handling, TD_HANDLING_NONE);
	}
	assert_true(refused > 30 && killed > 20);
	assert_int_equal(machine_hand_in(m, 1), 0);
	finish(m);
	assert_as_good_as_new(m, 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_interrupted_program_goes_on_bit_for_bit),
		test(the_handler_starts_clean_below_the_red_zone),
		test(a_program_goes_on_only_in_its_text_and_on_its_stack),
		test(the_line_names_what_addr2line_takes),
		test(only_a_debug_enclave_tells),
		test(a_stack_that_overflows_says_so),
		test(a_program_with_little_stack_left_ends),
		test(a_stack_pointer_from_elsewhere_is_not_used),
		test(a_fault_of_the_handler_ends_the_program),
		test(what_is_no_exception_of_a_program_ends_it_unasked),
		test(another_ecall_s_fault_is_not_the_program_s),
		test(an_ocall_of_the_handler_that_kills_ends_by_the_exception),
		test(no_instruction_of_the_handling_is_a_bad_moment),
	};

	return machine_tests(tests);
}
