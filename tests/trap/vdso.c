// SPDX-License-Identifier: Apache-2.0
/*
 * An enclave from open to EEXIT by __vdso_sgx_enter_enclave, and the exceptions that the function
 * reports instead of signals.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "sgx/leaf.h"
#include "sgx/report.h"
#include "sgx/secinfo.h"
#include "sgx/ssa.h"
#include "sgx/uapi/vdso.h"
#include "swsgx/cpu/trap.h"
#include "tests/trap/enclave.h"
#include "tests/trap/harness.h"

static struct test_enclave e;
static struct sgx_enclave_run run;

/* How the runner of the Rust target for SGX finds it. */
extern int __vdso_sgx_enter_enclave(void) __attribute__((weak));

/* An ERESUME has to be called at the same depth of the stack as its EENTER. */
static __attribute__((noinline)) int enter_or_resume(unsigned int leaf, unsigned long op,
                                                     unsigned long rsi, unsigned long rdx)
{
	return vdso_call(&e, PAGE_TCS0, op, rsi, rdx, leaf, &run);
}

static int enter(unsigned long op, unsigned long rsi, unsigned long rdx)
{
	return enter_or_resume(SGX_EENTER, op, rsi, rdx);
}

static void enters_and_leaves(void)
{
	enclave_make(&e);
	run.exception_vector = 77;
	CHECK_EQUAL(enter(OP_EXIT, 0, 42), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, 42);
	CHECK_EQUAL(run.exception_vector, 77); /* not touched by an exit */
}

static void reports(void)
{
	struct sgx_report report;

	enclave_make(&e);
	CHECK_EQUAL(enter(OP_REPORT, (uintptr_t)&report, 0), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK(memcmp(report.mrenclave, e.sigstruct.enclavehash, 32) == 0);
	CHECK_EQUAL(report.isvprodid, 7);
	CHECK_EQUAL(report.isvsvn, 3);
	CHECK_EQUAL(report.attributes.flags, SGX_ATTR_INIT | SGX_ATTR_DEBUG | SGX_ATTR_MODE64BIT);
}

/* The record of one exception, and that it was from inside. */
static void check_exception(unsigned int vector, unsigned int error, uint64_t addr)
{
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(run.exception_vector, vector);
	CHECK_EQUAL(run.exception_error_code, error);
	CHECK_EQUAL(run.exception_addr, addr);
}

static uint64_t page(unsigned int n)
{
	return (uintptr_t)e.base + n * SGX_PAGE_SIZE;
}

static void reports_ud(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_UD2, 0, 0), 0);
	check_exception(TRAP_UD, 0, 0);
}

static void reports_int3_as_ud(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_INT3, 0, 0), 0);
	check_exception(TRAP_UD, 0, 0);
}

static void reports_de(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_DIVIDE, 0, 0), 0);
	check_exception(TRAP_DE, 0, 0);
}

static void reports_xm(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_XM, 0, 0), 0);
	check_exception(TRAP_XM, 0, 0);
}

static void reports_ac(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_MISALIGN, 0, 0), 0);
	check_exception(TRAP_AC, 0, 0);
}

static void reports_jump_outside(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_JUMP, 0x10, 0), 0);
	check_exception(TRAP_GP, 0, 0);
}

static void reports_enclu_gp(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_ENCLU, 0x77, 0), 0);
	check_exception(TRAP_GP, 0, 0);
}

static void reports_eenter_inside(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_ENCLU, SGX_EENTER, 0), 0);
	check_exception(TRAP_GP, 0, 0);
}

static void reports_paging(void)
{
	uint64_t data;

	enclave_make(&e);
	data = page(PAGE_DATA) + 8;
	CHECK_EQUAL(enter(OP_POKE, data, 0x1234), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(enter_or_resume(SGX_EENTER, OP_POKE, data, 0x5678), 0);
	check_exception(TRAP_PF, PF_P | PF_W | PF_U, page(PAGE_DATA));
	CHECK_EQUAL(
		mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE),
		0);
	memset(&run, 0, sizeof(run));
	CHECK_EQUAL(enter_or_resume(SGX_ERESUME, 0, 0, 0), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(run.exception_vector, 0);
	CHECK_EQUAL(enter(OP_PEEK, data, 0), 0);
	CHECK_EQUAL(vdso_result, 0x5678);
}

static void reports_prot_none(void)
{
	enclave_make(&e);
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_NONE), 0);
	CHECK_EQUAL(enter(OP_PEEK, page(PAGE_DATA), 0), 0);
	check_exception(TRAP_PF, PF_U, page(PAGE_DATA));
}

