// SPDX-License-Identifier: Apache-2.0
/*
 * From entry.S to the function of an ecall: number checked, order checked, arguments copied in once.
 * No stack protector in here: the first ecall draws the canary that the protector compares with.
 */
#include "enclave/ecall.h"

#include "enclave/bounds.h"
#include "enclave/errno.h"
#include "enclave/heap.h"
#include "enclave/insn.h"
#include "enclave/thread.h"

static const struct {
	uint16_t size;
	uint16_t before_init;
} ecalls[] = {
#define ECALL(number, function, type, before_init) [number] = { sizeof(type), before_init },
#include "enclave/ecalls.def"
#undef ECALL
};

#define ECALL_COUNT (sizeof(ecalls) / sizeof(ecalls[0]))

/* Room for every argument structure. */
union ecall_args {
#define ECALL(number, function, type, before_init) type function;
#include "enclave/ecalls.def"
#undef ECALL
};

extern const int32_t ecall_table[]; /* ecalls.S */

__attribute__((no_stack_protector)) int64_t ecall(uint64_t number, uint64_t argument)
{
	union ecall_args args;
	int64_t (*function)(const union ecall_args *args);
	uint32_t state = __atomic_load_n(&encl_state, __ATOMIC_ACQUIRE);
	struct td *td = td_own();

	/* What the thread's last ecall left is no word about this one. */
	td->ocall_area = (hptr){ 0 };
	td->fault = 0;
	if (number >= ECALL_COUNT)
		return -ENOSYS;
	number &= below_mask(number, ECALL_COUNT);
	if (!ecalls[number].before_init && state != ENCL_READY)
		return -EPERM;
	lfence();
	if (ecalls[number].size > 0) {
		if (argument & 7)
			return -EINVAL;
		if (copy_in(&args, (hptr){ argument }, ecalls[number].size) < 0)
			return -EFAULT;
	}
	function = (int64_t(*)(const union ecall_args *))((uint64_t)ecall_table +
	                                                  (uint64_t)(int64_t)ecall_table[number]);
	lfence();
	return function(&args);
}

int64_t ecall_unwound(void)
{
	const struct td *td = td_own();

	if (td->ecall != ENCL_ECALL_MAIN)
		return td->fault ? -EFAULT : -EINTR;
	/* The report itself faulted, on memory that is the host's: there is no one to tell. */
	if (td->unwinding > 1) {
		heap_release(); /* what faulted may have been the first wipe */
		return -EFAULT;
	}
	return program_finish(td->end, td->value);
}
