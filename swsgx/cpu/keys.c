// SPDX-License-Identifier: Apache-2.0
/*
 * Which inputs which key depends on (SDM vol. 3D, EGETKEY, Key derivation).  Keys for provisioning
 * depend on neither the owner's epoch nor, for PROVISION itself, the seal fuses: they outlive a
 * change of owner.
 */
#include "swsgx/cpu/keys.h"

#include <string.h>

#include "lib/crypto/crypto.h"

void key_padding(uint8_t ret[KEY_PADDING_SIZE])
{
	/* DigestInfo of SHA-256 (RFC 8017), without the digest. */
	static const uint8_t tail[20] = {
		0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
		0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
	};

	memset(ret, 0xff, KEY_PADDING_SIZE);
	ret[0] = 0x00;
	ret[1] = 0x01;
	memcpy(ret + KEY_PADDING_SIZE - sizeof(tail), tail, sizeof(tail));
}

void key_derive(const struct platform *p, const struct key_dependencies *d,
                uint8_t ret[SGX_KEY_SIZE])
{
	cmac_aes128(p->root_key, d, sizeof(*d), ret);
}

bool key_cpusvn_allowed(const struct platform *p, const uint8_t cpusvn[16])
{
	for (unsigned int i = 0; i < sizeof(p->cpusvn); i++)
		if (cpusvn[i] > p->cpusvn[i])
			return false;
	return true;
}

static void owner_inputs(const struct platform *p, struct key_dependencies *d)
{
	memcpy(d->ownerepoch, p->ownerepoch, sizeof(d->ownerepoch));
	memcpy(d->seal_fuses, p->seal_fuses, sizeof(d->seal_fuses));
}

/* What EINITTOKEN, PROVISION, PROVISION_SEAL and SEAL have in common. */
static void request_inputs(const struct sgx_secs *secs, const struct secs_hidden *hidden,
                           const struct sgx_keyrequest *request, struct key_dependencies *d)
{
	const uint64_t always = SGX_ATTR_INIT | SGX_ATTR_DEBUG;

	memcpy(d->cpusvn, request->cpusvn, sizeof(d->cpusvn));
	d->isvsvn = request->isvsvn;
	d->attributes.flags = (request->attributemask.flags | always) & secs->attributes.flags;
	d->attributes.xfrm = request->attributemask.xfrm & secs->attributes.xfrm;
	d->miscselect = request->miscmask & secs->miscselect;
	memcpy(d->padding, hidden->padding, sizeof(d->padding));
}

static void mask_inputs(const struct sgx_keyrequest *request, struct key_dependencies *d)
{
	d->attributemask = request->attributemask;
	d->miscmask = ~request->miscmask;
}

/* KEYPOLICY's choice of identity, for PROVISION_SEAL and SEAL; MRENCLAVE and MRSIGNER apart. */
static void policy_inputs(const struct sgx_secs *secs, const struct secs_hidden *hidden,
                          const struct sgx_keyrequest *request, struct key_dependencies *d)
{
	d->keypolicy = request->keypolicy;
	if (!(request->keypolicy & SGX_KEYPOLICY_NOISVPRODID))
		d->isvprodid = secs->isvprodid;
	if (request->keypolicy & SGX_KEYPOLICY_CONFIGID) {
		memcpy(d->configid, secs->configid, sizeof(d->configid));
		d->configsvn = request->configsvn;
	}
	if (request->keypolicy & SGX_KEYPOLICY_ISVFAMILYID)
		memcpy(d->isvfamilyid, hidden->isvfamilyid, sizeof(d->isvfamilyid));
	if (request->keypolicy & SGX_KEYPOLICY_ISVEXTPRODID)
		memcpy(d->isvextprodid, hidden->isvextprodid, sizeof(d->isvextprodid));
}

static void seal_inputs(const struct platform *p, const struct sgx_secs *secs,
                        const struct secs_hidden *hidden, const struct sgx_keyrequest *request,
                        struct key_dependencies *d)
{
	owner_inputs(p, d);
	request_inputs(secs, hidden, request, d);
	mask_inputs(request, d);
	policy_inputs(secs, hidden, request, d);
	memcpy(d->keyid, request->keyid, sizeof(d->keyid));
	if (request->keypolicy & SGX_KEYPOLICY_MRENCLAVE)
		memcpy(d->mrenclave, secs->mrenclave, sizeof(d->mrenclave));
	if (request->keypolicy & SGX_KEYPOLICY_MRSIGNER)
		memcpy(d->mrsigner, secs->mrsigner, sizeof(d->mrsigner));
}

