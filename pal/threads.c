// SPDX-License-Identifier: Apache-2.0
/* Who is in which thread (TCS) of the enclave; the lock is the runtime's. */
#include <errno.h>

#include "pal/runtime.h"

static struct encl_thread *find_free(unsigned int *alive)
{
	struct encl *encl = &runtime.encl;

	*alive = 0;
	for (unsigned int i = 0; i < encl->thread_count; i++) {
		struct encl_thread *t = &encl->thread[i];

		if (t->is_dead)
			continue;
		++*alive;
		if (!t->is_busy)
			return t;
	}
	return NULL;
}

int runtime_thread_get(struct process *process, struct encl_thread **ret)
{
	struct encl_thread *t = NULL;
	unsigned int alive = 1;

	pthread_mutex_lock(&runtime.lock);
	while (!(process && process->sig) && !(t = find_free(&alive)) && alive > 0)
		pthread_cond_wait(&runtime.changed, &runtime.lock);
	if (t) {
		t->is_busy = true;
		atomic_store(&t->kill, false);
		if (process)
			process->thread = t;
	}
	pthread_mutex_unlock(&runtime.lock);
	if (!t && alive == 0)
		return -EIO;
	*ret = t;
	return 0;
}

void runtime_thread_put(struct process *process, struct encl_thread *thread)
{
	pthread_mutex_lock(&runtime.lock);
	thread->is_busy = false;
	if (process)
		process->thread = NULL;
	pthread_cond_broadcast(&runtime.changed);
	pthread_mutex_unlock(&runtime.lock);
}
