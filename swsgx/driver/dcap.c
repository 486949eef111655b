// SPDX-License-Identifier: Apache-2.0
/*
 * The out-of-tree DCAP driver, versions 1.32 to 1.36: /dev/sgx/enclave.  Its requests are those of
 * the driver that went into the kernel later; it does not check mprotect, does not hold mmap to the
 * enclave's range, and comes without the vDSO function, so that its users bring their own AEP.
 */
#include <errno.h>

#include "sgx/uapi/dcap.h"
#include "swsgx/driver/abi.h"

static const struct driver_request requests[] = {
	{ SGX_IOC_ENCLAVE_CREATE, request_create, STATE_NEW },
	{ SGX_IOC_ENCLAVE_ADD_PAGES, request_add_pages, STATE_CREATED },
	{ SGX_IOC_ENCLAVE_INIT, request_init, STATE_CREATED },
	{ SGX_IOC_ENCLAVE_SET_ATTRIBUTE, request_provision, STATE_ANY },
};

const struct driver_abi driver_dcap = {
	.name = "dcap",
	.enclave_node = SGX_DEV_DCAP_ENCLAVE,
	.provision_node = SGX_DEV_DCAP_PROVISION,
	.requests = requests,
	.request_count = sizeof(requests) / sizeof(requests[0]),
	.map_only_range = false,
	.mprotect_checks = false,
	.einit_fault = EFAULT,
	.has_vdso = false,
};
