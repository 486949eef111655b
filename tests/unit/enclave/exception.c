// SPDX-License-Identifier: Apache-2.0
/*
 * Asynchronous exits and entries at CSSA 1 on the real image: where they are refused, what they end,
 * and that a thread is as good as new afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/enclave/machine.h"

/* Resumed, the program ends, after a word of its exception handler maybe. */
static void assert_ended(struct machine *m, unsigned int thread, uint64_t end, uint64_t value)
{
	struct program p = { 0 };

	machine_finish(m, thread, &p, machine_resume(m, thread));
	assert_int_equal(p.result, 0);
	assert_int_equal(machine_main(m)->end, end);
	assert_int_equal(machine_main(m)->value, value);
}

static void a_spinning_program_is_killed_as_often_as_wanted(void **state)
{
	struct machine *m = *state;

	for (int i = 0; i < 3; i++) {
		machine_spin(m, 2);
		assert_int_equal(machine_call(m, 2, 0x41, 0x42, ENCL_EXIT_EXCEPTION), 0);
		assert_ended(m, 2, ENCL_END_KILLED, 0);
		assert_as_good_as_new(m, 2);
	}
}

static void the_handler_starts_and_leaves_clean(void **state)
{
	struct machine *m = *state;
	const struct user_regs_struct *r = &m->gpr;
	const struct td *td = machine_td(m, 0);

	machine_spin(m, 0);
	m->until = machine_symbol(m, "encl_exception");
	assert_int_equal(machine_enter(m, 0, 1, 2), STOP_AEX);
	assert_int_equal(r->rax | r->rbx | r->rcx | r->rdx | r->rsi | r->rdi | r->rbp | r->r8, 0);
	assert_int_equal(r->r9 | r->r10 | r->r11 | r->r12 | r->r13 | r->r14 | r->r15, 0);
	assert_int_equal(r->eflags & 0x44400, 0);
	assert_int_equal(m->fp.mxcsr, 0x1fbf);
	assert_int_equal(r->rsp, m->base + td->exc_stack - 8);
	m->until = 0;
	assert_int_equal(machine_resume(m, 0), STOP_EXIT);
	assert_int_equal(r->rdx, ENCL_EXIT_EXCEPTION);
	assert_int_equal(r->rbx, m->target);
	assert_int_equal(r->rsp, m->poison.rsp);
	assert_int_equal(r->r15, m->poison.r15);
	assert_int_equal(r->rcx | r->rsi | r->r8 | r->r9 | r->r10 | r->r11, 0);
	assert_int_equal(m->fp.mxcsr, m->fp_poison.mxcsr);
	assert_int_equal(m->fp.xmm_space[0] | m->fp.ftw, 0);
	assert_ended(m, 0, ENCL_END_KILLED, 0);
}

static void the_handler_changes_the_frame_and_its_own_words_only(void **state)
{
	struct machine *m = *state;
	struct td *td = machine_td(m, 0);
	uint64_t low = td->exc_stack - ENCL_EXC_STACK;
	struct td before, after;
	uint64_t hash;

	machine_spin(m, 0);
	memset(m->memory + low, 0, ENCL_EXC_STACK);
	before = *td;
	memset(td, 0, sizeof(*td));
	hash = machine_hash(m);
	*td = before;
	m->poison.r12 = 0x1212; /* of this entry, not of the one that is interrupted */
	assert_int_equal(machine_call(m, 0, 0, 0, ENCL_EXIT_EXCEPTION), 0);
	after = *td;
	memset(m->memory + low, 0, ENCL_EXC_STACK);
	memset(td, 0, sizeof(*td));
	assert_int_equal(machine_hash(m), hash);
	*td = after;
	after.host_exc = before.host_exc;
	after.unwinding = before.unwinding;
	after.fault = before.fault;
	after.end = before.end;
	after.value = before.value;
	assert_memory_equal(&after, &before, sizeof(before));
}

