// SPDX-License-Identifier: Apache-2.0
/* Quotes for an enclave of the test's own, their verification, and launch tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aesmd/load.h"
#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/dcap/verify.h"
#include "lib/sgx/image.h"
#include "lib/sgx/sigstruct.h"
#include "tests/aesmd/client.h"

/* The application: the quoting enclave's image by another signer, since it can EREPORT and verify. */
static int load_application(const char *key_path, struct arch_enclave *ret, struct err *e)
{
	_cleanup_(rsa3072_key_freep) struct rsa3072_key *key = NULL;
	struct arch_image image = arch_image_qe();
	int r = crypto_load(e);

	image.name = "application";
	if (r == 0)
		r = rsa3072_key_load(key_path, &key, e);
	return r < 0 ? r : arch_load_intree(&image, key, ret, e);
}

static struct sgx_report application_report(const struct arch_enclave *app,
                                            const struct sgx_targetinfo *target)
{
	struct arch_args args = { .op = ARCH_REPORT };

	args.report.target = *target;
	for (unsigned int i = 0; i < SGX_REPORTDATA_SIZE; i++)
		args.report.data[i] = (uint8_t)(i + 1);
	if (arch_enter(app, &args) != ARCH_OK)
		abort();
	return args.report.report;
}

/* Who the application is, as a target of reports. */
static struct sgx_targetinfo application_target(const struct sgx_report *report)
{
	struct sgx_targetinfo target = { .attributes = report->attributes,
		                         .miscselect = report->miscselect };

	memcpy(target.measurement, report->mrenclave, sizeof(target.measurement));
	return target;
}

/* The QE's report is for the application, over this quote. */
static int check_info(const struct arch_enclave *app, const struct sgx_qe_report_info *info,
                      const uint8_t *quote, size_t size)
{
	struct arch_args args = { .op = ARCH_VERIFY, .verify = info->qe_report };
	uint8_t expected[SGX_REPORTDATA_SIZE] = { 0 };
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, info->nonce, sizeof(info->nonce));
	sha256_update(&sha, quote, size);
	sha256_final(&sha, expected);
	if (memcmp(expected, info->qe_report.reportdata, sizeof(expected)) != 0)
		return fail("the QE report is over something else");
	return arch_enter(app, &args) == ARCH_OK ? 0 : fail("the QE report's MAC is wrong");
}

/* A larger buffer is filled with zeros behind the quote. */
static int check_padding(const char *socket, const struct sgx_att_key_id *key,
                         const struct sgx_report *report, size_t size)
{
	_cleanup_(aesm_message_release) struct aesm_message reply = { .decoded = NULL };
	struct aesm_message request = { .kind = AESM_GET_QUOTE_EX };
	const struct aesm_field *quote = &reply.field[AESM_RET_QUOTE];
	struct err e;

	aesm_set_bytes(&request, AESM_QUOTE_EX_REPORT, report, sizeof(*report));
	aesm_set_bytes(&request, AESM_QUOTE_EX_KEY_ID, key, sizeof(*key));
	aesm_set_number(&request, AESM_QUOTE_EX_BUF_SIZE, size + 100);
	if (aesm_call(socket, &request, &reply, &e) < 0)
		return fail(e.text);
	if (quote->size != size + 100 || reply.field[AESM_RET_QE_REPORT].is_set)
		return fail("a larger buffer is not filled");
	for (size_t i = size; i < quote->size; i++)
		if (quote->bytes[i] != 0)
			return fail("a larger buffer is not filled with zeros");
	return 0;
}

int cmd_quote(char **argv)
{
	const char *socket = argv[0];
	struct sgx_qe_report_info info = { .nonce = "fifteen letters" };
	struct sgx_att_key_id key;
	struct sgx_targetinfo target;
	struct arch_enclave app;
	struct sgx_report report;
	_cleanup_(freep) uint8_t *quote = NULL;
	uint8_t hash[32];
	size_t size = 0;
	struct err e;

	if (load_application(argv[1], &app, &e) < 0 || aesm_select_key(socket, &key, &e) < 0 ||
	    aesm_init_quote_ex(socket, &key, &target, hash, &e) < 0)
		return fail(e.text);
	report = application_report(&app, &target);
	info.app = application_target(&report);
	if (aesm_get_quote_ex(socket, &key, &report, &info, &quote, &size, &e) < 0)
		return fail(e.text);
	if (check_info(&app, &info, quote, size) != 0 ||
	    check_padding(socket, &key, &report, size) != 0)
		return 1;
	if (io_write_file(argv[2], quote, size, 0644, &e) < 0)
		return fail(e.text);
	report.mac[0] ^= 1;
	free(take_ptr(quote));
	if (aesm_get_quote_ex(socket, &key, &report, NULL, &quote, &size, &e) == 0 ||
	    strstr(e.text, "error 47") == NULL)
		return fail("a report with another MAC is quoted");
	return 0;
}

