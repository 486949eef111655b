// SPDX-License-Identifier: Apache-2.0
/*
 * rune check: what this host has of all that enclave containers need, and what to do about what it
 * lacks.  A line a subject; the exit code says whether enclaves can run, on SGX or on software SGX.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/args.h"
#include "rune/host.h"
#include "rune/runtime.h"

#define AESM_SOCKET SPEC_AESMD "/aesm.socket"

enum finding { GOOD, NOTE, BAD };

static void say(enum finding finding, const char *subject, const char *format, ...)
	ERR_PRINTF(3, 4);

static void say(enum finding finding, const char *subject, const char *format, ...)
{
	static const char *const marks[] = { [GOOD] = "ok", [NOTE] = "--", [BAD] = "no" };
	va_list list;

	printf("%s  %s: ", marks[finding], subject);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
}

static void advise(const char *text)
{
	printf("    %s\n", text);
}

/* SDM vol. 2A, CPUID: leaf 7 EBX[2] SGX, ECX[30] SGX_LC; leaf 12H EAX[0] SGX1, EAX[1] SGX2. */
static void check_processor(void)
{
	unsigned int a, b, c, d, versions = 0;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1U << 2)) {
		say(NOTE, "processor", "no SGX (CPUID leaf 7)");
		advise("where the processor has it: enable SGX in the firmware, and in a virtual "
		       "machine have the hypervisor pass it on");
		return;
	}
	__get_cpuid_count(0x12, 0, &versions, &b, &a, &d);
	say(versions & 1 ? GOOD : BAD, "processor", "SGX%s%s", versions & 1 ? "1" : " without SGX1",
	    versions & 2 ? " and SGX2" : "");
	if (c & 1U << 30) {
		say(GOOD, "flexible launch control", "yes");
		return;
	}
	say(NOTE, "flexible launch control", "no (CPUID leaf 7)");
	advise("only the drivers of /dev/isgx run enclaves here, and only with a launch token: "
	       "encl.token beside encl.ss");
}

static const char *driver_of(const char *path)
{
	if (strcmp(path, "/dev/sgx_enclave") == 0)
		return "the kernel's own driver";
	if (strcmp(path, "/dev/isgx") == 0)
		return "linux-sgx-driver, with launch tokens";
	return strcmp(path, "/dev/sgx_provision") == 0 ? "for quotes" : "the DCAP driver";
}

static bool check_devices(void)
{
	struct host_devices devices;
	bool has_provision = false;

	host_find_devices(&devices);
	for (size_t i = 0; i < devices.count; i++) {
		const struct spec_device *d = &devices.list[i];

		say(GOOD, d->path, "%s (%u:%u, mode %04o)", driver_of(d->path), d->major, d->minor,
		    d->mode);
		has_provision = has_provision || strstr(d->path, "prov");
	}
	if (!devices.has_enclave) {
		say(NOTE, "/dev/sgx_enclave", "no SGX device");
		advise("Linux 5.11 and later make it where the processor has SGX with flexible "
		       "launch control and CONFIG_X86_SGX is set");
	} else if (!has_provision) {
		say(NOTE, "/dev/sgx_provision", "not there");
		advise("enclaves that make quotes need it");
	}
	return devices.has_enclave;
}

/* mmap(PROT_EXEC) of a device is refused there (docker's and podman's /dev as well). */
static bool check_noexec(bool has_device)
{
	struct statvfs fs;

	if (!has_device)
		return true;
	if (statvfs("/dev", &fs) == 0 && (fs.f_flag & ST_NOEXEC)) {
		say(BAD, "/dev", "mounted noexec: an enclave cannot be mapped");
		advise("mount -o remount,exec /dev");
		return false;
	}
	say(GOOD, "/dev", "not mounted noexec");
	return true;
}

static void check_aesmd(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = AESM_SOCKET };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		say(GOOD, "aesmd", AESM_SOCKET);
		return;
	}
	say(NOTE, "aesmd", AESM_SOCKET ": %s", strerror(errno));
	advise("quotes and launch tokens come from it: start the service aesmd, or for software SGX "
	       "swsgx aesmd");
}

