// SPDX-License-Identifier: Apache-2.0
/* See dial.h. */
#include "pal/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

int dial_limit(int fd)
{
	const struct timeval limit = { .tv_sec = DIAL_SECONDS };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	return 0;
}

static int attach(const char *name, const struct sockaddr *address, socklen_t size,
                  bool is_listener, struct err *e)
{
	const int on = 1;
	_cleanup_(closep) int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_errno(e, "%s", name);
	if (!is_listener) {
		if (dial_limit(fd) < 0 || connect(fd, address, size) < 0)
			return err_errno(e, "%s", name);
		return take_fd(&fd);
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, size) < 0 || listen(fd, 64) < 0)
		return err_errno(e, "%s", name);
	return take_fd(&fd);
}

static int dial_network(const char *name, bool is_listener, struct err *e)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		                        .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(name, ':');
	struct addrinfo *found;
	char host[64];
	int fd;

	if (!colon || (size_t)(colon - name) >= sizeof(host))
		return err_set(e, -EINVAL, "%s: neither a socket's path nor HOST:PORT", name);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - name), name);
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return err_set(e, -EINVAL, "%s: not an address and a port in numbers", name);
	fd = attach(name, found->ai_addr, found->ai_addrlen, is_listener, e);
	freeaddrinfo(found);
	return fd;
}

int dial(const char *name, bool is_listener, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!strchr(name, '/'))
		return dial_network(name, is_listener, e);
	if (strlen(name) >= sizeof(address.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: too long for a socket", name);
	memcpy(address.sun_path, name, strlen(name) + 1);
	return attach(name, (const struct sockaddr *)&address, sizeof(address), is_listener, e);
}
