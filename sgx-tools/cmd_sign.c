// SPDX-License-Identifier: Apache-2.0
/*
 * sgxsign: measure an enclave image and sign the measurement, here or in two steps with a signer that
 * this machine does not have.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "lib/sgx/sigstruct.h"
#include "sgx-tools/output.h"
#include "sgx-tools/sign_options.h"
#include "sgx-tools/tool.h"

#define _key_ _cleanup_(rsa3072_key_freep)

/* DATE, as BCD: of SOURCE_DATE_EPOCH where it is set (reproducible builds), else today; UTC. */
static int signing_date(uint32_t *ret, struct err *e)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds = (uint64_t)time(NULL);
	time_t when;
	struct tm tm;
	unsigned int year;

	if (epoch && parse_u64(epoch, INT64_MAX, &seconds) < 0)
		return err_set(e, -EINVAL, "SOURCE_DATE_EPOCH is '%s', not a number of seconds",
		               epoch);
	when = (time_t)seconds;
	if (!gmtime_r(&when, &tm) || tm.tm_year > 9999 - 1900)
		return err_set(e, -ERANGE, "the date is after the year 9999");
	year = (unsigned int)tm.tm_year + 1900;
	*ret = year / 1000 << 28 | year / 100 % 10 << 24 | year / 10 % 10 << 20 | year % 10 << 16 |
	       (unsigned int)(tm.tm_mon + 1) / 10 << 12 | (unsigned int)(tm.tm_mon + 1) % 10 << 8 |
	       (unsigned int)tm.tm_mday / 10 << 4 | (unsigned int)tm.tm_mday % 10;
	return 0;
}

/* Everything of the SIGSTRUCT but key and signature. */
static int prepare(const struct sign_options *o, const char *bin, struct sgx_sigstruct *sig,
                   struct err *e)
{
	static const struct image_options none;
	_cleanup_(freep) char *file = NULL;
	struct image_options placing;
	struct image image;
	uint32_t swdefined = 0, date = 0;
	size_t size = 0;
	int r = io_read_file(bin, TOOL_IMAGE_MAX, &file, &size, e);

	if (r < 0)
		return r;
	r = image_parse(bin, file, size, &none, &image, e);
	if (r < 0)
		return r;
	sigstruct_init(sig);
	r = sign_options_image(o, &image.layout, &placing, e);
	if (r == 0)
		r = image_options_pack(&placing, &swdefined, e);
	if (r == 0)
		r = image_parse(bin, file, size, &placing, &image, e);
	if (r == 0)
		r = sign_options_fields(o, &image.layout, sig, e);
	if (r == 0)
		r = signing_date(&date, e);
	if (r < 0)
		return r;
	sig->swdefined = swdefined;
	sig->date = date;
	image_measure(&image, sig->enclavehash);
	return 0;
}

static void print_identity(const struct sgx_sigstruct *sig, bool has_signer)
{
	uint8_t mrsigner[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];

	hex_encode(sig->enclavehash, SHA256_SIZE, text);
	printf("MRENCLAVE %s\n", text);
	if (!has_signer)
		return;
	sigstruct_mrsigner(sig, mrsigner);
	hex_encode(mrsigner, SHA256_SIZE, text);
	printf("MRSIGNER  %s\n", text);
}

