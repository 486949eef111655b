// SPDX-License-Identifier: Apache-2.0
/*
 * The driver says only that EINIT failed.  What EINIT compares is in the two files, so the comparison
 * is made once more here, in words: first the SIGSTRUCT by itself, then against the SECS and the
 * measurement of the image, then the launch token.
 */
#include <errno.h>
#include <string.h>

#include "lib/sgx/sigstruct.h"
#include "pal/encl.h"
#include "sgx/leaf.h"

int encl_suspect(const struct encl_files *files, const struct sgx_secs *secs, int code,
                 struct err *e)
{
	uint8_t mrenclave[SHA256_SIZE];
	struct err found;

	if (crypto_load(&found) < 0)
		return code;
	if (sigstruct_check("encl.ss", &files->sig, &found) < 0)
		return err_set(e, code, "%s", found.text);
	if (!secs)
		return code;
	image_measure(&files->image.image, mrenclave);
	if (sigstruct_permits("encl.ss", &files->sig, secs, mrenclave, &found) < 0)
		return err_set(e, code, "%s", found.text);
	return code;
}

/* What is left when the files give no reason. */
static int say_code(const struct sgx_secs *secs, const struct encl_refusal *refusal, struct err *e)
{
	if (refusal->error == -EACCES || refusal->code == SGX_INVALID_ATTRIBUTE)
		return err_set(e, refusal->error,
		               "encl.ss: asks for attributes %#llx, which are not for everyone "
		               "(provisioning or launch key)",
		               (unsigned long long)secs->attributes.flags);
	if (refusal->code == SGX_INVALID_MEASUREMENT)
		return err_set(e, refusal->error,
		               "%s: the driver has added other pages than those of encl.bin",
		               refusal->driver->node);
	if (refusal->code != 0)
		return err_set(
			e, refusal->error,
			"the processor refuses to start this enclave, and encl.bin and encl.ss "
			"give no reason: EINIT's error %u",
			refusal->code);
	return err_set(e, refusal->error,
	               "the processor refuses to start this enclave, and encl.bin and encl.ss give "
	               "no reason: %s",
	               strerror(-refusal->error));
}

int encl_diagnose(const struct encl_files *files, const struct sgx_secs *secs,
                  const struct encl_refusal *refusal, struct err *e)
{
	uint8_t mrenclave[SHA256_SIZE], mrsigner[SHA256_SIZE];
	int code = refusal->error;
	struct err found;

	if (crypto_load(&found) < 0)
		return err_set(
			e, code,
			"encl.ss: the processor refuses this enclave (%s); why cannot be told "
			"without libcrypto: %s",
			strerror(-code), found.text);
	if (sigstruct_check("encl.ss", &files->sig, &found) < 0)
		return err_set(e, code, "%s", found.text);
	image_measure(&files->image.image, mrenclave);
	if (sigstruct_permits("encl.ss", &files->sig, secs, mrenclave, &found) < 0)
		return err_set(e, code, "%s", found.text);
	sigstruct_mrsigner(&files->sig, mrsigner);
	if (token_blame(refusal->token, refusal->driver->node, refusal->code, secs, mrenclave,
	                mrsigner, &found) < 0)
		return err_set(e, code, "%s", found.text);
	return say_code(secs, refusal, e);
}
