// SPDX-License-Identifier: Apache-2.0
/*
 * Entry and exit on the real image, with the host at its worst: stack pointers into the enclave, secrets
 * in every register at an exit, two threads that want to be the first.
 */
#include "tests/unit/enclave/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DF     0x400
#define STATUS 0x8d5 /* OF SF ZF AF PF CF */
#define AC     0x40000
#define NT     0x4000
#define SECRET 0x5ec4e75ec4e75ec4

static uint64_t state_of(const struct machine *m)
{
	return *(uint32_t *)(m->memory + machine_symbol(m, "encl_state") - m->base);
}

/* An entry of the kind, all flags set by the host: what they are behind its first instruction. */
static uint64_t flags_behind_the_first(struct machine *m, unsigned int thread)
{
	uint64_t cssa = m->cssa[thread], flags;

	m->steps = 1;
	assert_int_equal(machine_enter(m, thread, 0, 0), STOP_AEX);
	m->steps = 0;
	flags = machine_ssa(m, thread, (unsigned int)cssa)->rflags;
	assert_int_equal(machine_resume(m, thread), STOP_EXIT);
	return flags;
}

static void the_direction_flag_is_clear_behind_the_first_instruction(void **state)
{
	struct machine *m = *state;

	assert_int_equal(m->poison.eflags & DF, DF);
	assert_int_equal(flags_behind_the_first(m, 1) & DF, 0);
	assert_int_equal(machine_start(m, 1, "cat", NULL), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
	assert_int_equal(flags_behind_the_first(m, 1) & DF, 0);
	machine_spin(m, 1);
	assert_int_equal(flags_behind_the_first(m, 1) & DF, 0);
	/* A refusal touches nothing else, and still. */
	assert_int_equal(machine_enter(m, 1, 0, 0), STOP_EXIT);
	assert_int_equal(m->gpr.eflags & DF, 0);
}

/* The host's RSP and RBP are data: nothing is written there, nothing read, and both come back. */
static void no_stack_pointer_of_the_host_is_used(void **state)
{
	struct machine *m = *state;
	struct td *td = machine_td(m, 1), saved;
	const uint64_t places[] = { 0,
		                    1,
		                    8,
		                    0x800000000000,
		                    -8ULL,
		                    m->base + td->stack - 64,
		                    m->base + td->self + 256,
		                    m->base + td->gprsgx,
		                    m->base + machine_td(m, 2)->stack - 64,
		                    m->base + td->stack - ENCL_STACK,
		                    machine_symbol(m, "encl_entry") + 64,
		                    machine_symbol(m, "heap_start") + 4096 };
	uint64_t hash;

	assert_int_equal(machine_call(m, 1, 77, 0, ENCL_EXIT_RETURN), -ENOSYS);
	saved = *td;
	memset(m->memory + td->stack - ENCL_STACK, 0, ENCL_STACK);
	hash = machine_hash(m);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		m->poison.rsp = places[i];
		m->poison.rbp = places[i] + 16;
		assert_int_equal(machine_call(m, 1, 77, 0, ENCL_EXIT_RETURN), -ENOSYS);
		assert_int_equal(m->gpr.rsp, places[i]);
		assert_int_equal(m->gpr.rbp, places[i] + 16);
		assert_int_equal(td->host.rsp, places[i]);
		*td = saved;
		memset(m->memory + td->stack - ENCL_STACK, 0, ENCL_STACK);
		assert_int_equal(machine_hash(m), hash);
	}
}

/* Where the thread has stopped, every register that the code behind does not need holds a secret. */
static void plant(struct machine *m, uint64_t flags)
{
	struct sgx_gprsgx *g = machine_ssa(m, 1, 0);
	struct user_fpregs_struct *fp = (void *)machine_frame(m, 1, 0);

	g->rax = g->rbx = g->rcx = g->rdx = g->rbp = SECRET;
	g->r8 = g->r9 = g->r10 = g->r11 = g->r12 = g->r13 = g->r14 = g->r15 = SECRET;
	g->rflags = 0x202 | flags;
	for (size_t i = 0; i < sizeof(fp->xmm_space) / 4; i++)
		fp->xmm_space[i] = (uint32_t)SECRET;
	for (size_t i = 0; i < sizeof(fp->st_space) / 4; i++)
		fp->st_space[i] = (uint32_t)SECRET;
	fp->ftw = 0xff;
	fp->cwd = 0x0b7f;
	fp->mxcsr = 0x1fa1;
}

