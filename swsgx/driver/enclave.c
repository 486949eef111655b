// SPDX-License-Identifier: Apache-2.0
/*
 * Enclave files and this process's views of them.  A file is known by what it is (size, seals, access
 * mode, magic), never by a table of descriptors: fork, dup and SCM_RIGHTS need no help.  A view lives as
 * long as something here uses it: a mapping of the program, a thread inside, a request.
 */
#include "swsgx/driver/enclave.h"

#include <errno.h>
#include <sys/mman.h>

#include "swsgx/driver/file.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/visitor.h"

#define VIEWS_MAX 1024
#define ABIS_MAX  16 /* as many sizes of files there can be */

static struct enclave views[VIEWS_MAX];

bool (*enclave_kick)(struct enclave *e);

static int state_init(int fd, uint32_t abi)
{
	struct enclave_state *state;
	pthread_mutexattr_t attr;
	long at = sys_mmap(0, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	                   ENCLAVE_STATE_OFFSET);

	if (sys_failed(at))
		return (int)at;
	state = (void *)at;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&state->ioctl, &attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&state->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	state->abi = abi;
	state->magic = ENCLAVE_MAGIC;
	return (int)sys_munmap((uint64_t)at, SGX_PAGE_SIZE);
}

int enclave_open(uint32_t abi, int flags)
{
	int fd = file_create("sgx_enclave", ENCLAVE_FILE_SIZE + abi * SGX_PAGE_SIZE);
	int r;

	if (fd < 0)
		return fd;
	r = state_init(fd, abi);
	if (r < 0) {
		sys_close(fd);
		return r;
	}
	return file_hand_out(fd, flags);
}

int provision_open(int flags)
{
	int fd = file_create("sgx_provision", PROVISION_FILE_SIZE);

	return fd < 0 ? fd : file_hand_out(fd, flags);
}

bool provision_is(int fd)
{
	struct stat st;

	return sys_fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == PROVISION_FILE_SIZE && file_is(fd);
}

bool enclave_size_is(off_t size)
{
	uint64_t more = (uint64_t)size - ENCLAVE_FILE_SIZE;

	return more % SGX_PAGE_SIZE == 0 && more / SGX_PAGE_SIZE < ABIS_MAX;
}

/* The size first: it tells most other files apart. */
static bool stat_enclave(int fd, struct stat *ret)
{
	return sys_fstat(fd, ret) == 0 && S_ISREG(ret->st_mode) && enclave_size_is(ret->st_size) &&
	       file_is(fd);
}

bool enclave_is(int fd)
{
	struct stat st;

	return stat_enclave(fd, &st);
}

int enclave_abi(int fd, uint32_t *ret)
{
	struct stat st;

	if (!stat_enclave(fd, &st))
		return sys_fcntl(fd, F_GETFD, 0) < 0 ? -EBADF : -ENOTTY;
	*ret = (uint32_t)(((uint64_t)st.st_size - ENCLAVE_FILE_SIZE) / SGX_PAGE_SIZE);
	return 0;
}

