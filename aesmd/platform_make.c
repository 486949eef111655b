// SPDX-License-Identifier: Apache-2.0
/*
 * Making the platform's folder.  It is made whole under another name and renamed, so that there is never
 * half of one, and of two that make it at once one wins and both use that.
 */
#include "aesmd/platform_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

#define FOREVER     ((time_t)2524607999) /* 2049-12-31T23:59:59Z, as Intel's root */
#define ROOT_CRL    "https://swsgx.invalid/root.crl"
#define ROOT_NAME   "swsgx simulation root, not Intel: SGX Root CA"
#define CA_NAME     "swsgx simulation SGX PCK Platform CA"
#define SIGNER_NAME "swsgx simulation SGX TCB Signing"

#define _key_ _cleanup_(pki_key_freep)

static int make_key(const char *folder, const char *name, struct pki_key **ret, struct err *e)
{
	_key_ struct pki_key *key = NULL;
	_cleanup_(freep) char *pem = NULL;
	int r = pki_key_generate(&key, e);

	if (r == 0)
		r = pki_key_pem(key, &pem, e);
	if (r == 0)
		r = platform_write(folder, name, pem, strlen(pem), e);
	if (r == 0)
		*ret = take_ptr(key);
	return r;
}

static int make_rsa(const char *folder, const char *name, struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	int r = pki_rsa3072_pem(&pem, e);

	return r < 0 ? r : platform_write(folder, name, pem, strlen(pem), e);
}

static int make_certificate(const char *folder, const char *name, const struct pki_contents *c,
                            const char *issuer, const struct pki_key *issuer_key, char **ret,
                            struct err *e)
{
	_cleanup_(freep) char *pem = NULL;
	int r = pki_issue(c, issuer, issuer_key, &pem, e);

	if (r == 0)
		r = platform_write(folder, name, pem, strlen(pem), e);
	if (r == 0)
		*ret = take_ptr(pem);
	return r;
}

static int make_authority(const char *folder, struct err *e)
{
	_key_ struct pki_key *root = NULL;
	_key_ struct pki_key *ca = NULL;
	_key_ struct pki_key *signer = NULL;
	_cleanup_(freep) char *root_pem = NULL;
	_cleanup_(freep) char *ca_pem = NULL;
	_cleanup_(freep) char *signer_pem = NULL;
	time_t now = time(NULL);
	struct pki_contents c = { .subject = PLATFORM_NAME(ROOT_NAME),
		                  .is_ca = true,
		                  .path_length = 1,
		                  .not_before = now,
		                  .not_after = FOREVER,
		                  .crl_uri = ROOT_CRL };
	int r = make_key(folder, "root.key", &root, e);

	if (r == 0)
		r = make_key(folder, "ca.key", &ca, e);
	if (r == 0)
		r = make_key(folder, "signer.key", &signer, e);
	c.key = root;
	if (r == 0)
		r = make_certificate(folder, "root.pem", &c, NULL, root, &root_pem, e);
	c.subject.common_name = CA_NAME;
	c.key = ca;
	c.path_length = 0;
	c.not_after = now + 15 * YEAR;
	if (r == 0)
		r = make_certificate(folder, "ca.pem", &c, root_pem, root, &ca_pem, e);
	c.subject.common_name = SIGNER_NAME;
	c.key = signer;
	c.is_ca = false;
	if (r == 0)
		r = make_certificate(folder, "signer.pem", &c, root_pem, root, &signer_pem, e);
	return r;
}

static int make_all(const char *folder, struct err *e)
{
	_key_ struct pki_key *pck = NULL;
	_key_ struct pki_key *attestation = NULL;
	uint8_t id[32];
	int r = crypto_random(id, sizeof(id), e);

	if (r == 0)
		r = platform_write(folder, PLATFORM_ID, id, sizeof(id), e);
	if (r == 0)
		r = make_rsa(folder, "qe.key", e);
	if (r == 0)
		r = make_rsa(folder, "le.key", e);
	if (r == 0)
		r = make_key(folder, "pck.key", &pck, e);
	if (r == 0)
		r = make_key(folder, "attestation.key", &attestation, e);
	return r < 0 ? r : make_authority(folder, e);
}

/* The folder and the files in it, as far as they are there. */
static void remove_folder(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(folder);
}

static int make_parents(const char *path, struct err *e)
{
	char folder[PATH_MAX];

	memcpy(folder, path, strlen(path) + 1);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return err_errno(e, "%s: cannot make the folder", folder);
		*slash = '/';
	}
	return 0;
}

int platform_make(const char *folder, struct err *e)
{
	char temporary[PATH_MAX];
	int r = make_parents(folder, e);

	if (r < 0)
		return r;
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", folder) >=
	    sizeof(temporary))
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", folder);
	if (mkdtemp(temporary) == NULL)
		return err_errno(e, "%s: cannot make the folder", temporary);
	r = make_all(temporary, e);
	if (r == 0 && rename(temporary, folder) < 0 && errno != ENOTEMPTY && errno != EEXIST)
		r = err_errno(e, "%s: cannot make the folder", folder);
	remove_folder(temporary); /* gone already, unless another was faster */
	return r;
}
