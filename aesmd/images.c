// SPDX-License-Identifier: Apache-2.0
/* The two enclaves as they are signed: numbers that a relying party sees in the QE identity. */
#include "aesmd/images.h"

#include "sgx/attributes.h"

struct arch_image arch_image_qe(void)
{
	return (struct arch_image){
		.name = "quoting enclave",
		.bytes = arch_qe_bytes,
		.size = (size_t)(arch_qe_end - arch_qe_bytes),
		.attributes = SGX_ATTR_PROVISIONKEY,
		.isvprodid = QE_ISVPRODID,
		.isvsvn = QE_ISVSVN,
	};
}

struct arch_image arch_image_le(void)
{
	return (struct arch_image){
		.name = "launch enclave",
		.bytes = arch_le_bytes,
		.size = (size_t)(arch_le_end - arch_le_bytes),
		.attributes = SGX_ATTR_EINITTOKENKEY,
		.isvprodid = LE_ISVPRODID,
		.isvsvn = LE_ISVSVN,
	};
}
