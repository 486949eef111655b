// SPDX-License-Identifier: Apache-2.0
/*
 * What each hook says.  A line appears when its call ends, so a request's comes after those of the
 * leaves that it took.  Numbers are those of the program; an EPC page in an operand of ENCLS, which
 * has no address that means anything to it, is epc+ and its offset in the enclave.
 */
#include "swsgx/driver/trace.h"

#include <string.h>
#include <sys/mman.h>

#include "sgx/leaf.h"
#include "sgx/secinfo.h"
#include "sgx/secs.h"
#include "sgx/sigstruct.h"
#include "swsgx/driver/sys.h"
#include "swsgx/driver/trace_request.h"
#include "swsgx/driver/trace_stats.h"
#include "swsgx/driver/trace_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(leaf)    (1u << (leaf))

/* Leaves whose RAX is a code; of the others it says nothing. */
#define ENCLS_CODES                                                                              \
	(BIT(SGX_EINIT) | BIT(SGX_EREMOVE) | BIT(SGX_EDBGRD) | BIT(SGX_EDBGWR) | BIT(SGX_ELDB) | \
	 BIT(SGX_ELDU) | BIT(SGX_EBLOCK) | BIT(SGX_EWB) | BIT(SGX_ETRACK) | BIT(SGX_EMODPR) |    \
	 BIT(SGX_EMODT))
#define ENCLU_CODES (BIT(SGX_EGETKEY) | BIT(SGX_EACCEPT) | BIT(SGX_EACCEPTCOPY))

/* Rows of the statistics. */
enum row { ROW_OPEN, ROW_MMAP, ROW_MPROTECT, ROW_MUNMAP, ROW_REQUEST };
#define ROW_ENCLS 32
#define ROW_ENCLU 64
#define ROW_AEX   96
_Static_assert(ROW_REQUEST + TRACE_REQUESTS <= ROW_ENCLS && ROW_AEX < STATS_ROWS, "rows");

unsigned int trace_mode;

/* The leaf with which this thread's request has failed. */
static __thread struct {
	bool is_set;
	uint32_t leaf;
	uint64_t code;
	struct trap trap;
} failure __attribute__((tls_model("initial-exec")));

static const struct flag_name open_flags[] = {
	{ O_RDWR, "O_RDWR" },     { O_WRONLY, "O_WRONLY" },     { O_CLOEXEC, "O_CLOEXEC" },
	{ O_CREAT, "O_CREAT" },   { O_EXCL, "O_EXCL" },         { O_TRUNC, "O_TRUNC" },
	{ O_APPEND, "O_APPEND" }, { O_NONBLOCK, "O_NONBLOCK" }, { O_DIRECTORY, "O_DIRECTORY" },
};
static const struct flag_name prot_flags[] = {
	{ PROT_READ, "PROT_READ" },
	{ PROT_WRITE, "PROT_WRITE" },
	{ PROT_EXEC, "PROT_EXEC" },
};
static const struct flag_name secinfo_flags[] = {
	{ SGX_SECINFO_R, "R" },
	{ SGX_SECINFO_W, "W" },
	{ SGX_SECINFO_X, "X" },
	{ SGX_SECINFO_PENDING, "PENDING" },
	{ SGX_SECINFO_MODIFIED, "MODIFIED" },
	{ SGX_SECINFO_PR, "PR" },
};
static const char *const page_types[] = {
	[SGX_PT_TCS] = "TCS",
	[SGX_PT_REG] = "REG",
	[SGX_PT_VA] = "VA",
	[SGX_PT_TRIM] = "TRIM",
};

int trace_init(const char *file, const char *stats)
{
	bool has_file = file != NULL && *file != '\0';
	unsigned int mode =
		(has_file ? TRACE_LINES : 0) | (stats != NULL && *stats != '\0' ? TRACE_STATS : 0);
	int r;

	if (mode == 0)
		return 0;
	r = text_open(has_file && strcmp(file, "-") != 0 ? file : NULL);
	if (r < 0)
		return r;
	if (mode & TRACE_STATS)
		stats_init();
	trace_mode = mode;
	return 0;
}

void trace_call_begin(struct trace_call *c, const struct cpu_regs *regs)
{
	c->from = trace_mode & TRACE_STATS ? stats_now() : 0;
	if (regs != NULL)
		c->regs = *regs;
	else
		failure.is_set = false;
}

static void count(const struct trace_call *c, unsigned int row, const char *name,
                  unsigned int calls, bool failed)
{
	if (trace_mode & TRACE_STATS)
		stats_count(row, name, calls, stats_now() - c->from, failed);
}

