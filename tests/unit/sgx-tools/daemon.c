// SPDX-License-Identifier: Apache-2.0
/*
 * gen-token, gen-qe-target-info and gen-quote against a daemon that is a thread of the test: which key
 * they choose, and that nothing is written of an answer that is not to the question.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "aesm/client.h"
#include "lib/base/cleanup.h"
#include "lib/base/io.h"
#include "lib/sgx/sigstruct.h"
#include "sgx-tools/tool.h"
#include "tests/unit/lib/crypto/keys.h"

#define REPLIES_MAX 6

bool tool_is_verbose;

/* In the test's folder, which is the current one: its socket, and what it was asked. */
struct daemon {
	int listener;
	pthread_t thread;
	struct {
		uint8_t *bytes;
		size_t size;
	} reply[REPLIES_MAX];
	unsigned int count;
	struct sgx_att_key_id asked; /* the key of the last InitQuoteEx */
};

static struct keys folder;
static char *before; /* the folder that was the current one */
static struct sgx_sigstruct sig;

static void serve_one(struct daemon *d, int fd, unsigned int i)
{
	uint8_t head[AESM_FRAME_HEAD], body[4096];
	struct aesm_message m;
	size_t size;

	if (recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head))
		abort();
	size = aesm_frame_size(head);
	if (size > sizeof(body) || recv(fd, body, size, MSG_WAITALL) != (ssize_t)size ||
	    aesm_decode_request(body, size, &m) < 0)
		abort();
	if (m.kind == AESM_INIT_QUOTE_EX && m.field[AESM_INIT_EX_KEY_ID].size == sizeof(d->asked))
		memcpy(&d->asked, m.field[AESM_INIT_EX_KEY_ID].bytes, sizeof(d->asked));
	aesm_message_release(&m);
	if (send(fd, d->reply[i].bytes, d->reply[i].size, MSG_NOSIGNAL) < 0)
		abort();
}

static void *serve(void *arg)
{
	struct daemon *d = arg;

	for (unsigned int i = 0; i < d->count; i++) {
		int fd = accept(d->listener, NULL, NULL);

		serve_one(d, fd, i);
		close(fd);
	}
	return NULL;
}

static void start(struct daemon *d)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };

	d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(d->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(d->listener, REPLIES_MAX), 0);
	assert_int_equal(pthread_create(&d->thread, NULL, serve, d), 0);
}

static void stop(struct daemon *d)
{
	assert_int_equal(pthread_join(d->thread, NULL), 0);
	close(d->listener);
	unlink("socket");
	for (unsigned int i = 0; i < d->count; i++)
		free(d->reply[i].bytes);
}

static void add(struct daemon *d, struct aesm_message *m)
{
	aesm_set_number(m, AESM_ERROR_CODE, AESM_SUCCESS);
	assert_true(d->count < REPLIES_MAX);
	assert_int_equal(
		aesm_encode_response(m, &d->reply[d->count].bytes, &d->reply[d->count].size), 0);
	d->count++;
}

static void add_bytes(struct daemon *d, enum aesm_kind kind, const void *bytes, size_t size)
{
	struct aesm_message m = { .kind = kind };

	aesm_set_bytes(&m, AESM_VALUE, bytes, size);
	add(d, &m);
}

static void add_number(struct daemon *d, enum aesm_kind kind, unsigned int field, uint64_t number)
{
	struct aesm_message m = { .kind = kind };

	aesm_set_number(&m, field, number);
	add(d, &m);
}

/* InitQuoteEx twice: the hash's size, then the target. */
static void add_init(struct daemon *d, const struct sgx_targetinfo *target)
{
	static const uint8_t hash[32];
	struct aesm_message m = { .kind = AESM_INIT_QUOTE_EX };

	add_number(d, AESM_INIT_QUOTE_EX, AESM_RET_PUB_KEY_ID_SIZE, sizeof(hash));
	aesm_set_bytes(&m, AESM_RET_TARGET_INFO, target, sizeof(*target));
	aesm_set_number(&m, AESM_RET_PUB_KEY_ID_SIZE, sizeof(hash));
	aesm_set_bytes(&m, AESM_RET_PUB_KEY_ID, hash, sizeof(hash));
	add(d, &m);
}

