/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the platform (SDM vol. 3D, Key derivation).  derivekey() is not published; ours is
 * AES-CMAC with the platform's root key over all the inputs.
 */
#ifndef SWSGX_CPU_KEYS_H
#define SWSGX_CPU_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "sgx/attributes.h"
#include "sgx/key.h"
#include "sgx/report.h"
#include "sgx/token.h"
#include "swsgx/cpu/cpu.h"
#include "swsgx/cpu/epc.h"

/* The inputs, in an order of our own; what a key does not depend on is 0.  No padding. */
struct key_dependencies {
	uint16_t keyname;
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint16_t configsvn;
	uint8_t ownerepoch[16];
	uint8_t seal_fuses[16];
	uint8_t cpusvn[16];
	struct sgx_attributes attributes;
	struct sgx_attributes attributemask;
	uint8_t mrenclave[32];
	uint8_t mrsigner[32];
	uint8_t keyid[32];
	uint8_t isvextprodid[16];
	uint8_t isvfamilyid[16];
	uint8_t configid[64];
	uint32_t miscselect;
	uint32_t miscmask;
	uint16_t keypolicy;
	uint8_t cet_attributes;
	uint8_t cet_attributes_mask;
	uint8_t reserved[4];
	uint8_t padding[KEY_PADDING_SIZE];
};
_Static_assert(sizeof(struct key_dependencies) == 648, "a hole would be hashed");

/* The PADDING of every valid signature. */
void key_padding(uint8_t ret[KEY_PADDING_SIZE]);
void key_derive(const struct platform *p, const struct key_dependencies *d,
                uint8_t ret[SGX_KEY_SIZE]);

/* EGETKEY's key: the request is checked, its name one of the five. */
void key_requested(const struct platform *p, const struct sgx_secs *secs,
                   const struct secs_hidden *hidden, const struct sgx_keyrequest *request,
                   uint8_t ret[SGX_KEY_SIZE]);
/* What the target of a report gets from EGETKEY for REPORT with this KEYID. */
void key_report(const struct platform *p, const struct sgx_targetinfo *target,
                const uint8_t keyid[32], const uint8_t padding[KEY_PADDING_SIZE],
                uint8_t ret[SGX_KEY_SIZE]);
/* What the launch enclave that made token got from EGETKEY for EINITTOKEN. */
void key_launch(const struct platform *p, const struct sgx_einittoken *token,
                uint8_t ret[SGX_KEY_SIZE]);

/* Is a security version no newer than the processor's?  Each byte is a version of its own. */
bool key_cpusvn_allowed(const struct platform *p, const uint8_t cpusvn[16]);

#endif
