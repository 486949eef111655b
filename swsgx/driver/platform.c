// SPDX-License-Identifier: Apache-2.0
/* The platform in memory: the state's secrets, and what this processor can do. */
#include "swsgx/driver/platform.h"

#include <cpuid.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "sgx/attributes.h"
#include "swsgx/driver/state.h"

static struct platform platform;
static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;
/* The state when the program began, which may give up its right to read it. */
static struct {
	char path[PATH_MAX];
	uint8_t random[STATE_RANDOM_SIZE], hash[STATE_HASH_SIZE];
	bool is_known;
} at_start;

static uint64_t xcr0(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return SGX_XFRM_LEGACY;
	__asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (uint64_t)d << 32 | a;
}

/* Where XSAVE puts its components, in the standard format. */
static void read_xstate(struct platform *p)
{
	for (unsigned int i = 2; i < 63; i++) {
		unsigned int size = 0, offset = 0, flags = 0, d;

		if (!(p->xfrm_mask >> i & 1) ||
		    !__get_cpuid_count(0xd, i, &size, &offset, &flags, &d))
			continue;
		p->xstate_size[i] = size;
		p->xstate_offset[i] = offset;
	}
}

void platform_remember(void)
{
	struct err unused;

	at_start.is_known = state_path(getenv("SWSGX_STATE"), at_start.path, &unused) == 0 &&
	                    state_look(at_start.path, at_start.random, at_start.hash, &unused) == 0;
}

/* The state as it is by now: `swsgx aesmd` may have been here; or else as it was. */
static int read_state(uint8_t random[STATE_RANDOM_SIZE], uint8_t hash[STATE_HASH_SIZE],
                      struct err *e)
{
	char path[PATH_MAX];
	int r;

	if (!at_start.is_known) {
		r = state_path(getenv("SWSGX_STATE"), path, e);
		return r < 0 ? r : state_read_at(path, random, hash, e);
	}
	if (state_read_at(at_start.path, random, hash, e) < 0) {
		memcpy(random, at_start.random, sizeof(at_start.random));
		memcpy(hash, at_start.hash, sizeof(at_start.hash));
	}
	return 0;
}

int platform_load(struct err *e)
{
	uint8_t random[STATE_RANDOM_SIZE], hash[STATE_HASH_SIZE] = { 0 };
	const uint8_t unset[STATE_HASH_SIZE] = { 0 };
	int r = 0;

	pthread_mutex_lock(&once);
	if (!loaded) {
		r = crypto_load(e);
		if (r == 0)
			r = read_state(random, hash, e);
		if (r == 0) {
			platform_init(&platform, xcr0(), random);
			if (memcmp(hash, unset, sizeof(hash)) != 0)
				memcpy(platform.lepubkeyhash, hash, sizeof(hash));
			read_xstate(&platform);
			loaded = true;
		}
	}
	pthread_mutex_unlock(&once);
	return r;
}

struct platform *platform_get(void)
{
	return &platform;
}
