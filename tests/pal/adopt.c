// SPDX-License-Identifier: Apache-2.0
/*
 * Enclaves that are handed over.  This process builds one with the PAL's own parts, then gives it to
 * the library under test: here, and to a child that gets the descriptor over a socket.  The debug
 * lines on stderr say for each pal_init whether the enclave was taken ("handed over") or not ("built").
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pal/encl.h"
#include "tests/pal/palrun.h"

struct offer {
	int fd;
	uint64_t addr;
};

static void say(const char *text)
{
	dprintf(2, "%s: ", text);
}

static void init_run_destroy(const char *name, int fd, uint64_t addr)
{
	struct pal_attr_v3 attr = { "debug", "debug", fd, addr };

	say(name);
	CLAIM(pal.init(&attr) == 0);
	CLAIM(run_program(options.argv) == 0);
	CLAIM(pal.destroy() == 0);
}

static void send_offer(int socket, struct offer offer)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { &offer.addr, sizeof(offer.addr) };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &offer.fd, sizeof(int));
	CLAIM(sendmsg(socket, &m, 0) == sizeof(offer.addr));
}

static struct offer receive_offer(int socket)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct offer offer;
	struct iovec iov = { &offer.addr, sizeof(offer.addr) };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };

	CLAIM(recvmsg(socket, &m, MSG_CMSG_CLOEXEC) == sizeof(offer.addr));
	CLAIM(CMSG_FIRSTHDR(&m) != NULL);
	memcpy(&offer.fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return offer;
}

static int child(int socket)
{
	struct offer offer = receive_offer(socket);

	init_run_destroy("child", offer.fd, offer.addr);
	/* What was handed over stays the giver's to close. */
	CLAIM(close(offer.fd) == 0);
	return 0;
}

static struct encl build(bool is_initialised)
{
	struct encl encl = ENCL_NONE;
	struct encl_files files;
	const struct driver *driver;
	struct err e;
	int fd;

	CLAIM(encl_files_load(&files, &e) == 0);
	CLAIM(driver_open(&driver, &fd, &e) == 0);
	if (is_initialised) {
		CLAIM(encl_build(&files, true, driver, fd, &encl, &e) == 0);
	} else {
		encl.fd = fd;
	}
	encl_files_release(&files);
	return encl;
}

static void claim_garbage(const struct encl *encl)
{
	static uint64_t page[512] __attribute__((aligned(4096)));
	struct encl raw = build(false);
	uint64_t base = encl->range.start, size = encl->range.size;
	void *other = mmap(NULL, 2 * size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CLAIM(other != MAP_FAILED);
	init_run_destroy("descriptor closed", 2222424, base);
	init_run_destroy("descriptor of something else", 0, base);
	init_run_destroy("descriptor of no enclave yet", raw.fd, base);
	init_run_destroy("address unaligned", encl->fd, base + 4096);
	init_run_destroy("address of other memory", encl->fd, ((uint64_t)other + size - 1) & -size);
	init_run_destroy("address on the stack", encl->fd, (uint64_t)&raw);
	init_run_destroy("address not canonical", encl->fd, UINT64_C(0x5a5a) << 48);
	init_run_destroy("address of data", encl->fd, (uint64_t)page);
	munmap(other, 2 * size);
	encl_release(&raw);
}

int scenario_adopt(void)
{
	struct encl encl;
	int pair[2], status;
	pid_t pid;

	CLAIM(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	pid = fork();
	CLAIM(pid >= 0);
	if (pid == 0)
		_exit(child(pair[1]));
	encl = build(true);
	init_run_destroy("mapped", encl.fd, encl.range.start);
	init_run_destroy("mapped, again", encl.fd, encl.range.start);
	claim_garbage(&encl);
	send_offer(pair[0], (struct offer){ encl.fd, encl.range.start });
	CLAIM(waitpid(pid, &status, 0) == pid);
	CLAIM(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	encl_release(&encl);
	return 0;
}
