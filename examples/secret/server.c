// SPDX-License-Identifier: Apache-2.0
/*
 * The key server: it gives its secret to one enclave, named by its MRENCLAVE, wherever that runs.  What
 * says that a request comes from it is sgx-tools verify-quote; what binds the answer to the request is
 * enclave/wire.h.  One request at a time, one line for each.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "enclave/wire.h"
#include "lib/base/cleanup.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"
#include "pal/dial.h"

#define VERIFY_MAX 32 /* words for verify-quote of the caller's */

struct options {
	const char *listen, *key, *secret, *mrenclave;
	char **verify; /* further words, then NULL */
	int verify_count;
};

struct server {
	struct options o;
	EVP_PKEY *key; /* the lasting one */
	uint8_t secret[WIRE_SECRET_MAX];
	size_t secret_size;
};

struct request {
	uint8_t nonce[WIRE_NONCE_SIZE];
	struct wire_request head;
	uint8_t quote[WIRE_QUOTE_MAX];
};

static const char usage[] =
	"usage: %s --listen ADDRESS --key FILE --secret FILE --mrenclave HEX [-- OPTION...]\n"
	"\n"
	"Give the secret, at most %d bytes, to the enclave with that MRENCLAVE.\n"
	"\n"
	"  --listen ADDRESS  a socket's path, with a slash in it, or HOST:PORT in numbers\n"
	"  --key FILE        the private X25519 key (PEM) whose public half is in the enclave\n"
	"  --secret FILE     the secret\n"
	"  OPTION            for sgx-tools verify-quote: where the collateral is, what to allow\n";

static void pkey_freep(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* The shared secret of ours and theirs; false for a key that has none. */
static bool exchange(EVP_PKEY *ours, const uint8_t theirs[WIRE_KEY_SIZE],
                     uint8_t ret[WIRE_KEY_SIZE])
{
	_cleanup_(pkey_freep) EVP_PKEY *peer =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, theirs, WIRE_KEY_SIZE);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ours, NULL);
	size_t size = WIRE_KEY_SIZE;
	bool is_good = peer && context && EVP_PKEY_derive_init(context) > 0 &&
	               EVP_PKEY_derive_set_peer(context, peer) > 0 &&
	               EVP_PKEY_derive(context, ret, &size) > 0 && size == WIRE_KEY_SIZE;

	EVP_PKEY_CTX_free(context);
	return is_good;
}

static bool derive(const uint8_t nonce[WIRE_NONCE_SIZE], const uint8_t shared[2 * WIRE_KEY_SIZE],
                   const uint8_t *info, size_t info_size, uint8_t ret[32])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t size = 32;
	bool is_good = context && EVP_PKEY_derive_init(context) > 0 &&
	               EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) > 0 &&
	               EVP_PKEY_CTX_set1_hkdf_salt(context, nonce, WIRE_NONCE_SIZE) > 0 &&
	               EVP_PKEY_CTX_set1_hkdf_key(context, shared, 2 * WIRE_KEY_SIZE) > 0 &&
	               EVP_PKEY_CTX_add1_hkdf_info(context, info, (int)info_size) > 0 &&
	               EVP_PKEY_derive(context, ret, &size) > 0;

	EVP_PKEY_CTX_free(context);
	return is_good;
}

static bool encrypt(const uint8_t key[32], const uint8_t *text, size_t size, uint8_t *ret)
{
	static const uint8_t no_nonce[12];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int done, rest;
	bool is_good =
		context &&
		EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key, no_nonce) > 0 &&
		EVP_EncryptUpdate(context, ret, &done, text, (int)size) > 0 &&
		EVP_EncryptFinal_ex(context, ret + done, &rest) > 0 &&
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, WIRE_TAG_SIZE, ret + size) > 0;

	EVP_CIPHER_CTX_free(context);
	return is_good;
}