static void assert_holds(const char *path, const void *bytes, size_t size)
{
	_cleanup_(freep) char *found = NULL;
	size_t found_size = 0;
	struct err e;

	assert_int_equal(io_read_file(path, 1 << 16, &found, &found_size, &e), 0);
	assert_int_equal(found_size, size);
	assert_memory_equal(found, bytes, size);
	unlink(path);
}

static void assert_refused(int r, int code, const struct err *e, const char *said, const char *path)
{
	assert_int_equal(r, code);
	if (!strstr(e->text, said))
		fail_msg("'%s' does not say '%s'", e->text, said);
	assert_int_equal(access(path, F_OK), -1);
}

static void an_ecdsa_key_is_chosen_where_epid_is_preferred(void **state)
{
	struct sgx_att_key_id keys[2] = {
		{ .mrsigner_length = 32, .algorithm_id = SGX_QUOTE_KEY_EPID },
		{ .mrsigner_length = 32, .algorithm_id = SGX_QUOTE_KEY_ECDSA_P256, .prod_id = 7 },
	};
	const struct sgx_targetinfo target = { .miscselect = 4711 };
	char *arguments[] = { "x", "--aesm", "socket", "--targetinfo", "target", NULL };
	struct daemon d = { .count = 0 };
	struct err e;
	int r;

	(void)state;
	add_bytes(&d, AESM_SELECT_ATT_KEY_ID, &keys[0], sizeof(keys[0]));
	add_number(&d, AESM_GET_SUPPORTED_ATT_KEY_ID_NUM, AESM_VALUE, 2);
	add_bytes(&d, AESM_GET_SUPPORTED_ATT_KEY_IDS, keys, sizeof(keys));
	add_init(&d, &target);
	start(&d);
	r = cmd_gen_qe_target_info(5, arguments, &e);
	stop(&d);
	assert_int_equal(r, 0);
	assert_memory_equal(&d.asked, &keys[1], sizeof(keys[1]));
	assert_holds("target", &target, sizeof(target));
}

static void a_daemon_without_ecdsa_is_told(void **state)
{
	const struct sgx_att_key_id epid = { .mrsigner_length = 32 };
	char *arguments[] = { "x", "--aesm", "socket", "--targetinfo", "target", NULL };
	struct daemon d = { .count = 0 };
	struct err e;
	int r;

	(void)state;
	add_bytes(&d, AESM_SELECT_ATT_KEY_ID, &epid, sizeof(epid));
	add_number(&d, AESM_GET_SUPPORTED_ATT_KEY_ID_NUM, AESM_VALUE, 1);
	add_bytes(&d, AESM_GET_SUPPORTED_ATT_KEY_IDS, &epid, sizeof(epid));
	start(&d);
	r = cmd_gen_qe_target_info(5, arguments, &e);
	stop(&d);
	assert_refused(r, -ENOENT, &e, "none of its 1 keys is for ECDSA", "target");
}

static void the_target_of_epid_is_init_quotes(void **state)
{
	const struct sgx_targetinfo target = { .configsvn = 5 };
	char *arguments[] = { "x",      "--aesm",       "socket",       "--targetinfo",
		              "target", "--quote-type", "epidLinkable", NULL };
	struct aesm_message m = { .kind = AESM_INIT_QUOTE };
	struct daemon d = { .count = 0 };
	struct err e;
	int r;

	(void)state;
	aesm_set_bytes(&m, AESM_RET_TARGET_INFO, &target, sizeof(target));
	aesm_set_bytes(&m, AESM_RET_GID, "gid!", 4);
	add(&d, &m);
	start(&d);
	r = cmd_gen_qe_target_info(7, arguments, &e);
	stop(&d);
	assert_int_equal(r, 0);
	assert_holds("target", &target, sizeof(target));
}

