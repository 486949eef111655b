// SPDX-License-Identifier: Apache-2.0
/*
 * Loading libcrypto.  The library is wanted by its SONAME, from wherever the process's loader finds
 * it (dlopen-note.S says so to others), and stays loaded: unloading OpenSSL is not safe while threads
 * may be in it.
 */
#include "lib/crypto/openssl.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/aes.h"
#include "lib/crypto/crypto.h"

struct openssl ossl;

static const struct {
	const char *name;
	size_t member;
} symbols[] = {
#define LIBCRYPTO(type, name, parameters) { #name, offsetof(struct openssl, name) },
#include "lib/crypto/openssl.def"
#undef LIBCRYPTO
};

/* The table becomes visible as a whole or not at all. */
static int load(struct err *e)
{
	void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
	struct openssl fresh;

	if (!library)
		return err_set(e, -ENOENT, "%s", dlerror());
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol) {
			err_set(e, -ENOENT, "%s", dlerror());
			dlclose(library);
			return -ENOENT;
		}
		memcpy((char *)&fresh + symbols[i].member, &symbol, sizeof(symbol));
	}
	ossl = fresh;
	aes_instructions = aes_instructions_exist();
	return 0;
}

int crypto_load(struct err *e)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static atomic_bool loaded;
	int r = 0;

	if (atomic_load_explicit(&loaded, memory_order_acquire))
		return 0;
	pthread_mutex_lock(&lock);
	if (!atomic_load_explicit(&loaded, memory_order_relaxed)) {
		r = load(e);
		atomic_store_explicit(&loaded, r == 0, memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return r;
}

void crypto_must(int ok)
{
	if (!ok)
		abort();
}

const char *crypto_reason(void)
{
	unsigned long code = ossl.ERR_peek_last_error();
	const char *reason = code ? ossl.ERR_reason_error_string(code) : NULL;

	return reason ? reason : "libcrypto gives no reason";
}
