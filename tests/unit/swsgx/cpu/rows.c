// SPDX-License-Identifier: Apache-2.0
/* Tables of broken preconditions; see rows.h. */
#include "tests/unit/swsgx/cpu/rows.h"

#define TESTS_MAX 160

struct row_test {
	const struct table *table;
	const struct row *row;
};

static void *where(struct fixture *f, const struct poke *p)
{
	switch (p->at) {
	case POKE_REG: return &f->cpu.regs;
	case POKE_RAM: return fix_ram(f, (enum fix_ram)p->which);
	case POKE_EPCM: return &f->epcm[p->which];
	case POKE_EPC: return fix_epc(f, (uint32_t)p->which);
	case POKE_MAP: return fix_find(f, p->which);
	case POKE_PLATFORM: return &f->platform;
	default: return NULL;
	}
}

void poke_field(uint8_t *field, const struct poke *p)
{
	uint64_t was = 0, value = p->value;

	memcpy(&was, field, p->size);
	if (p->flip)
		value ^= was;
	assert_memory_not_equal(&was, &value, p->size); /* it breaks something */
	memcpy(field, &value, p->size);
}

static void apply(struct fixture *f, const struct row *row)
{
	for (size_t i = 0; i < ROW_POKES; i++) {
		const struct poke *p = &row->poke[i];
		uint8_t *at = where(f, p);

		if (p->at == POKE_NONE)
			continue;
		assert_non_null(at);
		poke_field(at + p->offset, p);
	}
}

static void row_holds(void **state)
{
	struct fixture *f = *state;
	const struct row_test *t = f->row_test;
	struct snapshot *before;
	struct trap got;

	t->table->prepare(f);
	apply(f, t->row);
	if (t->table->mend)
		t->table->mend(f);
	f->cpu.regs.rflags |= CPU_RFLAGS_CF | CPU_RFLAGS_OF;
	before = fix_snapshot(f);
	got = t->table->execute(&f->cpu);
	fix_assert_trap(got, t->row->want);
	if (retired(got))
		fix_assert_code(f, got, t->row->code);
	fix_assert_same(f, before, retired(got));
}

static int row_setup(void **state)
{
	const struct row_test *t = *state;
	int r = fix_setup(state);

	((struct fixture *)*state)->row_test = t;
	return r;
}

int rows_run(const struct table *tables, size_t table_count, const struct CMUnitTest *others,
             size_t count)
{
	static struct row_test row_tests[TESTS_MAX];
	static struct CMUnitTest tests[TESTS_MAX];
	size_t n = 0;

	for (size_t t = 0; t < table_count; t++) {
		for (size_t i = 0; i < tables[t].count; i++, n++) {
			assert_true(n < TESTS_MAX);
			row_tests[n] = (struct row_test){ &tables[t], &tables[t].rows[i] };
			tests[n] = (struct CMUnitTest){ tables[t].rows[i].name, row_holds,
				                        row_setup, fix_teardown, &row_tests[n] };
		}
	}
	for (size_t i = 0; i < count; i++, n++) {
		assert_true(n < TESTS_MAX);
		tests[n] = others[i];
	}
	for (size_t i = 0; i < n; i++) /* names are what the conformance table refers to */
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(tests[i].name, tests[k].name);
	return _cmocka_run_group_tests("tests", tests, n, fix_group_setup, fix_group_teardown);
}
