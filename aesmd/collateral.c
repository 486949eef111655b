// SPDX-License-Identifier: Apache-2.0
/*
 * Collateral as Intel's provisioning service gives it: TCB info 3, QE identity 2, revocation lists, and
 * the chains of who signed them.  What is signed of the JSON is the value's exact bytes.
 */
#include "aesmd/collateral.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"

#define DAY         ((time_t)24 * 3600)
#define LIFE        (30 * DAY) /* of all collateral, as Intel's */
#define EVALUATION  1          /* tcbEvaluationDataNumber */
#define TCB_DATE    "2026-01-01T00:00:00Z"
#define OLD_DATE    "2025-01-01T00:00:00Z"
#define DATE_SIZE   32
#define LEVEL_MAX   2048
#define ADVISED_MAX 1024

/* When it is from, and until when. */
struct period {
	time_t from, until;
	char from_text[DATE_SIZE], until_text[DATE_SIZE];
};

static int date_text(time_t t, char ret[DATE_SIZE], struct err *e)
{
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(ret, DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return err_set(e, -ERANGE, "the time cannot be written");
	return 0;
}

static int period_of(const struct collateral *c, struct period *ret, struct err *e)
{
	int r;

	ret->from = c->is_expired ? c->now - 2 * LIFE : c->now;
	ret->until = ret->from + LIFE;
	r = date_text(ret->from, ret->from_text, e);
	return r < 0 ? r : date_text(ret->until, ret->until_text, e);
}

static int write_in(const char *folder, const char *name, const void *bytes, size_t size,
                    struct err *e)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", folder);
	return io_write_file(path, bytes, size, 0644, e);
}

/* Text of up to three certificates, in a row. */
static int write_chain(const char *folder, const char *name, const char *a, const char *b,
                       const char *c, struct err *e)
{
	_cleanup_(freep) char *text = NULL;

	if (asprintf(&text, "%s%s%s", a, b, c) < 0) {
		text = NULL;
		return err_set(e, -ENOMEM, "out of memory");
	}
	return write_in(folder, name, text, strlen(text), e);
}

/* {"<key>":<value>,"signature":"<hex>"} */
static int write_signed(const struct platform *p, const char *folder, const char *name,
                        const char *key, const char *value, struct err *e)
{
	uint8_t signature[PKI_SIGNATURE_SIZE];
	char hex[2 * PKI_SIGNATURE_SIZE + 1];
	_cleanup_(freep) char *text = NULL;
	int r = pki_sign(p->signer, value, strlen(value), signature, e);

	if (r < 0)
		return r;
	hex_encode(signature, sizeof(signature), hex);
	if (asprintf(&text, "{\"%s\":%s,\"signature\":\"%s\"}", key, value, hex) < 0) {
		text = NULL;
		return err_set(e, -ENOMEM, "out of memory");
	}
	return write_in(folder, name, text, strlen(text), e);
}

static void hex_upper(const void *bytes, size_t size, char *text)
{
	hex_encode(bytes, size, text);
	for (char *at = text; *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'f')
			*at = (char)(*at - 'a' + 'A');
}

/* ,"advisoryIDs":["A","B"], or nothing.  The identifiers were checked by main. */
static void advisories(const struct collateral *c, char ret[ADVISED_MAX])
{
	size_t used = 0;

	ret[0] = '\0';
	for (unsigned int i = 0; i < c->advisory_count; i++)
		used += (size_t)snprintf(ret + used, ADVISED_MAX - used, "%s\"%s\"",
		                         i == 0 ? ",\"advisoryIDs\":[" : ",", c->advisory[i]);
	if (c->advisory_count != 0)
		snprintf(ret + used, ADVISED_MAX - used, "]");
}

