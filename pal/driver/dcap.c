// SPDX-License-Identifier: Apache-2.0
/*
 * The out-of-tree DCAP driver, 1.32 to 1.36 (sgx/uapi/dcap.h): the kernel's requests on a node of its
 * own.  It comes without __vdso_sgx_enter_enclave.  Some of its versions refuse any mapping of a hole;
 * the PAL maps segments only, over an anonymous reservation.
 */
#include "pal/driver/intree.h"
#include "sgx/uapi/dcap.h"

const struct driver driver_dcap = {
	.name = "DCAP",
	.node = SGX_DEV_DCAP_ENCLAVE,
	.probe = intree_probe,
	.reserve = intree_reserve,
	.create = intree_create,
	.add = intree_add,
	.init = intree_init,
	.map = intree_map,
	.stage = intree_stage,
	.owns = intree_owns,
};
