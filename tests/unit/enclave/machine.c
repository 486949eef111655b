// SPDX-License-Identifier: Apache-2.0
/*
 * The traced child, its memory and where things are in it: see machine.h.
 */
#include "tests/unit/enclave/machine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgx/tcs.h"

/* The folder of the image: where the test is told, or its own build's, OUT of OUT/tests/unit/enclave/NAME. */
static void image_folder(char path[4096])
{
	const char *told = getenv("MACHINE_IMAGE");
	ssize_t n;

	if (told) {
		assert_true(strlen(told) < 4000);
		strcpy(path, told);
		return;
	}
	n = readlink("/proc/self/exe", path, 4000);
	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 4; i++)
		*strrchr(path, '/') = '\0';
}

static char *built_file(const char *name, size_t *ret_size)
{
	char path[4096 + 64];
	struct stat st;
	char *data;
	int fd;

	image_folder(path);
	strcat(path, "/");
	strcat(path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(data != MAP_FAILED);
	close(fd);
	*ret_size = (size_t)st.st_size;
	return data;
}

static int protection(uint64_t secinfo_flags)
{
	if (secinfo_flags == SGX_SECINFO_TCS)
		return PROT_NONE;
	return (secinfo_flags & SGX_SECINFO_R ? PROT_READ : 0) |
	       (secinfo_flags & SGX_SECINFO_W ? PROT_WRITE : 0) |
	       (secinfo_flags & SGX_SECINFO_X ? PROT_EXEC : 0);
}

/* The child: its pages as the layout says, then the tracer's. */
static void child(const struct machine *m, int fd)
{
	for (uint32_t i = 0; i < m->layout.segment_count; i++) {
		const struct sgx_layout_segment *s = &m->layout.segment[i];

		if (mmap((void *)(m->base + s->offset), s->size, protection(s->secinfo_flags),
		         MAP_SHARED | MAP_FIXED, fd, (off_t)s->offset) == MAP_FAILED)
			_exit(1);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	_exit(1);
}

static void load(struct machine *m, int fd)
{
	size_t size;
	char *bin = built_file("encl.bin", &size);

	memcpy(&m->layout, bin, sizeof(m->layout));
	assert_int_equal(m->layout.magic, SGX_LAYOUT_MAGIC);
	assert_int_equal(m->layout.file_size, size);
	m->size = m->layout.size;
	assert_int_equal(ftruncate(fd, (off_t)m->size), 0);
	m->memory = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(m->memory != MAP_FAILED);
	for (uint32_t i = 0; i < m->layout.segment_count; i++) {
		const struct sgx_layout_segment *s = &m->layout.segment[i];

		if (!(s->flags & SGX_LAYOUT_ZERO))
			memcpy(m->memory + s->offset, bin + s->file_offset, s->size);
	}
	munmap(bin, size);
}

/* The worst state that a host can leave in the registers. */
static void poison(struct machine *m)
{
	memset(&m->poison, 0x41, sizeof(m->poison));
	m->poison.rsp = 0x13370;
	m->poison.eflags = 0x44cd7; /* DF AC NT? OF SF ZF AF PF CF */
	m->poison.eflags |= 0x4000;
	m->poison.orig_rax = ~0ULL;
	memset(&m->fp_poison, 0xff, sizeof(m->fp_poison));
	m->fp_poison.cwd = 0x0c7f;
	m->fp_poison.swd = 0;
	m->fp_poison.fop = 0;
	m->fp_poison.rip = m->fp_poison.rdp = 0;
	m->fp_poison.ftw = 0xff; /* eight registers in use */
	m->fp_poison.mxcsr = 0x7f80;
	m->target = (uint64_t)m->host + HOST_TARGET;
}

/* In libc, which the child has where the test has it. */
static uint64_t find_syscall(void)
{
	const uint8_t *p = (const uint8_t *)(uintptr_t)syscall;

	for (int i = 0; i < 64; i++)
		if (p[i] == 0x0f && p[i + 1] == 0x05)
			return (uint64_t)(p + i);
	fail_msg("syscall(2) has no SYSCALL");
	return 0;
}

int machine_setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));
	int fd = memfd_create("enclave", MFD_CLOEXEC), status;
	uint64_t start;

	assert_true(m && fd >= 0);
	load(m, fd);
	m->elf = built_file("encl.elf", &m->elf_size);
	start = (uint64_t)mmap(NULL, 2 * m->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_int_not_equal(start, (uint64_t)MAP_FAILED);
	m->base = (start + m->size - 1) & ~(m->size - 1);
	m->host = mmap(NULL, HOST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(m->host != MAP_FAILED);
	m->syscall = find_syscall();
	poison(m);
	m->pid = fork();
	assert_true(m->pid >= 0);
	if (m->pid == 0)
		child(m, fd);
	close(fd);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	*state = m;
	return 0;
}

int machine_teardown(void **state)
{
	struct machine *m = *state;

	kill(m->pid, SIGKILL);
	waitpid(m->pid, NULL, 0);
	munmap(m->memory, m->size);
	munmap(m->host, HOST_SIZE);
	munmap(m->elf, m->elf_size);
	free(m);
	return 0;
}

uint64_t machine_symbol(const struct machine *m, const char *name)
{
	const Elf64_Ehdr *header = (const void *)m->elf;
	const Elf64_Shdr *sections = (const void *)(m->elf + header->e_shoff);

	for (unsigned int i = 0; i < header->e_shnum; i++) {
		const Elf64_Sym *symbols = (const void *)(m->elf + sections[i].sh_offset);
		const char *names = m->elf + sections[sections[i].sh_link].sh_offset;

		if (sections[i].sh_type != SHT_SYMTAB)
			continue;
		for (size_t k = 0; k < sections[i].sh_size / sizeof(*symbols); k++)
			if (strcmp(names + symbols[k].st_name, name) == 0)
				return m->base + symbols[k].st_value;
	}
	fail_msg("encl.elf has no symbol %s", name);
	return 0;
}

const struct sgx_tcs *machine_tcs(const struct machine *m, unsigned int thread)
{
	uint64_t offset = 0;

	for (uint32_t i = 0; i < m->layout.segment_count; i++)
		if (m->layout.segment[i].secinfo_flags == SGX_SECINFO_TCS)
			offset = m->layout.segment[i].offset;
	return (const void *)(m->memory + offset + thread * SGX_PAGE_SIZE);
}

struct td *machine_td(const struct machine *m, unsigned int thread)
{
	return (void *)(m->memory + machine_tcs(m, thread)->ogsbase);
}

uint8_t *machine_frame(const struct machine *m, unsigned int thread, uint64_t frame)
{
	const struct sgx_tcs *tcs = machine_tcs(m, thread);

	assert_true(frame < tcs->nssa);
	return m->memory + tcs->ossa + frame * SGX_PAGE_SIZE * m->layout.ssaframesize;
}

struct sgx_gprsgx *machine_ssa(const struct machine *m, unsigned int thread, unsigned int frame)
{
	return (void *)(machine_frame(m, thread, frame) + SGX_PAGE_SIZE -
	                sizeof(struct sgx_gprsgx));
}

void machine_forge(const struct machine *m, unsigned int thread, uint32_t vector)
{
	machine_ssa(m, thread, 0)->exitinfo = SGX_EXITINFO_VALID | SGX_EXITINFO_HARDWARE | vector;
}

uint64_t machine_find(const struct machine *m, const char *symbol, const void *bytes, size_t count)
{
	uint64_t at = machine_symbol(m, symbol) - m->base;

	for (; at + count < m->layout.file_size; at++)
		if (memcmp(m->memory + at, bytes, count) == 0)
			return m->base + at;
	fail_msg("the bytes are not behind %s", symbol);
	return 0;
}

int machine_run_tests(const struct CMUnitTest *tests, size_t count)
{
	cmocka_set_test_filter(getenv("MACHINE_TESTS"));
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}

static bool is_ssa(const struct machine *m, uint64_t offset)
{
	for (unsigned int t = 0; t < ENCL_THREADS; t++)
		if (offset - machine_tcs(m, t)->ossa < 2 * SGX_PAGE_SIZE)
			return true;
	return false;
}

uint64_t machine_hash(const struct machine *m)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (uint64_t page = 0; page < m->size; page += SGX_PAGE_SIZE) {
		const uint64_t *word = (const uint64_t *)(m->memory + page);

		if (is_ssa(m, page))
			continue;
		for (unsigned int i = 0; i < SGX_PAGE_SIZE / 8; i++)
			hash = (hash ^ word[i]) * 0x100000001b3;
	}
	return hash;
}
