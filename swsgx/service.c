// SPDX-License-Identifier: Apache-2.0
/*
 * The services that come along, programs of their own in ../libexec/swsgx: they are told where the
 * platform's keys are, and those that have enclaves run on software SGX.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "swsgx/driver/state.h"
#include "swsgx/launcher.h"

/* The quoting enclave is for the first of these drivers, the launch enclave for the second. */
#define SERVICE_DRIVERS "intree,legacy"
#define OWN_ARGUMENTS   5 /* the service's name, two options with their values */

static const struct service {
	const char *name;
	bool has_enclaves;
} services[] = {
	{ "aesmd", true },
	{ "collateral", true },
	{ "pccs", false },
};

static const struct service *find(const char *name)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return NULL;
}

bool service_known(const char *name)
{
	return find(name) != NULL;
}

static int program_path(const char *name, char ret[PATH_MAX], struct err *e)
{
	char library[PATH_MAX];
	int r = library_path(library, e);

	if (r < 0)
		return r;
	*strrchr(library, '/') = '\0';
	if ((size_t)snprintf(ret, PATH_MAX, "%s/../libexec/swsgx/%s", library, name) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "the path of %s is too long", name);
	return access(ret, X_OK) < 0 ? err_errno(e, "%s", ret) : 0;
}

/* --name VALUE or --name=VALUE at argv[*at]: *ret is the value, *at the last word of it. */
static bool take(const char *name, int argc, char **argv, int *at, const char **ret)
{
	size_t len = strlen(name);

	if (strncmp(argv[*at], name, len) != 0)
		return false;
	if (argv[*at][len] == '=') {
		*ret = argv[*at] + len + 1;
		return true;
	}
	if (argv[*at][len] != '\0' || *at + 1 >= argc)
		return false;
	*ret = argv[++*at];
	return true;
}

/* Where keys and machine are, and the environment of all that runs on this platform. */
static int prepare(const char *driver, const char *state, char keys[PATH_MAX],
                   char machine[PATH_MAX], struct err *e)
{
	_cleanup_(freep) char *absolute = NULL;
	char library[PATH_MAX];
	int r = state_path(state != NULL ? state : getenv("SWSGX_STATE"), machine, e);

	if (r < 0)
		return r;
	if (strncmp(machine, "fd:", 3) == 0)
		return err_set(e, -EINVAL, "%s: a service wants the platform's folder", machine);
	r = state_create(machine, e);
	if (r < 0)
		return r;
	absolute = realpath(machine, NULL);
	if (absolute == NULL || strlen(absolute) >= PATH_MAX)
		return err_errno(e, "%s", machine);
	memcpy(machine, absolute, strlen(absolute) + 1);
	*strrchr(absolute, '/') = '\0';
	if ((size_t)snprintf(keys, PATH_MAX, "%s/aesmd", absolute) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: the path is too long", absolute);
	r = library_path(library, e);
	if (r == 0 && (setenv("SWSGX_STATE", absolute, 1) < 0 ||
	               setenv("SWSGX_DRIVER", driver != NULL ? driver : SERVICE_DRIVERS, 1) < 0 ||
	               prepend_preload(library) < 0))
		r = err_set(e, -ENOMEM, "no memory for the environment");
	return r;
}

int service_run(const char *driver, const char *state, int argc, char **argv, struct err *e)
{
	const struct service *service = find(argv[0]);
	_cleanup_(freep) char **args = calloc((size_t)argc + OWN_ARGUMENTS, sizeof(*args));
	char program[PATH_MAX], keys[PATH_MAX], machine[PATH_MAX];
	int count = service->has_enclaves ? OWN_ARGUMENTS : 1;
	int r = program_path(argv[0], program, e);

	if (r == 0 && args == NULL)
		r = err_set(e, -ENOMEM, "out of memory");
	if (r < 0)
		return r;
	args[0] = argv[0];
	for (int i = 1; i < argc; i++)
		if (!service->has_enclaves || (!take("--state", argc, argv, &i, &state) &&
		                               !take("--driver", argc, argv, &i, &driver)))
			args[count++] = argv[i];
	if (service->has_enclaves) {
		char *own[] = { "--keys", keys, "--machine", machine };

		r = prepare(driver, state, keys, machine, e);
		if (r < 0)
			return r;
		memcpy(args + 1, own, sizeof(own));
	}
	execv(program, args);
	return err_errno(e, "%s", program);
}
