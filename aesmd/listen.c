// SPDX-License-Identifier: Apache-2.0
/* Making the socket; see server.h. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "aesmd/server.h"
#include "lib/base/cleanup.h"

#define BACKLOG 1024

/* Nobody's, when connecting is refused. */
static bool is_stale(const struct sockaddr_un *address)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	return fd >= 0 && lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	       errno == ECONNREFUSED;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	if (!is_stale(address))
		return -EADDRINUSE;
	if (unlink(address->sun_path) < 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	return 0;
}

int server_listen(const char *path, struct err *e)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int r;

	if (fd < 0)
		return err_errno(e, "%s", path);
	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	r = bind_to(fd, &address);
	if (r == -EADDRINUSE)
		return err_set(e, r, "%s: in use: is another aesmd running?", path);
	if (r < 0)
		return err_set(e, r, "%s: %s", path, strerror(-r));
	if (chmod(path, 0777) < 0 || listen(fd, BACKLOG) < 0) {
		r = err_errno(e, "%s", path);
		unlink(path);
		return r;
	}
	return take_fd(&fd);
}
