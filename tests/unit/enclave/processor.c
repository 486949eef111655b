// SPDX-License-Identifier: Apache-2.0
/*
 * The edges of the processor, EENTER, EEXIT, ERESUME, asynchronous exits and EREPORT: see machine.h.
 */
#include "tests/unit/enclave/machine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/leaf.h"

#define TIMEOUT 60 /* seconds that one entry may take before the test is killed */

/* SDM vol. 3D, EREPORT, without the MAC: a debug enclave whose MRENCLAVE is its own offset. */
static void assert_zeros(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bytes[i], 0);
}

static void ereport(const struct machine *m)
{
	struct sgx_report *report = (void *)(m->memory + (m->gpr.rdx - m->base));

	const struct sgx_targetinfo *target = (void *)(m->memory + (m->gpr.rbx - m->base));

	/* What is not aligned or not zero would be a #GP. */
	assert_true((m->gpr.rbx | m->gpr.rdx) % 512 == 0 && m->gpr.rcx % 128 == 0);
	assert_zeros(target->reserved1, sizeof(target->reserved1));
	assert_zeros(target->reserved2, sizeof(target->reserved2));
	assert_zeros(target->reserved3, sizeof(target->reserved3));
	memset(report, 0, sizeof(*report));
	for (unsigned int i = 0; i < sizeof(report->mrenclave); i++)
		report->mrenclave[i] = (uint8_t)i;
	report->attributes.flags =
		SGX_ATTR_INIT | SGX_ATTR_MODE64BIT | (m->is_product ? 0 : SGX_ATTR_DEBUG);
	memcpy(report->reportdata, m->memory + (m->gpr.rcx - m->base), sizeof(report->reportdata));
}

/* SDM vol. 3D, asynchronous exit, as far as software in the enclave can see it. */
static void aex(struct machine *m, unsigned int thread, int vector)
{
	uint8_t *frame = machine_frame(m, thread, m->cssa[thread]);
	struct sgx_gprsgx *g = machine_ssa(m, thread, (unsigned int)m->cssa[thread]);
	const struct user_regs_struct *r = &m->gpr;
	uint64_t ursp = g->ursp, urbp = g->urbp;

	*g = (struct sgx_gprsgx){ r->rax,
		                  r->rcx,
		                  r->rdx,
		                  r->rbx,
		                  r->rsp,
		                  r->rbp,
		                  r->rsi,
		                  r->rdi,
		                  r->r8,
		                  r->r9,
		                  r->r10,
		                  r->r11,
		                  r->r12,
		                  r->r13,
		                  r->r14,
		                  r->r15,
		                  r->eflags,
		                  r->rip,
		                  ursp,
		                  urbp,
		                  .fsbase = r->fs_base,
		                  .gsbase = r->gs_base };
	if (vector >= 0)
		g->exitinfo = SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | (uint32_t)vector;
	memcpy(frame, &m->fp, sizeof(m->fp));
	m->vector = vector;
	m->cssa[thread]++;
}

/* EXINFO, of #PF and #GP only. */
static void exinfo(const struct machine *m, unsigned int thread, const siginfo_t *info)
{
	struct sgx_exinfo *x = (void *)((uint8_t *)machine_ssa(m, thread, 0) - sizeof(*x));

	if (m->vector == 14 || m->vector == 13)
		*x = (struct sgx_exinfo){ m->vector == 14 ? (uint64_t)info->si_addr : 0, 4, 0 };
}

static int vector_of(int signal, const siginfo_t *info)
{
	switch (signal) {
	case SIGFPE: return 0;
	case SIGILL: return 6;
	case SIGSEGV: return info->si_code == SI_KERNEL ? 13 : 14;
	case SIGBUS: return 17;
	default: fail_msg("signal %d in the enclave", signal); return -1;
	}
}

static void fetch(struct machine *m)
{
	assert_int_equal(ptrace(PTRACE_GETREGS, m->pid, NULL, &m->gpr), 0);
	m->gpr.eflags &= ~0x100ULL; /* TF is the kernel's, left behind by a step over POPF */
	assert_int_equal(ptrace(PTRACE_GETFPREGS, m->pid, NULL, &m->fp), 0);
}