static void provision_inputs(const struct platform *p, const struct sgx_secs *secs,
                             const struct secs_hidden *hidden, const struct sgx_keyrequest *request,
                             struct key_dependencies *d)
{
	request_inputs(secs, hidden, request, d);
	mask_inputs(request, d);
	memcpy(d->mrsigner, secs->mrsigner, sizeof(d->mrsigner));
	if (request->keyname == SGX_KEY_PROVISION_SEAL) {
		memcpy(d->seal_fuses, p->seal_fuses, sizeof(d->seal_fuses));
		policy_inputs(secs, hidden, request, d);
	} else {
		d->isvprodid = secs->isvprodid;
	}
}

static void launch_inputs(const struct platform *p, const struct sgx_secs *secs,
                          const struct secs_hidden *hidden, const struct sgx_keyrequest *request,
                          struct key_dependencies *d)
{
	owner_inputs(p, d);
	request_inputs(secs, hidden, request, d);
	d->isvprodid = secs->isvprodid;
	memcpy(d->mrsigner, secs->mrsigner, sizeof(d->mrsigner));
	memcpy(d->keyid, request->keyid, sizeof(d->keyid));
}

/* An enclave as the target of reports: not its signer, nor its versions. */
static struct sgx_targetinfo target_of(const struct sgx_secs *secs)
{
	struct sgx_targetinfo target = {
		.attributes = secs->attributes,
		.cet_attributes = secs->cet_attributes,
		.configsvn = secs->configsvn,
		.miscselect = secs->miscselect,
	};

	memcpy(target.measurement, secs->mrenclave, sizeof(target.measurement));
	memcpy(target.configid, secs->configid, sizeof(target.configid));
	return target;
}

void key_report(const struct platform *p, const struct sgx_targetinfo *target,
                const uint8_t keyid[32], const uint8_t padding[KEY_PADDING_SIZE],
                uint8_t ret[SGX_KEY_SIZE])
{
	struct key_dependencies d = {
		.keyname = SGX_KEY_REPORT,
		.attributes = target->attributes,
		.cet_attributes = target->cet_attributes,
		.configsvn = target->configsvn,
		.miscselect = target->miscselect,
	};

	owner_inputs(p, &d);
	memcpy(d.cpusvn, p->cpusvn, sizeof(d.cpusvn));
	memcpy(d.mrenclave, target->measurement, sizeof(d.mrenclave));
	memcpy(d.configid, target->configid, sizeof(d.configid));
	memcpy(d.keyid, keyid, sizeof(d.keyid));
	memcpy(d.padding, padding, sizeof(d.padding));
	key_derive(p, &d, ret);
}

void key_launch(const struct platform *p, const struct sgx_einittoken *token,
                uint8_t ret[SGX_KEY_SIZE])
{
	struct key_dependencies d = {
		.keyname = SGX_KEY_EINITTOKEN,
		.isvprodid = token->isvprodidle,
		.isvsvn = token->isvsvnle,
		.attributes = token->maskedattributesle,
		.miscselect = token->maskedmiscselectle,
		.cet_attributes = token->cet_masked_attributes_le,
	};

	owner_inputs(p, &d);
	memcpy(d.cpusvn, token->cpusvnle, sizeof(d.cpusvn));
	memcpy(d.mrsigner, p->lepubkeyhash, sizeof(d.mrsigner));
	memcpy(d.keyid, token->keyid, sizeof(d.keyid));
	key_padding(d.padding);
	key_derive(p, &d, ret);
}

void key_requested(const struct platform *p, const struct sgx_secs *secs,
                   const struct secs_hidden *hidden, const struct sgx_keyrequest *request,
                   uint8_t ret[SGX_KEY_SIZE])
{
	struct key_dependencies d = { .keyname = request->keyname };

	if (request->keyname == SGX_KEY_REPORT) {
		struct sgx_targetinfo self = target_of(secs);
		uint8_t padding[KEY_PADDING_SIZE];

		key_padding(padding);
		key_report(p, &self, request->keyid, padding, ret);
		return;
	}
	if (request->keyname == SGX_KEY_EINITTOKEN)
		launch_inputs(p, secs, hidden, request, &d);
	else if (request->keyname == SGX_KEY_SEAL)
		seal_inputs(p, secs, hidden, request, &d);
	else
		provision_inputs(p, secs, hidden, request, &d);
	key_derive(p, &d, ret);
}
