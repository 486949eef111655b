/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket: many clients, one at a time served, none waited for.  A client has SERVER_TIMEOUT to send
 * its request and again to take the reply, and memory for one request.
 */
#ifndef AESMD_SERVER_H
#define AESMD_SERVER_H

#include "aesmd/service.h"

#define SERVER_TIMEOUT     10000 /* milliseconds */
#define SERVER_PATIENCE    1000  /* the same, while others wait for a place */
#define SERVER_REQUEST_MAX (64 * 1024)
#define SERVER_CLIENTS_MAX 4096

/*
 * Listen at path, mode 0777; a socket that nobody serves any more is replaced.  A descriptor, or
 * -EADDRINUSE when somebody does.
 */
int server_listen(const char *path, struct err *e);
/* Serve until SIGINT or SIGTERM, which are blocked and come by this descriptor: 0 or -errno. */
int server_run(int listener, int signals, struct service *s, struct err *e);

#endif
