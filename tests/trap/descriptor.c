// SPDX-License-Identifier: Apache-2.0
/*
 * The descriptors of the nodes, as files: the kernel's driver has ioctl and mmap and nothing else.
 * Each row is one call with one access mode, before CREATE and with a running enclave, after which the
 * enclave is what it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/uapi/intree.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

#define STATE ((off_t)1 << 37) /* where the enclave's file has more than pages */

ssize_t __read_chk(int fd, void *to, size_t size, size_t room);
ssize_t __pread_chk(int fd, void *to, size_t size, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *to, size_t size, off64_t at, size_t room);

static struct test_enclave e;
static char buffer[64];
static struct iovec vec = { buffer, sizeof(buffer) };
static int pipes[2], other; /* a pipe and an ordinary file */
static off64_t zero_at;

#define CALL(name, ...)                            \
	static ssize_t call_##name(int fd)         \
	{                                          \
		return (ssize_t)name(__VA_ARGS__); \
	}

CALL(read, fd, buffer, 8)
CALL(__read_chk, fd, buffer, 8, sizeof(buffer))
CALL(pread, fd, buffer, 8, STATE)
CALL(pread64, fd, buffer, 8, STATE)
CALL(__pread_chk, fd, buffer, 8, STATE, sizeof(buffer))
CALL(__pread64_chk, fd, buffer, 8, STATE, sizeof(buffer))
CALL(readv, fd, &vec, 1)
CALL(preadv, fd, &vec, 1, STATE)
CALL(preadv64, fd, &vec, 1, STATE)
CALL(preadv2, fd, &vec, 1, STATE, 0)
CALL(preadv64v2, fd, &vec, 1, STATE, 0)
CALL(write, fd, buffer, 8)
CALL(pwrite, fd, buffer, 8, STATE + 16)
CALL(pwrite64, fd, buffer, 8, STATE + 16)
CALL(writev, fd, &vec, 1)
CALL(pwritev, fd, &vec, 1, STATE + 16)
CALL(pwritev64, fd, &vec, 1, STATE + 16)
CALL(pwritev2, fd, &vec, 1, STATE + 16, 0)
CALL(pwritev64v2, fd, &vec, 1, STATE + 16, 0)
CALL(lseek, fd, 0, SEEK_CUR)
CALL(lseek64, fd, STATE, SEEK_SET)
CALL(ftruncate, fd, 0)
CALL(ftruncate64, fd, STATE)
CALL(fsync, fd)
CALL(fdatasync, fd)
CALL(fallocate, fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, STATE, 4096)
CALL(fallocate64, fd, 0, 0, 4096)

static ssize_t call_posix_fallocate(int fd)
{
	errno = posix_fallocate(fd, STATE, 4096);
	return errno == 0 ? 0 : -1;
}

static ssize_t call_sendfile_in(int fd)
{
	return sendfile(other, fd, NULL, 8);
}

static ssize_t call_sendfile_out(int fd)
{
	return sendfile64(fd, other, &zero_at, 8);
}

static ssize_t call_copy_in(int fd)
{
	return copy_file_range(fd, NULL, other, NULL, 8, 0);
}

static ssize_t call_copy_out(int fd)
{
	return copy_file_range(other, NULL, fd, NULL, 8, 0);
}

static ssize_t call_splice_in(int fd)
{
	return splice(fd, NULL, pipes[1], NULL, 8, 0);
}

static ssize_t call_splice_out(int fd)
{
	return splice(pipes[0], NULL, fd, NULL, 8, 0);
}

#define ROW(name, rw, ro, wo)                                           \
	{                                                               \
#name, call_##name,                                     \
		{                                                       \
			[O_RDWR] = rw, [O_RDONLY] = ro, [O_WRONLY] = wo \
		}                                                       \
	}

