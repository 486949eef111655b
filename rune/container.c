// SPDX-License-Identifier: Apache-2.0
/* What rune keeps in a container's folder, and its agent; see container.h. */
#include "rune/container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "rune/runtime.h"
#include "rune/spec/spec.h"

#define STATE_WAIT 2 /* seconds for an answer that needs no call into the PAL */

int container_open(const struct rune *r, const char *id)
{
	_cleanup_(closep) int root = open(r->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -errno;
	if (!id || id[0] == '\0' || strchr(id, '/') || strcmp(id, ".") == 0 ||
	    strcmp(id, "..") == 0)
		return -EINVAL;
	fd = openat(root, id, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool container_is_enclave(const struct rune *r, const char *id)
{
	_cleanup_(closep) int dir = container_open(r, id);

	return dir >= 0 && faccessat(dir, CONTAINER_SOCKET, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int container_state(const struct rune *r, const char *id, json_object **ret, struct err *e)
{
	struct command c = command_begin(r, "state");
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int code;

	command_add(&c, "--");
	command_add(&c, id);
	code = runtime_capture(r, &c, &text, &size, e);
	free(c.words);
	if (code != 0)
		return code < 0 ? code : err_set(e, -EIO, "%s state: failed", r->runtime);
	return spec_load("state", text, size, ret, e);
}

int container_connect(const struct rune *r, const char *id)
{
	_cleanup_(closep) int dir = container_open(r, id);
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = STATE_WAIT };

	if (dir < 0)
		return dir;
	/* A socket's name has 108 bytes; the folder's descriptor makes any path short. */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" CONTAINER_SOCKET,
	         dir);
	/* Who is frozen accepts nobody, and its backlog may be full: -EAGAIN then. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	/* Only for connect: what is sent later may take its time. */
	wait.tv_sec = 0;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return take_fd(&fd);
}

static int request(const struct rune *r, const char *id, enum agent_type type, int value,
                   const void *payload, size_t size, const struct packet **ret, struct err *e)
{
	static struct packet p;
	_cleanup_(closep) int fd = container_connect(r, id);
	bool is_quick = type == AGENT_STATE || type == AGENT_SIGNAL;
	struct timeval wait = { .tv_sec = is_quick ? STATE_WAIT : 0 };
	int code = fd;

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		code = message_send(fd, type, value, payload, size, NULL);
	}
	if (code == 0)
		code = message_receive(fd, &p);
	if (code == 0)
		code = -ECONNRESET;
	if (code < 0)
		return err_set(e, code, "the agent of container %s: %s", id, strerror(-code));
	message_close_fds(&p);
	if (p.head.type == AGENT_ERROR)
		return err_set(e, p.head.value < 0 ? p.head.value : -EPROTO, "%.*s",
		               (int)p.head.payload_size, p.payload);
	if (p.head.type != AGENT_OK)
		return err_set(e, -EPROTO, "the agent of container %s: unknown answer", id);
	*ret = &p;
	return 0;
}

int container_request(const struct rune *r, const char *id, enum agent_type type,
                      const void *payload, size_t size, const struct packet **ret, struct err *e)
{
	return request(r, id, type, 0, payload, size, ret, e);
}

int container_send(const struct rune *r, const char *id, int sig, struct err *e)
{
	const struct packet *answer;
	int code = request(r, id, AGENT_SIGNAL, sig, NULL, 0, &answer, e);

	/* A paused container takes it when it is resumed, like any signal. */
	return code == -EAGAIN ? 0 : code;
}

int container_ask(const struct rune *r, const char *id, enum agent_type type, int *ret_value,
                  struct err *e)
{
	const struct packet *answer;
	int code = container_request(r, id, type, NULL, 0, &answer, e);

	if (code == 0 && ret_value)
		*ret_value = answer->head.value;
	return code;
}

bool container_is_created(const struct rune *r, const char *id)
{
	struct err e;
	int state;

	return container_is_enclave(r, id) && container_ask(r, id, AGENT_STATE, &state, &e) == 0 &&
	       state == AGENT_STATE_CREATED;
}
