// SPDX-License-Identifier: Apache-2.0
/*
 * The host's memory as a weapon, on the real image: pointers to every place of the enclave, words that
 * change behind the first look, answers that lie.  Each access of the enclave to watched memory is
 * seen by the test, so that no race has to be won.
 */
#include "tests/unit/enclave/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define argv(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Where the structures of ENCL_ECALL_REPORT point to, each on a page of its own. */
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

/* The fingerprint of all but what thread 1 may write: its TD and its stack. */
static uint64_t hash_of_others(struct machine *m)
{
	struct td *td = machine_td(m, 1);

	memset(m->memory + td->stack - ENCL_STACK, 0, ENCL_STACK);
	td->host = (struct td_host){ 0 };
	td->ecall = td->arg = 0;
	td->ocall_area.v = 0;
	td->heap_next = td->heap_end = 0;
	return machine_hash(m);
}

/* The edges of the enclave, what is of interest in it, and addresses that are none. */
static size_t bad_addresses(const struct machine *m, uint64_t size, uint64_t ret[])
{
	const struct td *td = machine_td(m, 2);
	const uint64_t base = m->base, end = base + m->size;
	const uint64_t all[] = {
		0,
		base,
		base + 8,
		base - 8,
		base - size + 8,
		base - size + 1,
		end - 8,
		end - size,
		end - size - 8,
		end - 1,
		base + m->size / 2,
		base + machine_td(m, 1)->self,
		base + td->self,
		base + td->self + TD_CANARY,
		base + td->gprsgx,
		base + td->stack - 8,
		base + td->exc_stack - 8,
		base + (uint64_t)((const uint8_t *)machine_tcs(m, 0) - m->memory),
		machine_symbol(m, "encl_entry"),
		machine_symbol(m, "encl_state"),
		machine_symbol(m, "heap_start"),
		machine_symbol(m, "heap_start") - 0x1000, /* a hole */
		1ULL << 47,
		(1ULL << 47) - 8,
		(1ULL << 47) - size + 8,
		0xffff800000000000,
		1ULL << 63,
		-size + 8,
		-8ULL,
		-1ULL,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ret[i] = all[i];
	return sizeof(all) / sizeof(all[0]);
}

static void no_pointer_into_the_enclave_is_followed(void **state)
{
	struct machine *m = *state;
	struct encl_report *args = report_args(m);
	uint64_t *const fields[] = { &args->targetinfo, &args->reportdata, &args->report };
	const uint64_t sizes[] = { 512, 64, 432 };
	uint64_t bad[40], hash = hash_of_others(m);

	for (size_t f = 0; f < 3; f++) {
		size_t n = bad_addresses(m, sizes[f], bad);

		for (size_t i = 0; i < n; i++) {
			report_args(m);
			*fields[f] = bad[i];
			if (f == 1 && bad[i] == 0)
				continue; /* no report data: zeros */
			memset(m->host + HOST_REPORT, 0x77, 4096);
			assert_int_equal(call_report(m, (uint64_t)args), -EFAULT);
			assert_int_equal(hash_of_others(m), hash);
			for (size_t k = 0; k < 4096; k++)
				assert_int_equal(m->host[HOST_REPORT + k], 0x77);
		}
	}
}

static void assert_refused(struct machine *m, uint64_t number, uint64_t args, uint64_t hash)
{
	assert_int_equal(machine_call(m, 1, number, args, ENCL_EXIT_RETURN),
	                 args & 7 ? -EINVAL : -EFAULT);
	assert_int_equal(hash_of_others(m), hash);
}

static void no_structure_in_the_enclave_is_read(void **state)
{
	struct machine *m = *state;
	uint64_t bad[40], hash = hash_of_others(m);
	size_t n = bad_addresses(m, sizeof(struct encl_main), bad);

	for (size_t i = 0; i < n; i++)
		assert_refused(m, ENCL_ECALL_MAIN, bad[i], hash);
	n = bad_addresses(m, sizeof(struct encl_report), bad);
	for (size_t i = 0; i < n; i++)
		assert_refused(m, ENCL_ECALL_REPORT, bad[i], hash);
}

static void neither_strings_nor_area_may_be_in_the_enclave(void **state)
{
	struct machine *m = *state;
	uint64_t bad[40], hash = hash_of_others(m);
	size_t n = bad_addresses(m, 4096, bad);

	for (size_t i = 0; i < n; i++) {
		machine_args(m, argv("echo"));
		memset(m->host + HOST_TEXT, 'x', 4096);
		machine_main(m)->strings = bad[i];
		machine_main(m)->strings_size = 4096;
		assert_refused(m, ENCL_ECALL_MAIN, (uint64_t)machine_main(m), hash);
	}
	n = bad_addresses(m, ENCL_OCALL_AREA, bad);
	for (size_t i = 0; i < n; i++) {
		machine_args(m, argv("echo"));
		machine_main(m)->ocall_area = bad[i];
		if (bad[i] % 8 == 0)
			assert_refused(m, ENCL_ECALL_MAIN, (uint64_t)machine_main(m), hash);
	}
}

/* Counts the looks at each word of a page, and spoils a word when it has been looked at. */
struct looks {
	uint64_t page;
	unsigned int reads[512];
	bool spoils;
};

static void look(struct machine *m, const struct access *a)
{
	struct looks *l = m->context;

	assert_int_equal(a->address - l->page < 4096, 1);
	if (a->is_write)
		return;
	l->reads[(a->address - l->page) / 8]++;
	if (l->spoils)
		memset((void *)(a->address & ~UINT64_C(7)), 0xff, 8);
}

static void watch(struct machine *m, struct looks *l, uint64_t page, bool spoils)
{
	*l = (struct looks){ .page = page, .spoils = spoils };
	m->watch = page;
	m->watch_size = 4096;
	m->seen = look;
	m->context = l;
}

static void assert_read_once(const struct looks *l, size_t from, size_t size)
{
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(l->reads[i], i >= from / 8 && i < (from + size + 7) / 8 ? 1 : 0);
}

static void a_word_that_changes_behind_the_first_look_changes_nothing(void **state)
{
	struct machine *m = *state;
	struct program p = { 0 };
	struct looks l;

	machine_args(m, argv("echo", "as it was"));
	watch(m, &l, (uint64_t)m->host + HOST_ARGS, true);
	machine_finish(m, 1, &p, machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)));
	m->watch_size = 0;
	assert_int_equal(p.result, 0);
	assert_string_equal(p.output, "as it was\n");
	assert_read_once(&l, 0, sizeof(struct encl_main));
	assert_int_equal(machine_main(m)->end, ENCL_END_EXIT);
	assert_int_equal(machine_main(m)->value, 0);

	report_args(m);
	watch(m, &l, (uint64_t)m->host + HOST_ARGS, true);
	assert_int_equal(call_report(m, (uint64_t)machine_main(m)), 0);
	assert_read_once(&l, 0, sizeof(struct encl_report));
	m->watch_size = 0;
	assert_int_equal(((struct sgx_report *)(m->host + HOST_REPORT))->mrenclave[31], 31);
}

