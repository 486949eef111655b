// SPDX-License-Identifier: Apache-2.0
/*
 * ENCL_ECALL_MAIN: the host's arguments and environment become the program's, in the enclave's own
 * memory and checked there; then enclave_main runs.  However it ends, the memory is wiped and the
 * host is told once.
 */
#include "enclave/app.h"
#include "enclave/bounds.h"
#include "enclave/ecall.h"
#include "enclave/errno.h"
#include "enclave/heap.h"
#include "enclave/thread.h"

_Static_assert(offsetof(struct encl_main, value) == offsetof(struct encl_main, end) + 8,
               "end and value go out together");

/* Nothing here touches the host's memory. */
static int args_check(const struct encl_main *args)
{
	if (args->argc < 1)
		return -EINVAL;
	if (args->argc > ENCL_ARGC_MAX || args->envc > ENCL_ARGC_MAX - args->argc)
		return -E2BIG;
	if (args->strings_size > ENCL_ARGS_MAX)
		return -E2BIG;
	if (args->strings_size < args->argc + args->envc)
		return -EINVAL;
	if ((args->ocall_area & 7) || args->ocall_area_size < ENCL_OCALL_AREA)
		return -EINVAL;
	if (!host_range_ok((hptr){ args->ocall_area }, ENCL_OCALL_AREA))
		return -EFAULT;
	return 0;
}

/* Point vector at the count strings that *strings begins with, and end it with null. */
static char **strings_split(char **vector, uint64_t count, char **strings, const char *end)
{
	char *s = *strings;

	for (uint64_t i = 0; i < count; i++) {
		vector[i] = s;
		while (s < end && *s != '\0')
			s++;
		if (s == end)
			return NULL;
		s++;
	}
	vector[count] = NULL;
	*strings = s;
	return vector + count + 1;
}

/* ret_argv: argc pointers, null, envc pointers, null. */
static int args_copy(const struct encl_main *args, char ***ret_argv)
{
	char *strings = encl_alloc(args->strings_size), *end;
	char **argv = encl_alloc((args->argc + args->envc + 2) * sizeof(char *)), **envp;

	if (!strings || !argv)
		return -ENOMEM;
	if (copy_in(strings, (hptr){ args->strings }, args->strings_size) < 0)
		return -EFAULT;
	end = strings + args->strings_size;
	envp = strings_split(argv, args->argc, &strings, end);
	if (!envp || !strings_split(envp, args->envc, &strings, end) || strings != end)
		return -EINVAL;
	*ret_argv = argv;
	return 0;
}

int64_t ecall_main(const struct encl_main *args)
{
	char **argv;
	int r = args_check(args);
	int value;

	if (r < 0)
		return r;
	td_own()->ocall_area = (hptr){ args->ocall_area };
	r = args_copy(args, &argv);
	if (r < 0) {
		heap_release();
		return r;
	}
	value = enclave_main((int)args->argc, argv, argv + args->argc + 1);
	return program_finish(ENCL_END_EXIT, (uint8_t)value);
}

int64_t program_finish(uint64_t end, uint64_t value)
{
	uint64_t out[2] = { end, value };
	struct td *td = td_own();
	int r;

	heap_release();
	/* The address is the host's; copy_out checks it, now as ever. */
	r = copy_out((hptr){ td->arg + offsetof(struct encl_main, end) }, out, sizeof(out));
	td->ocall_area = (hptr){ 0 }; /* the host may give it to anybody now */
	return r;
}

noreturn void program_end(uint64_t end, uint64_t value)
{
	struct td *td = td_own();

	/* Whom the handler of an exception was telling: that it is gone is not what ended the program. */
	if (end == ENCL_END_KILLED && td->handling) {
		end = ENCL_END_EXCEPTION;
		value = td->exception.vector;
	}
	td->end = end;
	td->value = value;
	td->unwinding++;
	encl_unwind();
}

noreturn void encl_exit(int value)
{
	program_end(ENCL_END_EXIT, (uint8_t)value);
}
