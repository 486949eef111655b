/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABI of the kernel's SGX driver, /dev/sgx_enclave and /dev/sgx_provision, since Linux 5.11
 * (DCAP drivers from 1.41 speak it too): names as in the kernel's uapi header, which may be older
 * than what we speak, so it is not included.
 */
#ifndef SGX_UAPI_INTREE_H
#define SGX_UAPI_INTREE_H

#include <stddef.h>
#include <stdint.h>

#define SGX_DEV_ENCLAVE   "/dev/sgx_enclave"
#define SGX_DEV_PROVISION "/dev/sgx_provision"

#define SGX_PAGE_MEASURE UINT64_C(0x01) /* sgx_enclave_add_pages.flags */

struct sgx_enclave_create {
	uint64_t src; /* address of a struct sgx_secs */
};

struct sgx_enclave_add_pages {
	uint64_t src;     /* page-aligned address of the content */
	uint64_t offset;  /* from the enclave's base */
	uint64_t length;  /* bytes, whole pages */
	uint64_t secinfo; /* address of a struct sgx_secinfo */
	uint64_t flags;   /* SGX_PAGE_MEASURE */
	uint64_t count;   /* out: bytes added */
};

struct sgx_enclave_init {
	uint64_t sigstruct; /* address of a struct sgx_sigstruct */
};

struct sgx_enclave_provision {
	uint64_t fd; /* of /dev/sgx_provision */
};

struct sgx_enclave_restrict_permissions {
	uint64_t offset;
	uint64_t length;
	uint64_t permissions;
	uint64_t result; /* out: SGX error code */
	uint64_t count;  /* out: bytes */
};

struct sgx_enclave_modify_types {
	uint64_t offset;
	uint64_t length;
	uint64_t page_type;
	uint64_t result; /* out: SGX error code */
	uint64_t count;  /* out: bytes */
};

struct sgx_enclave_remove_pages {
	uint64_t offset;
	uint64_t length;
	uint64_t count; /* out: bytes */
};

#define SGX_IOC_ENCLAVE_CREATE               UINT32_C(0x4008a400)
#define SGX_IOC_ENCLAVE_ADD_PAGES            UINT32_C(0xc030a401)
#define SGX_IOC_ENCLAVE_INIT                 UINT32_C(0x4008a402)
#define SGX_IOC_ENCLAVE_PROVISION            UINT32_C(0x4008a403)
#define SGX_IOC_VEPC_REMOVE_ALL              UINT32_C(0x0000a404)
#define SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS UINT32_C(0xc028a405)
#define SGX_IOC_ENCLAVE_MODIFY_TYPES         UINT32_C(0xc028a406)
#define SGX_IOC_ENCLAVE_REMOVE_PAGES         UINT32_C(0xc018a407)

_Static_assert(sizeof(struct sgx_enclave_create) == 8, "size in the ioctl number");
_Static_assert(sizeof(struct sgx_enclave_add_pages) == 0x30, "size in the ioctl number");
_Static_assert(sizeof(struct sgx_enclave_init) == 8, "size in the ioctl number");
_Static_assert(sizeof(struct sgx_enclave_provision) == 8, "size in the ioctl number");
_Static_assert(sizeof(struct sgx_enclave_restrict_permissions) == 0x28, "size in the ioctl number");
_Static_assert(sizeof(struct sgx_enclave_modify_types) == 0x28, "size in the ioctl number");
_Static_assert(sizeof(struct sgx_enclave_remove_pages) == 0x18, "size in the ioctl number");
_Static_assert(offsetof(struct sgx_enclave_add_pages, count) == 40, "count");

#endif
