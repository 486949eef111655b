// SPDX-License-Identifier: Apache-2.0
/*
 * The program that the container runs: this is the file to edit.  enclave_main is called like main;
 * what it may use is in io.h (output, input), heap.h (memory), report.h (what the processor says
 * about this enclave), text.h and string.h.  What becomes of its exceptions is in handler.c.
 *
 * As it comes, it greets, says what it was called with and what it is; `help` as its first argument
 * lists the small programs of applets.c.
 */
#include "enclave/app.h"

#include "enclave/io.h"
#include "enclave/report.h"
#include "enclave/text.h"

int enclave_main(int argc, char **argv, char **envp)
{
	struct sgx_report report;
	char hex[2 * sizeof(report.mrenclave) + 1];
	int code;

	if (applet_run(argc, argv, envp, &code))
		return code;

	encl_report(0, 0, &report);
	encl_puts("Hello from the skeleton enclave!");
	encl_printf("arguments: %s\n", encl_join(argc, argv));
	encl_printf("MRENCLAVE: %s\n", encl_hex(report.mrenclave, sizeof(report.mrenclave), hex));
	encl_printf("debug enclave: %s\n",
	            report_is_debug(&report) ? "yes, a debugger can read it" : "no");
	return 0;
}