int cmd_report(char **argv)
{
	_cleanup_(freep) char *bytes = NULL;
	struct sgx_targetinfo target;
	struct arch_enclave app;
	struct sgx_report report;
	size_t size = 0;
	struct err e;

	if (load_application(argv[0], &app, &e) < 0 ||
	    io_read_file(argv[1], sizeof(target), &bytes, &size, &e) < 0)
		return fail(e.text);
	if (size != sizeof(target))
		return fail("not a TARGETINFO");
	memcpy(&target, bytes, sizeof(target));
	report = application_report(&app, &target);
	return io_write_file(argv[2], &report, sizeof(report), 0644, &e) < 0 ? fail(e.text) : 0;
}

int cmd_rate(char **argv)
{
	unsigned long count = strtoul(argv[2], NULL, 10);
	struct sgx_att_key_id key;
	struct sgx_targetinfo target;
	struct timespec from, until;
	struct arch_enclave app;
	struct sgx_report report;
	uint8_t hash[32];
	struct err e;

	if (load_application(argv[1], &app, &e) < 0 || aesm_select_key(argv[0], &key, &e) < 0 ||
	    aesm_init_quote_ex(argv[0], &key, &target, hash, &e) < 0)
		return fail(e.text);
	report = application_report(&app, &target);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned long i = 0; i < count; i++) {
		_cleanup_(freep) uint8_t *quote = NULL;
		size_t size;

		if (aesm_get_quote_ex(argv[0], &key, &report, NULL, &quote, &size, &e) < 0)
			return fail(e.text);
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	printf("%.0f\n", ((double)(until.tv_sec - from.tv_sec) * 1e6 +
	                  (double)(until.tv_nsec - from.tv_nsec) / 1e3) /
	                         (double)count);
	return 0;
}

int cmd_verify(char **argv)
{
	_cleanup_(dcap_collateral_freep) struct dcap_collateral *collateral = NULL;
	_cleanup_(dcap_files_free) struct dcap_files files = { .version = 0 };
	_cleanup_(freep) char *quote = NULL;
	_cleanup_(freep) char *pem = NULL;
	uint8_t root[P256_KEY_SIZE];
	size_t size = 0, pem_size = 0;
	struct dcap_result result;
	char path[4096], hex[65];
	struct err e;

	snprintf(path, sizeof(path), "%s/root_ca.pem", argv[1]);
	if (io_read_file(argv[0], 1 << 20, &quote, &size, &e) < 0 ||
	    io_read_file(path, 1 << 20, &pem, &pem_size, &e) < 0 ||
	    dcap_root_load(pem, pem_size, root, &e) < 0 ||
	    dcap_files_load(argv[1], &files, &e) < 0 ||
	    dcap_collateral_new(&files, &collateral) < 0)
		return fail(e.text);
	dcap_verify(quote, size, collateral, time(NULL), argv[2] != NULL ? NULL : root, &result);
	printf("%s %s", result.status != DCAP_NONE ? dcap_status_name(result.status) : "none",
	       result.error != DCAP_OK ? dcap_error_name(result.error) : "OK");
	printf("%s", result.collateral_expired ? " expired" : "");
	for (size_t i = 0; i < result.advisory_count; i++)
		printf(" %s", result.advisory[i]);
	if (result.error == DCAP_OK) {
		hex_encode(quote + 48 + 64, 32, hex);
		printf(" %s", hex);
	}
	printf("\n");
	return 0;
}

int cmd_token(char **argv)
{
	static const struct image_options none;
	_cleanup_(freep) char *bin = NULL;
	struct sgx_attributes attributes;
	struct sgx_einittoken token;
	struct sgx_sigstruct sig;
	struct image image;
	size_t size = 0;
	struct err e;

	if (io_read_file(argv[1], 1 << 26, &bin, &size, &e) < 0 ||
	    image_parse(argv[1], bin, size, &none, &image, &e) < 0 ||
	    sigstruct_load(argv[2], &sig, &e) < 0)
		return fail(e.text);
	attributes.flags = image.layout.attributes;
	if (strcmp(argv[3], "debug") == 0)
		attributes.flags |= SGX_ATTR_DEBUG;
	attributes.xfrm = image.layout.xfrm;
	if (aesm_get_launch_token(argv[0], sig.enclavehash, sig.modulus, &attributes, &token, &e) <
	            0 ||
	    io_write_file(argv[4], &token, sizeof(token), 0644, &e) < 0)
		return fail(e.text);
	return 0;
}