static void assert_no_secret(const struct machine *m)
{
	const struct user_regs_struct *r = &m->gpr, *h = &m->poison;

	assert_int_equal(r->rax, 4);
	assert_int_equal(r->rbx, m->target);
	assert_int_equal(r->rcx | r->r8 | r->r9 | r->r10 | r->r11, 0);
	assert_int_equal(r->rsp, h->rsp);
	assert_int_equal(r->rbp, h->rbp);
	assert_int_equal(r->r12, h->r12);
	assert_int_equal(r->r13, h->r13);
	assert_int_equal(r->r14, h->r14);
	assert_int_equal(r->r15, h->r15);
	assert_int_equal(r->eflags & (STATUS | DF | AC | NT), 0x44);
	assert_int_equal(m->fp.mxcsr, m->fp_poison.mxcsr);
	assert_int_equal(m->fp.cwd, m->fp_poison.cwd);
	assert_int_equal(m->fp.swd | m->fp.ftw, 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(m->fp.xmm_space[i], 0);
	for (int i = 0; i < 32; i++)
		assert_int_equal(m->fp.st_space[i], 0);
}

static void no_secret_is_left_in_a_register_by_an_ecall(void **state)
{
	struct machine *m = *state;

	for (unsigned int flags = 0; flags < 2; flags++) {
		m->until = machine_symbol(m, "ecall");
		assert_int_equal(machine_enter(m, 1, 77, 0), STOP_AEX);
		m->until = 0;
		plant(m, flags ? STATUS : 0);
		assert_int_equal(machine_resume(m, 1), STOP_EXIT);
		assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
		assert_int_equal((int64_t)m->gpr.rdi, -ENOSYS);
		assert_int_equal(m->gpr.rsi, 0);
		assert_no_secret(m);
	}
}

static void no_secret_is_left_in_a_register_by_an_ocall(void **state)
{
	struct machine *m = *state;

	for (unsigned int flags = 0; flags < 2; flags++) {
		m->until = machine_symbol(m, "encl_ocall");
		assert_int_equal(machine_start(m, 1, "cat", NULL), STOP_AEX);
		m->until = 0;
		plant(m, flags ? STATUS : 0);
		assert_int_equal(machine_resume(m, 1), STOP_EXIT);
		assert_int_equal(m->gpr.rdx, ENCL_EXIT_OCALL);
		assert_int_equal(m->gpr.rsi, (uint64_t)m->host + HOST_AREA);
		assert_no_secret(m);
		assert_int_equal(machine_call(m, 1, (uint64_t)(int64_t)ENCL_OCALL_KILLED, 0,
		                              ENCL_EXIT_RETURN),
		                 0);
	}
}

static void no_secret_is_left_in_a_register_by_the_handler(void **state)
{
	struct machine *m = *state;

	machine_spin(m, 1);
	plant(m, STATUS);
	machine_ssa(m, 1, 0)->rdi = machine_ssa(m, 1, 0)->rsi = SECRET;
	assert_int_equal(machine_hand_in(m, 1), 0);
	assert_int_equal(m->gpr.rsi, 0);
	assert_no_secret(m);
}

/* One thread is stopped at each instruction of its INIT; another tries, too: one of them is the first. */
static void one_of_two_inits_is_the_first_wherever_they_meet(void **state)
{
	unsigned int first = 0, second = 0;
	bool is_done = false;

	for (uint64_t n = 1; !is_done; n++) {
		struct machine *m;
		int64_t r;

		machine_teardown(state);
		machine_setup(state);
		m = *state;
		m->steps = n;
		is_done = machine_enter(m, 0, ENCL_ECALL_INIT, 0) == STOP_EXIT;
		m->steps = 0;
		if (is_done)
			break;
		r = machine_call(m, 1, ENCL_ECALL_INIT, 0, ENCL_EXIT_RETURN);
		assert_int_equal(machine_resume(m, 0), STOP_EXIT);
		first += r == -EALREADY;
		second += r == 0;
		assert_int_equal(r + (int64_t)m->gpr.rdi, -EALREADY);
		assert_int_equal(state_of(m), ENCL_READY);
	}
	assert_true(first > 10 && second > 10);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_direction_flag_is_clear_behind_the_first_instruction),
		cmocka_unit_test_setup_teardown(no_stack_pointer_of_the_host_is_used, machine_setup,
		                                machine_teardown),
		test(no_secret_is_left_in_a_register_by_an_ecall),
		test(no_secret_is_left_in_a_register_by_an_ocall),
		test(no_secret_is_left_in_a_register_by_the_handler),
		test(one_of_two_inits_is_the_first_wherever_they_meet),
	};

	return machine_tests(tests);
}
