/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABI of the out-of-tree DCAP driver where it differs from the kernel's: versions 1.32 to 1.36
 * have their nodes in /dev/sgx/; CREATE, ADD_PAGES, INIT and the attribute request have the numbers
 * of sgx/uapi/intree.h.  (1.41 is the kernel's ABI on the kernel's nodes.)
 */
#ifndef SGX_UAPI_DCAP_H
#define SGX_UAPI_DCAP_H

#include "sgx/uapi/intree.h"

#define SGX_DEV_DCAP_ENCLAVE   "/dev/sgx/enclave"
#define SGX_DEV_DCAP_PROVISION "/dev/sgx/provision"

#define SGX_IOC_ENCLAVE_SET_ATTRIBUTE SGX_IOC_ENCLAVE_PROVISION

#endif
