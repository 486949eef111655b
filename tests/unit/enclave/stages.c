// SPDX-License-Identifier: Apache-2.0
/*
 * Both stages of an exception, on the real image, when the host does what a host would not: interrupts
 * them, forges, repeats, forgets, jumps, and takes pages away.
 */
#include "tests/unit/enclave/machine.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Interrupts of stage 1 itself, at CSSA 1: there is no third entry, and it ends as undisturbed. */
static void the_first_stage_may_be_interrupted_anywhere(void **state)
{
	struct machine *m = *state;
	uint64_t total;

	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	m->steps = ~0ULL;
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	total = m->done;
	m->steps = 0;
	machine_finish(m, 1, &(struct program){ 0 }, machine_resume(m, 1));
	/* In the middle are the copies of the frame: a step a byte. */
	for (uint64_t n = 1; n <= total; n += n < 100 || n + 60 > total ? 1 : 29) {
		bool is_done;

		assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
		m->steps = n;
		is_done = machine_enter(m, 1, 0, 0) == STOP_EXIT;
		m->steps = 0;
		if (!is_done) {
			assert_int_equal(m->cssa[1], machine_tcs(m, 1)->nssa); /* EENTER: #GP */
			assert_int_equal(machine_resume(m, 1), STOP_EXIT);
		}
		assert_int_equal(m->gpr.rdx, ENCL_EXIT_EXCEPTION);
		assert_int_equal(m->gpr.rdi, ENCL_EXCEPTION_HANDLED);
		assert_int_equal(machine_td(m, 1)->exc_busy, 0);
		m->until = machine_symbol(m, "encl_on_exception");
		assert_int_equal(machine_resume(m, 1), STOP_AEX);
		m->until = 0;
		assert_int_equal(machine_hand_in(m, 1), 0);
		assert_int_equal(machine_resume(m, 1), STOP_EXIT);
		assert_int_equal(machine_main(m)->end, ENCL_END_KILLED);
	}
	assert_as_good_as_new(m, 1);
}

static void an_exception_in_entry_code_ends_the_enclave(void **state)
{
	struct machine *m = *state;

	machine_spin(m, 1);
	assert_int_equal(machine_hand_in(m, 1), 0);
	assert_int_equal(machine_ssa(m, 1, 0)->rip, machine_symbol(m, "encl_unwind"));
	machine_forge(m, 1, 6);
	assert_int_equal(machine_hand_in(m, 1), -EIO);
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		for (uint64_t n = 0; n < 4; n++)
			assert_int_equal(
				machine_call(m, i, n, (uint64_t)machine_main(m), ENCL_EXIT_REFUSED),
				-EIO);
}

/*
 * Whatever the instruction, the processor says that it faulted.  On the way in and out that is refused;
 * in entry code with the thread running it cannot be, and the enclave is dead; else the ecall ends.
 */
static void a_fault_is_judged_by_where_it_was(void **state)
{
	unsigned int refused = 0, dead = 0, ended = 0;

	for (uint64_t n = 1;; n++) {
		struct machine *m = *state;
		uint64_t rip;

		m->steps = n;
		if (machine_enter(m, 1, ENCL_ECALL_INIT, 0) == STOP_EXIT)
			break;
		m->steps = 0;
		rip = machine_ssa(m, 1, 0)->rip;
		machine_forge(m, 1, 6);
		if (machine_td(m, 1)->state != TD_RUN) {
			refused++;
			assert_int_equal(machine_call(m, 1, 0, 0, ENCL_EXIT_REFUSED), -EAGAIN);
			assert_int_equal(machine_resume(m, 1), STOP_EXIT);
			assert_int_equal((int64_t)m->gpr.rdi, -EALREADY);
		} else if (rip < machine_symbol(m, "entry_end")) {
			dead++;
			assert_int_equal(machine_hand_in(m, 1), -EIO);
			assert_int_equal(machine_call(m, 0, 0, 0, ENCL_EXIT_REFUSED), -EIO);
			machine_teardown(state);
			machine_ready(state);
		} else {
			ended++;
			assert_int_equal(machine_hand_in(m, 1), 0);
			assert_int_equal(machine_resume(m, 1), STOP_EXIT);
			assert_int_equal((int64_t)m->gpr.rdi, -EFAULT);
		}
	}
	assert_true(refused > 60 && dead > 0 && ended > 5);
}

