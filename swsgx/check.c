// SPDX-License-Identifier: Apache-2.0
/* swsgx --check: the features of this machine that software SGX makes use of. */
#include <asm/prctl.h>
#include <cpuid.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sgx/uapi/dcap.h"
#include "swsgx/launcher.h"

#define HWCAP2_FSGSBASE 2
#define CPUID_7_SGX     (1U << 2)

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#ifndef PR_SYS_DISPATCH_OFF
#define PR_SYS_DISPATCH_OFF 0
#endif

static void line(const char *what, bool is_there, const char *yes, const char *no)
{
	printf("%-22s %s\n", what, is_there ? yes : no);
}

static bool has_cpuid_faulting(void)
{
	long on = syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0);

	/* Setting what is set already changes nothing, and fails where the feature is missing. */
	return on >= 0 && syscall(SYS_arch_prctl, ARCH_SET_CPUID, on) == 0;
}

void check_print(void)
{
	unsigned int a, b = 0, c, d;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
		b = 0;
	line("SGX driver",
	     access(SGX_DEV_ENCLAVE, F_OK) == 0 || access(SGX_DEV_DCAP_ENCLAVE, F_OK) == 0,
	     "there: programs can use it without swsgx", "none");
	line("SGX processor", (b & CPUID_7_SGX) != 0, "yes", "none that CPUID tells of");
	line("FSGSBASE", (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0, "yes",
	     "no: every entry and exit costs two more system calls");
	line("CPUID faulting", has_cpuid_faulting(), "yes", "no");
	line("system call dispatch",
	     prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0) == 0, "yes", "no");
}
