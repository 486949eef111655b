// SPDX-License-Identifier: Apache-2.0
/* What comes back from an ocall is a hostile number, and a structure that anybody may have written. */
#include "enclave/ocall.h"

#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/insn.h"
#include "enclave/thread.h"

#define ERRNO_MAX 4095

int64_t ocall_result(uint64_t result, uint64_t asked)
{
	if (result == (uint64_t)(int64_t)ENCL_OCALL_KILLED)
		program_end(ENCL_END_KILLED, 0);
	if (result <= asked) {
		lfence();
		return (int64_t)(result & below_mask(result, asked + 1));
	}
	if (result >= (uint64_t)-ERRNO_MAX)
		return (int64_t)result;
	return -EIO;
}

int64_t encl_request(uint64_t number, void *structure, size_t size)
{
	hptr area = td_own()->ocall_area;
	int64_t r;

	if (size > ENCL_OCALL_AREA)
		return -EINVAL;
	if (copy_out(area, structure, size) < 0)
		return -EFAULT;
	r = ocall_result(encl_ocall(number, area.v), 0);
	if (r == 0 && copy_in(structure, area, size) < 0)
		return -EFAULT;
	return r;
}
