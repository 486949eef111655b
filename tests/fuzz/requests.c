// SPDX-License-Identifier: Apache-2.0
/* Requests and what may come of them; see requests.h. */
#include "tests/fuzz/requests.h"

#include <errno.h>
#include <string.h>

#include "lib/sgx/sigstruct.h"
#include "sgx/token.h"
#include "sgx/uapi/intree.h"
#include "sgx/uapi/legacy.h"
#include "swsgx/cpu/epc.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/driver.h"
#include "swsgx/driver/space.h"
#include "tests/fuzz/forge.h"
#include "tests/fuzz/machine.h"
#include "tests/fuzz/program.h"
#include "tests/fuzz/watch.h"

#define ERRNOS 8

/* What each request may answer, and which bytes of its argument it may change. */
struct answer {
	uint32_t number;
	bool by_address;
	uint8_t out_offset, out_size;
	int errnos[ERRNOS];
};

// clang-format off
static const struct answer answers[] = {
	{ SGX_IOC_ENCLAVE_CREATE, false, 0, 0, { EINVAL, EFAULT, EIO, ENOMEM } },
	{ SGX_IOC_ENCLAVE_ADD_PAGES, false, 40, 8, { EINVAL, EFAULT, EIO, EBUSY, EACCES, ENOMEM } },
	{ SGX_IOC_ENCLAVE_INIT, false, 0, 0, { EINVAL, EFAULT, EIO, EACCES, EPERM } },
	{ SGX_IOC_ENCLAVE_PROVISION, false, 0, 0, { EINVAL, EFAULT } },
	{ SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, false, 24, 16, { ENODEV, EINVAL, EFAULT, EAGAIN } },
	{ SGX_IOC_ENCLAVE_MODIFY_TYPES, false, 24, 16, { ENODEV, EINVAL, EFAULT, EAGAIN, EPERM } },
	{ SGX_IOC_ENCLAVE_REMOVE_PAGES, false, 16, 8,
	  { ENODEV, EINVAL, EFAULT, EAGAIN, EPERM, EBUSY } },
	{ ISGX_IOC_CREATE, true, 0, 0, { EINVAL, EFAULT, ENOMEM } },
	{ ISGX_IOC_ADD_PAGE, true, 0, 0, { EINVAL, ENOENT, EFAULT, EEXIST, ENOMEM } },
	{ ISGX_IOC_INIT, true, 0, 0, { EINVAL, ENOENT, EFAULT } },
	{ ISGX_IOC_EMODPR, true, 0, 0, { EINVAL, ENOENT, EFAULT, EPERM } },
	{ ISGX_IOC_MKTCS, true, 0, 0, { EINVAL, ENOENT, EFAULT, EPERM } },
	{ ISGX_IOC_TRIM, true, 0, 0, { EINVAL, ENOENT, EFAULT, EPERM } },
	{ ISGX_IOC_NOTIFY_ACCEPT, true, 0, 0, { EINVAL, ENOENT, EFAULT, EBUSY } },
	{ ISGX_IOC_PAGE_REMOVE, true, 0, 0, { EINVAL, EFAULT, EBUSY } },
	{ DCAP_OLD_IOC_INIT, true, 0, 0, { EINVAL, ENOENT, EFAULT, EACCES } },
	{ DCAP_OLD_IOC_SET_ATTRIBUTE, true, 0, 0, { EINVAL, ENOENT, EFAULT } },
};
// clang-format on
#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

static uint64_t made_base;

void requests_start(void)
{
	made_base = SPACE_LA;
}

static bool is_offered(const struct driver_abi *abi, uint32_t number)
{
	for (unsigned int i = 0; i < abi->request_count; i++)
		if (abi->requests[i].number == number)
			return true;
	return false;
}

static const struct answer *answer_of(const struct driver_abi *abi, uint32_t number)
{
	for (size_t i = 0; i < ANSWERS; i++)
		if (answers[i].number == number && answers[i].by_address == abi->by_address)
			return &answers[i];
	return NULL;
}

static void check_result(const struct driver_abi *abi, const struct answer *answer, int r)
{
	bool is_listed = false;

	/* Old drivers return what a copy has left, and EINIT's code. */
	if (r >= 0) {
		PROMISE(r == 0 || (abi->by_address && r <= (int)SGX_PAGE_SIZE));
		return;
	}
	for (unsigned int i = 0; i < ERRNOS; i++)
		is_listed = is_listed || (answer->errnos[i] != 0 && answer->errnos[i] == -r);
	PROMISE(is_listed);
	PROMISE(answer->number != SGX_IOC_ENCLAVE_INIT || r != -EIO || abi->einit_fault == EIO);
}

