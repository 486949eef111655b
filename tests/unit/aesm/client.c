// SPDX-License-Identifier: Apache-2.0
/* aesm/client against a daemon that is a thread of the test and answers with given bytes. */
#include "aesm/client.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define REPLIES_MAX 3

struct daemon {
	char folder[32], path[64];
	int listener;
	pthread_t thread;
	struct {
		const void *bytes;
		size_t size;
	} reply[REPLIES_MAX];
	unsigned int count;
};

static void read_request(int fd)
{
	uint8_t head[AESM_FRAME_HEAD], body[4096];
	size_t size;

	if (recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head))
		abort();
	size = aesm_frame_size(head);
	if (size > sizeof(body) || recv(fd, body, size, MSG_WAITALL) != (ssize_t)size)
		abort();
}

static void *serve(void *arg)
{
	struct daemon *d = arg;

	for (unsigned int i = 0; i < d->count; i++) {
		int fd = accept(d->listener, NULL, NULL);

		read_request(fd);
		if (send(fd, d->reply[i].bytes, d->reply[i].size, MSG_NOSIGNAL) < 0)
			abort();
		close(fd);
	}
	return NULL;
}

static void start(struct daemon *d)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(d->folder, "/tmp/aesm-client.XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	snprintf(d->path, sizeof(d->path), "%s/socket", d->folder);
	strcpy(address.sun_path, d->path);
	d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(d->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(d->listener, REPLIES_MAX), 0);
	assert_int_equal(pthread_create(&d->thread, NULL, serve, d), 0);
}

static void stop(struct daemon *d)
{
	assert_int_equal(pthread_join(d->thread, NULL), 0);
	close(d->listener);
	unlink(d->path);
	rmdir(d->folder);
}

static void add_reply(struct daemon *d, const struct aesm_message *m)
{
	uint8_t *frame;

	assert_int_equal(aesm_encode_response(m, &frame, &d->reply[d->count].size), 0);
	d->reply[d->count++].bytes = frame;
}

static void free_replies(struct daemon *d)
{
	for (unsigned int i = 0; i < d->count; i++)
		free((void *)d->reply[i].bytes);
}

static void a_broken_reply_is_an_error(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		int code;
		const char *text;
	} rows[] = {
		{ "", 0, -ENODATA, "hung up" },
		{ "\1\0", 2, -ENODATA, "hung up" },
		{ "\377\377\377\377", 4, -EBADMSG, "a reply of 4294967295 bytes" },
		{ "\4\0\0\0\252", 5, -ENODATA, "cut short" },
		{ "\2\0\0\0\377\377", 6, -EBADMSG, "cannot be read" },
		{ "\0\0\0\0", 4, -EBADMSG, "cannot be read" },
		{ "\5\0\0\0\202\1\2\10\0", 9, -EBADMSG, "another request's" },
		{ "\3\0\0\0\252\1\0", 7, -EBADMSG, "another request's" },
		{ "\5\0\0\0\242\1\2\10\1", 9, -EREMOTEIO, "does not serve" },
		{ "\5\0\0\0\252\1\2\10\36", 9, -EREMOTEIO, "error 30" },
	};
	const struct aesm_message request = { .kind = AESM_GET_SUPPORTED_ATT_KEY_ID_NUM };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct daemon d = { .count = 1, .reply[0] = { rows[i].bytes, rows[i].size } };
		struct aesm_message reply;
		struct err e = { "" };

		start(&d);
		assert_int_equal(aesm_call(d.path, &request, &reply, &e), rows[i].code);
		stop(&d);
		if (strstr(e.text, rows[i].text) == NULL)
			fail_msg("'%s' does not say '%s'", e.text, rows[i].text);
	}
}

static void fields_of_a_wrong_size_are_refused(void **state)
{
	struct aesm_message m = { .kind = AESM_SELECT_ATT_KEY_ID };
	struct daemon d = { .count = 0 };
	struct sgx_att_key_id key;
	struct err e;

	(void)state;
	aesm_set_number(&m, AESM_ERROR_CODE, 0);
	aesm_set_bytes(&m, AESM_VALUE, &m, 255);
	add_reply(&d, &m);
	start(&d);
	assert_int_equal(aesm_select_key(d.path, &key, &e), -EBADMSG);
	stop(&d);
	free_replies(&d);
}

