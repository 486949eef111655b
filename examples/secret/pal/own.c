// SPDX-License-Identifier: Apache-2.0
/*
 * The untrusted side: the sealed file, the connection to the key server, and the quote, which aesmd makes
 * of the enclave's report.  A program's ocalls are all made by its one thread, whose connection this is.
 */
#include "pal/own.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aesm/client.h"
#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "pal/dial.h"
#include "pal/log.h"

static _Thread_local struct {
	bool is_open;
	int fd;
	struct sgx_att_key_id key;
} server;

int own_start(struct encl *encl, struct err *e)
{
	(void)encl;
	(void)e;
	return 0;
}

/* The reason in words is for who runs the container; the enclave gets the number. */
static int64_t failed(int code, const struct err *e)
{
	log_line(LOG_ERROR, "%s", e->text);
	return code;
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static int64_t load(struct secret_file *file)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	struct err e;
	int r = io_read_file(file->path, sizeof(file->bytes), &bytes, &size, &e);

	if (r < 0)
		return r == -ENOENT ? r : failed(r, &e);
	memcpy(file->bytes, bytes, size);
	file->size = size;
	return 0;
}

static int64_t store(struct secret_file *file)
{
	struct err e;
	int r;

	if (file->size > sizeof(file->bytes))
		return -EINVAL;
	r = io_write_file(file->path, file->bytes, file->size, 0600, &e);
	return r < 0 ? failed(r, &e) : 0;
}

/* Whole, or -errno; whoever waits for the server can be killed. */
static int64_t receive(const struct ocall_server *s, void *bytes, size_t size)
{
	char *at = bytes;

	while (size > 0) {
		ssize_t n = recv(server.fd, at, size, 0);

		if (atomic_load(&s->thread->kill))
			return ENCL_OCALL_KILLED;
		if (n == 0)
			return -EACCES; /* it has hung up: so it says no */
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static int64_t transmit(const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = send(server.fd, at, size, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static void hang_up(void)
{
	if (server.is_open)
		close(server.fd);
	server.is_open = false;
}

static int64_t open_connection(const struct ocall_server *s, struct secret_hello *hello)
{
	uint8_t key_hash[32];
	struct err e;
	int r = aesm_ecdsa_key(AESM_SOCKET, &server.key, &e);

	if (r == 0)
		r = aesm_init_quote_ex(AESM_SOCKET, &server.key, &hello->target, key_hash, &e);
	if (r < 0)
		return failed(r, &e);
	r = dial(hello->server, false, &e);
	if (r < 0)
		return failed(r, &e);
	hang_up();
	server.fd = r;
	server.is_open = true;
	return receive(s, &hello->hello, sizeof(hello->hello));
}

static int64_t request(const struct ocall_server *s, struct secret_request *q)
{
	_cleanup_(freep) uint8_t *quote = NULL;
	struct wire_request head;
	size_t size;
	int64_t result;
	struct err e;
	int r;

	if (!server.is_open)
		return -ENOTCONN;
	r = aesm_get_quote_ex(AESM_SOCKET, &server.key, &q->report, NULL, &quote, &size, &e);
	if (r < 0)
		return failed(r, &e);
	memcpy(head.public_key, q->public_key, sizeof(head.public_key));
	head.quote_size = size;
	result = transmit(&head, sizeof(head));
	if (result == 0)
		result = transmit(quote, size);
	return result < 0 ? result : receive(s, &q->reply, sizeof(q->reply));
}

static int64_t serve_file(const struct ocall_server *s, uint64_t number, uint64_t arg)
{
	struct secret_file file;
	int64_t result;

	if (ocall_copy_in(s, arg, &file, sizeof(file)) < 0)
		return -EFAULT;
	if (!ends(file.path, sizeof(file.path)))
		return -EINVAL;
	result = number == SECRET_OCALL_LOAD ? load(&file) : store(&file);
	if (result == 0)
		memcpy((void *)arg, &file, sizeof(file));
	return result;
}

static int64_t serve_connect(const struct ocall_server *s, uint64_t arg)
{
	struct secret_hello hello;
	int64_t result;

	if (ocall_copy_in(s, arg, &hello, sizeof(hello)) < 0)
		return -EFAULT;
	if (!ends(hello.server, sizeof(hello.server)))
		return -EINVAL;
	result = open_connection(s, &hello);
	if (result == 0)
		memcpy((void *)arg, &hello, sizeof(hello));
	return result;
}

static int64_t serve_request(const struct ocall_server *s, uint64_t arg)
{
	struct secret_request q;
	int64_t result;

	if (ocall_copy_in(s, arg, &q, sizeof(q)) < 0)
		return -EFAULT;
	result = request(s, &q);
	hang_up();
	if (result == 0)
		memcpy((void *)arg, &q, sizeof(q));
	return result;
}

int64_t own_ocall(struct ocall_server *s, uint64_t number, uint64_t arg)
{
	switch (number) {
	case SECRET_OCALL_LOAD:
	case SECRET_OCALL_STORE: return serve_file(s, number, arg);
	case SECRET_OCALL_CONNECT: return serve_connect(s, arg);
	case SECRET_OCALL_REQUEST: return serve_request(s, arg);
	default: return -ENOSYS;
	}
}
