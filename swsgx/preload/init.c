// SPDX-License-Identifier: Apache-2.0
/*
 * What loading the library does to a process: it learns which drivers there are, and the auxiliary
 * vector says that the vDSO is ours; and it reads the platform's keys, since a program may drop its
 * privileges before it opens a node.  All the rest waits for the first enclave.  It comes before the
 * constructors of all other libraries (-z initfirst), since Intel's urts looks at the vDSO in its own.
 */
#include "swsgx/preload/init.h"

#include <errno.h>
#include <linux/auxvec.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "swsgx/driver/driver.h"
#include "swsgx/driver/platform.h"
#include "swsgx/driver/say.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/trace.h"
#include "swsgx/preload/exec.h"
#include "swsgx/trap/cpuid.h"
#include "swsgx/trap/signal.h"
#include "swsgx/vdso/vdso.h"

struct auxv {
	uint64_t type, value;
};

/* The kernel puts the auxiliary vector behind the environment. */
static struct auxv *auxiliary_vector(char **envp)
{
	while (*envp != NULL)
		envp++;
	return (struct auxv *)(envp + 1);
}

static void replace_vdso(char **envp)
{
	struct auxv *a;
	long at;

	for (a = auxiliary_vector(envp); a->type != AT_SYSINFO_EHDR; a++)
		if (a->type == AT_NULL)
			return;
	at = sys_mmap(0, VDSO_IMAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	              0);
	if (sys_failed(at))
		return;
	if (vdso_make((void *)at, (const void *)a->value, driver_has_vdso()) < 0) {
		sys_munmap((uint64_t)at, VDSO_IMAGE_SIZE);
		return;
	}
	sys_mprotect((uint64_t)at, VDSO_IMAGE_SIZE, PROT_READ);
	vdso_register();
	a->value = (uint64_t)at;
}

/* SWSGX_CPUID=0: not even where the processor can. */
static void arm_cpuid(void)
{
	const char *setting = getenv("SWSGX_CPUID");

	if (setting != NULL && strcmp(setting, "0") == 0)
		return;
	if (cpuid_can_fault() && trap_activate_cpuid() == 0)
		cpuid_arm();
}

static void select_drivers(void)
{
	int r = driver_select(getenv("SWSGX_DRIVER"));

	if (r == -ENOTDIR)
		say("SWSGX_DRIVER: not dcap and dcap-old at once: /dev/sgx is a folder to one and a device "
		    "to the other; there is intree only");
	else if (r < 0)
		say("SWSGX_DRIVER: not a list of intree, dcap, dcap-old and legacy; there is intree only");
}

__attribute__((constructor)) static void loaded(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	if (environ == NULL)
		environ = envp; /* as libc's constructor is going to, for getenv */
	exec_remember(envp);
	platform_remember();
	if (trace_init(getenv("SWSGX_TRACE"), getenv("SWSGX_STATS")) < 0)
		say("SWSGX_TRACE: the file cannot be opened for appending; nothing is traced");
	select_drivers();
	if (driver_launch(getenv("SWSGX_LAUNCH")) < 0)
		say("SWSGX_LAUNCH: neither any nor token; any enclave is launched");
	if (cpuid_epc_size(getenv("SWSGX_EPC_SIZE")) < 0)
		say("SWSGX_EPC_SIZE: not a size in whole pages; the EPC has 128M");
	replace_vdso(envp);
	arm_cpuid();
}

/*
 * libcrypto's constructor and the platform ask CPUID twenty times, and each would be a signal.  No handler of
 * the program's may run meanwhile: it would see what the hardware says.
 */
static int load_platform(struct err *e)
{
	const uint64_t all = ~UINT64_C(0);
	bool was_armed;
	uint64_t mask;
	int r;

	sys_sigprocmask(SIG_BLOCK, &all, &mask);
	was_armed = cpuid_disarm();
	r = platform_load(e);
	if (was_armed)
		cpuid_arm();
	sys_sigprocmask(SIG_SETMASK, &mask, NULL);
	return r;
}

int init_sgx(void)
{
	struct err e;
	int r;

	if (trap_is_active())
		return 0;
	r = load_platform(&e);
	if (r < 0) {
		say(e.text);
		return r;
	}
	r = trap_activate();
	if (r < 0)
		say("cannot take over the signal handlers");
	return r;
}
