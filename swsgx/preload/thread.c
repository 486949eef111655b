// SPDX-License-Identifier: Apache-2.0
/*
 * libc's own two signals.  It installs its handler of SIGSETXID with the first thread, and that of
 * SIGCANCEL with the first pthread_cancel, past our sigaction; a thread that is in an enclave must not
 * meet them, so they are taken over as soon as they are there.
 */
#include <pthread.h>
#include <stddef.h>

#include "swsgx/preload/next.h"
#include "swsgx/trap/signal.h"

typedef int create_fn(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                      void *arg);
typedef int cancel_fn(pthread_t thread);

/* Until this returns its caller is in no enclave, and no other thread that could send SIGSETXID is. */
EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg)
{
	int r = NEXT(create_fn, pthread_create)(thread, attr, run, arg);

	if (r == 0 && trap_is_active())
		signal_take_libc();
	return r;
}

static void *wait_for_cancel(void *unused)
{
	for (;;)
		pthread_testcancel();
	return unused;
}

/* The first pthread_cancel sends the signal at once, so it is made for a thread of no other use. */
static void cancel_first(void)
{
	pthread_t thread;

	if (NEXT(create_fn, pthread_create)(&thread, NULL, wait_for_cancel, NULL) != 0)
		return;
	NEXT(cancel_fn, pthread_cancel)(thread);
	pthread_join(thread, NULL);
	signal_take_libc();
}

EXPORT int pthread_cancel(pthread_t thread)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (trap_is_active())
		pthread_once(&once, cancel_first);
	return NEXT(cancel_fn, pthread_cancel)(thread);
}
