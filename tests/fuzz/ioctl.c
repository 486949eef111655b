// SPDX-License-Identifier: Apache-2.0
/*
 * The driver as a program without manners meets it: nodes of every driver, requests, mappings, in any
 * order, with memory of any kind.  In between an enclave's threads come and go and accept what was
 * changed.  What always holds is looked at after every step.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "swsgx/cpu/epc.h"
#include "swsgx/driver/abi.h"
#include "swsgx/driver/driver.h"
#include "swsgx/driver/mmap.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/trace.h"
#include "tests/fuzz/machine.h"
#include "tests/fuzz/program.h"
#include "tests/fuzz/requests.h"
#include "tests/fuzz/watch.h"

#define OPS_MAX 48
#define FDS     3

static int fds[FDS], provision_fd;
/* A thread that is inside an enclave, by swsgx's counts. */
static struct cpu thread;
static struct enclave *entered;
static bool can_kick;

static void leave(void)
{
	if (entered == NULL)
		return;
	epc_leave(&thread);
	entered->inside--;
	entered = NULL;
}

static bool kick(struct enclave *e)
{
	if (entered == e && can_kick)
		leave();
	return entered != e;
}

/* The platform's file, the same for ever. */
static void load_platform(void)
{
	static const uint8_t random[80] = { 1, 2, 3 };
	int fd = memfd_create("platform", MFD_CLOEXEC);
	struct err e = { .text = "" };
	char name[32];

	PROMISE(write(fd, "WSGXPLT1", 8) == 8 && write(fd, random, 80) == 80);
	snprintf(name, sizeof(name), "fd:%d", fd);
	setenv("SWSGX_STATE", name, 1);
	PROMISE(platform_load(&e) == 0);
	close(fd);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	load_platform();
	PROMISE(driver_select("intree,dcap,dcap-old") == -ENOTDIR);
	PROMISE(trace_init("/dev/null", "1") == 0);
	enclave_kick = kick;
	program_load();
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Not all of them can be there at once. */
static void select_driver(uint32_t abi)
{
	PROMISE(driver_select(driver_abi(abi)->name) == 0);
}

static void open_fd(int *fd, uint32_t abi, int flags)
{
	uint32_t found = DRIVER_ABIS;
	int r;

	close_fd(fd);
	abi %= DRIVER_ABIS;
	select_driver(abi);
	PROMISE(driver_node(driver_abi(abi)->enclave_node, &found) == NODE_ENCLAVE && found == abi);
	r = driver_open(NODE_ENCLAVE, abi, flags);
	if (flags & (O_DIRECTORY | O_EXCL)) {
		PROMISE(r == -ENOTDIR || r == -EEXIST);
	} else {
		PROMISE(r >= 0 && enclave_is(r) && !provision_is(r));
		*fd = r;
	}
}

static void open_provision(uint32_t abi)
{
	const char *node = driver_abi(abi % DRIVER_ABIS)->provision_node;
	uint32_t found;

	if (node == NULL)
		return;
	close_fd(&provision_fd);
	select_driver(abi % DRIVER_ABIS);
	PROMISE(driver_node(node, &found) == NODE_PROVISION && found == abi % DRIVER_ABIS);
	provision_fd = driver_open(NODE_PROVISION, found, O_CLOEXEC);
	PROMISE(provision_is(provision_fd) && !enclave_is(provision_fd));
}

static void op_fd(struct input *in, int *fd)
{
	uint8_t how = input_u8(in), other = input_u8(in);

	switch (how % 8) {
	case 0: close_fd(fd); break;
	case 1:
		if (&fds[other % FDS] != fd) {
			close_fd(fd);
			*fd = dup(fds[other % FDS]);
		}
		break;
	case 2: open_fd(fd, other, how & 8 ? O_DIRECTORY : O_CREAT | O_EXCL); break;
	case 3: open_provision(other); break;
	default: open_fd(fd, other, how & 8 ? O_RDWR : O_RDWR | O_CLOEXEC);
	}
}

/* A range in the space, at times of a length that cannot be. */
static void range(struct input *in, uint64_t *ret_la, uint64_t *ret_len)
{
	uint8_t page = input_u8(in), pages = input_u8(in);

	*ret_la = SPACE_LA + (page % SPACE_PAGES) * SGX_PAGE_SIZE;
	*ret_len = (1 + pages % 16) * SGX_PAGE_SIZE;
	if (*ret_la + *ret_len > SPACE_LA + SPACE_PAGES * SGX_PAGE_SIZE)
		*ret_len = SPACE_LA + SPACE_PAGES * SGX_PAGE_SIZE - *ret_la;
	switch (pages >> 4) {
	case 10: *ret_len -= 1; break;
	case 11: *ret_len = 0; break;
	case 12: *ret_len = UINT64_C(1) << (47 + page % 17); break;
	case 13: *ret_len = -(uint64_t)(page % 3) * SGX_PAGE_SIZE - (pages & 1); break;
	case 14: *ret_la += page; break;
	case 15: *ret_la = -(uint64_t)SGX_PAGE_SIZE * (1 + page % 4); break;
	default: break;
	}
}

static void check_mapped(int prot, uint64_t at, uint64_t len)
{
	const struct space_range *r = space_find(at);
	const struct enclave_state *s;
	int epcm_prot, max_prot;

	PROMISE(r != NULL && r->end >= at + len);
	s = r->enclave->state;
	if (driver_abi(s->abi)->map_only_range && s->initialized)
		PROMISE(at >= s->base && at + len <= s->base + s->size);
	for (uint64_t la = at; la < at + len; la += SGX_PAGE_SIZE)
		if (!driver_abi(s->abi)->by_address &&
		    enclave_page(r->enclave, la, &epcm_prot, &max_prot))
			PROMISE((prot & ~max_prot) == 0);
}

static void op_mmap(struct input *in, int fd)
{
	static const int flags[] = { MAP_SHARED | MAP_FIXED,
		                     MAP_SHARED | MAP_FIXED,
		                     MAP_SHARED,
		                     MAP_SHARED | MAP_FIXED_NOREPLACE,
		                     MAP_PRIVATE | MAP_FIXED,
		                     MAP_SHARED | MAP_NORESERVE | MAP_LOCKED | MAP_POPULATE,
		                     MAP_SHARED_VALIDATE | MAP_FIXED,
		                     MAP_FIXED };
	uint8_t how = input_u8(in);
	uint64_t la, len, at = 1;
	int prot = how >> 3 & 7, flag = flags[how & 7], r;

	range(in, &la, &len);
	if (how & 0x80)
		la &= ~(uint64_t)(16 * SGX_PAGE_SIZE - 1);
	if (how & 0x40 && !(flag & MAP_FIXED))
		la = 0;
	if (!enclave_is(fd))
		return;
	r = driver_mmap(la, len, prot, flag, fd, 0, &at);
	if (r < 0) {
		PROMISE(at == 1);
		PROMISE(r == -EINVAL || r == -EACCES || r == -ENOMEM || r == -EEXIST);
		return;
	}
	len = (len + SGX_PAGE_SIZE - 1) & ~(uint64_t)(SGX_PAGE_SIZE - 1);
	PROMISE(r == 0 && at % SGX_PAGE_SIZE == 0);
	PROMISE(!(flag & MAP_PRIVATE) && (flag & MAP_SHARED));
	check_mapped(prot, at, len);
}

/* In the kernel's order: where it starts, whether it ends, what is asked for. */
static void op_mprotect(uint64_t la, uint64_t len, int prot)
{
	const int known = PROT_READ | PROT_WRITE | PROT_EXEC | 8; /* PROT_SEM */
	uint64_t rounded = (len + SGX_PAGE_SIZE - 1) & ~(uint64_t)(SGX_PAGE_SIZE - 1);
	int r = driver_mprotect(la, len, prot);

	if (la % SGX_PAGE_SIZE != 0)
		PROMISE(r == -EINVAL);
	else if (len == 0)
		PROMISE(r == 0);
	else if (la + rounded <= la)
		PROMISE(r == -ENOMEM);
	else if ((prot & ~known) != 0)
		PROMISE(r == -EINVAL);
	else
		PROMISE(r == 0 || r == -ENOMEM || r == -EACCES);
}

/* What concerns no enclave does not come to the driver. */
static void op_range(struct input *in)
{
	uint8_t how = input_u8(in);
	uint64_t la, len, at = 1;
	int r;

	range(in, &la, &len);
	if (!space_overlaps(la, len))
		return;
	switch (how % 8) {
	case 0:
		r = driver_mmap_over(la, len, PROT_NONE,
		                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0,
		                     &at);
		PROMISE(r == 0 ? at == la : r == -EINVAL || r == -ENOMEM);
		break;
	case 1:
		r = driver_mremap(la, len, (how >> 3) * SGX_PAGE_SIZE);
		PROMISE(r == 0 || r == -EINVAL || r == -EFAULT);
		break;
	case 2:
		r = driver_munmap(la, len);
		PROMISE(r == 0 ? !space_overlaps(la, len) : r == -EINVAL || r == -ENOMEM);
		break;
	default: op_mprotect(la, len, how >> 3);
	}
}

/* EACCEPT's effect on a page that waits for it. */
static void accept_page(struct enclave *e, uint32_t page)
{
	struct epcm_entry *entry = &e->state->epcm[page];

	if (entry->valid)
		entry->pending = entry->modified = entry->pr = 0;
}

/* Not every thread can be made to leave: some are another process's. */
static void enter(struct enclave *e, bool is_ours)
{
	leave();
	entered = e;
	can_kick = is_ours;
	thread.epc = &e->epc;
	thread.secs_index = (uint32_t)(e->state->size / SGX_PAGE_SIZE);
	epc_enter(&thread, thread.secs_index);
	e->inside++;
}

/* A store of the enclave to its own page. */
static void store(struct enclave *e, uint32_t page, uint8_t value)
{
	const struct epcm_entry *entry = &e->state->epcm[page];

	if (entry->valid && entry->pt == SGX_PT_REG && entry->w && !entry->pending)
		e->file[page * (uint64_t)SGX_PAGE_SIZE + value] = value;
}

/* An access that faults: by the program, or by the enclave of context. */
static void fault(uint64_t la, uint32_t access, struct enclave *context)
{
	uint64_t mask;
	struct mapping m;
	int epcm_prot, max_prot;

	space_lock(&mask);
	if (context != NULL && space_augment(la, access)) {
		const uint8_t *page = context->file + (la - context->state->base);

		PROMISE(enclave_initialized(context));
		PROMISE(enclave_page(context, la, &epcm_prot, &max_prot) && epcm_prot == 0);
		PROMISE(bytes_zero(page, SGX_PAGE_SIZE));
	}
	if (space_find(la) != NULL) {
		space_paging_user(context, la, &m);
		PROMISE(!m.present ||
		        enclave_page(space_find(la)->enclave, la, &epcm_prot, &max_prot));
		PROMISE(m.epc_index == EPC_NONE ||
		        (context != NULL && m.epc_index < context->epc.count));
		PROMISE(space_fault_is_bus(la, 0) ==
		        (!m.present && space_find(la)->prot != PROT_NONE));
		space_sync(la, la + SGX_PAGE_SIZE);
	}
	space_unlock(&mask);
}

/* What the threads of a running enclave do. */
static void op_inside(struct input *in, int fd)
{
	static const uint32_t accesses[] = { 0, PF_W, PF_I };
	uint8_t how = input_u8(in), page = input_u8(in) & 15;
	const struct space_range *r = space_first(0);
	struct enclave *e;
	uint32_t abi;
	uint64_t la;

	if (enclave_abi(fd, &abi) == 0 && !driver_abi(abi)->by_address)
		e = watch_view(fd);
	else
		e = r == NULL ? NULL : r->enclave;
	if (e == NULL || !enclave_initialized(e) ||
	    page * (uint64_t)SGX_PAGE_SIZE >= e->state->size)
		return;
	la = e->state->base + page * (uint64_t)SGX_PAGE_SIZE;
	switch (how % 6) {
	case 0: accept_page(e, page); break;
	case 1: enter(e, (how & 8) == 0); break;
	case 2: leave(); break;
	case 3: store(e, page, how); break;
	case 4: fault(la, accesses[how / 6 % 3], NULL); break;
	default:
		fault(la, accesses[how / 6 % 3],
		      space_find(la) != NULL && space_find(la)->enclave == e ? e : NULL);
	}
	watch_enclave(e);
}

static void step(struct input *in)
{
	uint8_t op = input_u8(in);
	int *fd = &fds[(op >> 4) % FDS];

	switch (op & 15) {
	case 0: op_fd(in, fd); break;
	case 1:
	case 2: request_op_create(in, *fd); break;
	case 3:
	case 4:
	case 5: request_op_add(in, *fd); break;
	case 6: request_op_init(in, *fd); break;
	case 7: request_op_attribute(in, *fd, provision_fd); break;
	case 8:
	case 9: request_op_modify(in, *fd); break;
	case 10: request_op_raw(in, *fd); break;
	case 11:
	case 12: op_mmap(in, *fd); break;
	case 13: op_range(in); break;
	default: op_inside(in, *fd);
	}
	watch_space();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t start = input_u8(&in);

	for (unsigned int i = 0; i < FDS; i++)
		fds[i] = -1;
	provision_fd = -1;
	program_start();
	requests_start();
	trace_mode = start & 0x40 ? TRACE_LINES | TRACE_STATS : 0;
	driver_launch(start & 0x80 ? "token" : "any");
	open_fd(&fds[0], start, O_RDWR | O_CLOEXEC);
	for (unsigned int i = 0; i < OPS_MAX && in.size > 0; i++)
		step(&in);
	watch_pages();
	leave();
	for (unsigned int i = 0; i < FDS; i++)
		close_fd(&fds[i]);
	close_fd(&provision_fd);
	program_reset();
	return 0;
}