static void a_quote_is_of_the_size_that_was_told(void **state)
{
	static const uint8_t bytes[1200] = { 1, 2, 3 };
	struct aesm_message size = { .kind = AESM_GET_QUOTE_SIZE_EX };
	struct aesm_message quote = { .kind = AESM_GET_QUOTE_EX };
	const struct sgx_report report = { .miscselect = 0 };
	const struct sgx_att_key_id key = { .id = 0 };
	struct err e;

	(void)state;
	for (size_t given = sizeof(bytes) - 1; given <= sizeof(bytes); given++) {
		struct daemon d = { .count = 0 };
		uint8_t *found = NULL;
		size_t found_size = 0;
		int r;

		aesm_set_number(&size, AESM_ERROR_CODE, 0);
		aesm_set_number(&size, AESM_VALUE, sizeof(bytes));
		aesm_set_number(&quote, AESM_ERROR_CODE, 0);
		aesm_set_bytes(&quote, AESM_RET_QUOTE, bytes, given);
		add_reply(&d, &size);
		add_reply(&d, &quote);
		start(&d);
		r = aesm_get_quote_ex(d.path, &key, &report, NULL, &found, &found_size, &e);
		stop(&d);
		free_replies(&d);
		assert_int_equal(r, given == sizeof(bytes) ? 0 : -EBADMSG);
		if (r == 0)
			assert_memory_equal(found, bytes, found_size);
		free(found);
	}
}

/* A machine may have EPID as well, and prefer it. */
static void the_ecdsa_key_is_found_among_others(void **state)
{
	struct aesm_message preferred = { .kind = AESM_SELECT_ATT_KEY_ID };
	struct aesm_message number = { .kind = AESM_GET_SUPPORTED_ATT_KEY_ID_NUM };
	struct aesm_message list = { .kind = AESM_GET_SUPPORTED_ATT_KEY_IDS };
	struct sgx_att_key_id keys[2] = { { .algorithm_id = 0 }, { .algorithm_id = 0 } };
	struct err e;

	(void)state;
	for (uint32_t second = 0; second <= SGX_QUOTE_KEY_ECDSA_P256;
	     second += SGX_QUOTE_KEY_ECDSA_P256) {
		struct daemon d = { .count = 0 };
		struct sgx_att_key_id key = { .id = 7 };
		int r;

		keys[1].algorithm_id = second;
		aesm_set_number(&preferred, AESM_ERROR_CODE, 0);
		aesm_set_bytes(&preferred, AESM_VALUE, keys, sizeof(*keys));
		aesm_set_number(&number, AESM_ERROR_CODE, 0);
		aesm_set_number(&number, AESM_VALUE, 2);
		aesm_set_number(&list, AESM_ERROR_CODE, 0);
		aesm_set_bytes(&list, AESM_VALUE, keys, sizeof(keys));
		add_reply(&d, &preferred);
		add_reply(&d, &number);
		add_reply(&d, &list);
		start(&d);
		r = aesm_ecdsa_key(d.path, &key, &e);
		stop(&d);
		free_replies(&d);
		if (second == 0) {
			assert_int_equal(r, -ENOENT);
			assert_int_equal(key.id, 7);
			assert_non_null(strstr(e.text, "none of its 2 keys is for ECDSA"));
		} else {
			assert_int_equal(r, 0);
			assert_memory_equal(&key, &keys[1], sizeof(key));
		}
	}
}

static void no_daemon_is_said(void **state)
{
	const struct aesm_message request = { .kind = AESM_INIT_QUOTE };
	struct aesm_message reply;
	char path[200];
	struct err e;

	(void)state;
	assert_int_equal(aesm_call("/nowhere/aesm.socket", &request, &reply, &e), -ENOENT);
	assert_non_null(strstr(e.text, "aesmd at /nowhere/aesm.socket: No such file"));
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(aesm_call(path, &request, &reply, &e), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_reply_is_an_error),
		cmocka_unit_test(fields_of_a_wrong_size_are_refused),
		cmocka_unit_test(a_quote_is_of_the_size_that_was_told),
		cmocka_unit_test(the_ecdsa_key_is_found_among_others),
		cmocka_unit_test(no_daemon_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