static void what_pointers_name_is_read_once(void **state)
{
	struct machine *m = *state;
	struct program p = { .input = "line" };
	struct looks l;

	report_args(m);
	watch(m, &l, (uint64_t)m->host + HOST_TARGETINFO, true);
	assert_int_equal(call_report(m, (uint64_t)machine_main(m)), 0);
	assert_read_once(&l, 0, 512);
	report_args(m);
	watch(m, &l, (uint64_t)m->host + HOST_REPORTDATA, true);
	assert_int_equal(call_report(m, (uint64_t)machine_main(m)), 0);
	assert_read_once(&l, 0, 64);
	machine_args(m, argv("echo", "as it was"));
	watch(m, &l, (uint64_t)m->host + HOST_TEXT, true);
	machine_finish(m, 1, &p, machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)));
	assert_read_once(&l, 0, machine_main(m)->strings_size);
	assert_string_equal(p.output, "as it was\n");
}

/* What the program has read is the data, and that as it was at the first look. */
static void an_answer_s_data_is_read_once_and_the_request_never(void **state)
{
	struct machine *m = *state;
	struct program p = { .input = "0123456789abcdef" };
	struct looks l;

	machine_args(m, argv("cat"));
	assert_int_equal(machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)),
	                 STOP_EXIT);
	machine_serve(m, &p);
	watch(m, &l, (uint64_t)m->host + HOST_AREA, true);
	memset(m->host + HOST_AREA, 0xff, sizeof(struct encl_io));
	assert_int_equal(machine_enter(m, 1, 16, 0), STOP_EXIT);
	m->watch_size = 0;
	assert_read_once(&l, 64, 16);
	machine_finish(m, 1, &p, STOP_EXIT);
	assert_string_equal(p.output, "0123456789abcdef");
}

