/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A leaf's checks as a table: a row breaks one precondition of an instruction that would succeed,
 * and says what must come of it.  Each row is a test of its own, named for its claim; after it,
 * nothing but the code in RAX and RFLAGS may have changed.
 */
#ifndef TESTS_UNIT_SWSGX_CPU_ROWS_H
#define TESTS_UNIT_SWSGX_CPU_ROWS_H

#include "tests/unit/swsgx/cpu/fixture.h"

enum poke_at { POKE_NONE, POKE_REG, POKE_RAM, POKE_EPCM, POKE_EPC, POKE_MAP, POKE_PLATFORM };

/* Overwrite one field.  What a fresh key made may be anything: there, bits are flipped. */
struct poke {
	enum poke_at at;
	uint64_t which; /* page by number, or the linear address of a map */
	size_t offset, size;
	uint64_t value;
	bool flip; /* value is what to flip */
};

#define ROW_POKES 4

struct row {
	const char *name;
	struct trap want; /* TRAP_NONE: code */
	uint64_t code;
	struct poke poke[ROW_POKES];
};

#define POKE(at, which, type, field, value)                                                \
	{                                                                                  \
		at, which, offsetof(type, field), sizeof(((type *)0)->field), value, false \
	}
#define REG(field, value)             POKE(POKE_REG, 0, struct cpu_regs, field, value)
#define EPCM(page, field, value)      POKE(POKE_EPCM, page, struct epcm_entry, field, value)
#define RAM(page, type, field, value) POKE(POKE_RAM, page, type, field, value)
#define EPC(page, type, field, value) POKE(POKE_EPC, page, type, field, value)
#define MAP(la, field, value)         POKE(POKE_MAP, la, struct mapping, field, value)
#define PLATFORM(field, value)        POKE(POKE_PLATFORM, 0, struct platform, field, value)
#define RAM_BYTE(page, offset, bits)                  \
	{                                             \
		POKE_RAM, page, offset, 1, bits, true \
	}
#define EPC_BYTE(page, offset, bits)                  \
	{                                             \
		POKE_EPC, page, offset, 1, bits, true \
	}
#define PLATFORM_BYTE(field, bits)                                                \
	{                                                                         \
		POKE_PLATFORM, 0, offsetof(struct platform, field), 1, bits, true \
	}

/* Operands of ENCLS, and linear addresses that are constants. */
#define PI(field, value) RAM(RAM_PAGEINFO, struct sgx_pageinfo, field, value)
#define SECINFO(value)   RAM(RAM_SECINFO, struct sgx_secinfo, flags, value)
#define RAM_LA(page)     (FIX_RAM_LA + (page)*UINT64_C(0x1000))
#define EPC_LA(page)     (FIX_EPC_LA + (page)*UINT64_C(0x1000))
#define ENC_LA(page)     (FIX_BASE + (page)*UINT64_C(0x1000))

#define ROW_GP(name, ...)                       \
	{                                       \
		name, { .vector = TRAP_GP }, 0, \
		{                               \
			__VA_ARGS__             \
		}                               \
	}
#define ROW_PF(name, la, e, ...)             \
	{                                    \
		name, { TRAP_PF, e, la }, 0, \
		{                            \
			__VA_ARGS__          \
		}                            \
	}
#define ROW_CODE(name, code, ...)                    \
	{                                            \
		name, { .vector = TRAP_NONE }, code, \
		{                                    \
			__VA_ARGS__                  \
		}                                    \
	}

/* Error codes as they are seen. */
#define PF_ENCLS       (PF_SGX | PF_P | PF_W)
#define PF_ENCLU_READ  (PF_SGX | PF_P | PF_U)
#define PF_ENCLU_WRITE (PF_SGX | PF_P | PF_U | PF_W)

struct table {
	void (*prepare)(struct fixture *f); /* up to the instruction that would succeed */
	struct trap (*execute)(struct cpu *cpu);
	const struct row *rows;
	size_t count;
	void (*mend)(struct fixture *f); /* after the pokes, or NULL */
};

/* Poke it there; the field is another afterwards. */
void poke_field(uint8_t *field, const struct poke *p);

/* Run the rows and the other tests as one cmocka group; what main returns. */
int rows_run(const struct table *tables, size_t table_count, const struct CMUnitTest *others,
             size_t count);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TABLE(prepare_, execute_, rows_)                                                       \
	{                                                                                      \
		.prepare = prepare_, .execute = execute_, .rows = rows_, .count = COUNT(rows_) \
	}
#define TEST(function) cmocka_unit_test_setup_teardown(function, fix_setup, fix_teardown)

#endif
