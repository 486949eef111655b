// SPDX-License-Identifier: Apache-2.0
/*
 * The host carries the words, and sees only public keys and ciphertext.  What it could change is bound:
 * the nonce and our key by the report data, the server's key and the nonce by the derived key.
 */
#include "enclave/channel.h"

#include "enclave/abi.h"
#include "enclave/aead.h"
#include "enclave/bytes.h"
#include "enclave/errno.h"
#include "enclave/ocall.h"
#include "enclave/random.h"
#include "enclave/report.h"
#include "enclave/server_key.h" /* made by the Makefile: SERVER_KEY */
#include "enclave/sha256.h"
#include "enclave/x25519.h"

static const uint8_t server_key[WIRE_KEY_SIZE] = SERVER_KEY;

struct channel {
	uint8_t private_key[WIRE_KEY_SIZE], public_key[WIRE_KEY_SIZE];
	struct secret_hello hello;
	struct secret_request request;
};

static void report_data(const struct channel *c, uint8_t ret[SGX_REPORTDATA_SIZE])
{
	struct sha256 s;

	memset(ret, 0, SGX_REPORTDATA_SIZE);
	sha256_start(&s);
	sha256_add(&s, WIRE_REQUEST_LABEL, WIRE_LABEL_SIZE(WIRE_REQUEST_LABEL));
	sha256_add(&s, c->hello.hello.nonce, WIRE_NONCE_SIZE);
	sha256_add(&s, c->public_key, WIRE_KEY_SIZE);
	sha256_end(&s, ret);
}

static int reply_key(const struct channel *c, uint8_t ret[AEAD_KEY_SIZE])
{
	const uint8_t *theirs = c->request.reply.public_key;
	uint8_t info[WIRE_LABEL_SIZE(WIRE_REPLY_LABEL) + 2 * WIRE_KEY_SIZE];
	uint8_t shared[2 * X25519_SIZE];
	bool is_good = x25519(shared, c->private_key, server_key);

	is_good = x25519(shared + X25519_SIZE, c->private_key, theirs) && is_good;
	memcpy(info, WIRE_REPLY_LABEL, WIRE_LABEL_SIZE(WIRE_REPLY_LABEL));
	memcpy(info + WIRE_LABEL_SIZE(WIRE_REPLY_LABEL), c->public_key, WIRE_KEY_SIZE);
	memcpy(info + sizeof(info) - WIRE_KEY_SIZE, theirs, WIRE_KEY_SIZE);
	hkdf(ret, c->hello.hello.nonce, WIRE_NONCE_SIZE, shared, sizeof(shared), info,
	     sizeof(info));
	wipe(shared, sizeof(shared));
	return is_good ? 0 : -EINVAL;
}

static int open_reply(struct channel *c, uint8_t ret[WIRE_SECRET_MAX], size_t *ret_size)
{
	static const uint8_t no_nonce[AEAD_NONCE_SIZE];
	struct wire_reply *reply = &c->request.reply;
	uint8_t key[AEAD_KEY_SIZE];
	int r;

	if (reply->size == 0 || reply->size > WIRE_SECRET_MAX)
		return -EINVAL;
	r = reply_key(c, key);
	if (r == 0)
		r = aead_open(key, no_nonce, NULL, 0, reply->sealed, reply->size,
		              reply->sealed + reply->size);
	wipe(key, sizeof(key));
	if (r < 0)
		return r;
	memcpy(ret, reply->sealed, reply->size);
	*ret_size = reply->size;
	return 0;
}

static int ask(struct channel *c, const char *server, uint8_t ret[WIRE_SECRET_MAX],
               size_t *ret_size)
{
	uint8_t data[SGX_REPORTDATA_SIZE];
	int r;

	if (strlen(server) >= SECRET_NAME_MAX)
		return -EINVAL;
	memcpy(c->hello.server, server, strlen(server));
	r = (int)encl_request(SECRET_OCALL_CONNECT, &c->hello, sizeof(c->hello));
	if (r < 0)
		return r;
	if (random_bytes(c->private_key, sizeof(c->private_key)) < 0)
		return -EIO;
	x25519_public(c->public_key, c->private_key);
	report_data(c, data);
	encl_report(&c->hello.target, data, &c->request.report);
	memcpy(c->request.public_key, c->public_key, WIRE_KEY_SIZE);
	r = (int)encl_request(SECRET_OCALL_REQUEST, &c->request, sizeof(c->request));
	return r < 0 ? r : open_reply(c, ret, ret_size);
}

int channel_ask(const char *server, uint8_t ret[WIRE_SECRET_MAX], size_t *ret_size)
{
	struct channel c = { .private_key = { 0 } };
	int r = ask(&c, server, ret, ret_size);

	wipe(&c, sizeof(c));
	return r;
}
