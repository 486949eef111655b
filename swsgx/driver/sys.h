/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls without libc.  Everything below preload/ calls the kernel this way: the names that
 * preload/ takes over would come back to us, errno belongs to the program, and signal handlers of
 * ours run where libc may not.  All return the kernel's value: -errno on failure.
 */
#ifndef SWSGX_DRIVER_SYS_H
#define SWSGX_DRIVER_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static inline long sys_call6(long n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                             uint64_t f)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
	                 : "=a"(ret)
	                 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys_call4(long n, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return sys_call6(n, a, b, c, d, 0, 0);
}

static inline bool sys_failed(long r)
{
	return (unsigned long)r > -4096UL;
}

static inline long sys_openat(int dir, const char *path, int flags, mode_t mode)
{
	return sys_call4(SYS_openat, (uint64_t)dir, (uintptr_t)path, (uint64_t)flags, mode);
}

static inline long sys_close(int fd)
{
	return sys_call4(SYS_close, (uint64_t)fd, 0, 0, 0);
}

static inline long sys_pread(int fd, void *buf, size_t size, uint64_t offset)
{
	return sys_call4(SYS_pread64, (uint64_t)fd, (uintptr_t)buf, size, offset);
}

static inline long sys_write(int fd, const void *buf, size_t size)
{
	return sys_call4(SYS_write, (uint64_t)fd, (uintptr_t)buf, size, 0);
}

static inline long sys_fstat(int fd, struct stat *ret)
{
	return sys_call4(SYS_fstat, (uint64_t)fd, (uintptr_t)ret, 0, 0);
}

static inline long sys_fcntl(int fd, int command, uint64_t arg)
{
	return sys_call4(SYS_fcntl, (uint64_t)fd, (uint64_t)command, arg, 0);
}

static inline long sys_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd,
                            uint64_t offset)
{
	return sys_call6(SYS_mmap, addr, len, (uint64_t)prot, (uint64_t)flags, (uint64_t)fd,
	                 offset);
}

static inline long sys_munmap(uint64_t addr, uint64_t len)
{
	return sys_call4(SYS_munmap, addr, len, 0, 0);
}

static inline long sys_mprotect(uint64_t addr, uint64_t len, int prot)
{
	return sys_call4(SYS_mprotect, addr, len, (uint64_t)prot, 0);
}

static inline long sys_mremap(uint64_t addr, uint64_t old_len, uint64_t len, int flags, uint64_t to)
{
	return sys_call6(SYS_mremap, addr, old_len, len, (uint64_t)flags, to, 0);
}

static inline long sys_madvise(uint64_t addr, uint64_t len, int advice)
{
	return sys_call4(SYS_madvise, addr, len, (uint64_t)advice, 0);
}

/* Signal sets are the kernel's: bit n - 1 is signal n. */
static inline long sys_sigprocmask(int how, const uint64_t *set, uint64_t *ret_old)
{
	return sys_call4(SYS_rt_sigprocmask, (uint64_t)how, (uintptr_t)set, (uintptr_t)ret_old, 8);
}

#endif
