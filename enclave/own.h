/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an author adds to abi.h, for both sides: numbers of ecalls from ENCL_ECALL_OWN on without a gap,
 * of ocalls from ENCL_OCALL_OWN on, and their argument structures, by abi.h's rules.  The rows of the
 * ecalls go to own.def.  The skeleton itself needs none; a runtime of one's own has these two files in
 * its own folder (docs/tutorial.md).
 *
 * The host can cut an ecall short at any instruction, and run other ecalls meanwhile: publish last, with
 * one store.
 */
#ifndef ENCLAVE_OWN_H
#define ENCLAVE_OWN_H

#endif