/* One level: the components of cpusvn, each raised by so much. */
static void tcb_level(const uint8_t cpusvn[16], unsigned int raised, const char *date,
                      const char *status, const char *advised, char ret[LEVEL_MAX])
{
	char components[512];
	size_t used = 0;

	for (unsigned int i = 0; i < 16; i++)
		used += (size_t)snprintf(components + used, sizeof(components) - used,
		                         "%s{\"svn\":%u}", i == 0 ? "" : ",", cpusvn[i] + raised);
	snprintf(ret, LEVEL_MAX,
	         "{\"tcb\":{\"sgxtcbcomponents\":[%s],\"pcesvn\":%d},\"tcbDate\":\"%s\","
	         "\"tcbStatus\":\"%s\"%s}",
	         components, PLATFORM_PCESVN, date, status, advised);
}

/*
 * A platform that is behind has a level above its own; one whose level is not supported has only that.
 */
static int tcb_levels(const struct quoting *q, const struct collateral *c, const char *status,
                      char **ret, struct err *e)
{
	char above[LEVEL_MAX], own[LEVEL_MAX], advised[ADVISED_MAX];
	bool is_behind = strncmp(status, "OutOfDate", 9) == 0 || strcmp(status, "Revoked") == 0;
	bool is_unknown = strcmp(status, "NotSupported") == 0;

	advisories(c, advised);
	tcb_level(q->self.cpusvn, 1, TCB_DATE, "UpToDate", "", above);
	tcb_level(q->self.cpusvn, 0, is_behind ? OLD_DATE : TCB_DATE, status, advised, own);
	if (asprintf(ret, "%s%s%s", is_behind || is_unknown ? above : "", is_behind ? "," : "",
	             is_unknown ? "" : own) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return 0;
}

static int write_tcb_info(const struct platform *p, const struct quoting *q,
                          const struct collateral *c, const struct period *period,
                          const char *folder, struct err *e)
{
	static const uint8_t fmspc[] = PLATFORM_FMSPC, pceid[] = PLATFORM_PCEID;
	char fmspc_hex[2 * sizeof(fmspc) + 1], pceid_hex[2 * sizeof(pceid) + 1];
	char status[PLATFORM_STATUS_MAX];
	_cleanup_(freep) char *levels = NULL;
	_cleanup_(freep) char *info = NULL;
	int r = platform_status_read(p, status, e);

	if (r == 0)
		r = tcb_levels(q, c, c->tcb_status ? c->tcb_status : status, &levels, e);
	if (r < 0)
		return r;
	hex_upper(fmspc, sizeof(fmspc), fmspc_hex);
	hex_upper(pceid, sizeof(pceid), pceid_hex);
	if (asprintf(&info,
	             "{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","
	             "\"fmspc\":\"%s\",\"pceId\":\"%s\",\"tcbType\":0,"
	             "\"tcbEvaluationDataNumber\":%d,\"tcbLevels\":[%s]}",
	             period->from_text, period->until_text, fmspc_hex, pceid_hex, EVALUATION,
	             levels) < 0) {
		info = NULL;
		return err_set(e, -ENOMEM, "out of memory");
	}
	return write_signed(p, folder, "tcb_info.json", "tcbInfo", info, e);
}

/* As with Intel's: everything of the ATTRIBUTES but MODE64BIT, nothing of XFRM. */
static int write_qe_identity(const struct platform *p, const struct quoting *q,
                             const struct collateral *c, const struct period *period,
                             const char *folder, struct err *e)
{
	struct sgx_attributes mask = { .flags = ~SGX_ATTR_MODE64BIT, .xfrm = 0 };
	struct sgx_attributes attributes = { .flags = q->self.attributes.flags & mask.flags };
	const char *status = c->qe_status ? c->qe_status : "UpToDate";
	char attributes_hex[33], mask_hex[33], misc_hex[9], mrsigner_hex[65], above[128] = "";
	_cleanup_(freep) char *identity = NULL;

	hex_upper(&attributes, sizeof(attributes), attributes_hex);
	hex_upper(&mask, sizeof(mask), mask_hex);
	hex_upper(&q->self.miscselect, sizeof(q->self.miscselect), misc_hex);
	hex_upper(q->self.mrsigner, sizeof(q->self.mrsigner), mrsigner_hex);
	if (strcmp(status, "UpToDate") != 0)
		snprintf(above, sizeof(above),
		         "{\"tcb\":{\"isvsvn\":%d},\"tcbDate\":\"" TCB_DATE
		         "\",\"tcbStatus\":\"UpToDate\"},",
		         q->self.isvsvn + 1);
	if (asprintf(&identity,
	             "{\"id\":\"QE\",\"version\":2,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\","
	             "\"tcbEvaluationDataNumber\":%d,\"miscselect\":\"%s\","
	             "\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"%s\","
	             "\"attributesMask\":\"%s\",\"mrsigner\":\"%s\",\"isvprodid\":%u,"
	             "\"tcbLevels\":[%s{\"tcb\":{\"isvsvn\":%u},\"tcbDate\":\"%s\","
	             "\"tcbStatus\":\"%s\"}]}",
	             period->from_text, period->until_text, EVALUATION, misc_hex, attributes_hex,
	             mask_hex, mrsigner_hex, q->self.isvprodid, above, q->self.isvsvn,
	             above[0] ? OLD_DATE : TCB_DATE, status) < 0) {
		identity = NULL;
		return err_set(e, -ENOMEM, "out of memory");
	}
	return write_signed(p, folder, "qe_identity.json", "enclaveIdentity", identity, e);
}

static int write_crl(const char *folder, const char *name, const char *issuer,
                     const struct pki_key *key, const char *revoked, const struct period *period,
                     struct err *e)
{
	_cleanup_(freep) uint8_t *der = NULL;
	size_t size = 0;
	int r = pki_crl(issuer, key, revoked, period->from, period->until, &der, &size, e);

	return r < 0 ? r : write_in(folder, name, der, size, e);
}

static int write_crls(const struct platform *p, const struct collateral *c, const char *pck,
                      const struct period *period, const char *folder, struct err *e)
{
	const char *by_root = c->revoke_ca ? p->ca_pem : c->revoke_signer ? p->signer_pem : NULL;
	int r = write_crl(folder, "root_ca_crl.der", p->root_pem, p->root, by_root, period, e);

	return r < 0 ? r
	             : write_crl(folder, "pck_crl.der", p->ca_pem, p->ca,
	                         c->revoke_pck ? pck : NULL, period, e);
}

static int write_chains(const struct platform *p, const char *pck, const char *folder,
                        struct err *e)
{
	int r = write_chain(folder, "pck_cert_chain.pem", pck, p->ca_pem, p->root_pem, e);

	if (r == 0)
		r = write_chain(folder, "pck_crl_issuer_chain.pem", p->ca_pem, p->root_pem, "", e);
	if (r == 0)
		r = write_chain(folder, "tcb_info_issuer_chain.pem", p->signer_pem, p->root_pem, "",
		                e);
	if (r == 0)
		r = write_chain(folder, "qe_identity_issuer_chain.pem", p->signer_pem, p->root_pem,
		                "", e);
	return r < 0 ? r : write_chain(folder, "root_ca.pem", p->root_pem, "", "", e);
}

int collateral_write(const struct platform *p, const struct quoting *q, const struct collateral *c,
                     const char *folder, struct err *e)
{
	_cleanup_(freep) char *pck = NULL;
	struct period period;
	struct stat st;
	int r = platform_pck(p, q->self.cpusvn, &pck, e);

	if (r == 0)
		r = period_of(c, &period, e);
	if (r < 0)
		return r;
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return err_errno(e, "%s", folder);
	if (stat(folder, &st) < 0)
		return err_errno(e, "%s", folder);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "%s: not a folder", folder);
	r = write_chains(p, pck, folder, e);
	if (r == 0)
		r = write_crls(p, c, pck, &period, folder, e);
	if (r == 0)
		r = write_tcb_info(p, q, c, &period, folder, e);
	return r < 0 ? r : write_qe_identity(p, q, c, &period, folder, e);
}
