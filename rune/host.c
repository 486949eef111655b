// SPDX-License-Identifier: Apache-2.0
/* What this host gives an enclave container; see host.h. */
#include "rune/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "swsgx/driver/state.h"

/* The nodes of the in-tree, the DCAP and the first driver, and of DCAP before 1.32. */
static const struct {
	const char *path;
	bool is_enclave;
} nodes[HOST_DEVICES_MAX] = {
	{ "/dev/sgx_enclave", true }, { "/dev/sgx_provision", false },
	{ "/dev/sgx/enclave", true }, { "/dev/sgx/provision", false },
	{ "/dev/isgx", true },        { "/dev/sgx", true },
	{ "/dev/sgx_prv", false },
};

void host_find_devices(struct host_devices *ret)
{
	*ret = (struct host_devices){ .count = 0 };
	for (size_t i = 0; i < HOST_DEVICES_MAX; i++) {
		struct stat st;

		if (stat(nodes[i].path, &st) < 0 || !S_ISCHR(st.st_mode))
			continue;
		ret->list[ret->count++] = (struct spec_device){
			.path = nodes[i].path,
			.type = "c",
			.major = major(st.st_rdev),
			.minor = minor(st.st_rdev),
			.mode = st.st_mode & 0777,
			.uid = st.st_uid,
			.gid = st.st_gid,
		};
		ret->has_enclave = ret->has_enclave || nodes[i].is_enclave;
	}
}

int host_part(const char *name, char ret[PATH_MAX], struct err *e)
{
	char self[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size < 0)
		return err_errno(e, "/proc/self/exe");
	self[size] = '\0';
	/* PREFIX/bin/rune */
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(self, '/');

		if (slash)
			*slash = '\0';
	}
	if (snprintf(ret, PATH_MAX, "%s/%s", self, name) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: path too long", self);
	if (access(ret, R_OK) < 0)
		return err_errno(e, "%s", ret);
	return 0;
}

int host_open_platform(int *ret, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	if (state_path(getenv("SWSGX_STATE"), path, e) < 0 || state_create(path, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	*ret = fd;
	return 0;
}

int host_simulates(enum simulation simulation, const struct spec_settings *settings,
                   const struct host_devices *devices, struct err *e)
{
	if (simulation == SIMULATION_ALWAYS)
		return 1;
	if (devices->has_enclave)
		return 0;
	if (simulation == SIMULATION_NEVER)
		return err_set(e, -ENODEV,
		               "no SGX device (/dev/sgx_enclave), and --simulation=never");
	if (spec_args_debug(settings) && !settings->is_product)
		return 1;
	return err_set(
		e, -ENODEV,
		"no SGX device (/dev/sgx_enclave), and only an enclave with the argument debug "
		"runs on software SGX unasked; --simulation=always asks for it");
}
