// SPDX-License-Identifier: Apache-2.0
/*
 * A real enclave, measured and signed by others, goes through ECREATE, EADD, EEXTEND and EINIT.
 * The data is outside the tree: in $SGX_VECTORS or ../shared/vectors; without it the test is
 * skipped.
 */
#include "tests/unit/swsgx/cpu/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/io.h"

#define BASE UINT64_C(0x40000000)

/* One record of an SGXS stream: a leaf and its operands, as they were measured. */
struct record {
	char leaf[8];
	uint8_t operands[56];
};

static char *load(const char *name, size_t *ret_size)
{
	const char *folder = getenv("SGX_VECTORS");
	char path[512], *content = NULL;
	struct err e;

	snprintf(path, sizeof(path), "%s/sigstruct/%s", folder ? folder : "../shared/vectors",
	         name);
	if (io_read_file(path, 1 << 20, &content, ret_size, &e) < 0) {
		print_message("# skipped: %s\n", e.text);
		return NULL;
	}
	return content;
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void create(struct fixture *f, const struct record *r, const struct sgx_sigstruct *sig)
{
	f->secs = (struct sgx_secs){
		.size = get64(r->operands + 4),
		.baseaddr = BASE,
		.miscselect = sig->miscselect,
		.attributes = sig->attributes,
	};
	memcpy(&f->secs.ssaframesize, r->operands, 4);
	fix_prepare_ecreate(f, FIX_SECS);
	assert_true(retired(cpu_encls(&f->cpu)));
}

/* The page's content is in the EEXTENDs that follow: *at moves behind them. */
static void add(struct fixture *f, uint32_t page, const struct record *r, const char **at,
                const char *end)
{
	static uint8_t content[SGX_PAGE_SIZE];
	static bool measured[SGX_PAGE_SIZE / 256];
	uint64_t offset = get64(r->operands);

	memset(content, 0, sizeof(content));
	memset(measured, 0, sizeof(measured));
	while (*at < end && memcmp(*at, "EEXTEND", 8) == 0) {
		uint64_t chunk = get64((const uint8_t *)*at + 8) - offset;

		assert_true(chunk < SGX_PAGE_SIZE);
		memcpy(content + chunk, *at + sizeof(struct record), 256);
		measured[chunk / 256] = true;
		*at += sizeof(struct record) + 256;
	}
	fix_prepare_eadd(f, page, BASE + offset, get64(r->operands + 8), content);
	assert_true(retired(cpu_encls(&f->cpu)));
	for (uint64_t i = 0; i < SGX_PAGE_SIZE / 256; i++)
		if (measured[i])
			assert_true(retired(fix_encls(f, SGX_EEXTEND, fix_epc_la(FIX_SECS),
			                              fix_epc_la(page) + i * 256, 0)));
}

static void a_published_enclave_initialises(void **state)
{
	struct fixture *f = *state;
	size_t size = 0, sig_size = 0;
	char *stream = load("test_enclave.sgxs", &size);
	char *sig = load("test_enclave.sig", &sig_size);
	const char *at = stream;
	uint32_t page = FIX_TCS;

	if (stream == NULL || sig == NULL) {
		free(stream);
		free(sig);
		skip();
	}
	assert_int_equal(sig_size, sizeof(struct sgx_sigstruct));
	while (at < stream + size) {
		struct record r;

		assert_true((size_t)(stream + size - at) >= sizeof(r));
		memcpy(&r, at, sizeof(r));
		at += sizeof(r);
		if (memcmp(r.leaf, "ECREATE", 8) == 0)
			create(f, &r, (struct sgx_sigstruct *)sig);
		else if (memcmp(r.leaf, "EADD\0\0\0", 8) == 0)
			add(f, page++, &r, &at, stream + size);
		else
			fail_msg("%.8s in the stream", r.leaf);
	}
	memcpy(fix_ram(f, RAM_SIGSTRUCT), sig, sig_size);
	sigstruct_mrsigner(fix_ram(f, RAM_SIGSTRUCT), f->platform.lepubkeyhash);
	memset(fix_ram(f, RAM_TOKEN), 0, sizeof(struct sgx_einittoken));
	fix_assert_code(f,
	                fix_encls(f, SGX_EINIT, fix_ram_la(RAM_SIGSTRUCT), fix_epc_la(FIX_SECS),
	                          fix_ram_la(RAM_TOKEN)),
	                SGX_SUCCESS);
	assert_memory_equal(((struct sgx_secs *)fix_epc(f, FIX_SECS))->mrenclave,
	                    ((struct sgx_sigstruct *)sig)->enclavehash, 32);
	free(stream);
	free(sig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_published_enclave_initialises, fix_setup,
		                                fix_teardown),
	};

	return cmocka_run_group_tests(tests, fix_group_setup, fix_group_teardown);
}