static void an_exception_s_vector_comes_from_the_frame(void **state)
{
	static const struct {
		const char *how;
		uint64_t vector;
	} crashes[] = {
		{ "ud2", 6 }, { "null", 14 }, { "write", 14 }, { "stack", 14 }, { "divide", 0 }
	};
	struct machine *m = *state;

	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		assert_int_equal(machine_start(m, 1, "crash", crashes[i].how), STOP_AEX);
		assert_int_equal(m->vector, crashes[i].vector);
		/* Whatever the host says happened. */
		assert_int_equal(machine_call(m, 1, 13, 17, ENCL_EXIT_EXCEPTION),
		                 ENCL_EXCEPTION_HANDLED);
		assert_int_equal(machine_ssa(m, 1, 0)->exitinfo, 0);
		assert_ended(m, 1, ENCL_END_EXCEPTION, crashes[i].vector);
		assert_as_good_as_new(m, 1);
	}
}

static void an_exception_that_is_not_handed_in_happens_again(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	assert_int_equal(m->vector, 6);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), ENCL_EXCEPTION_HANDLED);
	assert_ended(m, 1, ENCL_END_EXCEPTION, 6);
}

static void a_second_entry_for_one_exception_ends_the_program(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), ENCL_EXCEPTION_HANDLED);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), -EAGAIN);
	assert_ended(m, 1, ENCL_END_KILLED, 0);
	assert_as_good_as_new(m, 1);
}

static void a_kill_during_the_unwinding_is_refused(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };

	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), ENCL_EXCEPTION_HANDLED);
	assert_int_equal(machine_resume(m, 1), STOP_EXIT); /* the handler's line */
	m->until = machine_symbol(m, "ecall_unwound");
	assert_int_equal(machine_enter(m, 1, (uint64_t)machine_serve(m, &p), 0), STOP_AEX);
	m->until = 0;
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), -EALREADY);
	assert_ended(m, 1, ENCL_END_EXCEPTION, 6);
	assert_as_good_as_new(m, 1);
}

static void arguments_that_vanish_end_the_ecall_not_the_enclave(void **state)
{
	struct machine *m = *state;

	machine_spin(m, 1);
	machine_td(m, 1)->arg = 0x1000; /* as if the host had unmapped them */
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), 0);
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	assert_int_equal(m->vector, 14);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), 0);
	assert_int_equal(machine_resume(m, 1), STOP_EXIT);
	assert_int_equal((int64_t)m->gpr.rdi, -EFAULT);
	assert_as_good_as_new(m, 1);
}

static void a_smashed_stack_ends_the_enclave(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 1, "crash", "smash"), STOP_AEX);
	assert_int_equal(m->vector, 6);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_REFUSED), -EIO);
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		for (uint64_t n = 0; n < 4; n++)
			assert_int_equal(machine_call(m, i, n, 0, ENCL_EXIT_REFUSED), -EIO);
}

static void an_ocall_that_returns_killed_ends_the_program(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 4, "cat", NULL), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
	assert_int_equal(
		machine_call(m, 4, (uint64_t)(int64_t)ENCL_OCALL_KILLED, 0, ENCL_EXIT_RETURN), 0);
	assert_int_equal(machine_main(m)->end, ENCL_END_KILLED);
	assert_as_good_as_new(m, 4);
}

static void a_wild_jump_ends_the_enclave(void **state)
{
	struct machine *m = *state;

	machine_spin(m, 1);
	machine_ssa(m, 1, 0)->rip = machine_symbol(m, "heap_start");
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_EXCEPTION), -EIO);
	assert_int_equal(machine_call(m, 0, 0, 0, ENCL_EXIT_REFUSED), -EIO);
}

/*
 * SmashEx: interrupt after each instruction of an ecall, the entry's and the exit's own included,
 * enter at CSSA 1, resume.  Either the entry was refused and the ecall ends as if undisturbed, or it
 * was served and the ecall ends as cut short.
 */