static bool is_version_2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

static void check_cgroups(void)
{
	struct stat st;

	if (is_version_2("/sys/fs/cgroup"))
		say(GOOD, "cgroups", "version 2");
	else if (is_version_2("/sys/fs/cgroup/unified"))
		say(GOOD, "cgroups", "hybrid, version 1 beside version 2: runc, not crun");
	else if (stat("/sys/fs/cgroup/devices", &st) == 0)
		say(GOOD, "cgroups", "version 1: runc, not crun");
	else {
		say(NOTE, "cgroups", "none at /sys/fs/cgroup");
		advise("mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	}
}

static bool check_runtime(const struct rune *r)
{
	_cleanup_(freep) char *version = NULL;
	char *words[] = { (char[]){ "runtime" }, (char[]){ "--version" }, NULL };
	struct command c = { .words = words, .count = 2 };
	struct rune found = *r;
	struct err e;
	size_t size;

	if (runtime_find(&found, &e) < 0) {
		say(BAD, "low-level runtime", "%s", e.text);
		return false;
	}
	if (runtime_capture(&found, &c, &version, &size, &e) != 0) {
		say(BAD, "low-level runtime", "%s --version fails", found.runtime);
		return false;
	}
	version[strcspn(version, "\n")] = '\0';
	say(GOOD, "low-level runtime", "%s (%s)", found.runtime, version);
	return true;
}

static bool check_part(const char *name)
{
	char path[PATH_MAX];
	struct err e;

	if (host_part(name, path, &e) < 0) {
		say(BAD, name, "%s", e.text);
		return false;
	}
	say(GOOD, name, "%s", path);
	return true;
}

static bool check_software(enum simulation simulation)
{
	_cleanup_(closep) int platform = -1;
	struct err e;

	if (simulation == SIMULATION_NEVER) {
		say(NOTE, "software SGX", "not with --simulation=never");
		return false;
	}
	if (!check_part("lib/libswsgx.so"))
		return false;
	if (host_open_platform(&platform, &e) < 0) {
		say(BAD, "software SGX", "%s", e.text);
		return false;
	}
	say(GOOD, "software SGX", "there; it protects nothing");
	return true;
}

static int verdict(bool runs, bool has_sgx, bool has_software, enum simulation simulation)
{
	bool is_real = has_sgx && simulation != SIMULATION_ALWAYS;

	if (runs && is_real)
		printf("Enclaves run on SGX.\n");
	else if (runs && has_software && simulation == SIMULATION_ALWAYS)
		printf("All enclaves run on software SGX, which protects nothing.\n");
	else if (runs && has_software)
		printf("Enclaves with the argument debug run on software SGX, which protects "
		       "nothing; others do not run.\n");
	else
		printf("Enclaves cannot run.\n");
	return runs && (is_real || has_software) ? 0 : 1;
}

int cmd_check(struct rune *r, struct err *e)
{
	bool runs = true, has_device, has_software, can_map;

	if (r->args[0]) {
		if (strcmp(r->args[0], "--help") != 0 && strcmp(r->args[0], "-h") != 0)
			return err_set(e, -EINVAL, "check: takes no arguments: %s", r->args[0]);
		printf("rune [--oci-runtime PATH] [--simulation auto|always|never] check\n");
		fflush(stdout);
		return 0;
	}
	/* What is printed here comes before what a child prints. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	runs = check_runtime(r) && runs;
	runs = check_part("libexec/rune/runelet") && runs;
	check_cgroups();
	check_processor();
	has_device = check_devices();
	can_map = check_noexec(has_device);
	check_aesmd();
	/* Where there is a device it is used, also when it cannot be mapped. */
	has_software = check_software(r->simulation) &&
	               (!has_device || r->simulation == SIMULATION_ALWAYS);
	return verdict(runs, has_device && can_map, has_software, r->simulation);
}
