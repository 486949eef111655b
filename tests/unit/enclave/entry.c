// SPDX-License-Identifier: Apache-2.0
/*
 * Entry and exit of the real image: which of the host's registers reach C, which of the enclave's
 * reach the host, and which entries are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/enclave/machine.h"

#define EFLAGS_STATUS 0x0cd5 /* OF DF SF ZF AF PF CF */
#define EFLAGS_AC     0x40000
#define EFLAGS_NT     0x4000

static void init(struct machine *m)
{
	assert_int_equal(machine_call(m, 0, ENCL_ECALL_INIT, 0, ENCL_EXIT_RETURN), 0);
}

static void assert_clean_fp(const struct user_fpregs_struct *fp)
{
	assert_int_equal(fp->cwd, 0x037f);
	assert_int_equal(fp->swd, 0);
	assert_int_equal(fp->ftw, 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(fp->xmm_space[i], 0);
	for (int i = 0; i < 32; i++)
		assert_int_equal(fp->st_space[i], 0);
}

/* rdi, rsi, rsp are the caller's to judge. */
static void assert_clean_at_c(const struct machine *m)
{
	const struct user_regs_struct *r = &m->gpr;

	assert_int_equal(r->rax | r->rbx | r->rcx | r->rdx | r->rbp | r->r8 | r->r9 | r->r10, 0);
	assert_int_equal(r->r11 | r->r12 | r->r13 | r->r14 | r->r15, 0);
	assert_int_equal(r->eflags & (EFLAGS_AC | EFLAGS_NT | 0x400), 0);
	assert_int_equal(m->fp.mxcsr, 0x1fbf);
	assert_clean_fp(&m->fp);
	assert_int_equal(r->rsp % 16, 8);
}

/* What the host finds after an exit: its own registers and what abi.h defines. */
static void assert_clean_at_host(const struct machine *m)
{
	const struct user_regs_struct *r = &m->gpr, *h = &m->poison;

	assert_int_equal(r->rax, 4);
	assert_int_equal(r->rbx, m->target);
	assert_int_equal(r->rsp, h->rsp);
	assert_int_equal(r->rbp, h->rbp);
	assert_int_equal(r->r12, h->r12);
	assert_int_equal(r->r13, h->r13);
	assert_int_equal(r->r14, h->r14);
	assert_int_equal(r->r15, h->r15);
	assert_int_equal(r->rcx | r->r8 | r->r9 | r->r10 | r->r11, 0);
	assert_int_equal(m->fp.mxcsr, m->fp_poison.mxcsr);
	assert_int_equal(m->fp.cwd, m->fp_poison.cwd);
	assert_int_equal(m->fp.swd | m->fp.ftw, 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(m->fp.xmm_space[i], 0);
}

static void only_the_arguments_reach_c(void **state)
{
	struct machine *m = *state;
	const struct td *td = machine_td(m, 3);

	m->until = machine_symbol(m, "ecall");
	assert_int_equal(machine_enter(m, 3, 0x1234567890, 0xabcdef), STOP_AEX);
	assert_int_equal(m->gpr.rip, m->until);
	assert_clean_at_c(m);
	assert_int_equal(m->gpr.rdi, 0x1234567890);
	assert_int_equal(m->gpr.rsi, 0xabcdef);
	assert_int_equal(m->gpr.rsp, m->base + td->stack - 8);
}

static void a_pending_x87_exception_is_not_raised_inside(void **state)
{
	struct machine *m = *state;

	m->fp_poison.cwd = 0x0c40;
	m->fp_poison.swd = 0x8081;
	m->fp_poison.mxcsr = 0x0041;
	m->until = machine_symbol(m, "ecall");
	assert_int_equal(machine_enter(m, 0, 77, 0), STOP_AEX);
	assert_int_equal(m->vector, -1);
	assert_clean_at_c(m);
	m->until = 0;
	assert_int_equal(machine_resume(m, 0), STOP_EXIT);
	assert_clean_at_host(m);
}

static void every_choice_of_flags_leads_to_the_same(void **state)
{
	static const uint64_t flags[] = { 1, 4, 0x10, 0x40, 0x80, 0x400, 0x800, 0x4000, 0x40000 };
	struct machine *m = *state;
	uint64_t seen = 0, left = 0;

	for (unsigned int set = 0; set < 1U << 9; set += 7) {
		m->poison.eflags = 0x202;
		for (unsigned int i = 0; i < 9; i++)
			m->poison.eflags |= set >> i & 1 ? flags[i] : 0;
		m->until = machine_symbol(m, "ecall");
		assert_int_equal(machine_enter(m, 0, 77, 0), STOP_AEX);
		assert_true(set == 0 || m->gpr.eflags == seen);
		seen = m->gpr.eflags;
		m->until = 0;
		assert_int_equal(machine_resume(m, 0), STOP_EXIT);
		assert_true(set == 0 || m->gpr.eflags == left);
		left = m->gpr.eflags;
	}
}

static void only_results_reach_the_host(void **state)
{
	struct machine *m = *state;

	assert_int_equal(machine_call(m, 0, 77, 0, ENCL_EXIT_RETURN), -ENOSYS);
	assert_clean_at_host(m);
	assert_int_equal(m->gpr.rsi, 0);
	assert_int_equal(m->gpr.eflags & (EFLAGS_STATUS | EFLAGS_AC | EFLAGS_NT), 0x44);
	init(m);
	assert_clean_at_host(m);
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_MAIN,
	                               machine_args(m, (const char *const[]){ "cat", NULL })),
	                 STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
	assert_clean_at_host(m);
	assert_int_equal(m->gpr.eflags & (EFLAGS_STATUS | EFLAGS_AC | EFLAGS_NT), 0x44);
}

static void an_exit_gives_back_the_latest_entry_s_registers(void **state)
{
	struct machine *m = *state;
	struct program p = { .input = "some words" };

	init(m);
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_MAIN,
	                               machine_args(m, (const char *const[]){ "cat", NULL })),
	                 STOP_EXIT);
	m->poison.rsp = 0x7000;
	m->poison.r12 = 0x1212;
	m->poison.rbp = m->base + 0x1000;
	m->target += 0x100;
	machine_finish(m, 0, &p, STOP_EXIT);
	assert_clean_at_host(m);
	assert_string_equal(p.output, "some words");
}

