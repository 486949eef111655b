// SPDX-License-Identifier: Apache-2.0
/* Finding what comes after us in the order of libraries. */
#include "swsgx/preload/next.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "swsgx/driver/sys.h"

static void say(const char *text)
{
	sys_write(2, text, strlen(text));
}

void *next_find(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f != NULL)
		return f;
	say("libswsgx: no library has ");
	say(name);
	say("\n");
	abort();
}

int next_result(long r)
{
	if (!sys_failed(r))
		return (int)r;
	errno = (int)-r;
	return -1;
}