static void reports_epcm(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_POKE, page(PAGE_TCS2) + 16, 1), 0);
	check_exception(TRAP_PF, PF_SGX | PF_P | PF_W | PF_U, page(PAGE_TCS2));
	memset(&run, 0, sizeof(run));
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS2, OP_PEEK, page(PAGE_TCS0), 0, SGX_EENTER, &run), 0);
	check_exception(TRAP_PF, PF_SGX | PF_P | PF_U, page(PAGE_TCS0));
}

static void reports_hole(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_POKE, page(PAGES - 1), 1), 0);
	check_exception(TRAP_PF, PF_W | PF_U, page(PAGES - 1));
}

static void reports_outside_fault(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_POKE, 0x1238, 1), 0);
	check_exception(TRAP_PF, PF_W | PF_U, 0x1000);
}

/* The full address and the error code are in the enclave's own SSA. */
static void exinfo_is_full(void)
{
	const struct sgx_gprsgx *gpr;
	const struct sgx_exinfo *exinfo;
	uint64_t ssa;

	enclave_make(&e);
	CHECK_EQUAL(enter(OP_POKE, page(PAGES - 1) + 0x128, 1), 0);
	/* The host can look because software SGX protects nothing. */
	ssa = page(PAGE_SSA) + SGX_PAGE_SIZE - sizeof(*gpr);
	gpr = (const void *)ssa;
	exinfo = (const void *)(ssa - sizeof(*exinfo));
	CHECK_EQUAL(gpr->exitinfo, SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | TRAP_PF);
	CHECK_EQUAL(exinfo->maddr, page(PAGES - 1) + 0x128);
	CHECK_EQUAL(exinfo->errcd, PF_W | PF_U);
	CHECK_EQUAL(gpr->rdi, OP_POKE);
}

static void nested_entry(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_UD2, 0, 0), 0);
	CHECK_EQUAL(run.function, SGX_ERESUME);
	CHECK_EQUAL(enter(OP_EXIT, 0, 1), 0); /* CSSA 1 */
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, 0x55);
}

static void eenter_faults(void)
{
	enclave_make(&e);
	CHECK_EQUAL(vdso_call(&e, PAGE_DATA, OP_EXIT, 0, 0, SGX_EENTER, &run), 0);
	CHECK_EQUAL(run.function, SGX_EENTER);
	CHECK_EQUAL(run.exception_vector, TRAP_PF);
	CHECK_EQUAL(run.exception_error_code, PF_SGX | PF_P | PF_W | PF_U);
	memset(&run, 0, sizeof(run));
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_ERESUME, &run), 0);
	CHECK_EQUAL(run.function, SGX_ERESUME); /* CSSA is 0 */
	CHECK_EQUAL(run.exception_vector, TRAP_GP);
}

static void refuses_arguments(void)
{
	enclave_make(&e);
	CHECK_EQUAL(vdso_call(&e, PAGE_TCS0, OP_EXIT, 0, 0, SGX_EEXIT, &run), -EINVAL);
	run.reserved[215] = 1;
	CHECK_EQUAL(enter(OP_EXIT, 0, 0), -EINVAL);
}

static int handler_calls;

static int user_handler(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                        struct sgx_enclave_run *r)
{
	(void)rdi;
	(void)rsi;
	(void)rsp;
	(void)r8;
	(void)r9;
	handler_calls++;
	if (r->function == SGX_ERESUME && handler_calls == 1) {
		mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE);
		return SGX_ERESUME;
	}
	return r->function == SGX_EEXIT ? -(int)rdx : 0;
}