/* All of the file, and its EPC pages once more: 0 or -errno. */
static int map_file(int fd, uint64_t *ret_at, uint64_t *ret_private)
{
	long at = sys_mmap(0, ENCLAVE_FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
	                   fd, 0);
	const struct enclave_state *state;
	long private_at;

	if (sys_failed(at))
		return (int)at;
	private_at = sys_mmap(0, ENCLAVE_SIZE_MAX, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	state = (void *)((uint64_t)at + ENCLAVE_STATE_OFFSET);
	if (sys_failed(private_at)) {
		sys_munmap((uint64_t)at, ENCLAVE_FILE_SIZE);
		return (int)private_at;
	}
	if (state->magic != ENCLAVE_MAGIC) {
		sys_munmap((uint64_t)private_at, ENCLAVE_SIZE_MAX);
		sys_munmap((uint64_t)at, ENCLAVE_FILE_SIZE);
		return -ENOTTY;
	}
	*ret_at = (uint64_t)at;
	*ret_private = (uint64_t)private_at;
	return 0;
}

static int view_make(struct enclave *e, int fd, const struct stat *st)
{
	/* The program's descriptor cannot be mapped, so a second one is. */
	int own = file_reopen(fd), r;
	uint64_t at, private_at;

	if (own < 0)
		return own;
	r = map_file(own, &at, &private_at);
	sys_close(own);
	if (r < 0)
		return r;
	sys_madvise(at, ENCLAVE_FILE_SIZE, MADV_DONTDUMP);
	sys_madvise(private_at, ENCLAVE_SIZE_MAX, MADV_DONTDUMP);
	*e = (struct enclave){ .dev = st->st_dev, .ino = st->st_ino, .file = (void *)at };
	e->private_file = (void *)private_at;
	e->state = (void *)(e->file + ENCLAVE_STATE_OFFSET);
	e->epc.page = e->file;
	e->epc.epcm = e->state->epcm;
	e->changes = __atomic_load_n(&e->state->changes, __ATOMIC_ACQUIRE);
	enclave_epc_update(e);
	visitor_enter(e);
	return 0;
}

int enclave_get(int fd, struct enclave **ret)
{
	struct enclave *unused = NULL;
	struct stat st;
	int r;

	if (!stat_enclave(fd, &st))
		return sys_fcntl(fd, F_GETFD, 0) < 0 ? -EBADF : -ENOTTY;
	for (struct enclave *e = views; e < views + VIEWS_MAX; e++) {
		if (e->file == NULL) {
			if (unused == NULL)
				unused = e;
		} else if (e->ino == st.st_ino && e->dev == st.st_dev) {
			*ret = e;
			return 0;
		}
	}
	if (unused == NULL)
		return -ENOMEM;
	r = view_make(unused, fd, &st);
	if (r < 0)
		return r;
	*ret = unused;
	return 0;
}

struct enclave *enclave_view(unsigned int index)
{
	return index < VIEWS_MAX ? &views[index] : NULL;
}

void enclave_fork_child(void)
{
	for (struct enclave *e = views; e < views + VIEWS_MAX; e++)
		if (e->file != NULL)
			visitor_enter(e);
}

void enclave_sweep(void)
{
	for (struct enclave *e = views; e < views + VIEWS_MAX; e++) {
		if (e->file == NULL || e->mappings != 0 || e->pinned != 0 ||
		    __atomic_load_n(&e->inside, __ATOMIC_ACQUIRE) != 0)
			continue;
		sys_munmap((uintptr_t)e->file, ENCLAVE_FILE_SIZE);
		sys_munmap((uintptr_t)e->private_file, ENCLAVE_SIZE_MAX);
		e->file = NULL;
	}
}

static void robust_lock(pthread_mutex_t *m)
{
	if (pthread_mutex_lock(m) == EOWNERDEAD)
		pthread_mutex_consistent(m);
}

void enclave_lock(struct enclave *e)
{
	robust_lock(&e->state->lock);
}

void enclave_unlock(struct enclave *e)
{
	pthread_mutex_unlock(&e->state->lock);
}

bool enclave_ioctl_begin(struct enclave *e)
{
	int r = pthread_mutex_trylock(&e->state->ioctl);

	if (r == EOWNERDEAD)
		pthread_mutex_consistent(&e->state->ioctl);
	return r == 0 || r == EOWNERDEAD;
}

void enclave_ioctl_end(struct enclave *e)
{
	pthread_mutex_unlock(&e->state->ioctl);
}

bool enclave_page(const struct enclave *e, uint64_t la, int *ret_prot, int *ret_max_prot)
{
	uint64_t index = (la - e->state->base) / SGX_PAGE_SIZE;
	const struct epcm_entry *epcm;
	uint8_t page;

	*ret_prot = 0;
	*ret_max_prot = 0;
	if (!enclave_holds(e, la) || enclave_dead(e))
		return false;
	page = __atomic_load_n(&e->state->page[index], __ATOMIC_ACQUIRE);
	if (!(page & ENCLAVE_PAGE_ADDED))
		return false;
	*ret_max_prot = page & ENCLAVE_PAGE_PROT;
	epcm = &e->state->epcm[index];
	if (epcm->valid && epcm->pt == SGX_PT_REG && !epcm->blocked && !epcm->pending &&
	    !epcm->modified)
		*ret_prot = (epcm->r ? PROT_READ : 0) | (epcm->w ? PROT_WRITE : 0) |
		            (epcm->x ? PROT_EXEC : 0);
	return true;
}

void enclave_epc_update(struct enclave *e)
{
	uint64_t size = __atomic_load_n(&e->state->size, __ATOMIC_ACQUIRE);

	e->epc.count = size == 0 ? 0 : (uint32_t)(size / SGX_PAGE_SIZE) + 1;
}

void enclave_page_set(struct enclave *e, uint64_t offset, uint8_t value)
{
	uint64_t index = offset / SGX_PAGE_SIZE, chunk = index / ENCLAVE_CHUNK;

	__atomic_store_n(&e->state->page[index], value, __ATOMIC_RELEASE);
	__atomic_fetch_or(&e->state->chunks[chunk / 64], UINT64_C(1) << chunk % 64,
	                  __ATOMIC_RELEASE);
}

uint64_t enclave_page_next(const struct enclave *e, uint64_t la, uint64_t end)
{
	const struct enclave_state *state = e->state;
	uint64_t base = state->base, i = la > base ? (la - base) / SGX_PAGE_SIZE : 0;
	uint64_t size = __atomic_load_n(&state->size, __ATOMIC_ACQUIRE);
	uint64_t stop = end <= base ? 0 : end - base < size ? end - base : size;

	for (stop /= SGX_PAGE_SIZE; i < stop;) {
		uint64_t chunk = i / ENCLAVE_CHUNK;
		uint64_t chunks = __atomic_load_n(&state->chunks[chunk / 64], __ATOMIC_ACQUIRE);

		if (!(chunks >> chunk % 64 & 1))
			i = (chunk + 1) * ENCLAVE_CHUNK;
		else if (__atomic_load_n(&state->page[i], __ATOMIC_ACQUIRE) & ENCLAVE_PAGE_ADDED)
			return base + i * SGX_PAGE_SIZE;
		else
			i++;
	}
	return end;
}