void trace_call_open(struct trace_call *c, const char *node, int flags, int r)
{
	struct text t;

	count(c, ROW_OPEN, "open", 1, r < 0);
	if (!(trace_mode & TRACE_LINES))
		return;
	text_begin(&t);
	text_put(&t, "open(\"");
	text_put(&t, node);
	text_put(&t, "\", ");
	if ((flags & O_ACCMODE) == O_RDONLY)
		text_put(&t, flags == O_RDONLY ? "O_RDONLY" : "O_RDONLY|");
	if (flags != O_RDONLY)
		text_flags(&t, (uint64_t)flags, open_flags, COUNT(open_flags));
	text_put(&t, ") = ");
	text_errno(&t, r);
	text_end(&t);
}

/* " (EINIT: SGX_INVALID_MEASUREMENT)" */
static void put_failure(struct text *t)
{
	text_put(t, " (");
	text_put(t, cpu_encls_name(failure.leaf));
	text_put(t, ": ");
	if (retired(failure.trap))
		text_code(t, failure.code);
	else
		text_trap(t, failure.trap);
	text_put(t, ")");
}

void trace_call_ioctl(struct trace_call *c, int fd, unsigned long request, uint64_t arg, int r)
{
	unsigned int number = trace_request_find((uint32_t)request);
	struct text t;

	count(c, ROW_REQUEST + number, trace_request_name(number), 1, r < 0);
	if (trace_mode & TRACE_LINES) {
		text_begin(&t);
		text_put(&t, "ioctl(");
		text_decimal(&t, (uint64_t)fd);
		text_put(&t, ", ");
		trace_request_put(&t, (uint32_t)request, arg);
		text_put(&t, ") = ");
		text_errno(&t, r);
		if (r != 0 && failure.is_set)
			put_failure(&t);
		text_end(&t);
	}
}

void trace_call_map(struct trace_call *c, const char *name, uint64_t addr, uint64_t len, int prot,
                    int fd, int r)
{
	unsigned int row = name[1] == 'm' ? ROW_MMAP : name[1] == 'p' ? ROW_MPROTECT : ROW_MUNMAP;
	struct text t;

	count(c, row, name, 1, r < 0);
	if (!(trace_mode & TRACE_LINES))
		return;
	text_begin(&t);
	text_put(&t, name);
	text_put(&t, "(");
	text_hex(&t, addr);
	text_put(&t, ", ");
	text_hex(&t, len);
	if (prot != -1) {
		text_put(&t, ", ");
		if (prot == PROT_NONE)
			text_put(&t, "PROT_NONE");
		else
			text_flags(&t, (uint64_t)prot, prot_flags, COUNT(prot_flags));
	}
	if (fd != -1) {
		text_put(&t, ", fd ");
		text_decimal(&t, (uint64_t)fd);
	}
	text_put(&t, ") = ");
	text_errno(&t, r);
	text_end(&t);
}

static void put_secinfo(struct text *t, uint64_t at)
{
	uint64_t flags = ((const struct sgx_secinfo *)at)->flags;
	uint64_t pt = flags >> SGX_SECINFO_PT_SHIFT;

	text_put(t, "secinfo=");
	if (pt < COUNT(page_types) && page_types[pt] != NULL) {
		text_put(t, page_types[pt]);
		flags &= ~SGX_SECINFO_PT_MASK;
		if (flags == 0)
			return;
		text_put(t, "|");
	}
	text_flags(t, flags, secinfo_flags, COUNT(secinfo_flags));
}

static void put_epc(struct text *t, const char *name, const struct enclave *e, uint64_t at)
{
	uint64_t offset = at - (uintptr_t)e->file;

	text_put(t, " ");
	text_put(t, name);
	if (offset >= (uint64_t)e->epc.count * SGX_PAGE_SIZE) {
		text_put(t, "=");
		text_hex(t, at);
	} else if (offset / SGX_PAGE_SIZE == e->epc.count - 1) {
		text_put(t, "=SECS");
	} else {
		text_put(t, "=epc+");
		text_hex(t, offset);
	}
}

static void put_pageinfo(struct text *t, uint32_t leaf, uint64_t at)
{
	const struct sgx_pageinfo *info = (const void *)at;
	const struct sgx_secs *secs = (const void *)info->srcpge;

	text_put(t, " rbx={");
	if (leaf == SGX_ECREATE) {
		text_put(t, "size=");
		text_hex(t, secs->size);
		text_operand(t, "base", secs->baseaddr);
		text_operand(t, "attributes", secs->attributes.flags);
		text_operand(t, "xfrm", secs->attributes.xfrm);
		text_operand(t, "miscselect", secs->miscselect);
	} else {
		text_put(t, "linaddr=");
		text_hex(t, info->linaddr);
		if (info->secinfo != 0) {
			text_put(t, ",");
			put_secinfo(t, info->secinfo);
		}
	}
	text_put(t, "}");
}

