// SPDX-License-Identifier: Apache-2.0
/*
 * Enclave files and this process's views of them.  A file is known by what it is (size, seals,
 * magic), never by a table of descriptors: fork, dup and SCM_RIGHTS need no help.  A view lives as
 * long as something here uses it: a mapping of the program, a thread inside, a request.
 */
#include "swsgx/driver/enclave.h"

#include <errno.h>
#include <linux/memfd.h>
#include <sys/mman.h>

#include "swsgx/driver/sys.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif

#define VIEWS_MAX 1024

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)

static struct enclave views[VIEWS_MAX];

void (*enclave_kick)(struct enclave *e);

/* A memfd of just this size for ever. */
static int sealed_memfd(const char *name, uint64_t size, int flags)
{
	unsigned int memfd_flags = MFD_ALLOW_SEALING | (flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	int fd = (int)sys_call4(SYS_memfd_create, (uintptr_t)name, memfd_flags, 0, 0);
	long r;

	if (fd < 0)
		return fd;
	r = sys_call4(SYS_ftruncate, (uint64_t)fd, size, 0, 0);
	if (r == 0)
		r = sys_fcntl(fd, F_ADD_SEALS, SEALS);
	if (r < 0) {
		sys_close(fd);
		return (int)r;
	}
	return fd;
}

static bool sealed_is(int fd, uint64_t size, uint64_t magic, uint64_t magic_offset,
                      struct stat *ret)
{
	uint64_t found;

	/* With sysctl vm.memfd_noexec the file has one more seal, which concerns execve, not mmap. */
	return sys_fstat(fd, ret) == 0 && S_ISREG(ret->st_mode) && (uint64_t)ret->st_size == size &&
	       (sys_fcntl(fd, F_GET_SEALS, 0) & ~(long)F_SEAL_EXEC) == SEALS &&
	       sys_pread(fd, &found, sizeof(found), magic_offset) == sizeof(found) &&
	       found == magic;
}

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
	int fd = sealed_memfd("sgx_enclave", ENCLAVE_FILE_SIZE, flags);
	int r;

	if (fd < 0)
		return fd;
	r = state_init(fd, abi);
	if (r < 0) {
		sys_close(fd);
		return r;
	}
	return fd;
}

int provision_open(int flags)
{
	uint64_t magic = PROVISION_MAGIC;
	int fd = sealed_memfd("sgx_provision", PROVISION_FILE_SIZE, flags);

	if (fd >= 0)
		sys_call4(SYS_pwrite64, (uint64_t)fd, (uintptr_t)&magic, sizeof(magic), 0);
	return fd;
}

bool provision_is(int fd)
{
	struct stat st;

	return sealed_is(fd, PROVISION_FILE_SIZE, PROVISION_MAGIC, 0, &st);
}

bool enclave_is(int fd)
{
	struct stat st;

	return sealed_is(fd, ENCLAVE_FILE_SIZE, ENCLAVE_MAGIC, ENCLAVE_STATE_OFFSET, &st);
}

int enclave_abi(int fd, uint32_t *ret)
{
	uint64_t at = ENCLAVE_STATE_OFFSET + offsetof(struct enclave_state, abi);

	if (!enclave_is(fd) || sys_pread(fd, ret, sizeof(*ret), at) != sizeof(*ret))
		return sys_fcntl(fd, F_GETFD, 0) < 0 ? -EBADF : -ENOTTY;
	return 0;
}

static int view_make(struct enclave *e, int fd, const struct stat *st)
{
	long at = sys_mmap(0, ENCLAVE_FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
	                   fd, 0);

	if (sys_failed(at))
		return (int)at;
	sys_madvise((uint64_t)at, ENCLAVE_FILE_SIZE, MADV_DONTDUMP);
	*e = (struct enclave){ .dev = st->st_dev, .ino = st->st_ino, .file = (void *)at };
	e->state = (void *)(e->file + ENCLAVE_STATE_OFFSET);
	e->epc.page = e->file;
	e->epc.epcm = e->state->epcm;
	e->changes = __atomic_load_n(&e->state->changes, __ATOMIC_ACQUIRE);
	enclave_epc_update(e);
	return 0;
}

int enclave_get(int fd, struct enclave **ret)
{
	struct enclave *unused = NULL;
	struct stat st;
	int r;

	if (!sealed_is(fd, ENCLAVE_FILE_SIZE, ENCLAVE_MAGIC, ENCLAVE_STATE_OFFSET, &st))
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

void enclave_sweep(void)
{
	for (struct enclave *e = views; e < views + VIEWS_MAX; e++) {
		if (e->file == NULL || e->mappings != 0 || e->pinned != 0 ||
		    __atomic_load_n(&e->inside, __ATOMIC_ACQUIRE) != 0)
			continue;
		sys_munmap((uintptr_t)e->file, ENCLAVE_FILE_SIZE);
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
