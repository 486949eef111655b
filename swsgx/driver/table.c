// SPDX-License-Identifier: Apache-2.0
/*
 * The drivers of this machine, and from a request's number to its row.  The order of checks is the
 * kernel's: unknown number, another request in flight, state, argument.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "swsgx/driver/abi.h"
#include "swsgx/driver/copy.h"
#include "swsgx/driver/driver.h"
#include "swsgx/driver/space.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/trace.h"

#define IOC_SIZE(number) ((number) >> 16 & 0x3fff)
#define IOC_READ(number) ((number) >> 31 & 1) /* the kernel writes to the argument */
#define REQUEST_SIZE_MAX 64

static const struct driver_abi *const abis[DRIVER_ABIS] = {
	[DRIVER_INTREE] = &driver_intree,
	[DRIVER_DCAP] = &driver_dcap,
	[DRIVER_LEGACY] = &driver_legacy,
	[DRIVER_DCAP_OLD] = &driver_dcap_old,
};
/* /dev/sgx is a folder to one and a device to the other. */
#define BOTH_DCAP (1U << DRIVER_DCAP | 1U << DRIVER_DCAP_OLD)
static unsigned int selected = 1 << DRIVER_INTREE;

const struct driver_abi *driver_abi(uint32_t id)
{
	return abis[id < DRIVER_ABIS ? id : DRIVER_INTREE];
}

int driver_select(const char *names)
{
	unsigned int chosen = 0;
	size_t len;

	if (names == NULL || *names == '\0')
		return 0;
	for (; *names != '\0'; names += len + (names[len] == ',')) {
		uint32_t id = 0;

		len = strcspn(names, ",");
		while (id < DRIVER_ABIS &&
		       (strlen(abis[id]->name) != len || strncmp(abis[id]->name, names, len) != 0))
			id++;
		if (id == DRIVER_ABIS)
			return -EINVAL;
		chosen |= 1U << id;
	}
	if ((chosen & BOTH_DCAP) == BOTH_DCAP)
		return -ENOTDIR;
	selected = chosen;
	return 0;
}

bool driver_has_vdso(void)
{
	for (uint32_t id = 0; id < DRIVER_ABIS; id++)
		if ((selected >> id & 1) && abis[id]->has_vdso)
			return true;
	return false;
}

/* Absolute paths only; "//" and "/./" are as good as "/". */
static bool path_is(const char *path, const char *node)
{
	if (*path != '/')
		return false;
	for (;;) {
		if (*path == '/') {
			while (*path == '/' || (path[0] == '.' && (path[1] == '/')))
				path++;
			if (*node++ != '/')
				return false;
		}
		if (*path != *node)
			return false;
		if (*path == '\0')
			return true;
		path++;
		node++;
	}
}

enum driver_node driver_node(const char *path, uint32_t *ret_abi)
{
	/* Few paths get further than this. */
	if (path == NULL || strstr(path, "sgx") == NULL)
		return NODE_NONE;
	for (uint32_t id = 0; id < DRIVER_ABIS; id++) {
		if (!(selected >> id & 1))
			continue;
		*ret_abi = id;
		if (path_is(path, abis[id]->enclave_node))
			return NODE_ENCLAVE;
		if (abis[id]->provision_node != NULL && path_is(path, abis[id]->provision_node))
			return NODE_PROVISION;
	}
	return NODE_NONE;
}

static int open_node(enum driver_node node, uint32_t abi, int flags)
{
	uint64_t mask;
	int r;

	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	space_lock(&mask);
	enclave_sweep(); /* views that an earlier enclave has left */
	r = node == NODE_PROVISION ? provision_open(flags) : enclave_open(abi, flags);
	space_unlock(&mask);
	return r;
}

int driver_open(enum driver_node node, uint32_t abi, int flags)
{
	const struct driver_abi *a = driver_abi(abi);
	const char *path = node == NODE_PROVISION ? a->provision_node : a->enclave_node;
	struct trace_call call;

	trace_begin(&call, NULL);
	return trace_open(&call, path, flags, open_node(node, abi, flags));
}

static const struct driver_request *find(const struct driver_abi *abi, uint32_t number)
{
	for (unsigned int i = 0; i < abi->request_count; i++)
		if (abi->requests[i].number == number)
			return &abi->requests[i];
	return NULL;
}

static unsigned int state_of(const struct enclave *e)
{
	return enclave_initialized(e) ? STATE_INITIALIZED
	       : enclave_created(e)   ? STATE_CREATED
	                              : STATE_NEW;
}

static int serve(const struct driver_request *row, struct request_context *c, uint64_t arg)
{
	_Alignas(8) uint8_t copy[REQUEST_SIZE_MAX];
	size_t size = IOC_SIZE(row->number);
	int r;

	if (row->handler == NULL)
		return -ENODEV;
	if (c->enclave != NULL && !(row->states & state_of(c->enclave)))
		return -EINVAL;
	if (size > sizeof(copy) || driver_copy(copy, (const void *)arg, size) != 0)
		return -EFAULT;
	r = row->handler(c, copy);
	if (IOC_READ(row->number) && (r == 0 || c->copy_back) &&
	    driver_copy((void *)arg, copy, size) != 0)
		return -EFAULT;
	return r;
}

/* The view stays while the request is served, although the lock does not. */
static int pin(int fd, struct enclave **ret)
{
	uint64_t mask;
	int r;

	space_lock(&mask);
	r = enclave_get(fd, ret);
	if (r == 0)
		(*ret)->pinned++;
	space_unlock(&mask);
	return r;
}

static void unpin(struct enclave *e)
{
	uint64_t mask;

	space_lock(&mask);
	e->pinned--;
	space_unlock(&mask);
}

/* A request to the enclave that the file is: one at a time. */
static int serve_file(const struct driver_request *row, struct request_context *c, uint64_t arg)
{
	int r = pin(c->fd, &c->enclave);

	if (r < 0)
		return r;
	if (!enclave_ioctl_begin(c->enclave)) {
		r = -EBUSY;
	} else {
		r = row == NULL ? -ENOTTY : serve(row, c, arg);
		enclave_ioctl_end(c->enclave);
	}
	unpin(c->enclave);
	return r;
}

bool request_is_awaited(const struct request_context *c)
{
	uint64_t pending = 0;

	sys_call4(SYS_rt_sigpending, (uintptr_t)&pending, sizeof(pending), 0, 0);
	return (pending & ~c->mask) != 0;
}

static void hold_signals(uint64_t *ret_mask)
{
	const uint64_t asynchronous = ~SPACE_FAULTS;

	sys_sigprocmask(SIG_BLOCK, &asynchronous, ret_mask);
}

int driver_ioctl(int fd, unsigned long request, uint64_t arg)
{
	const struct driver_request *row;
	struct request_context c = { .fd = fd };
	struct trace_call call;
	uint32_t abi;
	int r = enclave_abi(fd, &abi);

	if (r < 0)
		return r;
	trace_begin(&call, NULL);
	c.abi = driver_abi(abi);
	row = find(c.abi, (uint32_t)request);
	do {
		hold_signals(&c.mask);
		c.again = false;
		if (!c.abi->by_address)
			r = serve_file(row, &c, arg);
		else
			r = row == NULL ? -ENOTTY : serve(row, &c, arg);
		if (!c.again)
			trace_ioctl(&call, fd, request, arg, r);
		sys_sigprocmask(SIG_SETMASK, &c.mask, NULL);
	} while (c.again);
	return r;
}
