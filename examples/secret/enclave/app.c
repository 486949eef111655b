// SPDX-License-Identifier: Apache-2.0
/*
 * The program: it has a secret, which it got from the key server at its first start and unseals at every
 * other one, and says HMAC-SHA256(secret, message) for a message of the caller's.  The secret itself never
 * leaves the enclave but sealed.
 */
#include "enclave/app.h"

#include "enclave/abi.h"
#include "enclave/bytes.h"
#include "enclave/channel.h"
#include "enclave/errno.h"
#include "enclave/io.h"
#include "enclave/ocall.h"
#include "enclave/seal.h"
#include "enclave/sha256.h"
#include "enclave/text.h"

#define ENOENT 2

_Static_assert(SECRET_FILE_MAX >= WIRE_SECRET_MAX + SEAL_MORE, "a sealed secret is a file");

struct secret {
	uint8_t bytes[WIRE_SECRET_MAX];
	size_t size;
};

static int say(const char *what, const char *name, int result)
{
	encl_dprintf(2, "secret: %s: %s (%d)\n", name, what, result);
	return result;
}

/* -ENOENT: there is none yet, and nothing has been said. */
static int load(struct secret *ret, const char *path, struct secret_file *file)
{
	int r = (int)encl_request(SECRET_OCALL_LOAD, file, sizeof(*file));

	if (r == -ENOENT)
		return r;
	if (r < 0)
		return say("cannot be read", path, r);
	if (file->size > sizeof(file->bytes) ||
	    unseal(ret->bytes, sizeof(ret->bytes), &ret->size, file->bytes, file->size) < 0)
		return say("not sealed by this enclave on this machine, or changed since", path,
		           -EINVAL);
	encl_printf("secret: unsealed from %s\n", path);
	return 0;
}

static int fetch(struct secret *ret, const char *server, const char *path, struct secret_file *file)
{
	int r = channel_ask(server, ret->bytes, &ret->size);

	if (r < 0)
		return say("the server gives no secret to this enclave", server, r);
	encl_printf("secret: received from %s\n", server);
	file->size = ret->size + SEAL_MORE;
	r = seal(file->bytes, ret->bytes, ret->size);
	if (r == 0)
		r = (int)encl_request(SECRET_OCALL_STORE, file, sizeof(*file));
	if (r < 0)
		return say("cannot be written", path, r);
	encl_printf("secret: sealed into %s\n", path);
	return 0;
}

static void print_mac(const struct secret *secret, const char *message)
{
	uint8_t mac[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];
	struct hmac h;

	hmac_start(&h, secret->bytes, secret->size);
	hmac_add(&h, message, strlen(message));
	hmac_end(&h, mac);
	encl_puts(encl_hex(mac, sizeof(mac), text));
}

int enclave_main(int argc, char **argv, char **envp)
{
	struct secret_file file = { .size = 0 };
	struct secret secret = { .size = 0 };
	int r;

	(void)envp;
	if (argc != 4 || strlen(argv[2]) >= sizeof(file.path)) {
		encl_dprintf(2, "usage: %s SERVER FILE MESSAGE\n", argv[0]);
		return 2;
	}
	memcpy(file.path, argv[2], strlen(argv[2]));
	r = load(&secret, argv[2], &file);
	if (r == -ENOENT)
		r = fetch(&secret, argv[1], argv[2], &file);
	if (r == 0)
		print_mac(&secret, argv[3]);
	wipe(&secret, sizeof(secret));
	return r < 0;
}
