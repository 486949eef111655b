// SPDX-License-Identifier: Apache-2.0
/*
 * Lines of a trace.  The descriptor is one among the program's, which may close it and get its number
 * for a file of its own: before each line it must still be what was opened, or it is opened anew.
 */
#include "swsgx/driver/trace_text.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "sgx/leaf.h"
#include "swsgx/driver/sys.h"

/* Out of the way of programs that count on low numbers. */
#define FD_HIGH 1000
#define FD_LOW  100

static char file[PATH_MAX]; /* "": stderr */
static int output = -1;
static dev_t dev;
static ino_t ino;

static int keep(int fd)
{
	struct stat st;
	int high = (int)sys_fcntl(fd, F_DUPFD_CLOEXEC, FD_HIGH);

	if (high < 0)
		high = (int)sys_fcntl(fd, F_DUPFD_CLOEXEC, FD_LOW);
	if (high < 0)
		high = (int)sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (high < 0 || sys_fstat(high, &st) < 0)
		return high < 0 ? high : -EBADF;
	dev = st.st_dev;
	ino = st.st_ino;
	__atomic_store_n(&output, high, __ATOMIC_RELEASE);
	return 0;
}

static int open_file(void)
{
	int fd = (int)sys_openat(AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return fd;
	r = keep(fd);
	sys_close(fd);
	return r;
}

int text_open(const char *path)
{
	if (path == NULL)
		return keep(2);
	if (strlen(path) >= sizeof(file))
		return -ENAMETOOLONG;
	memcpy(file, path, strlen(path) + 1);
	return open_file();
}

static bool is_ours(int fd)
{
	struct stat st;

	return fd >= 0 && sys_fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void text_write(const char *bytes, size_t len)
{
	int fd = __atomic_load_n(&output, __ATOMIC_ACQUIRE);

	if (!is_ours(fd)) {
		if (file[0] == '\0' || open_file() < 0)
			return;
		fd = __atomic_load_n(&output, __ATOMIC_ACQUIRE);
	}
	sys_write(fd, bytes, len);
}

void text_begin(struct text *t)
{
	t->len = 0;
	text_put(t, "[");
	text_decimal(t, (uint64_t)sys_call4(SYS_getpid, 0, 0, 0, 0));
	text_put(t, "/");
	text_decimal(t, (uint64_t)sys_call4(SYS_gettid, 0, 0, 0, 0));
	text_put(t, "] ");
}

void text_put(struct text *t, const char *s)
{
	/* One byte stays for the newline. */
	while (*s != '\0' && t->len < sizeof(t->bytes) - 1)
		t->bytes[t->len++] = *s++;
}

void text_end(struct text *t)
{
	t->bytes[t->len++] = '\n';
	text_write(t->bytes, t->len);
}

static void number(struct text *t, uint64_t n, unsigned int base, unsigned int width)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	for (size_t len = sizeof(digits) - 1 - at; len < width; len++)
		text_put(t, " ");
	text_put(t, digits + at);
}

void text_hex(struct text *t, uint64_t n)
{
	if (n != 0)
		text_put(t, "0x");
	number(t, n, 16, 0);
}

void text_decimal(struct text *t, uint64_t n)
{
	number(t, n, 10, 0);
}

void text_column(struct text *t, uint64_t n, unsigned int width)
{
	number(t, n, 10, width);
}

void text_name(struct text *t, const char *name, unsigned int width)
{
	text_put(t, name);
	for (size_t len = strlen(name); len < width; len++)
		text_put(t, " ");
}

void text_operand(struct text *t, const char *name, uint64_t value)
{
	text_put(t, " ");
	text_put(t, name);
	text_put(t, "=");
	text_hex(t, value);
}

void text_flags(struct text *t, uint64_t value, const struct flag_name *names, size_t count)
{
	const char *between = "";

	for (size_t i = 0; i < count; i++) {
		if ((value & names[i].bits) != names[i].bits)
			continue;
		value &= ~names[i].bits;
		text_put(t, between);
		text_put(t, names[i].name);
		between = "|";
	}
	if (value != 0 || *between == '\0') {
		text_put(t, between);
		text_hex(t, value);
	}
}

void text_errno(struct text *t, int r)
{
	const char *name = r < 0 ? strerrorname_np(-r) : NULL;

	if (r >= 0) {
		text_decimal(t, (uint64_t)r);
		return;
	}
	text_put(t, "-1 ");
	if (name != NULL)
		text_put(t, name);
	else
		text_decimal(t, (uint64_t)-r);
}

static const char *vector_name(uint8_t vector)
{
	static const char *const names[] = {
		[TRAP_DE] = "#DE", [TRAP_DB] = "#DB", [TRAP_BP] = "#BP", [TRAP_OF] = "#OF",
		[TRAP_BR] = "#BR", [TRAP_UD] = "#UD", [TRAP_NP] = "#NP", [TRAP_SS] = "#SS",
		[TRAP_GP] = "#GP", [TRAP_PF] = "#PF", [TRAP_MF] = "#MF", [TRAP_AC] = "#AC",
		[TRAP_XM] = "#XM",
	};

	return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : NULL;
}

void text_trap(struct text *t, struct trap trap)
{
	const char *name = vector_name(trap.vector);

	if (trap.vector == TRAP_INTERRUPT) {
		text_put(t, "interrupt");
		return;
	}
	if (name != NULL) {
		text_put(t, name);
	} else {
		text_put(t, "vector ");
		text_decimal(t, trap.vector);
	}
	if (trap.vector == TRAP_GP) {
		text_put(t, "(");
		text_hex(t, trap.errcd);
		text_put(t, ")");
	} else if (trap.vector == TRAP_PF) {
		text_put(t, "(err=");
		text_hex(t, trap.errcd);
		text_operand(t, "addr", trap.addr);
		text_put(t, ")");
	}
}

#define CODE(name) \
	case name: return #name

static const char *code_name(uint64_t code)
{
	switch (code) {
		CODE(SGX_INVALID_SIG_STRUCT);
		CODE(SGX_INVALID_ATTRIBUTE);
		CODE(SGX_BLKSTATE);
		CODE(SGX_INVALID_MEASUREMENT);
		CODE(SGX_NOTBLOCKABLE);
		CODE(SGX_PG_INVLD);
		CODE(SGX_EPC_PAGE_CONFLICT);
		CODE(SGX_INVALID_SIGNATURE);
		CODE(SGX_MAC_COMPARE_FAIL);
		CODE(SGX_PAGE_NOT_BLOCKED);
		CODE(SGX_NOT_TRACKED);
		CODE(SGX_VA_SLOT_OCCUPIED);
		CODE(SGX_CHILD_PRESENT);
		CODE(SGX_ENCLAVE_ACT);
		CODE(SGX_ENTRYEPOCH_LOCKED);
		CODE(SGX_INVALID_EINITTOKEN);
		CODE(SGX_PREV_TRK_INCMPL);
		CODE(SGX_PG_IS_SECS);
		CODE(SGX_PAGE_ATTRIBUTES_MISMATCH);
		CODE(SGX_PAGE_NOT_MODIFIABLE);
		CODE(SGX_PAGE_NOT_DEBUGGABLE);
		CODE(SGX_INVALID_CPUSVN);
		CODE(SGX_INVALID_ISVSVN);
		CODE(SGX_UNMASKED_EVENT);
		CODE(SGX_INVALID_KEYNAME);
	default: return NULL;
	}
}

void text_code(struct text *t, uint64_t code)
{
	const char *name = code_name(code);

	if (name != NULL)
		text_put(t, name);
	else
		text_hex(t, code);
}