/* wire.h: the reply to this request. */
static bool make_reply(const struct server *s, const struct request *q, struct wire_reply *ret)
{
	_cleanup_(pkey_freep) EVP_PKEY *mine = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	const size_t label = WIRE_LABEL_SIZE(WIRE_REPLY_LABEL);
	uint8_t info[WIRE_LABEL_SIZE(WIRE_REPLY_LABEL) + 2 * WIRE_KEY_SIZE];
	uint8_t shared[2 * WIRE_KEY_SIZE], key[32];
	size_t size = WIRE_KEY_SIZE;
	bool is_good;

	*ret = (struct wire_reply){ .size = s->secret_size };
	is_good = mine && EVP_PKEY_get_raw_public_key(mine, ret->public_key, &size) > 0 &&
	          exchange(s->key, q->head.public_key, shared) &&
	          exchange(mine, q->head.public_key, shared + WIRE_KEY_SIZE);
	memcpy(info, WIRE_REPLY_LABEL, label);
	memcpy(info + label, q->head.public_key, WIRE_KEY_SIZE);
	memcpy(info + label + WIRE_KEY_SIZE, ret->public_key, WIRE_KEY_SIZE);
	is_good = is_good && derive(q->nonce, shared, info, sizeof(info), key) &&
	          encrypt(key, s->secret, s->secret_size, ret->sealed);
	OPENSSL_cleanse(shared, sizeof(shared));
	OPENSSL_cleanse(key, sizeof(key));
	return is_good;
}

/* What the quote has to say: the hash, and zeros behind it. */
static bool report_data(const struct request *q, char ret[2 * 64 + 1])
{
	const size_t label = WIRE_LABEL_SIZE(WIRE_REQUEST_LABEL);
	uint8_t text[WIRE_LABEL_SIZE(WIRE_REQUEST_LABEL) + WIRE_NONCE_SIZE + WIRE_KEY_SIZE];
	uint8_t hash[64] = { 0 };

	memcpy(text, WIRE_REQUEST_LABEL, label);
	memcpy(text + label, q->nonce, WIRE_NONCE_SIZE);
	memcpy(text + label + WIRE_NONCE_SIZE, q->head.public_key, WIRE_KEY_SIZE);
	if (EVP_Digest(text, sizeof(text), hash, NULL, EVP_sha256(), NULL) <= 0)
		return false;
	hex_encode(hash, sizeof(hash), ret);
	return true;
}

/*
 * Its exit status; what it prints goes to our standard error.  What is asked of every quote stands last, where
 * it counts.
 */
static int run_verifier(const struct options *o, int quote, const char *data)
{
	char path[32];
	char *asked[] = { (char[]){ "--quote" },       path,
		          (char[]){ "--report-data" }, (char *)data,
		          (char[]){ "--mrenclave" },   (char *)o->mrenclave };
	char *words[12 + VERIFY_MAX] = { (char[]){ "sgx-tools" }, (char[]){ "verify-quote" } };
	int status = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "/dev/fd/%d", quote);
	memcpy(words + 2, o->verify, (size_t)o->verify_count * sizeof(*words));
	memcpy(words + 2 + o->verify_count, asked, sizeof(asked));
	pid = fork();
	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(words[0], words);
		perror("key-server: sgx-tools");
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool verify(const struct options *o, const struct request *q)
{
	_cleanup_(closep) int quote = memfd_create("quote", 0);
	char data[2 * 64 + 1];

	return quote >= 0 && io_write_all(quote, q->quote, q->head.quote_size) == 0 &&
	       report_data(q, data) && run_verifier(o, quote, data) == 0;
}

/* Why it is refused, or NULL. */
static const char *serve(const struct server *s, int fd, struct request *q)
{
	struct wire_hello hello = { .magic = { 0 } };
	struct wire_reply reply;

	if (dial_limit(fd) < 0 || RAND_bytes(q->nonce, sizeof(q->nonce)) <= 0)
		return "no connection";
	memcpy(hello.magic, WIRE_MAGIC, sizeof(hello.magic));
	memcpy(hello.nonce, q->nonce, sizeof(hello.nonce));
	if (send(fd, &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello) ||
	    io_read_exact(fd, &q->head, sizeof(q->head)) < 0)
		return "no request";
	if (q->head.quote_size > sizeof(q->quote) ||
	    io_read_exact(fd, q->quote, q->head.quote_size) < 0)
		return "no quote";
	if (!verify(&s->o, q))
		return "the quote does not say that it is the enclave, with this key and now";
	if (!make_reply(s, q, &reply))
		return "no exchange with this key";
	if (send(fd, &reply, sizeof(reply), MSG_NOSIGNAL) != sizeof(reply))
		return "it has gone";
	return NULL;
}

