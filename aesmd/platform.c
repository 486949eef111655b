// SPDX-License-Identifier: Apache-2.0
/* The platform's folder: what is in it, and the PCK certificate that is added to it. */
#include "aesmd/platform_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"

#define FILE_MAX (64 * 1024)
#define CA_CRL   "https://swsgx.invalid/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
#define PCK_NAME "swsgx simulation SGX PCK Certificate"
#define STATUS   "tcb-status"

int platform_path(const char *folder, const char *name, char ret[PATH_MAX], struct err *e)
{
	if ((size_t)snprintf(ret, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", folder);
	return 0;
}

int platform_write(const char *folder, const char *name, const void *bytes, size_t size,
                   struct err *e)
{
	char path[PATH_MAX];
	int r = platform_path(folder, name, path, e);

	return r < 0 ? r : io_write_file(path, bytes, size, 0600, e);
}

static int read_in(const char *folder, const char *name, char **ret, size_t *ret_size,
                   struct err *e)
{
	char path[PATH_MAX];
	int r = platform_path(folder, name, path, e);

	return r < 0 ? r : io_read_file(path, FILE_MAX, ret, ret_size, e);
}

static int load_key(const char *folder, const char *name, struct pki_key **ret, struct err *e)
{
	char path[PATH_MAX];
	int r = platform_path(folder, name, path, e);

	return r < 0 ? r : pki_key_load(path, ret, e);
}

static int load_rsa(const char *folder, const char *name, struct rsa3072_key **ret, struct err *e)
{
	char path[PATH_MAX];
	int r = platform_path(folder, name, path, e);

	return r < 0 ? r : rsa3072_key_load(path, ret, e);
}

static int load_pem(const char *folder, const char *name, char **ret, struct err *e)
{
	size_t size;

	return read_in(folder, name, ret, &size, e);
}

static int load_id(struct platform *p, struct err *e)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = 0;
	int r = read_in(p->folder, PLATFORM_ID, &bytes, &size, e);

	if (r < 0)
		return r;
	if (size != sizeof(p->id))
		return err_set(e, -EINVAL, "%s/" PLATFORM_ID ": not of %zu bytes", p->folder,
		               sizeof(p->id));
	memcpy(&p->id, bytes, sizeof(p->id));
	return 0;
}

static int load(struct platform *p, struct err *e)
{
	struct {
		const char *name;
		struct pki_key **key;
	} keys[] = {
		{ "root.key", &p->root },
		{ "ca.key", &p->ca },
		{ "signer.key", &p->signer },
		{ "pck.key", &p->pck },
		{ "attestation.key", &p->attestation },
	};
	int r = load_id(p, e);

	for (size_t i = 0; r == 0 && i < sizeof(keys) / sizeof(keys[0]); i++)
		r = load_key(p->folder, keys[i].name, keys[i].key, e);
	if (r == 0)
		r = load_pem(p->folder, "root.pem", &p->root_pem, e);
	if (r == 0)
		r = load_pem(p->folder, "ca.pem", &p->ca_pem, e);
	if (r == 0)
		r = load_pem(p->folder, "signer.pem", &p->signer_pem, e);
	if (r == 0)
		r = load_rsa(p->folder, "qe.key", &p->qe, e);
	return r < 0 ? r : load_rsa(p->folder, "le.key", &p->le, e);
}

void platform_release(struct platform *p)
{
	pki_key_freep(&p->root);
	pki_key_freep(&p->ca);
	pki_key_freep(&p->signer);
	pki_key_freep(&p->pck);
	pki_key_freep(&p->attestation);
	free(p->root_pem);
	free(p->ca_pem);
	free(p->signer_pem);
	rsa3072_key_free(p->qe);
	rsa3072_key_free(p->le);
	*p = PLATFORM_NONE;
}

int platform_open(const char *folder, struct platform *ret, struct err *e)
{
	_cleanup_(platform_release) struct platform p = PLATFORM_NONE;
	int r = crypto_load(e);

	if (r < 0)
		return r;
	if (strlen(folder) >= sizeof(p.folder))
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", folder);
	memcpy(p.folder, folder, strlen(folder) + 1);
	if (access(folder, F_OK) < 0) {
		r = platform_make(folder, e);
		if (r < 0)
			return r;
	}
	r = load(&p, e);
	if (r < 0)
		return r;
	*ret = p;
	p = PLATFORM_NONE;
	return 0;
}

static int issue_pck(const struct platform *p, const uint8_t cpusvn[16], char **ret, struct err *e)
{
	struct pck_tcb tcb = { .pcesvn = PLATFORM_PCESVN };
	uint8_t extension[PCK_EXTENSION_MAX];
	struct pki_contents c = { .subject = PLATFORM_NAME(PCK_NAME),
		                  .key = p->pck,
		                  .not_before = time(NULL),
		                  .crl_uri = CA_CRL,
		                  .extra_oid = PCK_EXTENSION_OID,
		                  .extra_der = extension };

	memcpy(tcb.ppid, p->id.ppid, sizeof(tcb.ppid));
	memcpy(tcb.instance, p->id.instance, sizeof(tcb.instance));
	memcpy(tcb.cpusvn, cpusvn, sizeof(tcb.cpusvn));
	c.not_after = c.not_before + 7 * YEAR;
	c.extra_size = pck_extension(&tcb, extension, sizeof(extension));
	return pki_issue(&c, p->ca_pem, p->ca, ret, e);
}

/* Whoever comes second to path uses the first's. */
static int keep_first(const char *path, const char *pem, struct err *e)
{
	char temporary[PATH_MAX];
	int r;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid()) >=
	    sizeof(temporary))
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", path);
	r = io_write_file(temporary, pem, strlen(pem), 0600, e);
	if (r < 0)
		return r;
	if (link(temporary, path) < 0 && errno != EEXIST)
		r = err_errno(e, "%s", path);
	unlink(temporary);
	return r;
}

