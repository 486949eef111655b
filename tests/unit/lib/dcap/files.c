// SPDX-License-Identifier: Apache-2.0
/* Collateral in a folder, and a trusted root from a file. */
#include "tests/unit/lib/dcap/rows.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/crypto/pem.h"

static char folder[] = "/tmp/dcap-files-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static void path_of(enum dcap_item item, char path[256])
{
	snprintf(path, 256, "%s/%s", folder, dcap_item_file(item));
}

static int teardown(void **state)
{
	char path[256];

	(void)state;
	for (enum dcap_item i = 0; i < DCAP_ITEM_COUNT; i++) {
		path_of(i, path);
		unlink(path);
	}
	return rmdir(folder);
}

static void write_all(void)
{
	char path[256];
	struct err e;

	for (enum dcap_item i = 0; i < DCAP_ITEM_COUNT; i++) {
		path_of(i, path);
		assert_int_equal(io_write_file(path, path, 10 + i, 0600, &e), 0);
	}
}

static void each_item_is_read_from_its_file(void **state)
{
	struct dcap_files files;
	struct err e;

	(void)state;
	write_all();
	assert_int_equal(dcap_files_load(folder, &files, &e), 0);
	assert_int_equal(files.version, DCAP_COLLATERAL_V3);
	for (enum dcap_item i = 0; i < DCAP_ITEM_COUNT; i++)
		assert_int_equal(files.item[i].size, 10 + i);
	dcap_files_free(&files);
	assert_null(files.item[0].data);
}

static void a_file_that_is_not_there_is_told_by_its_path(void **state)
{
	struct dcap_files files = { .version = 77 };
	char path[256];
	struct err e;

	(void)state;
	write_all();
	path_of(DCAP_QE_IDENTITY, path);
	unlink(path);
	assert_int_equal(dcap_files_load(folder, &files, &e), -ENOENT);
	assert_non_null(strstr(e.text, "qe_identity.json"));
	assert_int_equal(files.version, 77);
	assert_int_equal(dcap_files_load("/nowhere", &files, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nowhere/"));
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	struct dcap_files files;
	char path[256];
	struct err e;

	(void)state;
	write_all();
	path_of(DCAP_TCB_INFO, path);
	assert_int_equal(truncate(path, DCAP_JSON_MAX + 1), 0);
	assert_int_equal(dcap_files_load(folder, &files, &e), -EFBIG);
	assert_non_null(strstr(e.text, "tcb_info.json"));
}

static void a_root_comes_from_pem_or_der(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	static char pem[8192];
	uint8_t der[4096], root[64] = { 0 };
	struct pem in = { pem, 0 };
	struct err e;
	long size;

	(void)state;
	assert_non_null(w);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->chain[QUOTE_CHAIN][0] = C_ROOT;
	w->chain[QUOTE_CHAIN][1] = -1;
	in.size = world_pem(w, QUOTE_CHAIN, pem, sizeof(pem));
	assert_int_equal(dcap_root_load(pem, in.size, root, &e), 0);
	assert_memory_equal(root, world_point(K_ROOT), 64);
	size = pem_next(&in, "CERTIFICATE", der, sizeof(der));
	assert_true(size > 0);
	memset(root, 0, sizeof(root));
	assert_int_equal(dcap_root_load(der, (size_t)size, root, &e), 0);
	assert_memory_equal(root, world_point(K_ROOT), 64);
	assert_int_equal(dcap_root_load(der, (size_t)size - 1, root, &e), -EINVAL);
	assert_int_equal(dcap_root_load("words", 5, root, &e), -EINVAL);
	assert_int_equal(dcap_root_load(pem, 200, root, &e), -EINVAL);
	assert_string_equal(e.text, "its PEM is broken");
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_is_read_from_its_file),
		cmocka_unit_test(a_file_that_is_not_there_is_told_by_its_path),
		cmocka_unit_test(a_file_that_is_too_long_is_refused),
		cmocka_unit_test(a_root_comes_from_pem_or_der),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