static void store(const struct machine *m)
{
	assert_int_equal(ptrace(PTRACE_SETREGS, m->pid, NULL, &m->gpr), 0);
	assert_int_equal(ptrace(PTRACE_SETFPREGS, m->pid, NULL, &m->fp), 0);
}

/* Run until something happens; the signal, SIGTRAP for a single step. */
static int run(const struct machine *m)
{
	enum __ptrace_request request = m->steps ? PTRACE_SINGLESTEP : PTRACE_CONT;
	int status;

	assert_int_equal(ptrace(request, m->pid, NULL, NULL), 0);
	alarm(TIMEOUT);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	alarm(0);
	assert_true(WIFSTOPPED(status));
	return WSTOPSIG(status);
}

int64_t machine_syscall(const struct machine *m, long number, uint64_t a, uint64_t b, uint64_t c)
{
	struct user_regs_struct now, r;
	int status;

	assert_int_equal(ptrace(PTRACE_GETREGS, m->pid, NULL, &now), 0);
	r = now;
	r.rax = (uint64_t)number;
	r.rdi = a;
	r.rsi = b;
	r.rdx = c;
	r.eflags = 0x202;
	r.rip = m->syscall;
	assert_int_equal(ptrace(PTRACE_SETREGS, m->pid, NULL, &r), 0);
	assert_int_equal(ptrace(PTRACE_SINGLESTEP, m->pid, NULL, NULL), 0);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	assert_int_equal(ptrace(PTRACE_GETREGS, m->pid, NULL, &r), 0);
	assert_int_equal(ptrace(PTRACE_SETREGS, m->pid, NULL, &now), 0);
	return (int64_t)r.rax;
}

static void guard_watched(const struct machine *m, int protection)
{
	if (m->watch_size > 0)
		assert_int_equal(machine_syscall(m, SYS_mprotect, m->watch, m->watch_size,
		                                 (uint64_t)protection),
		                 0);
}

/* The child stopped at an access to watched memory: let it have just this one. */
static bool watched(struct machine *m, const siginfo_t *info)
{
	struct access a = { .address = (uint64_t)info->si_addr };
	const uint8_t *opcode;
	int status;

	if (a.address - m->watch >= m->watch_size)
		return false;
	a.code = opcode = m->memory + (m->gpr.rip - m->base);
	a.is_wide = *opcode >> 4 == 4 && (*opcode & 8);
	opcode += *opcode >> 4 == 4;
	a.is_write = *opcode == 0x88 || *opcode == 0x89;
	/* Any other would be no access of copy_in's or copy_out's. */
	assert_true(a.is_write || *opcode == 0x8b);
	guard_watched(m, PROT_READ | PROT_WRITE);
	store(m);
	assert_int_equal(ptrace(PTRACE_SINGLESTEP, m->pid, NULL, NULL), 0);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	fetch(m);
	m->accesses++;
	if (m->seen)
		m->seen(m, &a);
	guard_watched(m, PROT_NONE);
	store(m);
	return true;
}

static bool at_enclu(const struct machine *m)
{
	static const uint8_t enclu[] = { 0x0f, 0x01, 0xd7 };
	uint64_t offset = m->gpr.rip - m->base;

	return offset < m->size && memcmp(m->memory + offset, enclu, sizeof(enclu)) == 0;
}

/* A breakpoint at m->until: its old byte, or what is put back. */
static uint8_t breakpoint(const struct machine *m, uint8_t byte)
{
	uint8_t *at = m->memory + (m->until - m->base), old = *at;

	*at = byte;
	return old;
}

static enum stop go_until(struct machine *m, unsigned int thread)
{
	uint8_t old = breakpoint(m, 0xcc);
	int signal;

	store(m);
	signal = run(m);
	breakpoint(m, old);
	fetch(m);
	assert_int_equal(signal, SIGTRAP);
	m->gpr.rip--;
	assert_int_equal(m->gpr.rip, m->until);
	aex(m, thread, -1);
	return STOP_AEX;
}

static enum stop run_on(struct machine *m, unsigned int thread)
{
	siginfo_t info;

