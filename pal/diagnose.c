// SPDX-License-Identifier: Apache-2.0
/*
 * The driver says only that EINIT failed.  What EINIT compares is in the two files, so the comparison
 * is made once more here, in words: first the SIGSTRUCT by itself, then against the SECS and the
 * measurement of the image.
 */
#include <errno.h>
#include <string.h>

#include "lib/sgx/sigstruct.h"
#include "pal/encl.h"

int encl_suspect(const struct encl_files *files, int code, struct err *e)
{
	struct err found;

	if (crypto_load(&found) < 0)
		return code;
	if (sigstruct_check("encl.ss", &files->sig, &found) < 0)
		err_set(e, code, "%s", found.text);
	return code;
}

int encl_diagnose(const struct encl_files *files, const struct sgx_secs *secs, int code,
                  struct err *e)
{
	uint8_t mrenclave[SHA256_SIZE];
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
	if (code == -EACCES)
		return err_set(e, code,
		               "encl.ss: asks for attributes %#llx, which are not for everyone "
		               "(provisioning or launch key)",
		               (unsigned long long)secs->attributes.flags);
	return err_set(e, code,
	               "the processor refuses to start this enclave, and encl.bin and encl.ss give "
	               "no reason: %s",
	               strerror(-code));
}