static void a_return_from_an_ocall_is_no_ecall(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };

	init(m);
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_MAIN,
	                               machine_args(m, (const char *const[]){ "cat", NULL })),
	                 STOP_EXIT);
	/* The number of an ecall, but it is the result of the read: one byte of what is there. */
	((char *)((struct encl_io *)m->gpr.rsi)->data)[0] = 'x';
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)),
	                 STOP_EXIT);
	assert_int_equal(m->gpr.rdi, ENCL_OCALL_WRITE);
	machine_finish(m, 0, &p, STOP_EXIT);
	assert_string_equal(p.output, "x");
}

/* In the first instruction of C behind an ocall RAX alone is the host's. */
static void only_the_result_of_an_ocall_reaches_c(void **state)
{
	struct machine *m = *state;
	const struct sgx_gprsgx *g = machine_ssa(m, 1, 0);

	init(m);
	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_MAIN,
	                               machine_args(m, (const char *const[]){ "cat", NULL })),
	                 STOP_EXIT);
	m->until = machine_symbol(m, "ocall_result");
	assert_int_equal(machine_enter(m, 1, 0, 0x5151515151515151), STOP_AEX);
	assert_int_equal(m->gpr.rip, m->until);
	assert_int_equal(g->rdi | g->rdx | g->rcx | g->r8 | g->r9 | g->r10 | g->r11, 0);
	assert_int_not_equal(g->rsi, 0x5151515151515151);
}

/* A string that overflows into it ends there; and the page that GS shows is the one that C uses. */
static void canaries_end_strings_and_are_the_thread_s_own(void **state)
{
	struct machine *m = *state;

	init(m);
	for (unsigned int i = 0; i < ENCL_THREADS; i++) {
		assert_int_equal(machine_td(m, i)->canary & 0xff, 0);
		assert_int_not_equal(machine_td(m, i)->canary, 0);
		for (unsigned int k = 0; k < i; k++)
			assert_true(machine_td(m, k)->canary != machine_td(m, i)->canary);
	}
}

static void a_td_that_is_another_s_ends_the_enclave(void **state)
{
	struct machine *m = *state;

	machine_td(m, 0)->self = machine_td(m, 1)->self;
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_INIT, 0), STOP_AEX);
	assert_int_equal(m->vector, 6);
	assert_int_equal(machine_call(m, 2, 0, 0, ENCL_EXIT_REFUSED), -EIO);
}

static void ecall_numbers_outside_the_table_are_unknown(void **state)
{
	static const uint64_t numbers[] = { 3,          4,          0x1000,
		                            1ULL << 31, 1ULL << 32, (1ULL << 32) + 1,
		                            1ULL << 63, -1ULL,      -2ULL,
		                            -8ULL,      INT64_MAX };
	struct machine *m = *state;

	init(m);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(machine_call(m, 1, numbers[i], 0, ENCL_EXIT_RETURN), -ENOSYS);
}

static void init_is_first_and_once(void **state)
{
	struct machine *m = *state;
	uint64_t args = machine_args(m, (const char *const[]){ "echo", NULL });

	assert_int_equal(machine_call(m, 1, ENCL_ECALL_MAIN, args, ENCL_EXIT_RETURN), -EPERM);
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_REPORT, args, ENCL_EXIT_RETURN), -EPERM);
	init(m);
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_INIT, 0, ENCL_EXIT_RETURN), -EALREADY);
	assert_as_good_as_new(m, 1);
}