	store(m);
	for (m->done = 0;;) {
		int signal = run(m);

		fetch(m);
		assert_int_equal(ptrace(PTRACE_GETSIGINFO, m->pid, NULL, &info), 0);
		if (signal == SIGSEGV && watched(m, &info))
			continue;
		if (signal == SIGTRAP) {
			assert_int_not_equal(m->steps, 0);
			m->done++;
			if (m->done != m->steps)
				continue;
			aex(m, thread, -1);
			return STOP_AEX;
		}
		if (!at_enclu(m)) {
			aex(m, thread, vector_of(signal, &info));
			exinfo(m, thread, &info);
			return STOP_AEX;
		}
		if (m->gpr.rax == SGX_EEXIT)
			return STOP_EXIT;
		assert_int_equal(m->gpr.rax, SGX_EREPORT);
		ereport(m);
		m->gpr.rip += 3;
		store(m);
	}
}

static enum stop go(struct machine *m, unsigned int thread)
{
	enum stop stop;

	if (m->until)
		return go_until(m, thread);
	guard_watched(m, PROT_NONE);
	stop = run_on(m, thread);
	guard_watched(m, PROT_READ | PROT_WRITE);
	return stop;
}

enum stop machine_enter(struct machine *m, unsigned int thread, uint64_t rdi, uint64_t rsi)
{
	const struct sgx_tcs *tcs = machine_tcs(m, thread);
	uint64_t cssa = m->cssa[thread];

	assert_true(cssa < tcs->nssa);
	m->gpr = m->poison;
	m->fp = m->fp_poison;
	m->gpr.rax = cssa;
	m->gpr.rbx = m->base + (uint64_t)((const uint8_t *)tcs - m->memory);
	m->gpr.rcx = m->target;
	m->gpr.rdi = rdi;
	m->gpr.rsi = rsi;
	m->gpr.rip = m->base + tcs->oentry;
	m->gpr.fs_base = m->base + tcs->ofsbase;
	m->gpr.gs_base = m->base + tcs->ogsbase;
	m->gpr.cs = 0x33;
	m->gpr.ss = 0x2b;
	m->gpr.ds = m->gpr.es = m->gpr.fs = m->gpr.gs = 0;
	machine_ssa(m, thread, (unsigned int)cssa)->ursp = m->gpr.rsp;
	machine_ssa(m, thread, (unsigned int)cssa)->urbp = m->gpr.rbp;
	return go(m, thread);
}

enum stop machine_resume(struct machine *m, unsigned int thread)
{
	const struct sgx_gprsgx *g;
	struct user_regs_struct *r = &m->gpr;

	assert_true(m->cssa[thread] > 0);
	m->cssa[thread]--;
	g = machine_ssa(m, thread, (unsigned int)m->cssa[thread]);
	*r = m->poison;
	*r = (struct user_regs_struct){
		.rax = g->rax,
		.rcx = g->rcx,
		.rdx = g->rdx,
		.rbx = g->rbx,
		.rsp = g->rsp,
		.rbp = g->rbp,
		.rsi = g->rsi,
		.rdi = g->rdi,
		.r8 = g->r8,
		.r9 = g->r9,
		.r10 = g->r10,
		.r11 = g->r11,
		.r12 = g->r12,
		.r13 = g->r13,
		.r14 = g->r14,
		.r15 = g->r15,
		.eflags = g->rflags,
		.rip = g->rip,
		.fs_base = g->fsbase,
		.gs_base = g->gsbase,
		.cs = 0x33,
		.ss = 0x2b,
		.orig_rax = ~0ULL,
	};
	memcpy(&m->fp, machine_frame(m, thread, m->cssa[thread]), sizeof(m->fp));
	return go(m, thread);
}

int64_t machine_call(struct machine *m, unsigned int thread, uint64_t rdi, uint64_t rsi,
                     uint64_t why)
{
	assert_int_equal(machine_enter(m, thread, rdi, rsi), STOP_EXIT);
	assert_int_equal(m->gpr.rdx, why);
	return (int64_t)m->gpr.rdi;
}
