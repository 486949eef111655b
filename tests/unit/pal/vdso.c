// SPDX-License-Identifier: Apache-2.0
/* Looking up functions in the vDSO, on the one that this kernel gives us. */
#include "pal/vdso.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <cmocka.h>

#define IMAGE_SIZE 8192

typedef int clock_gettime_fn(clockid_t, struct timespec *);

static void a_function_of_the_kernels_is_found_and_works(void **state)
{
	clock_gettime_fn *get = (clock_gettime_fn *)vdso_find("__vdso_clock_gettime");
	struct timespec ours, libc;

	(void)state;
	assert_non_null(get);
	assert_int_equal(get(CLOCK_MONOTONIC, &ours), 0);
	clock_gettime(CLOCK_MONOTONIC, &libc);
	assert_true(libc.tv_sec - ours.tv_sec <= 1);
}

static void a_name_that_is_not_there_is_not_found(void **state)
{
	(void)state;
	assert_null(vdso_find("__vdso_no_such"));
	assert_null(vdso_find(""));
	assert_null(vdso_find("__vdso_clock_gettim"));
}

/* A copy of the image whose dynamic section lacks the given tag. */
static uint8_t *image_without(int64_t tag)
{
	static uint8_t image[IMAGE_SIZE] __attribute__((aligned(4096)));
	Elf64_Phdr *phdr;

	memcpy(image, (void *)getauxval(AT_SYSINFO_EHDR), sizeof(image));
	phdr = (void *)(image + ((Elf64_Ehdr *)image)->e_phoff);
	while (phdr->p_type != PT_DYNAMIC)
		phdr++;
	for (Elf64_Dyn *dyn = (void *)(image + phdr->p_offset); dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == tag)
			dyn->d_tag = DT_DEBUG;
	}
	return image;
}

static uint64_t place_of(const uint8_t *image, const char *name)
{
	uint8_t *at = vdso_symbol(image, name);

	return at ? (uint64_t)(at - image) : 0;
}

static void either_hash_table_will_do_and_one_is_needed(void **state)
{
	static const char *const names[] = { "__vdso_clock_gettime", "__vdso_gettimeofday",
		                             "__vdso_getcpu", "__vdso_time" };
	const uint8_t *vdso = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t want = place_of(vdso, names[i]);

		assert_int_not_equal(want, 0);
		assert_int_equal(place_of(image_without(DT_HASH), names[i]), want);
		assert_int_equal(place_of(image_without(DT_GNU_HASH), names[i]), want);
		assert_int_equal(place_of(image_without(DT_SYMTAB), names[i]), 0);
		assert_int_equal(place_of(image_without(DT_STRTAB), names[i]), 0);
	}
	assert_null(vdso_symbol(image_without(DT_HASH), "__vdso_no_such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_of_the_kernels_is_found_and_works),
		cmocka_unit_test(a_name_that_is_not_there_is_not_found),
		cmocka_unit_test(either_hash_table_will_do_and_one_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
