// SPDX-License-Identifier: Apache-2.0
/*
 * aesmd and collateral: one program that looks at its name.  An SGX program like any other, started by
 * `swsgx aesmd` and `swsgx collateral`, which say where the platform's keys are.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>

#include "aesm/client.h"
#include "aesmd/collateral.h"
#include "aesmd/server.h"
#include "lib/base/cleanup.h"
#include "lib/base/hex.h"

/* Behind what swsgx/driver/state.c calls struct state_file. */
#define MACHINE_HASH_OFFSET 88

static const char usage_daemon[] =
	"Usage: swsgx aesmd [--socket PATH] [--state DIR] [--driver LIST] [--allow-signer HEX]...\n"
	"                   [--tcb-status STATUS]\n"
	"\n"
	"Serve launch tokens and quotes as aesmd does, on software SGX, until SIGINT or SIGTERM.\n"
	"THEY PROVE NOTHING: their root is this platform's own, not Intel.\n"
	"\n"
	"  --socket PATH        the socket (default: " AESM_SOCKET ")\n"
	"  --allow-signer HEX   this MRSIGNER gets tokens for enclaves that are not for debugging\n"
	"  --tcb-status STATUS  what collateral shall say of this platform from now on: UpToDate,\n"
	"                       SWHardeningNeeded, ConfigurationNeeded,\n"
	"                       ConfigurationAndSWHardeningNeeded, OutOfDate,\n"
	"                       OutOfDateConfigurationNeeded, Revoked, NotSupported\n";

static const char usage_collateral[] =
	"Usage: swsgx collateral [--state DIR] [--tcb-status STATUS] [--qe-status STATUS]\n"
	"                        [--advisory ID]... [--revoke-pck] [--revoke-ca] [--revoke-signer]\n"
	"                        [--expired] DIR\n"
	"\n"
	"Write what a verifier of this platform's quotes needs into DIR.\n"
	"\n"
	"  --tcb-status STATUS  of the platform (default: what aesmd was told, else UpToDate)\n"
	"  --qe-status STATUS   of the quoting enclave (default: UpToDate)\n"
	"  --advisory ID        an advisory for the platform's TCB level\n"
	"  --revoke-pck, --revoke-ca, --revoke-signer\n"
	"                       the PCK certificate, its issuer or the signer of the TCB info is revoked\n"
	"  --expired            all of it is valid no longer\n";

struct options {
	const char *keys, *machine, *socket;
	const char *folder; /* of collateral */
	struct launch launch;
	struct collateral collateral;
};

static bool is_advisory(const char *id)
{
	size_t len = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

	return len != 0 && len <= 32 && id[len] == '\0';
}

static int add_signer(struct launch *l, const char *hex, struct err *e)
{
	if (l->signer_count == ARCH_SIGNERS_MAX)
		return err_set(e, -E2BIG, "--allow-signer: more than %d", ARCH_SIGNERS_MAX);
	if (hex_decode(hex, l->signer[l->signer_count], 32) < 0)
		return err_set(e, -EINVAL, "--allow-signer: '%s' is no MRSIGNER of 64 digits", hex);
	l->signer_count++;
	return 0;
}

static int add_advisory(struct collateral *c, const char *id, struct err *e)
{
	if (c->advisory_count == ADVISORIES_MAX)
		return err_set(e, -E2BIG, "--advisory: more than %d", ADVISORIES_MAX);
	if (!is_advisory(id))
		return err_set(e, -EINVAL, "--advisory: '%s' is no identifier", id);
	c->advisory[c->advisory_count++] = id;
	return 0;
}

static int set_status(const char **ret, const char *status, struct err *e)
{
	*ret = status;
	return platform_status_check(status, e);
}

/* 1: help was asked for. */
static int take_option(struct options *o, int c, struct err *e)
{
	switch (c) {
	case 'k': o->keys = optarg; return 0;
	case 'm': o->machine = optarg; return 0;
	case 's': o->socket = optarg; return 0;
	case 'a': return add_signer(&o->launch, optarg, e);
	case 't': return set_status(&o->collateral.tcb_status, optarg, e);
	case 'q': return set_status(&o->collateral.qe_status, optarg, e);
	case 'i': return add_advisory(&o->collateral, optarg, e);
	case 'p': o->collateral.revoke_pck = true; return 0;
	case 'c': o->collateral.revoke_ca = true; return 0;
	case 'r': o->collateral.revoke_signer = true; return 0;
	case 'x': o->collateral.is_expired = true; return 0;
	case 'h': return 1;
	default: return err_set(e, -EINVAL, "wrong options: see --help");
	}
}