static void an_exception_is_handled_once(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };

	m->until = machine_find(m, "applet_cpuid", "\x0f\xa2", 2);
	assert_int_equal(machine_start(m, 1, "cpuid", NULL), STOP_AEX);
	m->until = 0;
	machine_forge(m, 1, 6);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED);
	assert_int_equal(machine_ssa(m, 1, 0)->exitinfo, 0);
	assert_int_equal(machine_hand_in(m, 1), 0); /* nothing but the end */
	for (int i = 0; i < 3; i++)
		assert_int_equal(machine_hand_in(m, 1), -EAGAIN);
	assert_int_equal(machine_ssa(m, 1, 1)->exitinfo, 0);
	machine_finish(m, 1, &p, machine_resume(m, 1));
	assert_int_equal(machine_main(m)->end, ENCL_END_KILLED);
	assert_int_equal(p.ocalls, 0);
}

static void a_thread_that_is_abandoned_takes_no_other_along(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 1, "crash", "ud2"), STOP_AEX);
	assert_int_equal(machine_hand_in(m, 1), ENCL_EXCEPTION_HANDLED); /* and is never resumed */
	for (unsigned int i = 0; i < ENCL_THREADS; i++) {
		struct program p = { 0 };

		if (i == 1)
			continue;
		machine_run(m, i, &p, (const char *const[]){ "echo", "here", NULL });
		assert_string_equal(p.output, "here\n");
	}
	assert_int_equal(machine_hand_in(m, 1), 0);
}

/* As if somebody could write to the TD: the canary in the frame tells. */
static void an_ocall_frame_that_is_none_ends_the_enclave(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_start(m, 1, "cat", NULL), STOP_EXIT);
	machine_td(m, 1)->ocall_sp -= 64;
	assert_int_equal(machine_enter(m, 1, 0, 0), STOP_AEX);
	assert_int_equal(m->vector, 6);
	assert_int_equal(machine_call(m, 0, 0, 0, ENCL_EXIT_REFUSED), -EIO);
}

/* Who jumps to where registers are restored, without an exception, gets none. */
static void the_way_back_is_no_gadget(void **state)
{
	struct machine *m = *state;

	machine_spin(m, 1);
	machine_ssa(m, 1, 0)->rip = machine_find(m, "encl_handle", "\xc2\x80\x00", 3) - 4;
	for (uint64_t at = machine_symbol(m, "encl_handle"); at < machine_ssa(m, 1, 0)->rip; at++) {
		const uint8_t *p = m->memory + (at - m->base);
		int32_t offset;

		/* call exception_handle; behind it the way back begins */
		memcpy(&offset, p + 1, sizeof(offset));
		if (*p == 0xe8 &&
		    at + 5 + (uint64_t)(int64_t)offset == machine_symbol(m, "exception_handle")) {
			machine_ssa(m, 1, 0)->rip = at + 5;
			break;
		}
	}
	assert_int_equal(machine_resume(m, 1), STOP_AEX);
	assert_int_equal(m->vector, 6);
	assert_int_equal(machine_call(m, 0, 0, 0, ENCL_EXIT_REFUSED), -EIO);
}

/* Stopped at the program's first instruction, one page of the enclave is taken away. */
static uint64_t without(struct machine *m, uint64_t page)
{
	const uint64_t address = m->base + page;
	enum stop stop;

	m->until = machine_symbol(m, "enclave_main");
	assert_int_equal(machine_start(m, 1, "cpuid", NULL), STOP_AEX);
	m->until = 0;
	machine_syscall(m, SYS_mprotect, address, 4096, PROT_NONE);
	stop = machine_resume(m, 1);
	return stop == STOP_AEX && m->vector == 14 ? machine_ssa(m, 1, 0)->rip : 0;
}

static void give_back(struct machine *m, const struct sgx_layout_segment *s, uint64_t page)
{
	int protection = (s->secinfo_flags & SGX_SECINFO_R ? PROT_READ : 0) |
	                 (s->secinfo_flags & SGX_SECINFO_W ? PROT_WRITE : 0) |
	                 (s->secinfo_flags & SGX_SECINFO_X ? PROT_EXEC : 0);

	machine_syscall(m, SYS_mprotect, m->base + page, 4096, (uint64_t)protection);
}

/*
 * A page fault of the host's making is no message from the program: whichever page it is and whatever
 * the program was about, it ends, or the enclave does; nothing is emulated and nothing goes on.
 */
static void a_page_fault_of_the_host_s_making_never_goes_on(void **state)
{
	unsigned int ended = 0;

	for (unsigned int k = 0; k < 3 + 4 * 2 + 1; k++) {
		struct machine *m = *state;
		const struct sgx_layout_segment s = m->layout.segment[1 + k];

		if (s.secinfo_flags == SGX_SECINFO_TCS)
			continue;
		for (uint64_t page = s.offset; page < s.offset + s.size; page += 4096) {
			struct program p = { 0 };
			int64_t r;

			m = *state;
			if (without(m, page) == 0) {
				machine_teardown(state);
				machine_ready(state);
				continue;
			}
			give_back(m, &s, page);
			r = machine_enter(m, 1, 0, 0) == STOP_EXIT ? (int64_t)m->gpr.rdi : 1;
			assert_true(r == ENCL_EXCEPTION_HANDLED || r == -EIO || r == -EAGAIN);
			if (r == ENCL_EXCEPTION_HANDLED) {
				machine_finish(m, 1, &p, machine_resume(m, 1));
				assert_int_equal(machine_main(m)->end, ENCL_END_EXCEPTION);
				assert_int_equal(machine_main(m)->value, 14);
				assert_null(strstr(p.output, "leaf 1"));
				ended++;
			}
			machine_teardown(state);
			machine_ready(state);
		}
	}
	assert_true(ended > 3);
}

