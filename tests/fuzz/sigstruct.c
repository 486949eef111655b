// SPDX-License-Identifier: Apache-2.0
/*
 * EINIT with any SIGSTRUCT and token, on an enclave whose signature is in the corpus.  What sgxsign
 * calls a good SIGSTRUCT and what EINIT does are the same.
 */
#include "lib/sgx/sigstruct.h"

#include <string.h>

#include "sgx/token.h"
#include "tests/fuzz/machine.h"

#define TOKEN_LA RAM_LA

static struct machine template, m;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t zero[SGX_PAGE_SIZE];
	struct sgx_secs secs;

	(void)argc;
	(void)argv;
	machine_load();
	machine_init(&template);
	secs = machine_secs(&template);
	PROMISE(retired(machine_ecreate(&template, 0, &secs)));
	PROMISE(retired(
		machine_eadd(&template, 1, 0, BASE, SGX_SECINFO_REG | SGX_SECINFO_R, zero)));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct err e = { .text = "" };
	struct sgx_sigstruct sig;
	struct trap t;
	bool checks, started;

	memcpy(&m, &template, sizeof(m));
	machine_moved(&m);
	input_bytes(&in, &sig, sizeof(sig));
	memcpy(m.ram[RAM_SOURCE], &sig, sizeof(sig));
	input_bytes(&in, m.ram[RAM_OPERANDS], sizeof(struct sgx_einittoken));
	if (input_u8(&in) == 0) /* the operating system lets this signer launch */
		sigstruct_mrsigner(&sig, m.platform.lepubkeyhash);
	checks = sigstruct_check("fuzz", &sig, &e) == 0;
	PROMISE(checks || e.text[0] != 0);

	t = machine_encls(&m, SGX_EINIT, ram_la(RAM_SOURCE), epc_la(0), TOKEN_LA);
	PROMISE(retired(t));
	started = (epc_secs(&m.epc, 0)->attributes.flags & SGX_ATTR_INIT) != 0;
	PROMISE(!started || checks);
	if (started) {
		PROMISE(memcmp(epc_secs(&m.epc, 0)->mrenclave, sig.enclavehash, 32) == 0);
		PROMISE(epc_secs(&m.epc, 0)->isvsvn == sig.isvsvn);
		t = machine_encls(&m, SGX_EINIT, ram_la(RAM_SOURCE), epc_la(0), TOKEN_LA);
		PROMISE(t.vector == TRAP_GP);
	}
	return 0;
}
