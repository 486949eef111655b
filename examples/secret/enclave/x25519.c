// SPDX-License-Identifier: Apache-2.0
/*
 * RFC 7748, section 5: the Montgomery ladder over the field of 2^255 - 19, in five limbs of 51 bits.  No
 * branch and no address depends on a secret.
 *
 * A product's limbs are below 2^51 + 2^15, a sum's or a difference's below 2^53; products take either.
 */
#include "enclave/x25519.h"

#include "enclave/bytes.h"

#define LIMBS 5
#define LIMB  ((UINT64_C(1) << 51) - 1)

__extension__ typedef unsigned __int128 uint128;

struct field {
	uint64_t limb[LIMBS];
};

static void field_load(struct field *ret, const uint8_t bytes[32])
{
	ret->limb[0] = load_le64(bytes) & LIMB;
	ret->limb[1] = load_le64(bytes + 6) >> 3 & LIMB;
	ret->limb[2] = load_le64(bytes + 12) >> 6 & LIMB;
	ret->limb[3] = load_le64(bytes + 19) >> 1 & LIMB;
	ret->limb[4] = load_le64(bytes + 24) >> 12 & LIMB; /* the top bit does not count */
}

static void field_carry(struct field *f)
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		f->limb[i] += carry;
		carry = f->limb[i] >> 51;
		f->limb[i] &= LIMB;
	}
	f->limb[0] += 19 * carry;
}

/* The one number below 2^255 - 19. */
static void field_store(uint8_t ret[32], struct field f)
{
	uint64_t above;

	field_carry(&f);
	field_carry(&f);
	/* 1 if f >= 2^255 - 19, by whether f + 19 carries out of the top. */
	above = (f.limb[0] + 19) >> 51;
	for (int i = 1; i < LIMBS; i++)
		above = (f.limb[i] + above) >> 51;
	f.limb[0] += 19 * above;
	for (int i = 0; i < LIMBS - 1; i++) {
		f.limb[i + 1] += f.limb[i] >> 51;
		f.limb[i] &= LIMB;
	}
	f.limb[4] &= LIMB;
	store_le64(ret, f.limb[0] | f.limb[1] << 51);
	store_le64(ret + 8, f.limb[1] >> 13 | f.limb[2] << 38);
	store_le64(ret + 16, f.limb[2] >> 26 | f.limb[3] << 25);
	store_le64(ret + 24, f.limb[3] >> 39 | f.limb[4] << 12);
}

static struct field add(const struct field *a, const struct field *b)
{
	struct field r;

	for (int i = 0; i < LIMBS; i++)
		r.limb[i] = a->limb[i] + b->limb[i];
	return r;
}

/* b is a product: 2 (2^255 - 19) more keeps every limb positive. */
static struct field subtract(const struct field *a, const struct field *b)
{
	struct field r;

	r.limb[0] = a->limb[0] + 2 * (LIMB - 18) - b->limb[0];
	for (int i = 1; i < LIMBS; i++)
		r.limb[i] = a->limb[i] + 2 * LIMB - b->limb[i];
	return r;
}

static struct field multiply(const struct field *a, const struct field *b)
{
	uint128 sum[LIMBS] = { 0 }, carry = 0;
	struct field r;

	/* 2^255 is 19: what is above the top limb comes back at the bottom. */
	for (int i = 0; i < LIMBS; i++) {
		for (int j = 0; j < LIMBS; j++) {
			uint64_t factor = i + j < LIMBS ? 1 : 19;

			sum[(i + j) % LIMBS] += (uint128)a->limb[i] * (factor * b->limb[j]);
		}
	}
	for (int i = 0; i < LIMBS; i++) {
		sum[i] += carry;
		carry = sum[i] >> 51;
		r.limb[i] = (uint64_t)sum[i] & LIMB;
	}
	carry = r.limb[0] + 19 * carry;
	r.limb[0] = (uint64_t)carry & LIMB;
	r.limb[1] += (uint64_t)(carry >> 51);
	return r;
}

static struct field square(const struct field *a)
{
	return multiply(a, a);
}

/* a^(2^255 - 21), by Fermat: the exponent's bits are ones down to bit 5, and then 01011. */
static struct field invert(const struct field *a)
{
	struct field r = *a;

	for (int bit = 253; bit >= 0; bit--) {
		r = square(&r);
		if (bit >= 5 || (0x0b >> bit & 1))
			r = multiply(&r, a);
	}
	return r;
}

static void swap_if(uint64_t condition, struct field *a, struct field *b)
{
	uint64_t mask = -condition;

	for (int i = 0; i < LIMBS; i++) {
		uint64_t t = mask & (a->limb[i] ^ b->limb[i]);

		a->limb[i] ^= t;
		b->limb[i] ^= t;
	}
}

struct ladder {
	struct field x1, x2, z2, x3, z3;
};

/* The names are the RFC's. */
static void ladder_step(struct ladder *l)
{
	static const struct field a24 = { { 121665, 0, 0, 0, 0 } };
	struct field a = add(&l->x2, &l->z2), b = subtract(&l->x2, &l->z2);
	struct field c = add(&l->x3, &l->z3), d = subtract(&l->x3, &l->z3);
	struct field aa = square(&a), bb = square(&b), e = subtract(&aa, &bb);
	struct field da = multiply(&d, &a), cb = multiply(&c, &b), t;

	t = add(&da, &cb);
	l->x3 = square(&t);
	t = subtract(&da, &cb);
	t = square(&t);
	l->z3 = multiply(&l->x1, &t);
	l->x2 = multiply(&aa, &bb);
	t = multiply(&a24, &e);
	t = add(&aa, &t);
	l->z2 = multiply(&e, &t);
}

bool x25519(uint8_t ret[X25519_SIZE], const uint8_t private_key[X25519_SIZE],
            const uint8_t public_key[X25519_SIZE])
{
	static const uint8_t zeros[X25519_SIZE];
	struct ladder l = { .x2.limb[0] = 1, .z3.limb[0] = 1 };
	uint8_t scalar[X25519_SIZE];
	uint64_t swap = 0;

	memcpy(scalar, private_key, sizeof(scalar));
	scalar[0] &= 248;
	scalar[31] = (scalar[31] & 127) | 64;
	field_load(&l.x1, public_key);
	l.x3 = l.x1;
	for (int bit = 254; bit >= 0; bit--) {
		uint64_t now = scalar[bit / 8] >> bit % 8 & 1;

		swap_if(swap ^ now, &l.x2, &l.x3);
		swap_if(swap ^ now, &l.z2, &l.z3);
		swap = now;
		ladder_step(&l);
	}
	swap_if(swap, &l.x2, &l.x3);
	swap_if(swap, &l.z2, &l.z3);
	l.z2 = invert(&l.z2);
	l.x2 = multiply(&l.x2, &l.z2);
	field_store(ret, l.x2);
	wipe(scalar, sizeof(scalar));
	wipe(&l, sizeof(l));
	return !same_bytes(ret, zeros, sizeof(zeros));
}

void x25519_public(uint8_t ret[X25519_SIZE], const uint8_t private_key[X25519_SIZE])
{
	static const uint8_t base[X25519_SIZE] = { 9 };

	x25519(ret, private_key, base);
}