static void two_threads_in_init_make_one_of_them_wait(void **state)
{
	struct machine *m = *state;

	/* Stopped after the enclave's state has moved, before it is ready. */
	m->until = machine_symbol(m, "ecall_init");
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_INIT, 0), STOP_AEX);
	m->until = 0;
	while (*(uint32_t *)(m->memory + machine_symbol(m, "encl_state") - m->base) ==
	       ENCL_UNINIT) {
		m->steps = 1;
		assert_int_equal(machine_resume(m, 0), STOP_AEX);
	}
	m->steps = 0;
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_INIT, 0, ENCL_EXIT_RETURN), -EALREADY);
	assert_int_equal(machine_call(m, 1, ENCL_ECALL_REPORT, 0, ENCL_EXIT_RETURN), -EPERM);
	assert_int_equal(machine_call(m, 0, 0, 0, ENCL_EXIT_REFUSED), -EAGAIN);
	assert_int_equal(machine_resume(m, 0), STOP_EXIT);
	assert_int_equal(m->gpr.rdi, 0);
	assert_as_good_as_new(m, 0);
}

static void a_cssa_that_cannot_be_is_refused_untouched(void **state)
{
	static const uint64_t cssa[] = { 2, 3, 1ULL << 32, -1ULL };
	struct machine *m = *state;
	uint64_t entry = machine_symbol(m, "encl_entry"), hash = machine_hash(m);

	for (size_t i = 0; i < sizeof(cssa) / sizeof(cssa[0]); i++) {
		/* No processor does this: rax is put right behind the first instruction. */
		m->until = entry + 1;
		assert_int_equal(machine_enter(m, 0, 0, 0), STOP_AEX);
		machine_ssa(m, 0, 0)->rax = cssa[i];
		m->until = 0;
		assert_int_equal(machine_resume(m, 0), STOP_EXIT);
		assert_int_equal(m->gpr.rdx, ENCL_EXIT_REFUSED);
		assert_int_equal((int64_t)m->gpr.rdi, -EINVAL);
		assert_int_equal(m->gpr.rbx, m->target);
		assert_int_equal(m->gpr.rsp, m->poison.rsp);
		assert_int_equal(machine_hash(m), hash);
	}
}

static void an_exit_to_the_inside_ends_the_enclave(void **state)
{
	struct machine *m = *state;

	init(m);
	m->target = machine_symbol(m, "enclave_main");
	assert_int_equal(machine_enter(m, 0, 77, 0), STOP_AEX);
	assert_int_equal(m->vector, 6);
	m->target = (uint64_t)m->host + HOST_TARGET;
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		assert_int_equal(machine_call(m, i, ENCL_ECALL_INIT, 0, ENCL_EXIT_REFUSED), -EIO);
}

static void threads_are_apart(void **state)
{
	struct machine *m = *state;
	struct program p = { .input = "first" };

	init(m);
	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_MAIN,
	                               machine_args(m, (const char *const[]){ "cat", NULL })),
	                 STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
	((struct encl_io *)m->gpr.rsi)->length = 0;
	/* Thread 0 waits in its read; what is its result is an ecall number to all others. */
	for (unsigned int i = 1; i < ENCL_THREADS; i++)
		assert_int_equal(machine_call(m, i, 5, 0, ENCL_EXIT_RETURN), -ENOSYS);
	assert_int_equal(machine_td(m, 0)->state, TD_OCALL);
	assert_int_equal(machine_enter(m, 0, 0, 0), STOP_EXIT);
	machine_finish(m, 0, &p, STOP_EXIT);
	assert_int_equal(p.result, 0);
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		assert_as_good_as_new(m, i);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(only_the_arguments_reach_c),
		test(a_pending_x87_exception_is_not_raised_inside),
		test(every_choice_of_flags_leads_to_the_same),
		test(only_results_reach_the_host),
		test(an_exit_gives_back_the_latest_entry_s_registers),
		test(a_return_from_an_ocall_is_no_ecall),
		test(only_the_result_of_an_ocall_reaches_c),
		test(canaries_end_strings_and_are_the_thread_s_own),
		test(a_td_that_is_another_s_ends_the_enclave),
		test(ecall_numbers_outside_the_table_are_unknown),
		test(init_is_first_and_once),
		test(two_threads_in_init_make_one_of_them_wait),
		test(a_cssa_that_cannot_be_is_refused_untouched),
		test(an_exit_to_the_inside_ends_the_enclave),
		test(threads_are_apart),
	};

	return machine_tests(tests);
}