/* An enclave comes into being by CREATE, runs by INIT, and no request does either by accident. */
static void check_change(uint32_t number, int r, const struct watched *was,
                         const struct watched *is)
{
	bool creates = number == SGX_IOC_ENCLAVE_CREATE && r == 0;
	bool inits = number == SGX_IOC_ENCLAVE_INIT && r == 0;

	PROMISE(!creates || !was->is_created);
	PROMISE(is->is_created == (was->is_created || creates));
	PROMISE(!inits || (was->is_created && !was->is_initialized));
	PROMISE(is->is_initialized == (was->is_initialized || inits));
	PROMISE(!was->is_created || (was->base == is->base && was->size == is->size));
	PROMISE(number == SGX_IOC_ENCLAVE_MODIFY_TYPES ? is->modified >= was->modified
	                                               : is->modified == was->modified);
	if (number == SGX_IOC_ENCLAVE_ADD_PAGES)
		PROMISE(is->children >= was->children && (r != 0 || is->children > was->children));
	else if (number == SGX_IOC_ENCLAVE_REMOVE_PAGES)
		PROMISE(is->children <= was->children && (r != 0 || is->children < was->children));
	else
		PROMISE(is->children == was->children);
}

/* In which states a request is served at all. */
static void check_state(uint32_t number, int r, const struct watched *was)
{
	bool is_served = number == SGX_IOC_ENCLAVE_CREATE ? !was->is_created
	                 : number == SGX_IOC_ENCLAVE_ADD_PAGES || number == SGX_IOC_ENCLAVE_INIT
	                         ? was->is_created && !was->is_initialized
	                 : number == SGX_IOC_ENCLAVE_PROVISION ? true
	                                                       : was->is_initialized;

	PROMISE(is_served || r == -EINVAL || r == -ENODEV || r == -ENOTTY);
}

/* The numbers of an argument that has results, if they can be looked at. */
static bool has_results(const struct answer *answer, uint64_t arg, uint64_t ret[6])
{
	size_t size = answer == NULL ? 0 : answer->number >> 16 & 0x3fff;

	if (size == 0 || answer->out_size == 0 ||
	    arg - PROGRAM_LA > DATA_WRITABLE * SGX_PAGE_SIZE - size)
		return false;
	memcpy(ret, program_data(arg), size);
	return true;
}

/* Pages done: all of them on success; and where results must be 0 at first, they were. */
static void check_results(const struct answer *answer, const uint64_t was[6], const uint64_t is[6])
{
	bool adds = answer->number == SGX_IOC_ENCLAVE_ADD_PAGES;
	unsigned int first = answer->out_offset / 8, count = first + answer->out_size / 8 - 1;

	PROMISE(is[count] == is[adds ? 2 : 1]); /* length */
	PROMISE(adds || (was[first] == 0 && was[count] == 0));
}

/* The driver whose node was opened, or NULL. */
static const struct driver_abi *abi_of(int fd)
{
	uint32_t id;

	return enclave_abi(fd, &id) == 0 ? driver_abi(id) : NULL;
}

static bool is_by_address(int fd)
{
	const struct driver_abi *abi = abi_of(fd);

	return abi != NULL && abi->by_address;
}

/* On the enclave that the file is. */
static int call_file(int fd, uint32_t number, uint64_t arg)
{
	struct watched was = watch_state(watch_view(fd)), is;
	const struct enclave *e;
	int r = driver_ioctl(fd, number, arg);

	e = watch_view(fd);
	is = watch_state(e);
	check_state(number, r, &was);
	check_change(number, r, &was, &is);
	watch_enclave(e);
	return r;
}

static int call(int fd, uint32_t number, uint64_t arg)
{
	const struct driver_abi *abi = abi_of(fd);
	const struct answer *answer;
	uint64_t was[6], is[6];
	bool shows;
	int r;

	if (abi == NULL) {
		r = driver_ioctl(fd, number, arg);
		PROMISE(r == -EBADF || r == -ENOTTY);
		return r;
	}
	answer = is_offered(abi, number) ? answer_of(abi, number) : NULL;
	shows = has_results(answer, arg, was);
	program_remember();
	r = abi->by_address ? driver_ioctl(fd, number, arg) : call_file(fd, number, arg);
	program_unchanged(answer == NULL ? arg : arg + answer->out_offset,
	                  answer == NULL ? 0 : answer->out_size);
	if (answer == NULL) {
		PROMISE(r == -ENOTTY);
	} else {
		check_result(abi, answer, r);
		if (r == 0 && shows && has_results(answer, arg, is))
			check_results(answer, was, is);
	}
	watch_space();
	return r;
}

