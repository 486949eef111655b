// SPDX-License-Identifier: Apache-2.0
/* Nothing of one's own. */
#include "pal/own.h"

#include <errno.h>

int own_start(struct encl *encl, struct err *e)
{
	(void)encl;
	(void)e;
	return 0;
}

int64_t own_ocall(struct ocall_server *server, uint64_t number, uint64_t arg)
{
	(void)server;
	(void)number;
	(void)arg;
	return -ENOSYS;
}
