// SPDX-License-Identifier: Apache-2.0
/* The command line of sgx-tools verify-quote. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/base/hex.h"
#include "lib/dcap/signedjson.h"
#include "sgx-tools/sign_options.h"
#include "sgx-tools/verify.h"

enum {
	QUOTE = 256,
	COLLATERAL,
	PCCS,
	PCCS_CA,
	CACHE,
	AT,
	ROOT,
	MRENCLAVE,
	MRSIGNER,
	ISVPRODID,
	MIN_ISVSVN,
	REPORT_DATA,
	ALLOW_DEBUG,
	ACCEPT,
	JSON,
	QUOTE_TYPE,
	OF_EPID
};

static const char usage[] =
	"usage: %1$s --quote FILE --collateral DIR|FILE [OPTION]...\n"
	"       %1$s --quote FILE --pccs URL [--pccs-ca FILE] [--cache DIR] [OPTION]...\n"
	"\n"
	"Verify an ECDSA quote, of SGX or TDX, as Intel's verification library does, and hold the\n"
	"enclave in it against a policy.\n"
	"\n"
	"      --at TIME            verify as of this time (RFC 3339, or seconds since 1970)\n"
	"      --root CERT          trust this root certificate instead of Intel's\n"
	"      --mrenclave HEX      the enclave's measurement has to be this one\n"
	"      --mrsigner HEX       its signer's\n"
	"      --isvprodid N        its product number\n"
	"      --min-isvsvn N       its security version, at least\n"
	"      --report-data HEX    its report data; zeros behind\n"
	"      --allow-debug        it may be a debug enclave or TD\n"
	"      --accept STATUS[,STATUS]...  TCB statuses that will do beside UpToDate\n"
	"      --json               print everything as one JSON object\n"
	"\n"
	"Exit status: 0 accepted, 1 usage or input and output, 2 refused by the policy, 3 not genuine.\n";

static const struct option long_options[] = {
	{ "quote", required_argument, NULL, QUOTE },
	{ "collateral", required_argument, NULL, COLLATERAL },
	{ "pccs", required_argument, NULL, PCCS },
	{ "pccs-ca", required_argument, NULL, PCCS_CA },
	{ "cache", required_argument, NULL, CACHE },
	{ "at", required_argument, NULL, AT },
	{ "root", required_argument, NULL, ROOT },
	{ "mrenclave", required_argument, NULL, MRENCLAVE },
	{ "mrsigner", required_argument, NULL, MRSIGNER },
	{ "isvprodid", required_argument, NULL, ISVPRODID },
	{ "min-isvsvn", required_argument, NULL, MIN_ISVSVN },
	{ "report-data", required_argument, NULL, REPORT_DATA },
	{ "allow-debug", no_argument, NULL, ALLOW_DEBUG },
	{ "accept", required_argument, NULL, ACCEPT },
	{ "json", no_argument, NULL, JSON },
	/* The original's, which knew Intel's service for EPID. */
	{ "quote-type", required_argument, NULL, QUOTE_TYPE },
	{ "spid", required_argument, NULL, OF_EPID },
	{ "subscription-key", required_argument, NULL, OF_EPID },
	{ "key", required_argument, NULL, OF_EPID },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Seconds since 1970, or RFC 3339 with Z or an offset. */
static int set_time(int64_t *ret, const char *text, struct err *e)
{
	uint64_t seconds;
	char utc[24];
	int hours, minutes, end = 0;
	int64_t at;

	if (parse_u64(text, INT64_MAX, &seconds) == 0 && seconds > 0) {
		*ret = (int64_t)seconds;
		return 0;
	}
	if (dcap_date(text, ret) == 0)
		return 0;
	snprintf(utc, sizeof(utc), "%.19sZ", text);
	if (strlen(text) == 25 && dcap_date(utc, &at) == 0 &&
	    (text[19] == '+' || text[19] == '-') && strspn(text + 20, "0123456789:") == 5 &&
	    sscanf(text + 20, "%2d:%2d%n", &hours, &minutes, &end) == 2 && end == 5 && hours < 24 &&
	    minutes < 60) {
		int64_t offset = hours * 3600 + minutes * 60;

		*ret = text[19] == '+' ? at - offset : at + offset;
		return 0;
	}
	return err_set(e, -EINVAL, "--at %s: neither seconds since 1970 nor a time of RFC 3339",
	               text);
}

static int set_hash(uint8_t ret[32], bool *ret_is_set, const char *name, const char *text,
                    struct err *e)
{
	if (hex_decode(text, ret, 32) < 0)
		return err_set(e, -EINVAL, "--%s %s: not 64 hexadecimal digits", name, text);
	*ret_is_set = true;
	return 0;
}

static int set_u16(uint16_t *ret, bool *ret_is_set, const char *name, const char *text,
                   struct err *e)
{
	uint64_t value;