/* An argument of numbers, somewhere; what is not right is decided last. */
static int call_twisted(struct input *in, int fd, uint32_t number, uint64_t *numbers, size_t size)
{
	uint64_t arg = program_where(in);

	program_twist(in, numbers, (size + 7) / 8);
	program_write(arg, numbers, size);
	return call(fd, number, arg);
}

/* Drivers that know enclaves by their address: one of the mappings. */
static const struct space_range *mapping(uint8_t number)
{
	const struct space_range *r = space_first(0);

	if (r == NULL)
		return NULL;
	return r + number % (space_end() - r);
}

void request_op_create(struct input *in, int fd)
{
	static const uint16_t flags[] = { 0x4, 0x6, 0x14, 0x84, 0x404, 0x24, 0x2, 0x96 };
	uint8_t shape = input_u8(in), kind = input_u8(in);
	uint64_t secs[40] = { 0 }, arg = program_la(DATA_CONTENT);
	const struct space_range *range = is_by_address(fd) ? mapping(shape >> 3) : NULL;

	secs[0] = UINT64_C(2) * SGX_PAGE_SIZE
	          << (shape & 3); /* SIZE, BASEADDR, SSAFRAMESIZE, ATTRIBUTES */
	secs[1] = SPACE_LA + (shape >> 3) * secs[0] % (SPACE_PAGES * SGX_PAGE_SIZE);
	if (range != NULL) {
		secs[0] = range->end - range->start;
		secs[1] = range->start;
	}
	secs[2] = 1 + (kind >> 3 & 1) + ((uint64_t)(kind >> 4 & 1) << 32);
	secs[6] = flags[kind & 7];
	secs[7] = kind & 0x20 ? 7 : 3;
	program_twist(in, secs, sizeof(secs) / 8);
	program_write(arg, secs, sizeof(secs));
	if (call_twisted(in, fd, SGX_IOC_ENCLAVE_CREATE, &arg, sizeof(arg)) == 0) {
		made_base = secs[1];
	}
}

/* SECINFO, and the content of a TCS where it should be one. */
static void prepare_page(struct input *in)
{
	uint8_t kind = input_u8(in), shape = input_u8(in);
	uint64_t secinfo[8] = { SGX_SECINFO_REG | (kind & SGX_SECINFO_RWX) };
	uint64_t tcs[10] = { 0 };

	if (kind & 0x10) {
		secinfo[0] = SGX_SECINFO_TCS;
		tcs[2] = (shape & 7) * SGX_PAGE_SIZE; /* OSSA, NSSA, limits */
		tcs[3] = (uint64_t)(1 + (shape >> 3 & 1)) << 32;
		tcs[8] = UINT64_MAX;
		program_twist(in, tcs, sizeof(tcs) / 8);
		program_write(program_la(DATA_CONTENT), tcs, sizeof(tcs));
	}
	if (kind & 0x80)
		secinfo[0] ^= UINT64_C(1) << (shape >> 4);
	program_twist(in, secinfo, sizeof(secinfo) / 8);
	program_write(SIDE_SECINFO, secinfo, sizeof(secinfo));
}

void request_op_add(struct input *in, int fd)
{
	uint8_t page = input_u8(in), how = input_u8(in);
	uint64_t offset = (page % 16) * SGX_PAGE_SIZE, length = 1 + (how >> 1 & 3);
	uint64_t add[6] = { program_la(DATA_CONTENT),
		            offset,
		            length * SGX_PAGE_SIZE,
		            SIDE_SECINFO,
		            how & 1,
		            input_u8(in) };
	uint64_t old[4] = { made_base + offset, program_la(DATA_CONTENT), SIDE_SECINFO,
		            how & 1 ? UINT16_MAX : how };

	prepare_page(in);
	if (is_by_address(fd))
		call_twisted(in, fd, ISGX_IOC_ADD_PAGE, old, sizeof(struct isgx_add_page));
	else
		call_twisted(in, fd, SGX_IOC_ENCLAVE_ADD_PAGES, add, sizeof(add));
}

