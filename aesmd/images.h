/* SPDX-License-Identifier: Apache-2.0 */
/* The two enclaves that this program brings along, and the versions they are signed with. */
#ifndef AESMD_IMAGES_H
#define AESMD_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#define QE_ISVPRODID 1
#define QE_ISVSVN    8
#define LE_ISVPRODID 0x20
#define LE_ISVSVN    1

struct arch_image {
	const char *name; /* for messages */
	const uint8_t *bytes;
	size_t size;
	uint64_t attributes; /* beside those of the layout */
	uint16_t isvprodid;
	uint16_t isvsvn;
};

extern const uint8_t arch_qe_bytes[], arch_qe_end[], arch_le_bytes[], arch_le_end[];

struct arch_image arch_image_qe(void); /* with the provisioning key; for /dev/sgx_enclave */
struct arch_image arch_image_le(void); /* with the key that signs tokens; for /dev/isgx */

#endif