static void strings_that_lie_in_the_ocall_area_are_copied_first(void **state)
{
	struct machine *m = *state;
	static const char greeting[] = "Hello from the skeleton enclave!\narguments: x one two\n";
	struct program p = { 0 };

	/* Its first write comes before it looks at its arguments. */
	machine_args(m, argv("x", "one", "two"));
	memcpy(m->host + HOST_AREA, m->host + HOST_TEXT, machine_main(m)->strings_size);
	machine_main(m)->strings = (uint64_t)m->host + HOST_AREA;
	machine_finish(m, 1, &p, machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)machine_main(m)));
	assert_memory_equal(p.output, greeting, strlen(greeting));
	/* And the structure itself. */
	p = (struct program){ 0 };
	machine_args(m, argv("echo", "one"));
	memcpy(m->host + HOST_AREA, machine_main(m), sizeof(struct encl_main));
	machine_finish(m, 1, &p,
	               machine_enter(m, 1, ENCL_ECALL_MAIN, (uint64_t)m->host + HOST_AREA));
	assert_string_equal(p.output, "one\n");
}

/* Stale data, CVE-2022-21233: the processor may give back more than was asked for, but for whole words. */
static void a_read_is_a_whole_aligned_word(struct machine *m, const struct access *a)
{
	(void)m;
	assert_false(a->is_write);
	assert_true(a->is_wide);
	assert_int_equal(a->address % 8, 0);
}

static void every_read_of_the_host_s_memory_is_a_whole_aligned_word(void **state)
{
	struct machine *m = *state;

	m->seen = a_read_is_a_whole_aligned_word;
	m->watch_size = 4096;
	for (uint64_t skip = 0; skip < 8; skip++) {
		struct encl_report *args = report_args(m);

		m->watch = (uint64_t)m->host + HOST_TARGETINFO;
		args->targetinfo += skip;
		assert_int_equal(call_report(m, (uint64_t)args), 0);
		args->reportdata = args->targetinfo + 101;
		assert_int_equal(call_report(m, (uint64_t)args), 0);
	}
	assert_true(m->accesses > 8 * 2 * 64);
}

/* VERW m16 ends right before the store; MFENCE and LFENCE are right behind it. */
static bool is_fenced(const uint8_t *store)
{
	static const uint8_t fences[] = { 0x0f, 0xae, 0xf0, 0x0f, 0xae, 0xe8 };
	const uint8_t *behind = store + 2 + (*store >> 4 == 4);

	for (int n = 3; n <= 9; n++) {
		const uint8_t *verw = store - n;

		if (verw[0] == 0x0f && verw[1] == 0x00 && (verw[2] >> 3 & 7) == 5)
			return memcmp(behind, fences, sizeof(fences)) == 0;
	}
	return false;
}

/* Stale data, CVE-2022-21166. */
static void a_write_is_whole_or_fenced(struct machine *m, const struct access *a)
{
	(void)m;
	assert_true(a->is_write);
	if (a->is_wide)
		assert_int_equal(a->address % 8, 0);
	else
		assert_true(is_fenced(a->code));
}

static void every_write_is_a_whole_aligned_word_or_fenced(void **state)
{
	struct machine *m = *state;

	m->seen = a_write_is_whole_or_fenced;
	m->watch_size = 4096;
	m->watch = (uint64_t)m->host + HOST_REPORT;
	for (uint64_t skip = 0; skip < 8; skip++) {
		struct encl_report *args = report_args(m);

		args->report += skip;
		assert_int_equal(call_report(m, (uint64_t)args), 0);
	}
	assert_true(m->accesses > 8 * 54);
}

#define test(name) cmocka_unit_test_setup_teardown(name, machine_ready, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(no_pointer_into_the_enclave_is_followed),
		test(no_structure_in_the_enclave_is_read),
		test(neither_strings_nor_area_may_be_in_the_enclave),
		test(a_word_that_changes_behind_the_first_look_changes_nothing),
		test(what_pointers_name_is_read_once),
		test(an_answer_s_data_is_read_once_and_the_request_never),
		test(strings_that_lie_in_the_ocall_area_are_copied_first),
		test(every_read_of_the_host_s_memory_is_a_whole_aligned_word),
		test(every_write_is_a_whole_aligned_word_or_fenced),
	};

	return machine_tests(tests);
}
