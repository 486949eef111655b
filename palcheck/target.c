// SPDX-License-Identifier: Apache-2.0
/*
 * The quoting enclave as the target of reports.  It is loaded without the provisioning key, which only
 * privileged callers have and nothing here needs.
 */
#include "palcheck/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "aesmd/images.h"
#include "aesmd/load.h"
#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/crypto/pki.h"

struct target {
	struct arch_enclave enclave;
	struct sgx_targetinfo info;
};

/* A signing key for this once. */
static int make_key(struct rsa3072_key **ret, struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	_cleanup_(closep) int fd = memfd_create("key", MFD_CLOEXEC);
	char path[32];
	int r = fd < 0 ? err_errno(e, "a file in memory") : pki_rsa3072_pem(&pem, e);

	if (r == 0)
		r = io_write_all(fd, pem, strlen(pem));
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return rsa3072_key_load(path, ret, e);
}

/* What others need to make reports for it: it says so in a report of its own. */
static int ask(struct target *t, struct err *e)
{
	struct arch_args args = { .op = ARCH_REPORT };
	const struct sgx_report *self = &args.report.report;

	if (arch_enter(&t->enclave, &args) != ARCH_OK)
		return err_set(e, -EIO, "it does not answer");
	memcpy(t->info.measurement, self->mrenclave, sizeof(t->info.measurement));
	t->info.attributes = self->attributes;
	t->info.configsvn = self->configsvn;
	t->info.miscselect = self->miscselect;
	memcpy(t->info.configid, self->configid, sizeof(t->info.configid));
	return 0;
}

int target_open(struct target **ret, struct err *e)
{
	_cleanup_(rsa3072_key_freep) struct rsa3072_key *key = NULL;
	_cleanup_(freep) struct target *t = calloc(1, sizeof(*t));
	struct arch_image image = arch_image_qe();
	int r = t ? crypto_load(e) : err_set(e, -ENOMEM, "no memory");

	image.attributes = 0;
	if (r == 0)
		r = make_key(&key, e);
	if (r == 0)
		r = arch_load_intree(&image, key, &t->enclave, e);
	if (r == 0)
		r = ask(t, e);
	if (r == 0)
		*ret = take_ptr(t);
	return r;
}

void target_close(struct target *target)
{
	free(target);
}

void target_info(const struct target *target, struct sgx_targetinfo *ret)
{
	*ret = target->info;
}

bool target_verifies(const struct target *target, const struct sgx_report *report)
{
	struct arch_args args = { .op = ARCH_VERIFY, .verify = *report };

	return arch_enter(&target->enclave, &args) == ARCH_OK;
}