/* No output is the file of an input. */
static int check_paths(const char *output, char *const *inputs, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		int r = output_differs(output, inputs[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int sign_here(const struct sign_options *o, struct err *e)
{
	const char *ss = o->operands[2], *tbs_path = o->operands[3];
	_key_ struct rsa3072_key *key = NULL;
	struct sgx_sigstruct sig;
	uint8_t tbs[SIGSTRUCT_TBS_SIZE];
	int r = check_paths(ss, o->operands, 2, e);

	if (r == 0 && tbs_path)
		r = check_paths(tbs_path, o->operands, 2, e);
	if (r == 0)
		r = rsa3072_key_load(o->operands[0], &key, e);
	if (r == 0)
		r = prepare(o, o->operands[1], &sig, e);
	if (r < 0)
		return r;
	r = sigstruct_sign(&sig, key, e);
	if (r < 0)
		return err_wrap(e, r, "%s", o->operands[0]);
	sigstruct_tbs(&sig, tbs);
	struct output outputs[] = {
		{ .path = ss, .bytes = &sig, .size = sizeof(sig) },
		{ .path = tbs_path, .bytes = tbs, .size = sizeof(tbs) },
	};
	r = outputs_write(outputs, tbs_path ? 2 : 1, e);
	if (r == 0)
		print_identity(&sig, true);
	return r;
}

static int write_tbs(const struct sign_options *o, struct err *e)
{
	struct sgx_sigstruct sig;
	uint8_t tbs[SIGSTRUCT_TBS_SIZE];
	struct output output = { .path = o->operands[1], .bytes = tbs, .size = sizeof(tbs) };
	int r = check_paths(o->operands[1], o->operands, 1, e);

	if (r == 0)
		r = prepare(o, o->operands[0], &sig, e);
	if (r < 0)
		return r;
	sigstruct_tbs(&sig, tbs);
	r = outputs_write(&output, 1, e);
	if (r == 0)
		print_identity(&sig, false);
	return r;
}

/* A file of just this size. */
static int load_exact(const char *path, const char *what, void *ret, size_t size, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t found = 0;
	int r = io_read_file(path, size, &bytes, &found, e);

	if (r == -EFBIG || (r == 0 && found != size))
		return err_set(e, -EINVAL, "%s: not %s of %zu bytes", path, what, size);
	if (r == 0)
		memcpy(ret, bytes, size);
	return r;
}

static int join(const struct sign_options *o, struct err *e)
{
	const char *tbs_path = o->operands[0], *signature_path = o->operands[1];
	_key_ struct rsa3072_key *key = NULL;
	uint8_t tbs[SIGSTRUCT_TBS_SIZE], big_endian[RSA3072_SIZE];
	uint8_t signature[RSA3072_SIZE], modulus[RSA3072_SIZE];
	struct sgx_sigstruct sig;
	struct output output = { .path = o->operands[3], .bytes = &sig, .size = sizeof(sig) };
	int r = check_paths(o->operands[3], o->operands, 3, e);

	if (r == 0)
		r = load_exact(tbs_path, "the signed part of a SIGSTRUCT,", tbs, sizeof(tbs), e);
	if (r == 0)
		r = load_exact(signature_path, "an RSA-3072 signature,", big_endian,
		               sizeof(big_endian), e);
	if (r == 0)
		r = rsa3072_public_load(o->operands[2], &key, e);
	if (r < 0)
		return r;
	sigstruct_init(&sig);
	sigstruct_put_tbs(&sig, tbs);
	for (size_t i = 0; i < sizeof(signature); i++)
		signature[i] = big_endian[sizeof(signature) - 1 - i];
	rsa3072_modulus(key, modulus);
	r = sigstruct_join(&sig, modulus, signature, e);
	if (r < 0)
		return err_wrap(e, r, "%s", signature_path);
	r = sigstruct_check(tbs_path, &sig, e);
	if (r == 0)
		r = outputs_write(&output, 1, e);
	if (r == 0)
		print_identity(&sig, true);
	return r;
}

int cmd_sign(int argc, char **argv, struct err *e)
{
	struct sign_options options;
	int r = sign_options_parse(argc, argv, &options, e);

	if (r < 0 || options.mode == SIGN_HELP)
		return r;
	r = crypto_load(e);
	if (r < 0)
		return r;
	switch (options.mode) {
	case SIGN_TBS: return write_tbs(&options, e);
	case SIGN_JOIN: return join(&options, e);
	default: return sign_here(&options, e);
	}
}
