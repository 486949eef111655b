/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program in the enclave.
 */
#ifndef ENCLAVE_APP_H
#define ENCLAVE_APP_H

#include <stdbool.h>
#include <stdnoreturn.h>

/*
 * The program: argv and envp end with a null pointer, as main's do; the strings are copies in the
 * enclave, but what they say is the host's word.  The low 8 bits of the result are the container's
 * exit code.  Several threads of the host may run it at once.
 */
int enclave_main(int argc, char **argv, char **envp);

/* End the program from anywhere in it. */
noreturn void encl_exit(int value);

/* applets.c: run the applet that argv names and set its exit code; false: it names none. */
bool applet_run(int argc, char **argv, char **envp, int *ret_code);

#endif
