/* SPDX-License-Identifier: Apache-2.0 */
/* Linux' error numbers, as far as the enclave returns them; there is no libc to take them from. */
#ifndef ENCLAVE_ERRNO_H
#define ENCLAVE_ERRNO_H

#define EPERM    1
#define EINTR    4
#define EIO      5
#define E2BIG    7
#define EAGAIN   11
#define ENOMEM   12
#define EFAULT   14
#define EBUSY    16
#define EINVAL   22
#define ENOSYS   38
#define EALREADY 114

#endif
