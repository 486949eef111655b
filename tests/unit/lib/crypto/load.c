// SPDX-License-Identifier: Apache-2.0
/* libcrypto comes when it is asked for, once, and the program says so in its notes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <string.h>

#include "lib/crypto/crypto.h"

#define THREADS 8

static void *load_in_thread(void *ret)
{
	struct err e;
	uint8_t digest[SHA256_SIZE];

	*(int *)ret = crypto_load(&e);
	if (*(int *)ret == 0)
		sha256_digest("abc", 3, digest);
	return NULL;
}

/* The first test: nothing has loaded the library before it. */
static void the_library_is_loaded_at_first_use_by_any_thread(void **state)
{
	pthread_t thread[THREADS];
	int result[THREADS];

	(void)state;
	assert_null(dlopen("libcrypto.so.3", RTLD_NOW | RTLD_NOLOAD));
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, load_in_thread, &result[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(result[i], 0);
	}
	assert_non_null(dlopen("libcrypto.so.3", RTLD_NOW | RTLD_NOLOAD));
}

static void its_names_stay_out_of_the_program(void **state)
{
	(void)state;
	assert_null(dlsym(RTLD_DEFAULT, "SHA256_Init"));
}

static size_t align4(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* The text of the dlopen note among the notes of one segment, or NULL. */
static const char *dlopen_note(const char *at, size_t size)
{
	while (size >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		const char *name = at + sizeof(*note);
		const char *text = name + align4(note->n_namesz);
		size_t whole = (size_t)(text - at) + align4(note->n_descsz);

		if (whole > size)
			return NULL;
		if (note->n_type == 0x407c0c0a && note->n_namesz == 4 && !memcmp(name, "FDO", 4)) {
			assert_int_equal(text[note->n_descsz - 1], '\0');
			return text;
		}
		at += whole;
		size -= whole;
	}
	return NULL;
}

static int find_note(struct dl_phdr_info *info, size_t size, void *ret)
{
	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_NOTE && p->p_align == 4 && !*(const char **)ret)
			*(const char **)ret = dlopen_note(
				(const char *)(info->dlpi_addr + p->p_vaddr), p->p_memsz);
	}
	return 1; /* the program itself is first; no other object is looked at */
}

static void the_note_names_the_library(void **state)
{
	const char *text = NULL;

	(void)state;
	dl_iterate_phdr(find_note, &text);
	assert_non_null(text);
	assert_string_equal(text, "[{\"soname\":[\"libcrypto.so.3\"],\"feature\":\"crypto\","
	                          "\"description\":\"SHA-256, AES-CMAC and RSA\","
	                          "\"priority\":\"required\"}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_library_is_loaded_at_first_use_by_any_thread),
		cmocka_unit_test(its_names_stay_out_of_the_program),
		cmocka_unit_test(the_note_names_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
