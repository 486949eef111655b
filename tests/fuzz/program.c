// SPDX-License-Identifier: Apache-2.0
/* The program that a fuzzed driver serves; see program.h. */
#include "tests/fuzz/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "swsgx/driver/copy.h"
#include "swsgx/driver/mmap.h"
#include "swsgx/driver/space.h"
#include "tests/fuzz/machine.h"

#define DATA_SIZE  (DATA_WRITABLE * SGX_PAGE_SIZE)
#define SPACE_SIZE (SPACE_PAGES * SGX_PAGE_SIZE)
/* Address space that comes and goes with malloc: far less than one view of an enclave. */
#define PAGES_SLACK (ENCLAVE_FILE_SIZE / SGX_PAGE_SIZE / 2)
#define MAPS_EVERY  512 /* inputs */

static struct sigaction before[SIGSYS + 1];
static uint8_t remembered[DATA_SIZE];
static int first_fd, statm;
static unsigned long first_pages;

/* The driver's copy goes on behind its access; everything else is the sanitizer's business. */
static void handle(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (uc->uc_mcontext.gregs[REG_RIP] == (greg_t)(uintptr_t)driver_copy_access)
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)driver_copy_end;
	else if (before[sig].sa_flags & SA_SIGINFO)
		before[sig].sa_sigaction(sig, info, context);
	else
		abort();
}

static void map(uint64_t la, uint64_t size, int prot)
{
	void *at = mmap(program_data(la), size, prot,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	PROMISE(at == program_data(la));
}

static void map_space(void)
{
	map(SPACE_LA, SPACE_SIZE / 2, PROT_NONE);
	PROMISE(munmap(program_data(SPACE_LA + SPACE_SIZE / 2), SPACE_SIZE / 2) == 0);
}

static unsigned long pages_now(void)
{
	char text[128];
	ssize_t n = pread(statm, text, sizeof(text) - 1, 0);

	PROMISE(n > 0);
	text[n] = '\0';
	return strtoul(text, NULL, 10);
}

static int lowest_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

void program_load(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS };
	struct sigaction action = { .sa_sigaction = handle,
		                    .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	map(program_la(0), DATA_SIZE, PROT_READ | PROT_WRITE);
	map(program_la(DATA_READ_ONLY), 2 * SGX_PAGE_SIZE, PROT_READ);
	map(program_la(DATA_NONE), SGX_PAGE_SIZE, PROT_NONE);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		PROMISE(sigaction(faults[i], &action, &before[faults[i]]) == 0);
	map_space();
	statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	PROMISE(statm >= 0);
}

/* No line of the process's map names an enclave. */
static void check_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	PROMISE(maps != NULL);
	while (fgets(line, sizeof(line), maps) != NULL)
		PROMISE(strstr(line, "memfd:sgx_") == NULL);
	fclose(maps);
}

static void check_leaks(void)
{
	static unsigned int inputs;
	int fd = lowest_fd();
	unsigned long pages = pages_now();

	PROMISE(space_is_empty());
	PROMISE(fd == first_fd);
	PROMISE(pages < first_pages + PAGES_SLACK);
	if (inputs++ % MAPS_EVERY < 4)
		check_maps();
}

void program_start(void)
{
	first_fd = lowest_fd();
	first_pages = pages_now();
}

void program_reset(void)
{
	const struct space_range *r;
	uint64_t mask;

	while ((r = space_first(0)) != NULL)
		PROMISE(driver_munmap(r->start, r->end - r->start) == 0);
	space_lock(&mask);
	enclave_sweep();
	space_unlock(&mask);
	memset(program_data(PROGRAM_LA), 0, DATA_SIZE);
	map_space();
	check_leaks();
}

uint64_t program_value(struct input *in)
{
	uint8_t how = input_u8(in), n = input_u8(in);

	switch (how % 8) {
	case 0: return input_u64(in);
	case 1: return UINT64_C(1) << (n & 63);
	case 2: return -(UINT64_C(1) << (n & 63));
	case 3: return SPACE_LA + (n % SPACE_PAGES) * SGX_PAGE_SIZE;
	case 4: return program_where(in);
	case 5: return n * SGX_PAGE_SIZE;
	case 6: return -(uint64_t)n;
	default: return n;
	}
}

uint64_t program_where(struct input *in)
{
	uint8_t how = input_u8(in), n = input_u8(in);

	if (how < 0xb0)
		return program_la(DATA_ARGUMENT) + (how & 3) * 64;
	switch (how % 12) {
	case 0: return program_la(DATA_ARGUMENT) + n;       /* unaligned */
	case 1: return program_la(DATA_READ_ONLY) - n % 64; /* not all of it can be written */
	case 2: return program_la(DATA_READ_ONLY) + n;      /* read only */
	case 3: return program_la(DATA_NONE) - n % 64;      /* not all of it can be read */
	case 4: return program_la(DATA_NONE) + n;           /* no access */
	case 5: return program_la(DATA_PAGES) + n;          /* not mapped */
	case 6: return SPACE_LA + (n % SPACE_PAGES) * SGX_PAGE_SIZE; /* an enclave's */
	case 7: return n;                                            /* near NULL */
	case 8: return UINT64_C(0x7ffffffff000) - n % 64;            /* the end of what is ours */
	case 9: return UINT64_C(0x800000000000) - 8 + n % 64;        /* not canonical */
	case 10: return UINT64_C(0xffff800000000000) + n;            /* the kernel's */
	default: return -(uint64_t)n;                                /* wraps */
	}
}

void program_twist(struct input *in, uint64_t *numbers, size_t count)
{
	uint8_t how = input_u8(in);

	if (how >= 0xa0)
		numbers[how % count] = program_value(in);
}

void program_write(uint64_t la, const void *from, size_t size)
{
	if (la - PROGRAM_LA < DATA_SIZE && size <= DATA_SIZE - (la - PROGRAM_LA))
		memcpy(program_data(la), from, size);
}

bool program_reads(uint64_t la)
{
	uint8_t byte;

	return driver_copy(&byte, program_data(la), 1) == 0;
}

bool program_writes(uint64_t la)
{
	uint8_t byte;

	return driver_copy(&byte, program_data(la), 1) == 0 &&
	       driver_copy(program_data(la), &byte, 1) == 0;
}

void program_remember(void)
{
	memcpy(remembered, program_data(PROGRAM_LA), DATA_SIZE);
}

void program_unchanged(uint64_t la, size_t size)
{
	const uint8_t *now = program_data(PROGRAM_LA);

	for (uint64_t at = la; at - la < size; at++)
		if (at - PROGRAM_LA < DATA_SIZE)
			remembered[at - PROGRAM_LA] = now[at - PROGRAM_LA];
	PROMISE(memcmp(remembered, now, DATA_SIZE) == 0);
}