	if (parse_u64(text, UINT16_MAX, &value) < 0)
		return err_set(e, -EINVAL, "--%s %s: not a number up to 65535", name, text);
	*ret = (uint16_t)value;
	*ret_is_set = true;
	return 0;
}

static int set_report_data(struct verify_policy *p, const char *text, struct err *e)
{
	size_t digits = strlen(text);

	if (digits == 0 || digits % 2 != 0 || digits > 2 * sizeof(p->report_data) ||
	    hex_decode(text, p->report_data, digits / 2) < 0)
		return err_set(e, -EINVAL, "--report-data %s: not 1 to 64 bytes in hexadecimal",
		               text);
	p->report_data_size = digits / 2;
	p->has_report_data = true;
	return 0;
}

static int set_accept(struct verify_policy *p, const char *text, struct err *e)
{
	for (const char *word = text;; word++) {
		size_t length = strcspn(word, ",");
		enum dcap_status status = dcap_status_of(word, length);

		if (status == DCAP_NONE)
			return err_set(e, -EINVAL, "--accept %.*s: not a TCB status such as %s",
			               (int)length, word,
			               dcap_status_name(DCAP_SW_HARDENING_NEEDED));
		p->accept[status] = true;
		word += length;
		if (*word == '\0')
			return 0;
	}
}

static int check_type(const char *text, struct err *e)
{
	if (strcasecmp(text, "ecdsa") == 0)
		return 0;
	if (strcasecmp(text, "epidLinkable") == 0 || strcasecmp(text, "epidUnlinkable") == 0)
		return err_set(e, -EINVAL,
		               "--quote-type %s: the service that verified EPID quotes ended on "
		               "2 April 2025",
		               text);
	return err_set(e, -EINVAL,
	               "--quote-type %s: not one of ecdsa, epidLinkable, epidUnlinkable", text);
}

static int set_option(struct verify_options *o, int option, char **argv, struct err *e)
{
	struct verify_policy *p = &o->policy;

	switch (option) {
	case QUOTE: o->quote = optarg; return 0;
	case COLLATERAL: o->collateral = optarg; return 0;
	case PCCS: o->pccs = optarg; return 0;
	case PCCS_CA: o->pccs_ca = optarg; return 0;
	case CACHE: o->cache = optarg; return 0;
	case AT: return set_time(&o->at, optarg, e);
	case ROOT: o->root = optarg; return 0;
	case MRENCLAVE: return set_hash(p->mrenclave, &p->has_mrenclave, "mrenclave", optarg, e);
	case MRSIGNER: return set_hash(p->mrsigner, &p->has_mrsigner, "mrsigner", optarg, e);
	case ISVPRODID: return set_u16(&p->isvprodid, &p->has_isvprodid, "isvprodid", optarg, e);
	case MIN_ISVSVN:
		return set_u16(&p->min_isvsvn, &p->has_min_isvsvn, "min-isvsvn", optarg, e);
	case REPORT_DATA: return set_report_data(p, optarg, e);
	case ALLOW_DEBUG: p->allow_debug = true; return 0;
	case ACCEPT: return set_accept(p, optarg, e);
	case JSON: o->is_json = true; return 0;
	case QUOTE_TYPE: return check_type(optarg, e);
	case OF_EPID: return 0;
	case 'h':
		printf(usage, argv[0]);
		o->is_help = true;
		return 0;
	default: return sign_option_refuse(option, argv[optind - 1], long_options, e);
	}
}

static int check(const struct verify_options *o, int operands, char **operand, struct err *e)
{
	if (operands > 0)
		return err_set(e, -EINVAL, "%s: there are no operands; --help says more", *operand);
	if (!o->quote)
		return err_set(e, -EINVAL, "--quote FILE is missing; --help says more");
	if (!o->collateral && !o->pccs)
		return err_set(e, -EINVAL,
		               "neither --collateral nor --pccs says where the collateral is");
	if (o->collateral && o->pccs)
		return err_set(e, -EINVAL, "--collateral and --pccs exclude each other");
	if (o->pccs_ca && !o->pccs)
		return err_set(e, -EINVAL, "--pccs-ca is for --pccs, and there is none");
	if (o->cache && !o->pccs)
		return err_set(e, -EINVAL, "--cache keeps what --pccs fetches, and there is none");
	return 0;
}

int verify_options_parse(int argc, char **argv, struct verify_options *ret, struct err *e)
{
	struct verify_options o = { .at = time(NULL) };
	int option, r;

	o.policy.accept[DCAP_UP_TO_DATE] = true;
	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((option = getopt_long_only(argc, argv, ":h", long_options, NULL)) != -1) {
		r = set_option(&o, option, argv, e);
		if (r < 0)
			return r;
		if (o.is_help) {
			*ret = o;
			return 0;
		}
	}
	r = check(&o, argc - optind, argv + optind, e);
	if (r == 0)
		*ret = o;
	return r;
}