/* The area is the host's again: a fault before the next program's own is known writes nothing there. */
static void the_ocall_area_ends_with_its_program(void **state)
{
	struct machine *m = *state;
	uint64_t bad = (uint64_t)m->host + 0xe0000;
	const char *argv[] = { "echo", "hi", NULL };
	struct program p = { .input = "" };
	enum stop stop;

	machine_run(m, 1, &p, argv);
	assert_int_equal(machine_td(m, 1)->ocall_area.v, 0);
	memset(m->host + HOST_AREA, 0xee, 4096);
	assert_int_equal(machine_syscall(m, SYS_mprotect, bad, 4096, PROT_NONE), 0);
	stop = machine_enter(m, 1, ENCL_ECALL_MAIN, bad);
	for (int i = 0; stop == STOP_AEX && i < 4; i++) {
		assert_true(machine_hand_in(m, 1) >= 0);
		stop = machine_resume(m, 1);
	}
	assert_int_equal(stop, STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
	assert_int_equal((int64_t)m->gpr.rdi, -EFAULT);
	for (int i = 0; i < 4096; i++)
		assert_int_equal(m->host[HOST_AREA + i], 0xee);
}

/* The wipe of a program's memory itself is made to fault: it is done all the same. */
static void memory_is_wiped_even_if_the_wipe_is_cut_short(void **state)
{
	struct machine *m = *state;
	uint64_t heap = machine_symbol(m, "heap_start");
	const uint8_t *byte = m->memory + (heap - m->base);
	const char *argv[] = { "cat", "SECRETSECRET", NULL };

	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_MAIN, machine_args(m, argv)), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
	assert_int_equal(machine_syscall(m, SYS_mprotect, heap, 4096, PROT_NONE), 0);
	assert_int_equal(machine_enter(m, 1, (uint64_t)(int64_t)ENCL_OCALL_KILLED, 0), STOP_AEX);
	assert_true(machine_hand_in(m, 1) >= 0);
	assert_int_equal(machine_syscall(m, SYS_mprotect, heap, 4096, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(machine_resume(m, 1), STOP_EXIT);
	assert_int_equal((int64_t)m->gpr.rdi, -EFAULT);
	for (int i = 0; i < 4096; i++)
		assert_int_equal(byte[i], 0);
}

/* An ecall that an ocall's answer has ended says so, whatever ended the thread's ecall before. */
static void an_old_fault_does_not_explain_a_new_end(void **state)
{
	struct machine *m = *state;
	uint64_t bad = (uint64_t)m->host + 0xe0000;

	assert_int_equal(machine_syscall(m, SYS_mprotect, bad, 4096, PROT_NONE), 0);
	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_REPORT, bad), STOP_AEX);
	assert_int_equal(machine_hand_in(m, 1), 0);
	assert_int_equal(machine_resume(m, 1), STOP_EXIT);
	assert_int_equal((int64_t)m->gpr.rdi, -EFAULT);
	memset(m->host + HOST_ARGS, 0, sizeof(struct encl_report));
	m->until = machine_symbol(m, "ecall_report");
	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_REPORT, (uint64_t)m->host + HOST_ARGS),
	                 STOP_AEX);
	m->until = 0;
	machine_ssa(m, 1, 0)->rip = machine_symbol(m, "program_end");
	machine_ssa(m, 1, 0)->rdi = ENCL_END_KILLED;
	assert_int_equal(machine_resume(m, 1), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
	assert_int_equal((int64_t)m->gpr.rdi, -EINTR);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_first_stage_may_be_interrupted_anywhere),
		test(an_exception_in_entry_code_ends_the_enclave),
		test(a_fault_is_judged_by_where_it_was),
		test(an_exception_is_handled_once),
		test(a_thread_that_is_abandoned_takes_no_other_along),
		test(an_ocall_frame_that_is_none_ends_the_enclave),
		test(the_way_back_is_no_gadget),
		test(a_page_fault_of_the_host_s_making_never_goes_on),
		test(the_ocall_area_ends_with_its_program),
		test(memory_is_wiped_even_if_the_wipe_is_cut_short),
		test(an_old_fault_does_not_explain_a_new_end),
	};

	return machine_tests(tests);
}
