// SPDX-License-Identifier: Apache-2.0
/*
 * A request and its reply over aesmd's socket, and the calls that are made of it.  The reply is the
 * daemon's, which is not trusted to be well formed: every field's size is checked before it is used.
 */
#include "aesm/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "lib/base/cleanup.h"

#define _message_ _cleanup_(aesm_message_release)

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The timeout covers a backlog that is full, and each write. */
static int open_socket(const char *path, struct err *e)
{
	const struct timeval timeout = { .tv_sec = AESM_CLIENT_TIMEOUT / 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
		return err_errno(e, "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return err_errno(e, "aesmd at %s", path);
	return take_fd(&fd);
}

static int send_all(int fd, const uint8_t *frame, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, frame, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		frame += n;
		size -= (size_t)n;
	}
	return 0;
}

/* -ENODATA: the daemon has hung up before size bytes. */
static int receive_all(int fd, uint8_t *buf, size_t size, int64_t deadline)
{
	while (size > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - now_ms();
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		n = recv(fd, buf, size, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		buf += n;
		size -= (size_t)n;
	}
	return 0;
}

static int receive(const char *path, int fd, uint8_t **ret, size_t *ret_size, struct err *e)
{
	int64_t deadline = now_ms() + AESM_CLIENT_TIMEOUT;
	_cleanup_(freep) uint8_t *body = NULL;
	uint8_t head[AESM_FRAME_HEAD];
	size_t size;
	int r = receive_all(fd, head, sizeof(head), deadline);

	if (r < 0)
		return err_set(e, r, "aesmd at %s: %s", path,
		               r == -ENODATA ? "hung up: it does not serve such a request"
		                             : strerror(-r));
	size = aesm_frame_size(head);
	if (size > AESM_REPLY_MAX)
		return err_set(e, -EBADMSG, "aesmd at %s: a reply of %zu bytes", path, size);
	body = malloc(size + 1);
	if (body == NULL)
		return err_set(e, -ENOMEM, "aesmd at %s: out of memory", path);
	r = receive_all(fd, body, size, deadline);
	if (r < 0)
		return err_set(e, r, "aesmd at %s: %s", path,
		               r == -ENODATA ? "its reply is cut short" : strerror(-r));
	*ret = take_ptr(body);
	*ret_size = size;
	return 0;
}

static int check(const char *path, const struct aesm_message *request,
                 const struct aesm_message *reply, struct err *e)
{
	const struct aesm_field *code = &reply->field[AESM_ERROR_CODE];

	if (reply->kind == AESM_UNSUPPORTED_REQUEST)
		return err_set(e, -EREMOTEIO, "aesmd at %s: does not serve such a request", path);
	if (reply->kind != request->kind || !code->is_set)
		return err_set(e, -EBADMSG, "aesmd at %s: the reply is another request's", path);
	if (code->number != AESM_SUCCESS)
		return err_set(e, -EREMOTEIO, "aesmd at %s: error %u: %s", path,
		               (unsigned int)code->number, aesm_error_text((uint32_t)code->number));
	return 0;
}

int aesm_call(const char *path, const struct aesm_message *request, struct aesm_message *ret,
              struct err *e)
{
	_cleanup_(freep) uint8_t *frame = NULL;
	_cleanup_(freep) uint8_t *body = NULL;
	_message_ struct aesm_message reply = { .decoded = NULL };
	struct aesm_message timed = *request;
	size_t size = 0;
	int r;

	aesm_set_number(&timed,
	                request->kind == AESM_SELECT_ATT_KEY_ID ? AESM_SELECT_TIMEOUT
	                                                        : AESM_TIMEOUT,
	                AESM_CLIENT_TIMEOUT);
	r = aesm_encode_request(&timed, &frame, &size);
	if (r < 0)
		return err_set(e, r, "aesmd's request: %s", strerror(-r));
	_cleanup_(closep) int fd = open_socket(path, e);
	if (fd < 0)
		return fd;
	r = send_all(fd, frame, size);
	if (r < 0)
		return err_set(e, r, "aesmd at %s: %s", path, strerror(-r));
	r = receive(path, fd, &body, &size, e);
	if (r < 0)
		return r;
	r = aesm_decode_response(body, size, &reply);
	if (r < 0)
		return err_set(e, r, "aesmd at %s: its reply cannot be read", path);
	r = check(path, request, &reply, e);
	if (r < 0)
		return r;
	*ret = reply;
	reply = (struct aesm_message){ .decoded = NULL };
	return 0;
}

/* A field of just this size. */
static int take(const char *path, const struct aesm_message *reply, unsigned int field, void *ret,
                size_t size, struct err *e)
{
	const struct aesm_field *f = &reply->field[field];

	if (!f->is_set || f->size != size)
		return err_set(e, -EBADMSG, "aesmd at %s: field %u of the reply has not %zu bytes",
		               path, field, size);
	memcpy(ret, f->bytes, size);
	return 0;
}

/* A field of size bytes, or of any size when that is 0, in a new buffer. */
static int take_buffer(const char *path, const struct aesm_message *reply, unsigned int field,
                       size_t size, uint8_t **ret, size_t *ret_size, struct err *e)
{
	const struct aesm_field *f = &reply->field[field];
	uint8_t *buf;

	if (!f->is_set || f->size == 0 || (size != 0 && f->size != size))
		return err_set(e, -EBADMSG, "aesmd at %s: the reply has no quote of %zu bytes",
		               path, size);
	buf = malloc(f->size);
	if (buf == NULL)
		return err_set(e, -ENOMEM, "aesmd at %s: out of memory", path);
	memcpy(buf, f->bytes, f->size);
	*ret = buf;
	*ret_size = f->size;
	return 0;
}

int aesm_select_key(const char *path, struct sgx_att_key_id *ret, struct err *e)
{
	const struct aesm_message request = { .kind = AESM_SELECT_ATT_KEY_ID };
	_message_ struct aesm_message reply = { .decoded = NULL };
	int r = aesm_call(path, &request, &reply, e);

	return r < 0 ? r : take(path, &reply, AESM_VALUE, ret, sizeof(*ret), e);
}

static int key_count(const char *path, size_t *ret, struct err *e)
{
	const struct aesm_message request = { .kind = AESM_GET_SUPPORTED_ATT_KEY_ID_NUM };
	_message_ struct aesm_message reply = { .decoded = NULL };
	int r = aesm_call(path, &request, &reply, e);

	if (r < 0)
		return r;
	if (reply.field[AESM_VALUE].number > AESM_REPLY_MAX / sizeof(struct sgx_att_key_id))
		return err_set(e, -EBADMSG, "aesmd at %s: too many attestation keys", path);
	*ret = reply.field[AESM_VALUE].number;
	return 0;
}

int aesm_supported_keys(const char *path, struct sgx_att_key_id **ret, size_t *ret_count,
                        struct err *e)
{
	struct aesm_message request = { .kind = AESM_GET_SUPPORTED_ATT_KEY_IDS };
	_message_ struct aesm_message reply = { .decoded = NULL };
	_cleanup_(freep) struct sgx_att_key_id *keys = NULL;
	size_t count = 0;
	int r = key_count(path, &count, e);

	if (r < 0)
		return r;
	keys = calloc(count + 1, sizeof(*keys));
	if (keys == NULL)
		return err_set(e, -ENOMEM, "aesmd at %s: out of memory", path);
	aesm_set_number(&request, AESM_SUPPORTED_BUF_SIZE, count * sizeof(*keys));
	r = aesm_call(path, &request, &reply, e);
	if (r == 0)
		r = take(path, &reply, AESM_VALUE, keys, count * sizeof(*keys), e);
	if (r < 0)
		return r;
	*ret = take_ptr(keys);
	*ret_count = count;
	return 0;
}

int aesm_ecdsa_key(const char *path, struct sgx_att_key_id *ret, struct err *e)
{
	_cleanup_(freep) struct sgx_att_key_id *keys = NULL;
	struct sgx_att_key_id preferred;
	size_t count = 0;
	int r = aesm_select_key(path, &preferred, e);

	if (r == 0 && preferred.algorithm_id == SGX_QUOTE_KEY_ECDSA_P256) {
		*ret = preferred;
		return 0;
	}
	if (r == 0)
		r = aesm_supported_keys(path, &keys, &count, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (keys[i].algorithm_id == SGX_QUOTE_KEY_ECDSA_P256) {
			*ret = keys[i];
			return 0;
		}
	}
	return err_set(e, -ENOENT, "aesmd at %s: none of its %zu keys is for ECDSA", path, count);
}

/* Without the hash aesmd only tells its size. */
static int init_quote_ex(const char *path, struct aesm_message *request, uint64_t size,
                         struct aesm_message *ret, struct err *e)
{
	aesm_set_number(request, AESM_INIT_EX_WANTS_KEY_ID, size != 0);
	if (size != 0)
		aesm_set_number(request, AESM_INIT_EX_BUF_SIZE, size);
	return aesm_call(path, request, ret, e);
}

int aesm_init_quote_ex(const char *path, const struct sgx_att_key_id *key,
                       struct sgx_targetinfo *ret_target, uint8_t ret_key_hash[32], struct err *e)
{
	struct aesm_message request = { .kind = AESM_INIT_QUOTE_EX };
	_message_ struct aesm_message size = { .decoded = NULL };
	_message_ struct aesm_message reply = { .decoded = NULL };
	struct sgx_targetinfo target;
	int r;

	aesm_set_bytes(&request, AESM_INIT_EX_KEY_ID, key, sizeof(*key));
	r = init_quote_ex(path, &request, 0, &size, e);
	if (r < 0)
		return r;
	if (size.field[AESM_RET_PUB_KEY_ID_SIZE].number != 32)
		return err_set(e, -EBADMSG,
		               "aesmd at %s: the attestation key's hash is not of 32 bytes", path);
	r = init_quote_ex(path, &request, 32, &reply, e);
	if (r == 0)
		r = take(path, &reply, AESM_RET_TARGET_INFO, &target, sizeof(target), e);
	if (r == 0)
		r = take(path, &reply, AESM_RET_PUB_KEY_ID, ret_key_hash, 32, e);
	if (r == 0)
		*ret_target = target;
	return r;
}

int aesm_get_quote_size_ex(const char *path, const struct sgx_att_key_id *key, uint32_t *ret,
                           struct err *e)
{
	struct aesm_message request = { .kind = AESM_GET_QUOTE_SIZE_EX };
	_message_ struct aesm_message reply = { .decoded = NULL };
	int r;

	aesm_set_bytes(&request, AESM_SIZE_EX_KEY_ID, key, sizeof(*key));
	r = aesm_call(path, &request, &reply, e);
	if (r < 0)
		return r;
	if (reply.field[AESM_VALUE].number == 0 || reply.field[AESM_VALUE].number > AESM_REPLY_MAX)
		return err_set(e, -EBADMSG, "aesmd at %s: a quote of %u bytes", path,
		               (unsigned int)reply.field[AESM_VALUE].number);
	*ret = (uint32_t)reply.field[AESM_VALUE].number;
	return 0;
}

int aesm_get_quote_ex(const char *path, const struct sgx_att_key_id *key,
                      const struct sgx_report *report, struct sgx_qe_report_info *info,
                      uint8_t **ret, size_t *ret_size, struct err *e)
{
	struct aesm_message request = { .kind = AESM_GET_QUOTE_EX };
	_message_ struct aesm_message reply = { .decoded = NULL };
	struct sgx_qe_report_info filled;
	uint32_t size = 0;
	int r = aesm_get_quote_size_ex(path, key, &size, e);

	if (r < 0)
		return r;
	aesm_set_bytes(&request, AESM_QUOTE_EX_REPORT, report, sizeof(*report));
	aesm_set_bytes(&request, AESM_QUOTE_EX_KEY_ID, key, sizeof(*key));
	if (info != NULL)
		aesm_set_bytes(&request, AESM_QUOTE_EX_QE_REPORT_INFO, info, sizeof(*info));
	aesm_set_number(&request, AESM_QUOTE_EX_BUF_SIZE, size);
	r = aesm_call(path, &request, &reply, e);
	if (r == 0 && info != NULL)
		r = take(path, &reply, AESM_RET_QE_REPORT, &filled, sizeof(filled), e);
	if (r == 0)
		r = take_buffer(path, &reply, AESM_RET_QUOTE, size, ret, ret_size, e);
	if (r == 0 && info != NULL)
		*info = filled;
	return r;
}

int aesm_init_quote(const char *path, struct sgx_targetinfo *ret_target, uint8_t ret_gid[4],
                    struct err *e)
{
	const struct aesm_message request = { .kind = AESM_INIT_QUOTE };
	_message_ struct aesm_message reply = { .decoded = NULL };
	struct sgx_targetinfo target;
	int r = aesm_call(path, &request, &reply, e);

	if (r == 0)
		r = take(path, &reply, AESM_RET_TARGET_INFO, &target, sizeof(target), e);
	if (r == 0)
		r = take(path, &reply, AESM_RET_GID, ret_gid, 4, e);
	if (r == 0)
		*ret_target = target;
	return r;
}

int aesm_get_quote(const char *path, const struct sgx_report *report, uint32_t type,
                   const uint8_t spid[16], uint32_t buf_size, uint8_t **ret, size_t *ret_size,
                   struct err *e)
{
	struct aesm_message request = { .kind = AESM_GET_QUOTE };
	_message_ struct aesm_message reply = { .decoded = NULL };
	int r;

	aesm_set_bytes(&request, AESM_QUOTE_REPORT, report, sizeof(*report));
	aesm_set_number(&request, AESM_QUOTE_TYPE, type);
	aesm_set_bytes(&request, AESM_QUOTE_SPID, spid, 16);
	aesm_set_number(&request, AESM_QUOTE_BUF_SIZE, buf_size);
	aesm_set_number(&request, AESM_QUOTE_QE_REPORT, 0);
	r = aesm_call(path, &request, &reply, e);
	return r < 0 ? r : take_buffer(path, &reply, AESM_RET_QUOTE, 0, ret, ret_size, e);
}

int aesm_get_launch_token(const char *path, const uint8_t mrenclave[32],
                          const uint8_t modulus[SGX_RSA_BYTES],
                          const struct sgx_attributes *attributes, struct sgx_einittoken *ret,
                          struct err *e)
{
	struct aesm_message request = { .kind = AESM_GET_LAUNCH_TOKEN };
	_message_ struct aesm_message reply = { .decoded = NULL };
	int r;

	aesm_set_bytes(&request, AESM_TOKEN_MR_ENCLAVE, mrenclave, 32);
	aesm_set_bytes(&request, AESM_TOKEN_MODULUS, modulus, SGX_RSA_BYTES);
	aesm_set_bytes(&request, AESM_TOKEN_ATTRIBUTES, attributes, sizeof(*attributes));
	r = aesm_call(path, &request, &reply, e);
	return r < 0 ? r : take(path, &reply, AESM_VALUE, ret, sizeof(*ret), e);
}
