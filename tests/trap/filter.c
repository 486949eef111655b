// SPDX-License-Identifier: Apache-2.0
/* See filter.h. */
#include "tests/trap/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/trap/harness.h"

#define HWCAP2_FSGSBASE 2
#define GETPID_32       20

/* Does a child that makes one live? */
static bool has_32_bit_calls(void)
{
	const pid_t child = fork();
	int status = 1;

	NEED(child >= 0);
	if (child == 0) {
		long r = GETPID_32;

		__asm__ volatile("int $0x80" : "+a"(r) : : "r8", "r9", "r10", "r11", "memory");
		_exit(r != getpid());
	}
	NEED(waitpid(child, &status, 0) == child);
	return status == 0;
}

void need_untrapped(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname kernel;

	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE))
		test_skip("this machine has no FSGSBASE");
	if (!has_32_bit_calls())
		test_skip("this machine has no 32-bit system calls");
	NEED(uname(&kernel) == 0 && sscanf(kernel.release, "%u.%u", &major, &minor) == 2);
	if (major < 5 || (major == 5 && minor < 13))
		test_skip("this machine has a kernel that cannot move pages of files");
}

void filter_32_bit(enum filter_action action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, action == FILTER_KILL ? SECCOMP_RET_KILL_PROCESS
		                                                : SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}
