// SPDX-License-Identifier: Apache-2.0
/*
 * swsgx --check: what this machine offers to software SGX, and what it means where something is
 * missing.  Each thing is tried, not looked up by a version.
 */
#include "swsgx/launcher.h"

#include "swsgx/driver/enclave.h" /* before elf.h, which has names of its own for PF_W and others */

#include <asm/prctl.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "sgx/uapi/dcap.h"
#include "sgx/uapi/legacy.h"

#define HWCAP2_FSGSBASE 2
#define CPUID_7_SGX     (1U << 2)

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#ifndef PR_SYS_DISPATCH_OFF
#define PR_SYS_DISPATCH_OFF 0
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

struct finding {
	bool is_there;
	const char *text;
};

static struct finding found(bool is_there, const char *yes, const char *no)
{
	return (struct finding){ is_there, is_there ? yes : no };
}

static void leave(int sig)
{
	_exit(sig);
}

/* In a child: an ENCLU of a leaf that does not exist, so that no processor executes it. */
static struct finding enclu(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, leave);
		signal(SIGILL, leave);
		__asm__ volatile(".byte 0x0f, 0x01, 0xd7" ::"a"(0xffff), "b"(0), "c"(0) : "memory");
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return found(false, NULL, "cannot be tried: no new process");
	if (WEXITSTATUS(status) == SIGSEGV)
		return found(true, "raises SIGSEGV, where software SGX takes over", NULL);
	return found(WEXITSTATUS(status) == SIGILL, "raises SIGILL, where software SGX takes over",
	             "raises no signal: software SGX does not see it");
}

/* 0 or -errno; the limit of file sizes is raised as the driver does. */
static int set_size(int fd, uint64_t size)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0 && getrlimit(RLIMIT_FSIZE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

/* An enclave's file: what the driver opens, sized, mapped as a whole and executable. */
static struct finding enclave_file(void)
{
	_cleanup_(closep) int fd = memfd_create("swsgx-check", MFD_CLOEXEC);
	void *at;
	int r;

	if (fd < 0)
		return found(false, NULL, "no memfd: the kernel refuses it");
	r = set_size(fd, ENCLAVE_FILE_SIZE);
	if (r == -EFBIG)
		return found(false, NULL, "may not be so large: a limit (ulimit -Hf)");
	at = r < 0 ? MAP_FAILED
	           : mmap(NULL, ENCLAVE_FILE_SIZE, PROT_READ | PROT_WRITE,
	                  MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (at == MAP_FAILED)
		return found(false, NULL,
		             "no address space for it: a limit (ulimit -v) or an overcommit rule");
	munmap(at, ENCLAVE_FILE_SIZE);
	at = mmap(NULL, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return found(false, NULL, "may not be mapped for execution");
	munmap(at, SGX_PAGE_SIZE);
	return found(true, "a memfd, whose pages may be executed", NULL);
}

static struct finding populate(void)
{
	char *at = mmap(NULL, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                -1, 0);
	bool is_there;

	if (at == MAP_FAILED)
		return found(false, NULL, "cannot be tried: no memory");
	is_there = madvise(at, SGX_PAGE_SIZE, MADV_POPULATE_WRITE) == 0;
	munmap(at, SGX_PAGE_SIZE);
	return found(is_there, "can be probed",
	             "cannot be probed before Linux 5.14: leaves that write to it fault");
}

static struct finding driver(void)
{
	return found(access(SGX_DEV_ENCLAVE, F_OK) == 0 ||
	                     access(SGX_DEV_DCAP_ENCLAVE, F_OK) == 0 ||
	                     access(SGX_DEV_ISGX, F_OK) == 0 ||
	                     access(SGX_DEV_DCAP_OLD_PROVISION, F_OK) == 0,
	             "there: programs can use it without swsgx, which hides it",
	             "none: without swsgx programs find no SGX");
}

static struct finding processor(void)
{
	unsigned int a, b = 0, c, d;

	return found(__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & CPUID_7_SGX),
	             "CPUID tells of it", "none that CPUID tells of");
}

static struct finding fsgsbase(void)
{
	return found((getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0,
	             "yes: enclaves set their bases at no cost",
	             "no: every entry and exit traps, and costs two more system calls");
}

static struct finding cpuid_faulting(void)
{
	long on = syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0);

	/* Setting what is set already changes nothing, and fails where the feature is missing. */
	return found(on >= 0 && syscall(SYS_arch_prctl, ARCH_SET_CPUID, on) == 0,
	             "yes: programs that execute CPUID see SGX, and in an enclave it is #UD",
	             "no: programs that execute CPUID see this processor's own answer");
}

static struct finding dispatch(void)
{
	return found(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0) == 0,
	             "yes: SYSCALL in an enclave is #UD", "no: SYSCALL in an enclave is executed");
}

/* The first line of a file of /proc: its first character, or 0. */
static char setting(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c;

	return fd >= 0 && read(fd, &c, 1) == 1 ? c : '\0';
}

static struct finding debugger(void)
{
	char scope = setting("/proc/sys/kernel/yama/ptrace_scope");

	return found(scope == '\0' || scope == '0', "may attach to a running program",
	             "attaches to its own children only (sysctl kernel.yama.ptrace_scope)");
}

static struct finding address_0(void)
{
	return found(setting("/proc/sys/vm/mmap_min_addr") == '0', "can be mapped: yes",
	             "cannot be mapped by all (sysctl vm.mmap_min_addr): enclaves start above it");
}

int check_print(void)
{
	static const struct {
		const char *name;
		bool is_needed;
		struct finding (*find)(void);
	} checks[] = {
		{ "ENCLU", true, enclu },
		{ "enclave's file", true, enclave_file },
		{ "program's memory", true, populate },
		{ "SGX driver", false, driver },
		{ "SGX processor", false, processor },
		{ "FSGSBASE", false, fsgsbase },
		{ "CPUID faulting", false, cpuid_faulting },
		{ "system call dispatch", false, dispatch },
		{ "debugger", false, debugger },
		{ "address 0", false, address_0 },
	};
	bool is_usable = true;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct finding f = checks[i].find();

		printf("%-22s %s\n", checks[i].name, f.text);
		is_usable = is_usable && (f.is_there || !checks[i].is_needed);
	}
	printf("%-22s %s\n", "software SGX",
	       is_usable ? "can be used here" : "cannot be used here");
	return is_usable && fflush(stdout) == 0 ? 0 : 1;
}
