// SPDX-License-Identifier: Apache-2.0
/*
 * What the enclave takes from the host as an answer, and what it gives away when it asks, on the real
 * image: lengths that lie, old bytes in requests, a processor without randomness.
 */
#include "tests/unit/enclave/machine.h"

#include <errno.h>
#include <string.h>

#define argv(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define FILL      0xa5

/* Where the structures of ENCL_ECALL_REPORT point to. */
#define HOST_TARGETINFO 0x2000
#define HOST_REPORTDATA 0x3000
#define HOST_REPORT     0x4000

static struct encl_report *report_args(struct machine *m)
{
	struct encl_report *args = (struct encl_report *)(m->host + HOST_ARGS);

	*args = (struct encl_report){ (uint64_t)m->host + HOST_TARGETINFO,
		                      (uint64_t)m->host + HOST_REPORTDATA,
		                      (uint64_t)m->host + HOST_REPORT };
	return args;
}

static int64_t call_report(struct machine *m, uint64_t args)
{
	return machine_call(m, 1, ENCL_ECALL_REPORT, args, ENCL_EXIT_RETURN);
}

/* A byte that no address in the host's memory has, wherever that is. */
static uint8_t no_address_s_byte(const struct machine *m)
{
	for (unsigned int fill = FILL;; fill = (fill + 0x31) & 0xff) {
		bool is_there = false;

		for (uint64_t at = 0; at < HOST_SIZE; at += 0x1000)
			for (int byte = 0; byte < 8; byte++)
				is_there |= (((uint64_t)m->host + at) >> 8 * byte & 0xff) == fill;
		if (!is_there)
			return (uint8_t)fill;
	}
}

/* Nothing that a stack held before goes out: neither as padding nor behind a structure's end. */
static void no_byte_of_an_old_stack_goes_out(void **state)
{
	struct machine *m = *state;
	const struct td *td = machine_td(m, 1);
	const uint8_t fill = no_address_s_byte(m);
	struct program p = { .input = "some input" };

	machine_args(m, argv("cat"));
	memset(m->host + HOST_AREA, 0x77, ENCL_OCALL_AREA);
	memset(m->memory + td->stack - ENCL_STACK, fill, ENCL_STACK);
	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)),
	                 STOP_EXIT);
	for (size_t i = sizeof(struct encl_io); i < ENCL_OCALL_AREA; i++)
		assert_int_equal(m->host[HOST_AREA + i], 0x77);
	machine_finish(m, 1, &p, STOP_EXIT);
	memset(m->memory + td->stack - ENCL_STACK, fill, ENCL_STACK);
	memset(m->host + HOST_REPORT, 0x77, 4096);
	report_args(m);
	assert_int_equal(call_report(m, (uint64_t)machine_main(m)), 0);
	for (size_t i = sizeof(struct sgx_report); i < 4096; i++)
		assert_int_equal(m->host[HOST_REPORT + i], 0x77);
	for (size_t i = 0; i < HOST_SIZE; i++)
		assert_int_not_equal(m->host[i], fill);
}

static void no_length_beyond_the_request_is_believed(void **state)
{
	static const uint64_t lies[] = { 16385,      20000,      ENCL_IO_MAX,      ENCL_IO_MAX + 1,
		                         1ULL << 31, 1ULL << 32, (1ULL << 32) + 1, 1ULL << 63,
		                         INT64_MAX,  -4097ULL,   -8192ULL,         -1ULL,
		                         -4095ULL };

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct machine *m = *state;
		struct program p = { 0 };

		assert_int_equal(machine_enter(m, 1, ENCL_ECALL_MAIN, machine_args(m, argv("cat"))),
		                 STOP_EXIT);
		assert_int_equal(m->gpr.rdi, ENCL_OCALL_READ);
		assert_int_equal(((struct encl_io *)m->gpr.rsi)->length, 16384);
		machine_finish(m, 1, &p, machine_enter(m, 1, lies[i], 0));
		assert_int_equal(p.output_size, 0);
		assert_int_equal(machine_main(m)->end, ENCL_END_EXIT);
		assert_int_equal(machine_main(m)->value, 1);
		assert_as_good_as_new(m, 1);
	}
}

static void a_write_that_claims_to_have_done_more_fails(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };

	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_MAIN, machine_args(m, argv("env"))),
	                 STOP_EXIT);
	assert_int_equal(m->gpr.rdi, ENCL_OCALL_WRITE);
	machine_finish(m, 1, &p, machine_enter(m, 1, 100, 0));
	assert_int_equal(p.ocalls, 0);
	assert_int_equal(machine_main(m)->value, 1);
}

/* Right behind 48 or 49, 0f c7 /6: RDRAND of a 64-bit register. */
static bool is_behind_rdrand(const struct machine *m, uint64_t rip)
{
	const uint8_t *p = m->memory + (rip - 4 - m->base);

	return (p[0] == 0x48 || p[0] == 0x49) && p[1] == 0x0f && p[2] == 0xc7 &&
	       (p[3] & 0xf8) == 0xf0;
}

static void an_enclave_without_randomness_is_dead(void **state)
{
	struct machine *m;
	enum stop stop;
	int tries = 0;

	machine_teardown(state);
	machine_setup(state);
	m = *state;
	m->steps = 1;
	stop = machine_enter(m, 0, ENCL_ECALL_INIT, 0);
	while (stop == STOP_AEX && m->vector == -1) {
		if (is_behind_rdrand(m, machine_ssa(m, 0, 0)->rip)) {
			machine_ssa(m, 0, 0)->rflags &= ~1ULL; /* CF: nothing to give */
			tries++;
		}
		stop = machine_resume(m, 0);
	}
	m->steps = 0;
	assert_int_equal(stop, STOP_AEX);
	assert_int_equal(m->vector, 6);
	assert_int_equal(tries, 10);
	for (unsigned int i = 0; i < ENCL_THREADS; i++)
		assert_int_equal(machine_call(m, i, ENCL_ECALL_INIT, 0, ENCL_EXIT_REFUSED), -EIO);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(no_byte_of_an_old_stack_goes_out),
		test(no_length_beyond_the_request_is_believed),
		test(a_write_that_claims_to_have_done_more_fails),
		test(an_enclave_without_randomness_is_dead),
	};

	return machine_tests(tests);
}