static const struct option options_daemon[] = {
	{ "keys", required_argument, NULL, 'k' },
	{ "machine", required_argument, NULL, 'm' },
	{ "socket", required_argument, NULL, 's' },
	{ "allow-signer", required_argument, NULL, 'a' },
	{ "tcb-status", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const struct option options_collateral[] = {
	{ "keys", required_argument, NULL, 'k' },
	{ "machine", required_argument, NULL, 'm' },
	{ "tcb-status", required_argument, NULL, 't' },
	{ "qe-status", required_argument, NULL, 'q' },
	{ "advisory", required_argument, NULL, 'i' },
	{ "revoke-pck", no_argument, NULL, 'p' },
	{ "revoke-ca", no_argument, NULL, 'c' },
	{ "revoke-signer", no_argument, NULL, 'r' },
	{ "expired", no_argument, NULL, 'x' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse(int argc, char **argv, bool is_daemon, struct options *o, struct err *e)
{
	const struct option *known = is_daemon ? options_daemon : options_collateral;
	int c, r;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		r = take_option(o, c, e);
		if (r != 0)
			return r;
	}
	if (is_daemon && optind != argc)
		return err_set(e, -EINVAL, "'%s': no operand is taken", argv[optind]);
	if (!is_daemon && optind + 1 != argc)
		return err_set(e, -EINVAL, "one folder to write to is needed");
	if (!is_daemon && o->collateral.qe_status &&
	    strcmp(o->collateral.qe_status, "UpToDate") != 0 &&
	    strcmp(o->collateral.qe_status, "OutOfDate") != 0 &&
	    strcmp(o->collateral.qe_status, "Revoked") != 0)
		return err_set(e, -EINVAL, "--qe-status: neither UpToDate, OutOfDate nor Revoked");
	if (o->keys == NULL)
		return err_set(e, -EINVAL, "no folder of keys: started by `swsgx`?");
	o->folder = argv[optind];
	return 0;
}

/*
 * What firmware does on a machine with another launch key than Intel's: IA32_SGXLEPUBKEYHASH becomes
 * our launch enclave's signer, for programs that start from now on, this one first.
 */
static int set_machine(const char *file, const struct platform *p, struct err *e)
{
	_cleanup_(closep) int fd = open(file, O_RDWR | O_CLOEXEC);
	uint8_t hash[32], found[32];
	struct stat st;

	launch_signer(p, hash);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "%s", file);
	if (st.st_size < MACHINE_HASH_OFFSET)
		return err_set(e, -EINVAL, "%s: not a platform file of swsgx", file);
	if (pread(fd, found, sizeof(found), MACHINE_HASH_OFFSET) == (ssize_t)sizeof(found) &&
	    memcmp(found, hash, sizeof(found)) == 0)
		return 0;
	if (pwrite(fd, hash, sizeof(hash), MACHINE_HASH_OFFSET) != (ssize_t)sizeof(hash))
		return err_errno(e, "%s", file);
	return 0;
}

static int open_signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(e, "signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(e, "signals") : fd;
}

/* Each client is a descriptor. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* The real daemon's folder is made by its package. */
static void make_default_folder(const char *path)
{
	if (strcmp(path, AESM_SOCKET) == 0)
		mkdir("/var/run/aesmd", 0755);
}

static int serve(const struct options *o, struct service *s, struct err *e)
{
	_cleanup_(closep) int signals = open_signals(e);
	const char *path = o->socket ? o->socket : AESM_SOCKET;
	int r;

	if (signals < 0)
		return signals;
	raise_limit();
	make_default_folder(path);
	_cleanup_(closep) int listener = server_listen(path, e);
	if (listener < 0)
		return listener;
	printf("aesmd: serving at %s\n", path);
	fflush(stdout);
	r = server_run(listener, signals, s, e);
	unlink(path);
	return r;
}

static int run(const struct options *o, bool is_daemon, struct err *e)
{
	_cleanup_(platform_release) struct platform p = PLATFORM_NONE;
	struct service s = { .is_key_ready = false };
	int r = platform_open(o->keys, &p, e);

	if (r == 0 && is_daemon && o->collateral.tcb_status)
		r = platform_status_write(&p, o->collateral.tcb_status, e);
	if (r == 0 && o->machine)
		r = set_machine(o->machine, &p, e);
	if (r < 0)
		return r;
	_cleanup_(quoting_release) struct quoting quoting = { .platform = NULL };
	r = quoting_open(&p, &quoting, e);
	if (r < 0)
		return r;
	if (!is_daemon)
		return collateral_write(&p, &quoting, &o->collateral, o->folder, e);
	r = launch_open(&p, &s.launch, e);
	if (r < 0)
		return r;
	memcpy(s.launch.signer, o->launch.signer, sizeof(s.launch.signer));
	s.launch.signer_count = o->launch.signer_count;
	s.quoting = quoting;
	return serve(o, &s, e);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	bool is_daemon = strcmp(name, "collateral") != 0;
	struct options o = { .collateral.now = time(NULL) };
	struct err e;
	int r = parse(argc, argv, is_daemon, &o, &e);

	if (r == 1) {
		fputs(is_daemon ? usage_daemon : usage_collateral, stdout);
		return 0;
	}
	if (r == 0)
		r = run(&o, is_daemon, &e);
	if (r < 0)
		fprintf(stderr, "swsgx: %s: %s\n", is_daemon ? "aesmd" : "collateral", e.text);
	return r < 0;
}
