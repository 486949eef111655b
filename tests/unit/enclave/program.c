// SPDX-License-Identifier: Apache-2.0
/*
 * What a host does around a program in the enclave: see machine.h.
 */
#include "tests/unit/enclave/machine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

struct encl_main *machine_main(const struct machine *m)
{
	return (struct encl_main *)(m->host + HOST_ARGS);
}

uint64_t machine_args(struct machine *m, const char *const *argv)
{
	struct encl_main *args = machine_main(m);
	char *text = (char *)m->host + HOST_TEXT;

	*args = (struct encl_main){ .strings = (uint64_t)text,
		                    .envc = 1,
		                    .ocall_area = (uint64_t)m->host + HOST_AREA,
		                    .ocall_area_size = ENCL_OCALL_AREA,
		                    .end = 99,
		                    .value = 99 };
	for (; argv[args->argc]; args->argc++)
		text = stpcpy(text, argv[args->argc]) + 1;
	text = stpcpy(text, "HOME=/root") + 1;
	args->strings_size = (uint64_t)text - args->strings;
	return (uint64_t)args;
}

int machine_ready(void **state)
{
	machine_setup(state);
	return (int)machine_call(*state, 0, ENCL_ECALL_INIT, 0, ENCL_EXIT_RETURN);
}

enum stop machine_start(struct machine *m, unsigned int thread, const char *applet, const char *how)
{
	const char *const argv[] = { "/bin/skeleton", applet, how, NULL };

	return machine_enter(m, thread, ENCL_ECALL_MAIN, machine_args(m, argv));
}

void machine_spin(struct machine *m, unsigned int thread)
{
	m->until = machine_symbol(m, "applet_run");
	assert_int_equal(machine_start(m, thread, "spin", NULL), STOP_AEX);
	m->until = 0;
	m->steps = 2000;
	assert_int_equal(machine_resume(m, thread), STOP_AEX);
	m->steps = 0;
}

struct sgx_gprsgx *machine_at_cpuid(struct machine *m, unsigned int thread)
{
	m->until = machine_find(m, "applet_cpuid", "\x0f\xa2", 2);
	assert_int_equal(machine_start(m, thread, "cpuid", NULL), STOP_AEX);
	m->until = 0;
	machine_forge(m, thread, 6);
	return machine_ssa(m, thread, 0);
}

int64_t machine_hand_in(struct machine *m, unsigned int thread)
{
	return machine_call(m, thread, 0x41, 0x42, ENCL_EXIT_EXCEPTION);
}

int64_t machine_serve(struct machine *m, struct program *p)
{
	const struct encl_io *io = (const struct encl_io *)m->gpr.rsi;
	size_t n = io->length;

	assert_int_equal(m->gpr.rsi, (uint64_t)m->host + HOST_AREA);
	assert_true(io->length <= ENCL_IO_MAX && io->fd <= 2);
	assert_true(io->data >= m->gpr.rsi + sizeof(*io) &&
	            io->data + io->length <= m->gpr.rsi + ENCL_OCALL_AREA);
	p->ocalls++;
	if (m->gpr.rdi == ENCL_OCALL_WRITE) {
		assert_true(p->output_size + n < sizeof(p->output));
		memcpy(p->output + p->output_size, (const void *)io->data, n);
		p->output_size += n;
		return (int64_t)n;
	}
	assert_int_equal(m->gpr.rdi, ENCL_OCALL_READ);
	if (!p->input)
		return 0;
	n = strlen(p->input) < n ? strlen(p->input) : n;
	memcpy((void *)io->data, p->input, n);
	p->input += n;
	return (int64_t)n;
}

void machine_finish(struct machine *m, unsigned int thread, struct program *p, enum stop stop)
{
	for (;;) {
		if (stop == STOP_AEX) {
			/* A fault: the enclave is told, and goes on at what it made of it. */
			p->result = machine_call(m, thread, 0, 0, ENCL_EXIT_EXCEPTION);
			if (p->result < 0)
				return;
			stop = machine_resume(m, thread);
		} else if (m->gpr.rdx == ENCL_EXIT_OCALL) {
			stop = machine_enter(m, thread, (uint64_t)machine_serve(m, p), 0);
		} else {
			p->result = (int64_t)m->gpr.rdi;
			assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
			return;
		}
	}
}

void machine_run(struct machine *m, unsigned int thread, struct program *p, const char *const *argv)
{
	machine_finish(m, thread, p,
	               machine_enter(m, thread, ENCL_ECALL_MAIN, machine_args(m, argv)));
}

void assert_as_good_as_new(struct machine *m, unsigned int thread)
{
	struct program p = { 0 };
	uint64_t heap = machine_symbol(m, "heap_start") - m->base;

	m->steps = m->until = 0;
	machine_run(m, thread, &p, (const char *const[]){ "echo", "still", "here", NULL });
	assert_int_equal(p.result, 0);
	assert_string_equal(p.output, "still here\n");
	assert_int_equal(machine_main(m)->end, ENCL_END_EXIT);
	assert_int_equal(machine_main(m)->value, 0);
	assert_int_equal(machine_td(m, thread)->state, TD_IDLE);
	assert_int_equal(machine_td(m, thread)->ocall_sp, 0);
	assert_int_equal(m->cssa[thread], 0);
	for (uint64_t i = 0; i < ENCL_HEAP; i++)
		assert_int_equal(m->memory[heap + i], 0);
}
