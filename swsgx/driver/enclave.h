/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enclave is its file: a memfd that holds the EPC pages at offset linear address - BASEADDR, the
 * SECS in the page after them, and behind those, at ENCLAVE_STATE_OFFSET, everything else there is
 * to know about it.  Whoever has the file has the enclave; a process that uses it maps all of it
 * once (the supervisor's view) and keeps a struct enclave for that view.
 *
 * The EPC page of linear page i is page i; the SECS is page size / 4096.
 */
#ifndef SWSGX_DRIVER_ENCLAVE_H
#define SWSGX_DRIVER_ENCLAVE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sgx/secinfo.h"
#include "swsgx/cpu/cpu.h"

#define ENCLAVE_SIZE_MAX     (UINT64_C(1) << 36)
#define ENCLAVE_PAGES_MAX    (ENCLAVE_SIZE_MAX / SGX_PAGE_SIZE)
#define ENCLAVE_STATE_OFFSET (UINT64_C(1) << 37)
/* The file is as many pages larger as the number of its driver (enum driver_abi_id) says. */
#define ENCLAVE_FILE_SIZE (ENCLAVE_STATE_OFFSET + (UINT64_C(1) << 30))
#define ENCLAVE_MAGIC     UINT64_C(0x31454c4958475357) /* the bytes "WSGXILE1" */

/* What an open("/dev/sgx_provision") returns: a file of this odd size. */
#define PROVISION_FILE_SIZE 0x5356

/* A page's byte in enclave_state.page: what mmap and mprotect may ask for, if the page exists. */
#define ENCLAVE_PAGE_ADDED 0x80
#define ENCLAVE_PAGE_PROT  0x07 /* PROT_READ, PROT_WRITE, PROT_EXEC */
/* Pages of one bit in enclave_state.chunks: as many as have their bytes in one page of the file. */
#define ENCLAVE_CHUNK SGX_PAGE_SIZE

/* A process with a view of the enclave. */
struct enclave_visitor {
	uint32_t pid; /* 0: free; atomic */
	uint64_t pid_namespace;
	uint64_t left; /* none of its threads is inside since before this epoch; atomic */
};
#define ENCLAVE_VISITORS 128

/* In the file, so no pointers. */
struct enclave_state {
	uint64_t magic;
	uint32_t abi;         /* enum driver_abi_id of the node that was opened */
	uint32_t initialized; /* EINIT has succeeded */
	uint32_t dead;        /* of a driver that finds it by_address: a part was unmapped */
	uint64_t size;        /* of the range; 0 until ECREATE has succeeded */
	uint64_t base;
	uint64_t changes;         /* how often pages have lost something after INIT; atomic */
	uint64_t generation;      /* of what an entry checks: each ENCLS starts one; atomic */
	uint64_t attributes;      /* SECS.ATTRIBUTES as they were asked for */
	uint64_t attributes_mask; /* those allowed */
	/* A bit is set when one of its pages has ever been there, so that holes cost nothing. */
	uint64_t chunks[ENCLAVE_PAGES_MAX / ENCLAVE_CHUNK / 64];
	struct enclave_visitor visitors[ENCLAVE_VISITORS];
	uint32_t crowded;      /* a process is not among them: there were too many */
	pthread_mutex_t lock;  /* EPCM, SECS and the above; robust, shared by processes */
	pthread_mutex_t ioctl; /* held while a request is being served; robust, shared */
	_Alignas(4096) struct epcm_entry epcm[ENCLAVE_PAGES_MAX + 1];
	uint8_t page[ENCLAVE_PAGES_MAX];
};
_Static_assert(ENCLAVE_STATE_OFFSET + sizeof(struct enclave_state) <= ENCLAVE_FILE_SIZE, "fits");
_Static_assert(ENCLAVE_SIZE_MAX + SGX_PAGE_SIZE <= ENCLAVE_STATE_OFFSET, "pages, SECS, state");

/* This process's view of one enclave. */
struct enclave {
	dev_t dev;
	ino_t ino;
	uint8_t *file;         /* ENCLAVE_FILE_SIZE bytes, or NULL: free */
	uint8_t *private_file; /* the EPC pages once more, as copies of this process alone */
	struct enclave_state *state;
	struct epc epc;
	uint32_t mappings;               /* entries of the address space's table; under its lock */
	uint32_t inside;                 /* threads of this process; atomic */
	uint32_t pinned;                 /* requests being served; under the address space's lock */
	struct enclave_visitor *visitor; /* this process, or NULL */
	uint64_t changes; /* of the state's, those that the page tables follow; the same lock */
};

/*
 * A new enclave file, as open of a node would: a file descriptor or -errno.  flags: O_CLOEXEC.  Under
 * the address space's lock.
 */
int enclave_open(uint32_t abi, int flags);
int provision_open(int flags);
bool provision_is(int fd);

/*
 * The view of the enclave behind fd, made if need be: 0, -ENOTTY when fd is no enclave, -EBADF or
 * -ENOMEM.  Under the address space's lock.
 */
int enclave_get(int fd, struct enclave **ret);
/* Whose node fd was opened at: 0, -ENOTTY or -EBADF.  Needs no lock and makes no view. */
int enclave_abi(int fd, uint32_t *ret);
/* Is it one?  Needs no lock. */
bool enclave_is(int fd);
/* Might a file of this size be one?  A first look. */
bool enclave_size_is(off_t size);
/* This process's views: the index-th, NULL behind the last.  One whose file is NULL is none. */
struct enclave *enclave_view(unsigned int index);
/* In a child of fork: the views are its own now.  Under the address space's lock. */
void enclave_fork_child(void);
/* Give views back that nothing uses.  Under the address space's lock. */
void enclave_sweep(void);

/* The enclave's own lock, which nests; a holder that died has left nothing half done that matters. */
void enclave_lock(struct enclave *e);
void enclave_unlock(struct enclave *e);
bool enclave_ioctl_begin(struct enclave *e);
void enclave_ioctl_end(struct enclave *e);

static inline bool enclave_created(const struct enclave *e)
{
	return __atomic_load_n(&e->state->size, __ATOMIC_ACQUIRE) != 0;
}

static inline bool enclave_initialized(const struct enclave *e)
{
	return __atomic_load_n(&e->state->initialized, __ATOMIC_ACQUIRE) != 0;
}

static inline bool enclave_dead(const struct enclave *e)
{
	return __atomic_load_n(&e->state->dead, __ATOMIC_ACQUIRE) != 0;
}

/* Is la in the range of an enclave that exists? */
static inline bool enclave_holds(const struct enclave *e, uint64_t la)
{
	uint64_t size = __atomic_load_n(&e->state->size, __ATOMIC_ACQUIRE);

	return la - e->state->base < size;
}

/* The access (PROT_*) that the EPCM grants to enclave code at la, and whether a page is there. */
bool enclave_page(const struct enclave *e, uint64_t la, int *ret_prot, int *ret_max_prot);

/* The first page at la or above and below end that is there, or end.  Holes cost next to nothing. */
uint64_t enclave_page_next(const struct enclave *e, uint64_t la, uint64_t end);
/* The byte of the page at offset from BASEADDR: 0, or ENCLAVE_PAGE_ADDED and a protection. */
void enclave_page_set(struct enclave *e, uint64_t offset, uint8_t value);

/*
 * A fault at la, where the enclave has no page: add one, if the driver does that.  True: there is a
 * page now.  Signals are blocked.
 */
bool enclave_augment(struct enclave *e, uint64_t la);

/*
 * Make the threads leave that are in the enclave since before its last ETRACK, whosever.  They may
 * come back at once.  False: some are still inside.  Set by what can, before the first request.
 */
extern bool (*enclave_kick)(struct enclave *e);

/* The EPC has as many pages as the enclave has by now. */
void enclave_epc_update(struct enclave *e);

#endif
