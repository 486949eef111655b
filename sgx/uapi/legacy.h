/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABI of the drivers before the kernel's: linux-sgx-driver 2.x at /dev/isgx, which wants a launch
 * token, and the DCAP driver up to 1.22 at /dev/sgx, which launches without one.
 *
 * An enclave is found by address: its range is mapped from the device before CREATE, as a whole, and
 * the enclave lives and dies with that mapping.  The descriptor says nothing of it.  Numbers collide
 * with those of sgx/uapi/intree.h: what a request means depends on the node.
 */
#ifndef SGX_UAPI_LEGACY_H
#define SGX_UAPI_LEGACY_H

#include <stddef.h>
#include <stdint.h>

#define SGX_DEV_ISGX               "/dev/isgx"
#define SGX_DEV_DCAP_OLD_ENCLAVE   "/dev/sgx"
#define SGX_DEV_DCAP_OLD_PROVISION "/dev/sgx_prv"

#define ISGX_MRMASK_PAGE UINT16_C(0xffff) /* every 256 bytes of the page are measured */
#define ISGX_POWER_LOST  0x40000000       /* INIT: the machine was suspended since CREATE */

struct isgx_create {
	uint64_t src; /* address of a struct sgx_secs */
};

struct isgx_add_page {
	uint64_t addr;    /* of the page in the enclave */
	uint64_t src;     /* address of the content */
	uint64_t secinfo; /* address of a struct sgx_secinfo */
	uint16_t mrmask;  /* bit i: EEXTEND the 256 bytes at i * 256 */
} __attribute__((packed));

/* INIT returns EINIT's error code, which is positive. */
struct isgx_init {
	uint64_t addr;       /* of any page in the enclave */
	uint64_t sigstruct;  /* address of a struct sgx_sigstruct */
	uint64_t einittoken; /* address of a struct sgx_einittoken */
} __attribute__((packed));

struct dcap_old_init {
	uint64_t addr;
	uint64_t sigstruct;
} __attribute__((packed));

struct dcap_old_set_attribute {
	uint64_t addr;
	uint64_t attribute_fd; /* of /dev/sgx_prv */
} __attribute__((packed));

struct isgx_range {
	uint64_t start;
	uint32_t nr_pages;
	uint32_t reserved;
};

struct isgx_modify {
	struct isgx_range range;
	uint64_t flags; /* SGX_SECINFO_R, _W, _X */
};

#define ISGX_IOC_CREATE        UINT32_C(0x4008a400)
#define ISGX_IOC_ADD_PAGE      UINT32_C(0x401aa401)
#define ISGX_IOC_INIT          UINT32_C(0x4018a402)
#define ISGX_IOC_EMODPR        UINT32_C(0x4018a409) /* isgx_modify */
#define ISGX_IOC_MKTCS         UINT32_C(0x4010a40a) /* isgx_range */
#define ISGX_IOC_TRIM          UINT32_C(0x4010a40b) /* isgx_range */
#define ISGX_IOC_NOTIFY_ACCEPT UINT32_C(0x4010a40c) /* isgx_range */
#define ISGX_IOC_PAGE_REMOVE   UINT32_C(0x4008a40d) /* uint64_t, the page's address */

#define DCAP_OLD_IOC_INIT          UINT32_C(0x4010a402)
#define DCAP_OLD_IOC_SET_ATTRIBUTE UINT32_C(0x4010a403)

_Static_assert(sizeof(struct isgx_create) == 8, "size in the ioctl number");
_Static_assert(sizeof(struct isgx_add_page) == 0x1a, "size in the ioctl number");
_Static_assert(sizeof(struct isgx_init) == 0x18, "size in the ioctl number");
_Static_assert(sizeof(struct isgx_modify) == 0x18, "size in the ioctl number");
_Static_assert(sizeof(struct isgx_range) == 0x10, "size in the ioctl number");
_Static_assert(sizeof(struct dcap_old_init) == 0x10, "size in the ioctl number");
_Static_assert(sizeof(struct dcap_old_set_attribute) == 0x10, "size in the ioctl number");
_Static_assert(offsetof(struct isgx_add_page, mrmask) == 24, "isgx_add_page.mrmask");
_Static_assert(offsetof(struct isgx_init, einittoken) == 16, "isgx_init.einittoken");

#endif
