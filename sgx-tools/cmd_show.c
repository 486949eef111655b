// SPDX-License-Identifier: Apache-2.0
/*
 * sgx-tools show: what a file says, told apart by its content and, where that has no mark, by its size.
 * A SIGSTRUCT is shown even when it is wrong, since that is when one wants to see it; everything else
 * only when all of it can be read.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/crypto/crypto.h"
#include "lib/sgx/sgxs.h"
#include "sgx-tools/gen.h"
#include "sgx-tools/show.h"
#include "sgx-tools/tool.h"

static const char usage[] =
	"usage: %1$s [--json] FILE\n"
	"\n"
	"Print what FILE holds: a SIGSTRUCT (encl.ss), with MRSIGNER and whether its signature\n"
	"verifies; an enclave image (encl.bin) or SGXS stream, with MRENCLAVE; an EINITTOKEN, a\n"
	"REPORT or a TARGETINFO; a quote, ECDSA of version 3, 4 or 5, or EPID; certificates in PEM\n"
	"or DER, with the SGX extension of PCK certificates; a revocation list; TCB info; a QE\n"
	"identity.\n"
	"\n"
	"      --json  as one JSON object\n";

static bool has(const char *bytes, size_t size, const char *phrase)
{
	return memmem(bytes, size, phrase, strlen(phrase)) != NULL;
}

/* JSON or PEM, which may have words before it; not a quote, which may have PEM in it. */
static bool is_text(const char *bytes, size_t size)
{
	size_t blanks = 0;

	while (blanks < size && isspace((unsigned char)bytes[blanks]))
		blanks++;
	if (blanks == size || !isprint((unsigned char)bytes[blanks]))
		return false;
	return bytes[blanks] == '{' || has(bytes, size, "-----BEGIN ");
}

/* One DER element that is the whole file. */
static bool is_der(const char *bytes, size_t size)
{
	const uint8_t *b = (const uint8_t *)bytes;

	if (size < 4 || b[0] != 0x30)
		return false;
	return (b[1] == 0x82 && size == 4 + ((size_t)b[2] << 8 | b[3])) ||
	       (b[1] == 0x81 && size == 3 + (size_t)b[2]) ||
	       (b[1] == 0x83 && size > 5 &&
	        size == 5 + ((size_t)b[2] << 16 | (size_t)b[3] << 8 | b[4]));
}

/* A PCCS of version 3 serves revocation lists as digits. */
static bool is_hex_der(const char *bytes, size_t size)
{
	size_t digits = 0;

	while (digits < size && isxdigit((unsigned char)bytes[digits]))
		digits++;
	return digits >= 64 && size - digits <= 2 && strncmp(bytes, "308", 3) == 0;
}

static bool is_quote(const char *bytes, size_t size)
{
	struct sgx_quote_header header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, bytes, sizeof(header));
	return header.version >= 3 && header.version <= 5 &&
	       (header.att_key_type == SGX_QUOTE_KEY_ECDSA_P256 ||
	        header.att_key_type == SGX_QUOTE_KEY_ECDSA_P384);
}

static bool is_epid_quote(const char *bytes, size_t size)
{
	struct sgx_epid_quote quote;

	if (size < sizeof(quote))
		return false;
	memcpy(&quote, bytes, sizeof(quote));
	return (quote.version == 1 || quote.version == 2) && quote.sign_type <= 1;
}

static int show_unmarked(struct show *s, const char *path, const char *bytes, size_t size,
                         struct err *e)
{
	union {
		struct sgx_sigstruct sig;
		struct sgx_einittoken token;
		struct sgx_report report;
		struct sgx_targetinfo targetinfo;
	} u;

	if (size <= sizeof(u))
		memcpy(&u, bytes, size);
	switch (size) {
	case sizeof(u.sig): show_sigstruct(s, path, &u.sig); return 0;
	case sizeof(u.token): show_token(s, path, &u.token); return 0;
	case sizeof(u.report): show_report(s, path, &u.report); return 0;
	case sizeof(u.targetinfo): show_targetinfo(s, path, &u.targetinfo); return 0;
	default:
		return err_set(e, -EINVAL, "%s: no kind of file that show knows; --help lists them",
		               path);
	}
}

static int show_text_file(struct show *s, const char *path, const char *bytes, size_t size,
                          struct err *e)
{
	if (has(bytes, size, "-----BEGIN X509 CRL-----"))
		return show_crl(s, path, bytes, size, e);
	if (has(bytes, size, "-----BEGIN CERTIFICATE-----"))
		return show_certificates(s, path, bytes, size, e);
	if (has(bytes, size, "\"tcbInfo\""))
		return show_tcb_info(s, path, bytes, size, e);
	if (has(bytes, size, "\"enclaveIdentity\""))
		return show_qe_identity(s, path, bytes, size, e);
	return err_set(e, -EINVAL, "%s: no kind of file that show knows; --help lists them", path);
}

/* Which of the two it is only reading it tells. */
static int show_der(struct show *s, const char *path, const char *bytes, size_t size, struct err *e)
{
	struct err ignored;
	_cleanup_(x509_crl_freep) struct x509_crl *crl = NULL;

	if (x509_crl_parse(bytes, size, &crl, &ignored) == 0)
		return show_crl(s, path, bytes, size, e);
	return show_certificates(s, path, bytes, size, e);
}

static int show(struct show *s, const char *path, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = 0;
	int r = io_read_file(path, TOOL_IMAGE_MAX, &bytes, &size, e);

	if (r < 0)
		return r;
	if (sgxs_is_stream(bytes, size))
		return show_sgxs(s, path, bytes, size, e);
	if (tool_is_image(bytes, size))
		return show_image(s, path, bytes, size, e);
	if (is_der(bytes, size))
		return show_der(s, path, bytes, size, e);
	if (is_hex_der(bytes, size))
		return show_crl(s, path, bytes, size, e);
	if (is_text(bytes, size))
		return show_text_file(s, path, bytes, size, e);
	if (is_quote(bytes, size))
		return show_quote(s, path, bytes, size, e);
	if (is_epid_quote(bytes, size) && gen_epid_size((const uint8_t *)bytes, size) != 0)
		return show_epid_quote(s, path, bytes, size, e);
	return show_unmarked(s, path, bytes, size, e);
}

static int parse(int argc, char **argv, bool *ret_is_json, const char **ret_file, struct err *e)
{
	bool ended = false;
	int count = 0;

	*ret_is_json = false;
	for (int i = 1; i < argc; i++) {
		bool is_option = !ended && argv[i][0] == '-' && argv[i][1] != '\0';

		if (is_option && strcmp(argv[i], "--") == 0)
			ended = true;
		else if (is_option && strcmp(argv[i], "--json") == 0)
			*ret_is_json = true;
		else if (is_option)
			return err_set(e, -EINVAL, "%s: unknown option", argv[i]);
		else if (count++ == 0)
			*ret_file = argv[i];
	}
	if (count != 1)
		return err_set(e, -EINVAL, "%d operands, not FILE; --help says more", count);
	return 0;
}

int cmd_show(int argc, char **argv, struct err *e)
{
	_cleanup_(show_drop) struct show s = { .is_json = false };
	const char *file = NULL;
	bool is_json;
	int r;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		printf(usage, argv[0]);
		return 0;
	}
	r = parse(argc, argv, &is_json, &file, e);
	if (r == 0)
		r = crypto_load(e);
	if (r == 0)
		r = show_begin(&s, is_json, e);
	if (r == 0)
		r = show(&s, file, e);
	return r < 0 ? r : show_print(&s, e);
}
