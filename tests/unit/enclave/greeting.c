// SPDX-License-Identifier: Apache-2.0
/*
 * examples/my-runtime: its ecall is stopped at each of its instructions, and a program runs there.
 * For the image of that runtime only: tests/integration/tutorial.bats builds it.
 */
#include "tests/unit/enclave/machine.h"

#include <errno.h>
#include <string.h>

struct words {
	uint64_t text, size;
};

static uint64_t words_of(struct machine *m)
{
	struct words *words = (void *)(m->host + 0x2000);

	strcpy((char *)m->host + 0x3000, "Good day");
	*words = (struct words){ (uint64_t)m->host + 0x3000, 8 };
	return (uint64_t)words;
}

/* A program on thread 0, whose own ocall the host does not know. */
static void run(struct machine *m, struct program *p)
{
	static const char *const argv[] = { "/bin/my-runtime", "Bob", NULL };

	assert_int_equal(machine_enter(m, 0, ENCL_ECALL_MAIN, machine_args(m, argv)), STOP_EXIT);
	while (m->gpr.rdx == ENCL_EXIT_OCALL) {
		int64_t r = m->gpr.rdi == ENCL_OCALL_OWN ? -ENOSYS : machine_serve(m, p);

		assert_int_equal(machine_enter(m, 0, (uint64_t)r, 0), STOP_EXIT);
	}
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
	assert_int_equal(m->gpr.rdi, 0);
}

static void no_program_sees_half_a_greeting(void **state)
{
	struct machine *m = *state;
	unsigned int refused = 0, greeted = 0;
	enum stop stop;

	m->steps = 1;
	stop = machine_enter(m, 1, ENCL_ECALL_OWN, words_of(m));
	while (stop == STOP_AEX) {
		struct program p = { 0 };

		m->steps = 0;
		run(m, &p);
		assert_int_equal(machine_main(m)->end, ENCL_END_EXIT);
		if (machine_main(m)->value == 0) {
			assert_memory_equal(p.output, "Good day, Bob!\n", 15);
			greeted++;
		} else {
			assert_int_equal(machine_main(m)->value, 78);
			assert_int_equal(p.output_size, 0);
			assert_int_equal(greeted, 0);
			refused++;
		}
		m->steps = 1;
		stop = machine_resume(m, 1);
	}
	assert_int_equal(m->gpr.rdx, ENCL_EXIT_RETURN);
	assert_int_equal(m->gpr.rdi, 0);
	assert_true(refused > 100 && greeted > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_program_sees_half_a_greeting, machine_ready,
		                                machine_teardown),
	};

	return machine_tests(tests);
}