/* What would start the enclave as it is now. */
static void prepare_sigstruct(struct input *in, int fd)
{
	const struct space_range *range = space_find(made_base);
	const struct enclave *e;
	struct sgx_sigstruct sig;
	uint8_t poke = input_u8(in);

	sigstruct_init(&sig);
	if (is_by_address(fd))
		e = range != NULL ? range->enclave : NULL;
	else
		e = watch_view(fd);
	if (e != NULL && enclave_created(e)) {
		uint32_t page = (uint32_t)(e->state->size / SGX_PAGE_SIZE);
		struct sha256 measurement = epc_hidden(&e->epc, page)->measurement;

		sig.attributes = epc_secs(&e->epc, page)->attributes;
		sha256_final(&measurement, sig.enclavehash);
	}
	sig.attributemask = sig.attributes;
	if (poke >= 0x90 && poke < 0xa0) { /* asks for what it was not created with */
		((uint8_t *)&sig.attributes)[poke & 15] ^= 0x10;
		((uint8_t *)&sig.attributemask)[poke & 15] |= 0x10;
	}
	forge_sign(&sig);
	if (poke >= 0xa0)
		((uint8_t *)&sig)[input_u64(in) % sizeof(sig)] ^= poke;
	program_write(SIDE_SIGSTRUCT, &sig, sizeof(sig));
}

void request_op_init(struct input *in, int fd)
{
	struct sgx_einittoken token = { .valid = input_u8(in) & 1 };
	uint64_t init[3] = { SIDE_SIGSTRUCT };
	uint64_t old[3] = { made_base, SIDE_SIGSTRUCT, SIDE_TOKEN };

	prepare_sigstruct(in, fd);
	program_write(SIDE_TOKEN, &token, sizeof(token) < 0x200 ? sizeof(token) : 0x200);
	if (!is_by_address(fd))
		call_twisted(in, fd, SGX_IOC_ENCLAVE_INIT, init, sizeof(struct sgx_enclave_init));
	else if (abi_of(fd) == &driver_legacy)
		call_twisted(in, fd, ISGX_IOC_INIT, old, sizeof(struct isgx_init));
	else
		call_twisted(in, fd, DCAP_OLD_IOC_INIT, old, sizeof(struct dcap_old_init));
}

void request_op_attribute(struct input *in, int fd, int provision_fd)
{
	uint64_t provision[1] = { (uint64_t)provision_fd };
	uint64_t old[2] = { made_base, (uint64_t)provision_fd };

	if (is_by_address(fd))
		call_twisted(in, fd, DCAP_OLD_IOC_SET_ATTRIBUTE, old, sizeof(old));
	else
		call_twisted(in, fd, SGX_IOC_ENCLAVE_PROVISION, provision, sizeof(provision));
}

void request_op_modify(struct input *in, int fd)
{
	uint8_t what = input_u8(in), page = input_u8(in);
	uint64_t numbers[5] = { (page & 15) * SGX_PAGE_SIZE,
		                (1 + (page >> 4 & 3)) * SGX_PAGE_SIZE };

	switch (what & 3) {
	case 0: call_twisted(in, fd, SGX_IOC_ENCLAVE_REMOVE_PAGES, numbers, 24); break;
	case 1:
		numbers[2] = what >> 2 & SGX_SECINFO_RWX;
		call_twisted(in, fd, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, numbers, 40);
		break;
	default:
		numbers[2] = what & 4 ? SGX_PT_TCS : SGX_PT_TRIM;
		call_twisted(in, fd, SGX_IOC_ENCLAVE_MODIFY_TYPES, numbers, 40);
	}
}

/* While another request to the enclave is being served. */
static void call_busy(int fd, uint32_t number, uint64_t arg)
{
	struct enclave *e = watch_view(fd);

	if (e == NULL || is_by_address(fd))
		return;
	PROMISE(enclave_ioctl_begin(e));
	program_remember();
	PROMISE(driver_ioctl(fd, number, arg) == -EBUSY);
	program_unchanged(arg, 0);
	enclave_ioctl_end(e);
}

void request_op_raw(struct input *in, int fd)
{
	uint8_t which = input_u8(in);
	uint32_t number = answers[which % ANSWERS].number;
	uint64_t arg = program_where(in), numbers[6];

	if (which >= 0xc0)
		number = (uint32_t)input_u64(in);
	input_bytes(in, numbers, sizeof(numbers));
	program_write(arg, numbers, sizeof(numbers));
	if (which & 0x20)
		call_busy(fd, number, arg);
	call(fd, number, arg);
}