/* gen-quote of the file "report" with an EPID quote of this report for an answer. */
static int epid_quote(const struct sgx_report *quoted, uint32_t signature_size,
                      uint8_t ret_quote[2048], struct err *e)
{
	struct sgx_epid_quote head = { .version = 2, .signature_size = signature_size };
	char *arguments[] = { "x",
		              "--aesm",
		              "socket",
		              "--quote-type",
		              "epidunlinkable",
		              "--spid",
		              "000102030405060708090a0b0c0d0e0f",
		              "--report",
		              "report",
		              "--quote",
		              "quote",
		              NULL };
	struct daemon d = { .count = 0 };
	int r;

	memset(ret_quote, 0xaa, 2048);
	memcpy(head.report, quoted, sizeof(head.report));
	memcpy(ret_quote, &head, sizeof(head));
	add_bytes(&d, AESM_GET_QUOTE, ret_quote, 2048);
	start(&d);
	r = cmd_gen_quote(11, arguments, e);
	stop(&d);
	return r;
}

static void an_epid_quote_is_written_without_the_rest_of_the_buffer(void **state)
{
	struct sgx_report report = { .isvsvn = 3 };
	uint8_t quote[2048];
	struct err e;

	(void)state;
	assert_int_equal(io_write_file("report", &report, sizeof(report), 0600, &e), 0);
	assert_int_equal(epid_quote(&report, 680, quote, &e), 0);
	assert_holds("quote", quote, sizeof(struct sgx_epid_quote) + 680);
	assert_refused(epid_quote(&report, 4000, quote, &e), -EBADMSG, &e,
	               "its quote is not one of report", "quote");
	report.isvsvn = 4;
	assert_refused(epid_quote(&report, 680, quote, &e), -EBADMSG, &e,
	               "its quote is not one of report", "quote");
	unlink("report");
}

static int ask_token(const struct sgx_einittoken *token, struct err *e)
{
	char *arguments[] = { "x", "-aesm", "socket", "-signature", "encl.ss", NULL };
	struct daemon d = { .count = 0 };
	int r;

	add_bytes(&d, AESM_GET_LAUNCH_TOKEN, token, sizeof(*token));
	start(&d);
	r = cmd_gen_token(5, arguments, e);
	stop(&d);
	return r;
}

static void a_token_is_written_when_it_is_valid_and_this_enclaves(void **state)
{
	struct sgx_einittoken token = { .valid = 1 };
	struct err e;

	(void)state;
	assert_int_equal(io_write_file("encl.ss", &sig, sizeof(sig), 0600, &e), 0);
	memcpy(token.mrenclave, sig.enclavehash, sizeof(token.mrenclave));
	sigstruct_mrsigner(&sig, token.mrsigner);
	assert_int_equal(ask_token(&token, &e), 0);
	assert_holds("encl.token", &token, sizeof(token));
	token.valid = 0;
	assert_refused(ask_token(&token, &e), -EBADMSG, &e, "not valid", "encl.token");
	token.valid = 1;
	token.mrsigner[31] ^= 1;
	assert_refused(ask_token(&token, &e), -EBADMSG, &e, "another enclave's", "encl.token");
	token.mrsigner[31] ^= 1;
	token.mrenclave[0] ^= 1;
	assert_refused(ask_token(&token, &e), -EBADMSG, &e, "another enclave's", "encl.token");
	unlink("encl.ss");
}

static int setup(void **state)
{
	_cleanup_(rsa3072_key_freep) struct rsa3072_key *key = NULL;
	EVP_PKEY *pkey = keys_rsa(3072, 3);
	struct err e;
	int r;

	(void)state;
	keys_make(&folder);
	before = get_current_dir_name();
	r = crypto_load(&e);
	if (r == 0)
		r = rsa3072_key_load(keys_pem(&folder, "key.pem", pkey, KEYS_PRIVATE), &key, &e);
	EVP_PKEY_free(pkey);
	sigstruct_init(&sig);
	memset(sig.enclavehash, 0x42, sizeof(sig.enclavehash));
	if (r == 0)
		r = sigstruct_sign(&sig, key, &e);
	return r == 0 ? chdir(folder.folder) : r;
}

static int teardown(void **state)
{
	int r = chdir(before);

	(void)state;
	free(before);
	keys_remove(&folder);
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ecdsa_key_is_chosen_where_epid_is_preferred),
		cmocka_unit_test(a_daemon_without_ecdsa_is_told),
		cmocka_unit_test(the_target_of_epid_is_init_quotes),
		cmocka_unit_test(an_epid_quote_is_written_without_the_rest_of_the_buffer),
		cmocka_unit_test(a_token_is_written_when_it_is_valid_and_this_enclaves),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