static const struct {
	const char *name;
	ssize_t (*call)(int fd);
	int code[3]; /* by access mode */
} rows[] = {
	ROW(read, EINVAL, EINVAL, EBADF),         ROW(__read_chk, EINVAL, EINVAL, EBADF),
	ROW(pread, EINVAL, EINVAL, EBADF),        ROW(pread64, EINVAL, EINVAL, EBADF),
	ROW(__pread_chk, EINVAL, EINVAL, EBADF),  ROW(__pread64_chk, EINVAL, EINVAL, EBADF),
	ROW(readv, EINVAL, EINVAL, EBADF),        ROW(preadv, EINVAL, EINVAL, EBADF),
	ROW(preadv64, EINVAL, EINVAL, EBADF),     ROW(preadv2, EINVAL, EINVAL, EBADF),
	ROW(preadv64v2, EINVAL, EINVAL, EBADF),   ROW(write, EINVAL, EBADF, EINVAL),
	ROW(pwrite, EINVAL, EBADF, EINVAL),       ROW(pwrite64, EINVAL, EBADF, EINVAL),
	ROW(writev, EINVAL, EBADF, EINVAL),       ROW(pwritev, EINVAL, EBADF, EINVAL),
	ROW(pwritev64, EINVAL, EBADF, EINVAL),    ROW(pwritev2, EINVAL, EBADF, EINVAL),
	ROW(pwritev64v2, EINVAL, EBADF, EINVAL),  ROW(lseek, ESPIPE, ESPIPE, ESPIPE),
	ROW(lseek64, ESPIPE, ESPIPE, ESPIPE),     ROW(ftruncate, EINVAL, EINVAL, EINVAL),
	ROW(ftruncate64, EINVAL, EINVAL, EINVAL), ROW(fallocate, ENODEV, EBADF, ENODEV),
	ROW(fallocate64, ENODEV, EBADF, ENODEV),  ROW(posix_fallocate, ENODEV, EBADF, ENODEV),
	ROW(sendfile_in, EINVAL, EINVAL, EBADF),  ROW(sendfile_out, EINVAL, EBADF, EINVAL),
	ROW(copy_in, EINVAL, EINVAL, EINVAL),     ROW(copy_out, EINVAL, EINVAL, EINVAL),
	ROW(splice_in, EINVAL, EINVAL, EBADF),    ROW(splice_out, EINVAL, EBADF, EINVAL),
	ROW(fsync, EINVAL, EINVAL, EINVAL),       ROW(fdatasync, EINVAL, EINVAL, EINVAL),
};

static void prepare(void)
{
	NEED(pipe(pipes) == 0 && write(pipes[1], buffer, 8) == 8);
	other = memfd_create("other", 0);
	NEED(other >= 0 && pwrite(other, buffer, sizeof(buffer), 0) == sizeof(buffer));
}

static void refuses_all(int fd, int mode)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		errno = 0;
		if (rows[i].call(fd) != -1 || errno != rows[i].code[mode])
			test_fail(__FILE__, __LINE__, "%s, mode %d: errno is %d, not %d",
			          rows[i].name, mode, errno, rows[i].code[mode]);
	}
}

static void refuses(const char *node)
{
	prepare();
	for (int mode = O_RDONLY; mode <= O_RDWR; mode++) {
		int fd = open(node, mode);

		CHECK(fd >= 0);
		refuses_all(fd, mode);
		refuses_all(dup(fd), mode);
		CHECK_EQUAL(fcntl(fd, F_GETFL) & O_ACCMODE, mode);
		CHECK_EQUAL(close(fd), 0);
	}
}

static void new_refuses(void)
{
	refuses(SGX_DEV_ENCLAVE);
}

static void provision_refuses(void)
{
	refuses(SGX_DEV_PROVISION);
}

static void exit_with(uint64_t value)
{
	struct sgx_enclave_run run = { 0 };

	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, value, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, value);
}

static void running_refuses(void)
{
	enclave_make(&e);
	prepare();
	refuses_all(e.fd, O_RDWR);
	exit_with(7);
}

/* By number: whoever calls the kernel past libc's names is refused by the kernel itself. */
static void system_calls_are_refused(void)
{
	char before[4096], after[4096];

	enclave_make(&e);
	prepare();
	enclave_look(&e, (uint64_t)STATE, before, sizeof(before));
	memset(buffer, 0xff, sizeof(buffer));
	CHECK_EQUAL(syscall(SYS_write, e.fd, buffer, 8), -1);
	CHECK_EQUAL(syscall(SYS_read, e.fd, buffer, 8), -1);
	CHECK_EQUAL(syscall(SYS_pwrite64, e.fd, buffer, 8, STATE + 16), -1);
	CHECK_EQUAL(syscall(SYS_pwritev, e.fd, &vec, 1, STATE + 16, 0), -1);
	CHECK_EQUAL(syscall(SYS_sendfile, e.fd, other, &zero_at, 8), -1);
	CHECK_EQUAL(syscall(SYS_splice, pipes[0], NULL, e.fd, NULL, 8, 0), -1);
	CHECK_EQUAL(syscall(SYS_copy_file_range, other, NULL, e.fd, NULL, 8, 0), -1);
	CHECK_EQUAL(syscall(SYS_ftruncate, e.fd, 0), -1);
	CHECK_EQUAL(syscall(SYS_fallocate, e.fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, STATE,
	                    4096),
	            -1);
	CHECK_EQUAL(syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, e.fd, STATE),
	            -1);
	enclave_look(&e, (uint64_t)STATE, after, sizeof(after));
	CHECK(memcmp(before, after, sizeof(before)) == 0);
	exit_with(8);
}

