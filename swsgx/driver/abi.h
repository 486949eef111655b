/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One driver's ABI: its nodes and a table of its requests.  A row is { request, handler, states };
 * the size of the argument is in the request's number, and copying it in and out, -EFAULT, the state
 * and -EBUSY are the table's business, not the handler's.
 */
#ifndef SWSGX_DRIVER_ABI_H
#define SWSGX_DRIVER_ABI_H

#include <stdbool.h>
#include <stdint.h>

#include "swsgx/driver/enclave.h"

enum driver_abi_id {
	DRIVER_INTREE,
	DRIVER_DCAP,
	DRIVER_LEGACY,
	DRIVER_DCAP_OLD,
	DRIVER_ABIS,
};

/* In which states of the enclave a request is served; in others -EINVAL. */
#define STATE_NEW         1 /* before CREATE */
#define STATE_CREATED     2
#define STATE_INITIALIZED 4
#define STATE_ANY         7

/*
 * arg: a copy of the argument.  c->copy_back: write arg back to the program even on failure; it
 * is false at first, and success always writes back a request that is read-write.
 *
 * Signals wait while a request is served, as in the kernel: a handler may leave by longjmp.  One that
 * takes long looks now and then whether any does (request_is_awaited), and if so ends as if it had
 * succeeded, with nothing held and c->again set; it is called again after the handlers, if they return.
 */
struct request_context {
	const struct driver_abi *abi;
	struct enclave *enclave; /* NULL with by_address: the handler finds it */
	int fd;
	bool copy_back;
	bool again;
	uint64_t done; /* how far it has come, as the handler counts; 0 at first */
	uint64_t mask; /* the program's signals */
};
typedef int request_fn(struct request_context *c, void *arg);

struct driver_request {
	uint32_t number;
	request_fn *handler; /* NULL: the processor lacks what it needs, -ENODEV before all else */
	unsigned int states;
};

struct driver_abi {
	const char *name; /* as --driver and SWSGX_DRIVER spell it */
	const char *enclave_node, *provision_node;
	const struct driver_request *requests;
	unsigned int request_count;
	bool map_only_range;  /* after INIT, mmap outside the enclave's range is -EACCES */
	bool mprotect_checks; /* mprotect is held to what mmap may */
	int einit_fault;      /* errno of an EINIT that faults */
	bool has_vdso;        /* comes with the kernel that has __vdso_sgx_enter_enclave */
	/*
	 * mmap makes an enclave's file, which lives as long as that mapping, and requests name it by
	 * an address.  The file that was opened stays empty: it only says which driver's it is.
	 */
	bool by_address;
	bool augments; /* a fault in a hole of a running enclave adds a page there */
	/* It does so only where the mapping can be written, and a write is SIGBUS all the same. */
	bool augment_is_bus;
};

const struct driver_abi *driver_abi(uint32_t id);
extern const struct driver_abi driver_intree, driver_dcap, driver_legacy, driver_dcap_old;

/* Does a signal wait that the program would get? */
bool request_is_awaited(const struct request_context *c);
/*
 * The lock of an enclave, without a signal in between: a handler of the program may enter the
 * enclave whose lock its thread holds.
 */
void request_lock(struct enclave *e, uint64_t *ret_mask);
void request_unlock(struct enclave *e, const uint64_t *mask);
/* A page that EADD may add: 0 or -EINVAL. */
int request_check_secinfo(const struct sgx_secinfo *secinfo);
/* Offset and length of pages in the range: not empty, whole pages, no wrap; 0 or -EINVAL. */
int request_check_range(const struct enclave *e, uint64_t offset, uint64_t length);
/* Attributes for which nobody needs the provision node. */
#define ATTRIBUTES_FREE (SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY)

/*
 * A new tracking cycle, which the threads that were inside before have left.  -EFAULT when that cannot
 * be had: EACCEPT says SGX_NOT_TRACKED then.
 */
int request_track(struct enclave *e);

/* Handlers that several ABIs share. */
int request_create(struct request_context *c, void *arg);
int request_add_pages(struct request_context *c, void *arg);
int request_init(struct request_context *c, void *arg);
int request_provision(struct request_context *c, void *arg);
int request_restrict_permissions(struct request_context *c, void *arg);
int request_modify_types(struct request_context *c, void *arg);
int request_remove_pages(struct request_context *c, void *arg);

#endif
