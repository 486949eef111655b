// SPDX-License-Identifier: Apache-2.0
/* Clients of the socket that say what they like, and as many as they like. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "tests/aesmd/client.h"

#define REPLY_MAX 65536

/* GetSupportedAttKeyIDNum, as Intel's client sends it; and its reply. */
static const uint8_t request[] = { 6, 0, 0, 0, 0xaa, 1, 3, 0x48, 0x98, 0x75 };
static const uint8_t reply[] = { 7, 0, 0, 0, 0xaa, 1, 4, 8, 0, 0x10, 1 };

/* Everything until the daemon hangs up, -1 when it does not within 30 s. */
static ssize_t receive(int fd, uint8_t *buf)
{
	const struct timeval timeout = { .tv_sec = 30 };
	size_t done = 0;
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	while ((n = recv(fd, buf + done, REPLY_MAX - done, 0)) > 0)
		done += (size_t)n;
	return n == 0 || errno == ECONNRESET ? (ssize_t)done : -1;
}

static size_t from_hex(const char *hex, uint8_t *buf)
{
	size_t size = strlen(hex) / 2;

	return size <= REPLY_MAX && hex_decode(hex, buf, size) == 0 ? size : 0;
}

static ssize_t exchange(const char *path, const uint8_t *bytes, size_t size, uint8_t *ret)
{
	_cleanup_(closep) int fd = connect_to(path);

	if (fd < 0)
		return -1;
	/* The daemon may have hung up before the last byte. */
	(void)!send(fd, bytes, size, MSG_NOSIGNAL);
	return receive(fd, ret);
}

int cmd_raw(char **argv)
{
	static uint8_t bytes[REPLY_MAX], got[REPLY_MAX];
	static char text[2 * REPLY_MAX + 1];
	ssize_t n = exchange(argv[0], bytes, from_hex(argv[1], bytes), got);

	if (n < 0)
		return fail("no answer");
	hex_encode(got, (size_t)n, text);
	puts(n > 0 ? text : "closed");
	return 0;
}

static int *connect_many(const char *path, size_t count, bool is_asking)
{
	struct rlimit limit;
	int *fd = calloc(count, sizeof(*fd));

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (size_t i = 0; i < count; i++) {
		fd[i] = connect_to(path);
		if (fd[i] < 0 || (is_asking && send(fd[i], request, sizeof(request),
		                                    MSG_NOSIGNAL) != sizeof(request))) {
			perror("connect");
			exit(1);
		}
	}
	return fd;
}

int cmd_storm(char **argv)
{
	size_t count = strtoul(argv[1], NULL, 10), first = argv[2] != NULL ? 0 : 5;
	_cleanup_(freep) int *fd = connect_many(argv[0], count, argv[2] != NULL);
	static uint8_t got[REPLY_MAX];

	for (size_t i = 0; i < count; i++)
		if (first != 0 && send(fd[i], request, first, MSG_NOSIGNAL) != (ssize_t)first)
			return fail("the first part is not taken");
	for (size_t i = 0; first != 0 && i < count; i++)
		if (send(fd[i], request + first, sizeof(request) - first, MSG_NOSIGNAL) < 0)
			return fail("the second part is not taken");
	for (size_t i = 0; i < count; i++) {
		if (receive(fd[i], got) != sizeof(reply) || memcmp(got, reply, sizeof(reply)) != 0)
			return fail("a client has no reply");
		close(fd[i]);
	}
	printf("%zu\n", count);
	return 0;
}

/* While they say nothing, another one is served. */
int cmd_silent(char **argv)
{
	size_t count = strtoul(argv[1], NULL, 10);
	_cleanup_(freep) int *fd = connect_many(argv[0], count, false);
	static uint8_t got[REPLY_MAX];

	for (size_t i = 0; i < count; i++)
		if (send(fd[i], request, i % 8, MSG_NOSIGNAL) != (ssize_t)(i % 8))
			return fail("half a word is not taken");
	if (exchange(argv[0], request, sizeof(request), got) != sizeof(reply))
		return fail("another client is not served");
	for (size_t i = 0; i < count; i++) {
		struct pollfd p = { .fd = fd[i], .events = POLLIN };

		if (poll(&p, 1, atoi(argv[2]) * 1000) != 1 || receive(fd[i], got) != 0)
			return fail("a silent client is kept");
		close(fd[i]);
	}
	return 0;
}

static bool same_shape(const struct aesm_message *a, const struct aesm_message *b)
{
	if (a->kind != b->kind)
		return false;
	for (unsigned int f = 0; f < AESM_FIELDS; f++) {
		bool is_quote = a->kind == AESM_GET_QUOTE_EX && f == AESM_RET_QUOTE;

		if (a->field[f].is_set != b->field[f].is_set)
			return false;
		if (!is_quote && a->field[f].size != b->field[f].size)
			return false;
	}
	return true;
}

/* What the recorded daemon said is success; ours may have reasons, which are printed. */
static int replay_one(const char *path, const char *name, json_object *row)
{
	static uint8_t bytes[REPLY_MAX], recorded[REPLY_MAX], got[REPLY_MAX];
	_cleanup_(aesm_message_release) struct aesm_message expected = { .decoded = NULL };
	_cleanup_(aesm_message_release) struct aesm_message found = { .decoded = NULL };
	size_t size =
		from_hex(json_object_get_string(json_object_object_get(row, "request_hex")), bytes);
	size_t recorded_size = from_hex(
		json_object_get_string(json_object_object_get(row, "response_hex")), recorded);
	ssize_t n;

	n = exchange(path, bytes, size, got);
	if (n < 4 || aesm_frame_size(got) != (size_t)n - 4 ||
	    aesm_decode_response(got + 4, (size_t)n - 4, &found) < 0 ||
	    aesm_decode_response(recorded + 4, recorded_size - 4, &expected) < 0)
		return fail("no reply that can be read");
	printf("%s %d %s %u\n", name, (int)found.kind,
	       same_shape(&expected, &found) ? "same" : "other",
	       (unsigned int)found.field[AESM_ERROR_CODE].number);
	return 0;
}

int cmd_replay(char **argv)
{
	json_object *rows = json_object_from_file(argv[1]);
	const char *slash = strrchr(argv[1], '/');
	int r = 0;

	if (rows == NULL)
		return fail("no recording");
	for (size_t i = 0; r == 0 && i < json_object_array_length(rows); i++)
		r = replay_one(argv[0], slash ? slash + 1 : argv[1],
		               json_object_array_get_idx(rows, i));
	json_object_put(rows);
	return r;
}
