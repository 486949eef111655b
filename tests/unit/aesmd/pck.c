// SPDX-License-Identifier: Apache-2.0
/* The PCK certificate's extension, read back by the verifier's reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aesmd/platform.h"
#include "lib/dcap/pck.h"

static struct pck_tcb sample(uint8_t svn, uint16_t pcesvn)
{
	struct pck_tcb tcb = { .pcesvn = pcesvn };

	memset(tcb.ppid, 0xa5, sizeof(tcb.ppid));
	memset(tcb.instance, 0x5a, sizeof(tcb.instance));
	for (unsigned int i = 0; i < sizeof(tcb.cpusvn); i++)
		tcb.cpusvn[i] = (uint8_t)(svn + i);
	return tcb;
}

static void what_is_written_is_read(void **state)
{
	static const uint16_t pcesvns[] = { 0, 1, 127, 128, 255, 256, 32767, 32768, 65535 };
	static const uint8_t fmspc[] = PLATFORM_FMSPC;
	struct dcap_pck pck;
	struct err e;

	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		struct pck_tcb tcb = sample((uint8_t)i, pcesvns[i % 9]);
		uint8_t der[PCK_EXTENSION_MAX];
		size_t size = pck_extension(&tcb, der, sizeof(der));

		if (dcap_pck_parse(der, size, &pck, &e) < 0)
			fail_msg("%u: %s", i, e.text);
		assert_memory_equal(pck.ppid, tcb.ppid, sizeof(pck.ppid));
		assert_memory_equal(pck.cpusvn, tcb.cpusvn, sizeof(pck.cpusvn));
		assert_memory_equal(pck.component, tcb.cpusvn, sizeof(pck.component));
		assert_int_equal(pck.pcesvn, tcb.pcesvn);
		assert_memory_equal(pck.fmspc, fmspc, sizeof(fmspc));
		assert_true(pck.is_platform);
		assert_memory_equal(pck.platform_instance_id, tcb.instance, sizeof(tcb.instance));
		assert_false(pck.dynamic_platform);
		assert_true(pck.cached_keys);
		assert_true(pck.smt_enabled);
	}
}

static void without_room_there_is_nothing(void **state)
{
	struct pck_tcb tcb = sample(1, 13);
	uint8_t der[PCK_EXTENSION_MAX];
	size_t size = pck_extension(&tcb, der, sizeof(der));

	(void)state;
	assert_true(size > 0);
	assert_int_equal(pck_extension(&tcb, der, size - 1), 0);
	assert_int_equal(pck_extension(&tcb, der, size), size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(without_room_there_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