static int parse(int argc, char **argv, struct options *ret, struct err *e)
{
	static const struct option long_options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "key", required_argument, NULL, 'k' },
		{ "secret", required_argument, NULL, 's' },
		{ "mrenclave", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .listen = NULL };
	uint8_t hash[32];
	int option;

	while ((option = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		switch (option) {
		case 'l': o.listen = optarg; break;
		case 'k': o.key = optarg; break;
		case 's': o.secret = optarg; break;
		case 'm': o.mrenclave = optarg; break;
		case 'h': printf(usage, argv[0], WIRE_SECRET_MAX); exit(0);
		default: return err_set(e, -EINVAL, "wrong options: see --help");
		}
	}
	if (!o.listen || !o.key || !o.secret || !o.mrenclave)
		return err_set(e, -EINVAL, "an option is missing: see --help");
	if (hex_decode(o.mrenclave, hash, sizeof(hash)) < 0)
		return err_set(e, -EINVAL, "--mrenclave %s: not 64 hexadecimal digits",
		               o.mrenclave);
	o.verify = argv + optind;
	o.verify_count = argc - optind;
	if (o.verify_count > VERIFY_MAX)
		return err_set(e, -E2BIG, "more than %d words for verify-quote", VERIFY_MAX);
	*ret = o;
	return 0;
}

/* Words such as --help succeed with anything, and so with an empty quote. */
static int check_verifier(const struct options *o, struct err *e)
{
	static struct request nothing;

	if (verify(o, &nothing))
		return err_set(e, -EINVAL, "with these options verify-quote accepts anything");
	return 0;
}

static int load(struct server *s, struct err *e)
{
	_cleanup_(freep) char *secret = NULL;
	FILE *key = fopen(s->o.key, "re");
	int r;

	if (!key)
		return err_errno(e, "%s", s->o.key);
	s->key = PEM_read_PrivateKey(key, NULL, NULL, NULL);
	fclose(key);
	if (!s->key || EVP_PKEY_get_id(s->key) != EVP_PKEY_X25519)
		return err_set(e, -EINVAL, "%s: not a private X25519 key", s->o.key);
	r = io_read_file(s->o.secret, WIRE_SECRET_MAX, &secret, &s->secret_size, e);
	if (r == -EFBIG || (r == 0 && s->secret_size == 0))
		return err_set(e, -EINVAL, "%s: not a secret of 1 to %d bytes", s->o.secret,
		               WIRE_SECRET_MAX);
	if (r == 0)
		memcpy(s->secret, secret, s->secret_size);
	return r;
}

int main(int argc, char **argv)
{
	static struct request q;
	static struct server s;
	struct err e;
	int listener = -1;

	if (parse(argc, argv, &s.o, &e) == 0 && load(&s, &e) == 0 && check_verifier(&s.o, &e) == 0)
		listener = dial(s.o.listen, true, &e);
	if (listener < 0) {
		fprintf(stderr, "key-server: %s\n", e.text);
		return 1;
	}
	printf("key-server: serving at %s\n", s.o.listen);
	for (;;) {
		fflush(stdout);
		_cleanup_(closep) int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		const char *refusal = fd < 0 ? strerror(errno) : serve(&s, fd, &q);

		if (refusal)
			printf("key-server: refused: %s\n", refusal);
		else
			printf("key-server: the secret was given to %s\n", s.o.mrenclave);
		/* Before the other side can see the end of the connection. */
		fflush(stdout);
	}
}
