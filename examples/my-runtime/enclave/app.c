// SPDX-License-Identifier: Apache-2.0
/* The program of this runtime: it greets everybody that it is called with. */
#include "enclave/app.h"

#include "enclave/greeting.h"
#include "enclave/io.h"
#include "enclave/ocall.h"

#define NO_GREETING 78 /* as sysexits.h has it: not configured */

/* The ocall: ask, and take the answer for what it is. */
static uint64_t host_clock(void)
{
	struct my_clock clock = { 0 };

	return encl_request(MY_OCALL_CLOCK, &clock, sizeof(clock)) == 0 ? clock.seconds : 0;
}

int enclave_main(int argc, char **argv, char **envp)
{
	const char *words = greeting();
	int code;

	/* The host started a program without having given one. */
	if (!words)
		return NO_GREETING;

	/* The words that palcheck asks for: echo, warn, env, cat, exit, spin. */
	if (applet_run(argc, argv, envp, &code))
		return code;
	for (int i = 1; i < argc; i++)
		encl_printf("%s, %s!\n", words, argv[i]);
	if (host_clock() > 0)
		encl_puts("The host says what time it is; nobody has to believe it.");
	return argc > 1 ? 0 : 1;
}