/* errno of a mapping that is a hint, or 0. */
static int map(int fd, size_t len, int prot, int flags, off_t offset)
{
	void *at;

	errno = 0;
	at = mmap(NULL, len, prot, flags, fd, offset);
	if (at != MAP_FAILED)
		NEED(munmap(at, len) == 0);
	return at == MAP_FAILED ? errno : 0;
}

static void modes_bind_mmap(void)
{
	int ro = open(SGX_DEV_ENCLAVE, O_RDONLY), wo = open(SGX_DEV_ENCLAVE, O_WRONLY);
	int rw = open(SGX_DEV_ENCLAVE, O_RDWR), provision = open(SGX_DEV_PROVISION, O_RDONLY);
	const int rx = PROT_READ | PROT_EXEC, rwx = rx | PROT_WRITE;

	CHECK_EQUAL(map(rw, 4096, rwx, MAP_SHARED, 0), 0);
	CHECK_EQUAL(map(ro, 4096, rx, MAP_SHARED, 0), 0);
	CHECK_EQUAL(map(ro, 4096, PROT_WRITE, MAP_SHARED, 0), EACCES);
	CHECK_EQUAL(map(wo, 4096, PROT_WRITE, MAP_SHARED, 0), EACCES);
	CHECK_EQUAL(map(wo, 4096, PROT_NONE, MAP_SHARED, 0), EACCES);
	CHECK_EQUAL(map(ro, 4096, PROT_WRITE, MAP_PRIVATE, 0), EINVAL);
	CHECK_EQUAL(map(provision, 4096, PROT_READ, MAP_SHARED, 0), ENODEV);
}

