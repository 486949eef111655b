// SPDX-License-Identifier: Apache-2.0
/* In one write, so that lines do not mix, and without libc: signal handlers say things, too. */
#include "swsgx/driver/say.h"

#include <string.h>

#include "swsgx/driver/sys.h"

void say(const char *text)
{
	char line[640] = "libswsgx: ";
	size_t len = strlen(line), more = strnlen(text, sizeof(line) - len - 1);

	memcpy(line + len, text, more);
	line[len + more] = '\n';
	sys_write(2, line, len + more + 1);
}

void say_once(bool *said, const char *text)
{
	if (!__atomic_exchange_n(said, true, __ATOMIC_RELAXED))
		say(text);
}
