// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as TCB info and as QE identity.  What is accepted is within its bounds and sorted, and its
 * signature can be checked.
 */
#include "lib/dcap/qeidentity.h"

#include <string.h>

#include "tests/fuzz/machine.h"

static struct ecdsa_key *key;

/* The base point of P-256: some key or other. */
static const uint8_t point[P256_KEY_SIZE] = {
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63,
	0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1,
	0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
	0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57,
	0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	PROMISE(ecdsa_key_new(point, &key) == 0);
	return 0;
}

/* Of one ISVSVN a QE may have levels of several dates, a module may not. */
static bool is_behind(const struct dcap_isv_level *level, bool is_module)
{
	const struct dcap_isv_level *before = level - 1;

	return level->isvsvn < before->isvsvn ||
	       (!is_module && level->isvsvn == before->isvsvn && level->date < before->date);
}

/* By its ISVSVN a level is found, or the first of those that have it. */
static bool is_found(const struct dcap_isv_levels *levels, const struct dcap_isv_level *level)
{
	const struct dcap_isv_level *found = dcap_isv_level_of(levels, level->isvsvn);

	return found <= level && found->isvsvn == level->isvsvn &&
	       (found == levels->level || found[-1].isvsvn > found->isvsvn);
}

static void check_levels(const struct dcap_isv_levels *levels, bool is_module)
{
	PROMISE(levels->count >= 1 && levels->count <= DCAP_LEVELS_MAX);
	for (size_t i = 0; i < levels->count; i++) {
		PROMISE(i == 0 || is_behind(&levels->level[i], is_module));
		PROMISE(levels->level[i].advisories.count <= DCAP_ADVISORIES_MAX);
		PROMISE(is_found(levels, &levels->level[i]));
	}
}

static void check_info(const struct dcap_tcb_info *info)
{
	PROMISE(info->level_count >= 1 && info->level_count <= DCAP_LEVELS_MAX);
	for (size_t i = 1; i < info->level_count; i++)
		PROMISE(memcmp(info->level[i - 1].sgx, info->level[i].sgx, DCAP_COMPONENTS) >= 0);
	for (size_t i = 0; i < info->module_count; i++)
		check_levels(&info->module_for[i].levels, true);
	for (unsigned int i = 0; i < 256; i++)
		dcap_tdx_module_of(info, (uint8_t)i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .text = "" };
	struct dcap_qe_identity identity;
	struct dcap_tcb_info info;
	bool accepted;

	accepted = dcap_tcb_info_parse(data, size, &info, &e) == 0;
	PROMISE(accepted || e.text[0] != 0);
	if (accepted) {
		check_info(&info);
		signed_json_verify(&info.json, key);
	}
	dcap_tcb_info_free(&info);
	accepted = dcap_qe_identity_parse(data, size, &identity, &e) == 0;
	if (accepted) {
		check_levels(&identity.levels, false);
		signed_json_verify(&identity.json, key);
	}
	dcap_qe_identity_free(&identity);
	return 0;
}