static void mmap_refuses_arguments(void)
{
	int fd = open(SGX_DEV_ENCLAVE, O_RDWR);

	CHECK_EQUAL(map(fd, 4096, PROT_READ, MAP_SHARED, 1), EINVAL);
	CHECK_EQUAL(map(fd, 4096, PROT_READ, MAP_SHARED, 4095), EINVAL);
	CHECK_EQUAL(map(fd, 0, PROT_READ, MAP_SHARED, 0), EINVAL);
	CHECK_EQUAL(map(fd, (size_t)-1, PROT_READ, MAP_SHARED, 0), ENOMEM);
	CHECK_EQUAL(map(fd, (size_t)1 << 47, PROT_READ, MAP_SHARED, 0), ENOMEM);
	CHECK_EQUAL(map(fd, (size_t)1 << 63, PROT_READ, MAP_SHARED, 0), ENOMEM);
	CHECK_EQUAL(map(fd, (size_t)1 << 40, PROT_READ, MAP_SHARED, 0), 0);
	errno = 0;
	CHECK(mmap((void *)0x7fffffffe000, 8192, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) ==
	      MAP_FAILED);
	CHECK_EQUAL(errno, ENOMEM);
	errno = 0;
	CHECK(mmap((void *)0x100001, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED);
	CHECK_EQUAL(errno, EINVAL);
}

static void mprotect_is_bound_too(void)
{
	const struct sgx_secinfo rw = { .flags = SGX_SECINFO_REG | SGX_SECINFO_R | SGX_SECINFO_W };
	static const _Alignas(SGX_PAGE_SIZE) char zeros[SGX_PAGE_SIZE];
	struct sgx_enclave_add_pages add = { .src = (uintptr_t)zeros,
		                             .offset = 0,
		                             .length = SGX_PAGE_SIZE,
		                             .secinfo = (uintptr_t)&rw };
	void *at;

	enclave_reserve(&e);
	e.fd = open(SGX_DEV_ENCLAVE, O_RDONLY); /* requests need no writing */
	enclave_create(&e);
	CHECK_EQUAL(ioctl(e.fd, SGX_IOC_ENCLAVE_ADD_PAGES, &add), 0);
	at = mmap(e.base, SGX_PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, e.fd, 0);
	CHECK(at == e.base);
	errno = 0;
	CHECK_EQUAL(mprotect(at, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE), -1);
	CHECK_EQUAL(errno, EACCES);
	CHECK_EQUAL(mprotect(at, SGX_PAGE_SIZE, PROT_NONE), 0);
	CHECK_EQUAL(mprotect(at, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(*(volatile char *)at, 0);
}

static void is_a_device(void)
{
	struct stat by_fd, by_path;

	for (int provision = 0; provision < 2; provision++) {
		const char *node = provision ? SGX_DEV_PROVISION : SGX_DEV_ENCLAVE;
		int fd = open(node, O_RDONLY);

		CHECK_EQUAL(fstat(fd, &by_fd), 0);
		CHECK_EQUAL(stat(node, &by_path), 0);
		CHECK(S_ISCHR(by_fd.st_mode));
		CHECK_EQUAL(by_fd.st_rdev, by_path.st_rdev);
		CHECK_EQUAL(major(by_fd.st_rdev), 10); /* a misc device */
		CHECK_EQUAL(by_fd.st_size, 0);
		CHECK_EQUAL(by_fd.st_blocks, 0);
	}
}

static unsigned long long blocks(void)
{
	struct stat st;

	NEED(syscall(SYS_fstat, e.fd, &st) == 0); /* of the file, not of the device */
	return (unsigned long long)st.st_blocks;
}

/* What has been looked at of the file is there afterwards: a hole that is read becomes memory. */
static void huge_ranges(void)
{
	const size_t size = (size_t)1 << 35, all = (size_t)1 << 36;
	unsigned long long before;
	void *at = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	NEED(at != MAP_FAILED);
	enclave_reserve(&e);
	enclave_open_node(&e);
	e.base = (void *)(((uintptr_t)at + size - 1) & ~(size - 1));
	e.size = size;
	e.secs.size = size;
	e.secs.baseaddr = (uintptr_t)e.base;
	enclave_create(&e);
	enclave_add(&e);
	before = blocks();
	CHECK(mmap(e.base, size, PROT_READ, MAP_SHARED | MAP_FIXED, e.fd, 0) == e.base);
	CHECK_EQUAL(mprotect(e.base, size, PROT_NONE), 0);
	CHECK_EQUAL(mprotect(e.base, size, PROT_READ), 0);
	CHECK(memcmp(e.base + PAGE_CODE * SGX_PAGE_SIZE, code_start, SGX_PAGE_SIZE) == 0);
	CHECK(blocks() - before <= 64); /* 32 KiB; a byte for each page of the range is 8 MiB */
}

static int lowest(void)
{
	int fd = dup(STDIN_FILENO);

	NEED(fd >= 0 && close(fd) == 0);
	return fd;
}

static void open_is_lowest(void)
{
	static const char *const paths[] = { SGX_DEV_ENCLAVE, SGX_DEV_PROVISION,
		                             "/proc/self/maps" };

	enclave_make(&e);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int wanted = lowest();

		CHECK_EQUAL(open(paths[i], O_RDONLY), wanted);
		CHECK_EQUAL(fcntl(wanted, F_GETFD), 0);
		wanted = lowest();
		CHECK_EQUAL(open(paths[i], O_RDONLY | O_CLOEXEC), wanted);
		CHECK_EQUAL(fcntl(wanted, F_GETFD), FD_CLOEXEC);
	}
}

static const struct test tests[] = {
	{ "a descriptor that has no enclave yet cannot be read, written or moved in", new_refuses,
	  0 },
	{ "nor can one of the provision node", provision_refuses, 0 },
	{ "nor one of a running enclave, which stays as it was", running_refuses, 0 },
	{ "the kernel refuses it, not libc's names", system_calls_are_refused, 0 },
	{ "mmap is bound by the access mode of open", modes_bind_mmap, 0 },
	{ "mprotect is bound by it, too", mprotect_is_bound_too, 0 },
	{ "mmap refuses offsets, lengths and addresses that no file can have",
	  mmap_refuses_arguments, 0 },
	{ "open is the lowest number that is free, closed by execve or not", open_is_lowest, 0 },
	{ "fstat says what stat says: a misc device", is_a_device, 0 },
	{ "a mapping costs what is in it, not what it spans", huge_ranges, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