static void calls_user_handler(void)
{
	enclave_make(&e);
	run.user_handler = (uintptr_t)user_handler;
	CHECK_EQUAL(mprotect(e.base + PAGE_DATA * SGX_PAGE_SIZE, SGX_PAGE_SIZE, PROT_READ), 0);
	CHECK_EQUAL(enter(OP_POKE, page(PAGE_DATA), 9), -9);
	CHECK_EQUAL(handler_calls, 2);
}

static void tf_is_suppressed(void)
{
	enclave_make(&e);
	CHECK_EQUAL(enter(OP_TF, 0, 3), 0);
	CHECK_EQUAL(run.function, SGX_EEXIT);
	CHECK_EQUAL(vdso_result, 3);
}

static void has_the_real_symbols(void)
{
	int (*gettime)(clockid_t, struct timespec *) = vdso_symbol("__vdso_clock_gettime");
	struct timespec by_vdso, by_libc;

	CHECK(gettime != NULL);
	CHECK_EQUAL(gettime(CLOCK_REALTIME, &by_vdso), 0);
	CHECK_EQUAL(clock_gettime(CLOCK_REALTIME, &by_libc), 0);
	CHECK(by_libc.tv_sec - by_vdso.tv_sec <= 1);
	CHECK(vdso_symbol("__vdso_sgx_enter_enclave2") == NULL);
}

static void is_found_by_the_linker(void)
{
	CHECK(__vdso_sgx_enter_enclave != NULL);
}

static void is_found_by_section_headers(void)
{
	CHECK(vdso_symbol_by_sections(SGX_VDSO_ENTER) != NULL);
	CHECK(vdso_symbol_by_sections(SGX_VDSO_ENTER) == vdso_symbol(SGX_VDSO_ENTER));
}

/* The image that the first code of the program finds, before the constructor of any library. */
static const void *first_image;

static void look_first(void)
{
	first_image = vdso_image();
}
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = look_first;

static void is_there_before_constructors(void)
{
	CHECK(first_image == vdso_image());
}

static const struct test tests[] = {
	{ "an enclave is built, entered and left through the vDSO", enters_and_leaves, 0 },
	{ "EREPORT inside names the enclave's measurement and signer's numbers", reports, 0 },
	{ "#UD inside is an exception record", reports_ud, 0 },
	{ "INT3 inside is #UD", reports_int3_as_ud, 0 },
	{ "#DE inside is an exception record", reports_de, 0 },
	{ "#XM inside is an exception record", reports_xm, 0 },
	{ "#AC inside is an exception record", reports_ac, 0 },
	{ "a jump out of the range is #GP", reports_jump_outside, 0 },
	{ "an unknown ENCLU leaf inside is #GP", reports_enclu_gp, 0 },
	{ "EENTER inside is #GP", reports_eenter_inside, 0 },
	{ "a write to a page mapped read-only is #PF 7, and ERESUME repeats it", reports_paging,
	  0 },
	{ "a read of a page mapped PROT_NONE is #PF 4", reports_prot_none, 0 },
	{ "what the EPCM refuses is #PF with the SGX bit", reports_epcm, 0 },
	{ "an access to what is not mapped is #PF 6", reports_hole, 0 },
	{ "a fault outside the range is an ordinary #PF with the page's address",
	  reports_outside_fault, 0 },
	{ "EXINFO has the full address, EXITINFO the vector", exinfo_is_full, 0 },
	{ "after an exception EENTER enters at CSSA 1", nested_entry, 0 },
	{ "a fault of EENTER or ERESUME itself is an exception record", eenter_faults, 0 },
	{ "a wrong leaf and reserved bytes are -EINVAL", refuses_arguments, 0 },
	{ "the user handler is called at every exit and can resume", calls_user_handler, 0 },
	{ "the enclave cannot set TF", tf_is_suppressed, 0 },
	{ "the image also has the symbols of the kernel's vDSO", has_the_real_symbols, 0 },
	{ "a weak reference to the function is resolved", is_found_by_the_linker, 0 },
	{ "the function is found by section headers", is_found_by_section_headers, 0 },
	{ "the image is there before constructors run", is_there_before_constructors, 0 },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL);
}