static void no_instruction_of_an_ecall_is_a_bad_moment(void **state)
{
	struct machine *m = *state;
	unsigned int refused = 0, served = 0;
	uint64_t total;

	m->steps = ~0ULL;
	assert_int_equal(machine_enter(m, 5, ENCL_ECALL_INIT, 0), STOP_EXIT);
	total = m->done;
	for (uint64_t n = 1; n <= total; n++) {
		int64_t result = -EALREADY, r;

		m->steps = n;
		if (machine_enter(m, 5, ENCL_ECALL_INIT, 0) == STOP_EXIT)
			break; /* the last one is EEXIT */
		m->steps = 0;
		assert_int_equal(machine_enter(m, 5, 0, 0), STOP_EXIT);
		r = (int64_t)m->gpr.rdi;
		if (r == 0) {
			assert_int_equal(m->gpr.rdx, ENCL_EXIT_EXCEPTION);
			served++;
			result = -EINTR;
		} else {
			assert_int_equal(r, -EAGAIN);
			refused++;
		}
		assert_int_equal(machine_resume(m, 5), STOP_EXIT);
		assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
		assert_int_equal((int64_t)m->gpr.rdi, result);
		assert_int_equal(machine_td(m, 5)->state, TD_IDLE);
	}
	assert_true(refused > 60 && served > 5);
	assert_as_good_as_new(m, 5);
}

/* The same around an ocall: from the program's call of it to its return. */
static void no_instruction_of_an_ocall_is_a_bad_moment(void **state)
{
	struct machine *m = *state;
	uint64_t n = 1;

	for (enum stop stop = STOP_AEX; stop == STOP_AEX; n++) {
		m->until = machine_symbol(m, "encl_ocall");
		m->steps = 0;
		assert_int_equal(machine_start(m, 5, "cat", NULL), STOP_AEX);
		m->until = 0;
		m->steps = n;
		stop = machine_resume(m, 5);
		m->steps = 0;
		if (stop == STOP_AEX) {
			int64_t r;

			assert_int_equal(machine_enter(m, 5, 0, 0), STOP_EXIT);
			r = (int64_t)m->gpr.rdi;
			assert_true(r == 0 || r == -EAGAIN);
			assert_int_equal(machine_resume(m, 5), STOP_EXIT);
			assert_int_equal(m->gpr.rdx, r == 0 ? ENCL_EXIT_RETURN : ENCL_EXIT_OCALL);
			if (r == 0)
				assert_int_equal(machine_main(m)->end, ENCL_END_KILLED);
		}
		if (m->gpr.rdx == ENCL_EXIT_OCALL)
			assert_int_equal(machine_call(m, 5, 0, 0, ENCL_EXIT_RETURN), 0);
		assert_int_equal(machine_td(m, 5)->ocall_sp, 0);
	}
	assert_true(n > 30);
	assert_as_good_as_new(m, 5);
}

static void no_instruction_of_an_ocall_s_return_is_a_bad_moment(void **state)
{
	struct machine *m = *state;
	bool returned = false;

	for (uint64_t n = 1; !returned; n++) {
		int64_t r;

		assert_int_equal(machine_start(m, 5, "cat", NULL), STOP_EXIT);
		m->steps = n;
		assert_int_equal(machine_enter(m, 5, 0, 0), STOP_AEX);
		m->steps = 0;
		returned = m->gpr.rip >= machine_symbol(m, "entry_end");
		r = machine_call(m, 5, 0, 0,
		                 machine_td(m, 5)->state == TD_RUN ? ENCL_EXIT_EXCEPTION
		                                                   : ENCL_EXIT_REFUSED);
		assert_int_equal(r, returned ? 0 : -EAGAIN);
		assert_int_equal(machine_resume(m, 5), STOP_EXIT);
		assert_int_equal(machine_main(m)->end, returned ? ENCL_END_KILLED : ENCL_END_EXIT);
	}
	assert_as_good_as_new(m, 5);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_spinning_program_is_killed_as_often_as_wanted),
		test(the_handler_starts_and_leaves_clean),
		test(the_handler_changes_the_frame_and_its_own_words_only),
		test(an_exception_s_vector_comes_from_the_frame),
		test(an_exception_that_is_not_handed_in_happens_again),
		test(a_second_entry_for_one_exception_ends_the_program),
		test(a_kill_during_the_unwinding_is_refused),
		test(arguments_that_vanish_end_the_ecall_not_the_enclave),
		test(a_smashed_stack_ends_the_enclave),
		test(an_ocall_that_returns_killed_ends_the_program),
		test(a_wild_jump_ends_the_enclave),
		test(no_instruction_of_an_ecall_is_a_bad_moment),
		test(no_instruction_of_an_ocall_is_a_bad_moment),
		test(no_instruction_of_an_ocall_s_return_is_a_bad_moment),
	};

	return machine_tests(tests);
}
