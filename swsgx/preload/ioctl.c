// SPDX-License-Identifier: Apache-2.0
/* ioctl: the requests of SGX drivers, on files that are enclaves. */
#include <stdarg.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "swsgx/driver/driver.h"
#include "swsgx/driver/enclave.h"
#include "swsgx/preload/init.h"
#include "swsgx/preload/next.h"

typedef int ioctl_fn(int fd, unsigned long request, ...);

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int r;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	/* Programs pass numbers that were sign-extended on their way: 32 bits count. */
	if (!driver_request_is_ours(request) || !enclave_is(fd))
		return NEXT(ioctl_fn, ioctl)(fd, request, arg);
	r = init_sgx();
	return next_result(r < 0 ? r : driver_ioctl(fd, request, (uintptr_t)arg));
}