/* All operands but EPC pages are in memory of the driver. */
static void put_encls(struct text *t, const struct enclave *e, const struct cpu_regs *regs)
{
	uint32_t leaf = (uint32_t)regs->rax;

	switch (leaf) {
	case SGX_ECREATE:
	case SGX_EADD:
	case SGX_EAUG: put_pageinfo(t, leaf, regs->rbx); break;
	case SGX_EMODPR:
	case SGX_EMODT:
		text_put(t, " rbx={");
		put_secinfo(t, regs->rbx);
		text_put(t, "}");
		break;
	case SGX_EINIT:
		text_put(t, " rbx={enclavehash=");
		for (unsigned int i = 0; i < 8; i++) {
			const struct sgx_sigstruct *sig = (const void *)regs->rbx;
			static const char hex[] = "0123456789abcdef";
			const char two[] = { hex[sig->enclavehash[i] >> 4],
				             hex[sig->enclavehash[i] & 15], '\0' };

			text_put(t, two);
		}
		text_put(t, "...}");
		break;
	default:
		if (regs->rbx != 0)
			put_epc(t, "rbx", e, regs->rbx);
	}
	put_epc(t, "rcx", e, regs->rcx);
}

static void put_result(struct text *t, struct trap trap, bool has_code, uint64_t rax)
{
	text_put(t, " = ");
	if (!retired(trap))
		text_trap(t, trap);
	else if (has_code)
		text_code(t, rax);
	else
		text_put(t, "0");
}

void trace_call_encls(struct trace_call *c, const struct enclave *e, const struct cpu *cpu,
                      struct trap t, unsigned int calls)
{
	uint32_t leaf = (uint32_t)c->regs.rax;
	bool has_code = BIT(leaf) & ENCLS_CODES;
	bool failed = !retired(t) || (has_code && cpu->regs.rax != 0);
	const char *name = cpu_encls_name(leaf);
	struct text line;

	count(c, ROW_ENCLS + leaf, name, calls, failed);
	if (failed) {
		failure.is_set = true;
		failure.leaf = leaf;
		failure.code = cpu->regs.rax;
		failure.trap = t;
	}
	if (!(trace_mode & TRACE_LINES))
		return;
	text_begin(&line);
	text_put(&line, name);
	put_encls(&line, e, &c->regs);
	if (calls > 1) {
		text_put(&line, " and the ");
		text_decimal(&line, calls - 1);
		text_put(&line, " after it");
	}
	put_result(&line, t, has_code, cpu->regs.rax);
	text_end(&line);
}

/* The registers that a leaf of ENCLU reads. */
static void put_enclu(struct text *t, uint32_t leaf, const struct cpu_regs *regs)
{
	switch (leaf) {
	case SGX_EENTER:
	case SGX_ERESUME:
		text_operand(t, "tcs", regs->rbx);
		text_operand(t, "aep", regs->rcx);
		break;
	case SGX_EEXIT: text_operand(t, "rbx", regs->rbx); break;
	case SGX_EDECCSSA: break;
	default:
		text_operand(t, "rbx", regs->rbx);
		text_operand(t, "rcx", regs->rcx);
		if (leaf == SGX_EREPORT || leaf == SGX_EACCEPTCOPY)
			text_operand(t, "rdx", regs->rdx);
	}
}

void trace_call_enclu(struct trace_call *c, const struct cpu *cpu, struct trap t)
{
	uint32_t leaf = (uint32_t)c->regs.rax;
	const char *name = cpu_enclu_name(leaf);
	bool has_code = name != NULL && (BIT(leaf) & ENCLU_CODES);
	struct text line;

	count(c, ROW_ENCLU + (name != NULL ? leaf : 31),
	      name != NULL ? name : "ENCLU, no such leaf", 1,
	      !retired(t) || (has_code && cpu->regs.rax != 0));
	if (!(trace_mode & TRACE_LINES))
		return;
	text_begin(&line);
	text_put(&line, name != NULL ? name : "ENCLU");
	if (name == NULL)
		text_operand(&line, "eax", leaf);
	put_enclu(&line, leaf, &c->regs);
	if (leaf == SGX_EENTER && retired(t)) {
		text_put(&line, " = cssa ");
		text_decimal(&line, cpu->regs.rax);
	} else {
		put_result(&line, t, has_code, cpu->regs.rax);
	}
	text_end(&line);
}

void trace_call_aex(const struct cpu *cpu, struct trap event)
{
	struct text t;

	if (trace_mode & TRACE_STATS)
		stats_count(ROW_AEX, "AEX", 1, 0, false);
	if (!(trace_mode & TRACE_LINES))
		return;
	text_begin(&t);
	text_put(&t, "AEX ");
	text_trap(&t, event);
	text_operand(&t, "rip", cpu->regs.rip);
	text_end(&t);
}