int platform_pck(const struct platform *p, const uint8_t cpusvn[16], char **ret, struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	char hex[33], name[48], path[PATH_MAX];
	size_t size;
	int r;

	hex_encode(cpusvn, 16, hex);
	snprintf(name, sizeof(name), "pck-%s.pem", hex);
	r = platform_path(p->folder, name, path, e);
	if (r < 0)
		return r;
	if (access(path, F_OK) < 0) {
		r = issue_pck(p, cpusvn, &pem, e);
		if (r == 0)
			r = keep_first(path, pem, e);
		if (r < 0)
			return r;
	}
	return io_read_file(path, FILE_MAX, ret, &size, e);
}

int platform_status_check(const char *status, struct err *e)
{
	static const char *const known[] = {
		"UpToDate",
		"SWHardeningNeeded",
		"ConfigurationNeeded",
		"ConfigurationAndSWHardeningNeeded",
		"OutOfDate",
		"OutOfDateConfigurationNeeded",
		"Revoked",
		"NotSupported",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(status, known[i]) == 0)
			return 0;
	return err_set(e, -EINVAL,
	               "'%s' is no TCB status: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
	               "ConfigurationAndSWHardeningNeeded, OutOfDate, "
	               "OutOfDateConfigurationNeeded, Revoked or NotSupported",
	               status);
}

int platform_status_read(const struct platform *p, char ret[PLATFORM_STATUS_MAX], struct err *e)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	int r = read_in(p->folder, STATUS, &text, &size, e);

	if (r == -ENOENT) {
		snprintf(ret, PLATFORM_STATUS_MAX, "UpToDate");
		return 0;
	}
	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	r = platform_status_check(text, e);
	if (r < 0)
		return err_wrap(e, r, "%s/" STATUS, p->folder);
	snprintf(ret, PLATFORM_STATUS_MAX, "%s", text);
	return 0;
}

int platform_status_write(const struct platform *p, const char *status, struct err *e)
{
	char line[PLATFORM_STATUS_MAX + 1];
	int r = platform_status_check(status, e);

	if (r < 0)
		return r;
	return platform_write(p->folder, STATUS, line,
	                      (size_t)snprintf(line, sizeof(line), "%s\n", status), e);
}
