/* SPDX-License-Identifier: Apache-2.0 */
/* The test client's commands: exit status 0, or 1 with a line on stderr. */
#ifndef TESTS_AESMD_CLIENT_H
#define TESTS_AESMD_CLIENT_H

#include "aesm/client.h"

int fail(const char *what);

/* quote SOCKET KEY OUT: a quote of an enclave signed with KEY, over the report data 1, 2, 3, ... */
int cmd_quote(char **argv);
/* report KEY TARGETINFO OUT: a REPORT for this target of such an enclave, over the same report data */
int cmd_report(char **argv);
/* rate SOCKET KEY COUNT: microseconds a quote takes, its size asked for first */
int cmd_rate(char **argv);
/* verify QUOTE COLLATERAL [intel]: dcap_verify with the folder's root, or Intel's; prints the verdict. */
int cmd_verify(char **argv);
/* token SOCKET ENCL.BIN ENCL.SS debug|product OUT */
int cmd_token(char **argv);
/* raw SOCKET HEX: the reply to these bytes, in hexadecimal, or "closed" */
int cmd_raw(char **argv);
/* storm SOCKET COUNT [whole]: so many clients at once, each in two parts, or with its connection */
int cmd_storm(char **argv);
/* silent SOCKET COUNT SECONDS: so many clients that say half a word and wait, until they are dropped */
int cmd_silent(char **argv);
/* replay SOCKET FILE: recorded requests; replies must have the recorded shape */
int cmd_replay(char **argv);

/* Connect; -1 on failure. */
int connect_to(const char *path);

#endif
