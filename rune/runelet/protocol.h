/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent protocol: how rune on the host, and `runelet exec` in the container, speak to the runelet
 * that holds the PAL (docs/protocol-runelet.md).
 *
 * The socket is a unix SOCK_SEQPACKET listener that rune makes, with mode 0600 in a folder only root
 * enters, and hands to runelet as an inherited descriptor.  A client connects, sends one request, and
 * reads replies until the agent closes.  A message is one packet: struct agent_message, then
 * payload_size bytes of payload.  A client that closes an AGENT_EXEC connection before its
 * AGENT_EXITED kills that program.
 */
#ifndef RUNE_RUNELET_PROTOCOL_H
#define RUNE_RUNELET_PROTOCOL_H

#include <stdint.h>

#define AGENT_MAGIC       UINT32_C(0x454e5552) /* "RUNE" */
#define AGENT_PAYLOAD_MAX (256 * 1024)         /* -EMSGSIZE above; raise SO_SNDBUF to send it */

/* In the container. */
#define AGENT_SOCKET "/.rune/agent.sock"

enum agent_type {
	/* Requests */
	AGENT_START = 1, /* run the container's program; value 0 */
	AGENT_STATE = 2, /* AGENT_OK, value: enum agent_state */
	AGENT_EXEC = 3,  /* payload: argc strings, then envc strings, each with its zero byte;
			  * value: argc; SCM_RIGHTS: three descriptors, stdin, stdout, stderr.
			  * Replies: AGENT_STARTED, then AGENT_EXITED; or AGENT_ERROR */
	AGENT_SIGNAL =
		4, /* on an AGENT_EXEC connection, no reply: signal `value` to its program; on its
			   * own, AGENT_OK: to the container's program, as if it had come to runelet */
	AGENT_REPORT = 5, /* payload: 512 bytes TARGETINFO, 64 bytes REPORTDATA or none; or 64 bytes
			   * REPORTDATA alone: for the quoting enclave of the container's aesmd.
			   * AGENT_OK, payload: 432 bytes REPORT */
	AGENT_QUOTE = 6,  /* payload: 64 bytes REPORTDATA; AGENT_OK, payload: the quote that the
			   * container's aesmd has made */
	/* Replies */
	AGENT_OK = 16,
	AGENT_ERROR = 17,   /* value: -errno; payload: one line, no newline, no zero byte */
	AGENT_STARTED = 18, /* value: the runtime's pid of the program */
	AGENT_EXITED = 19,  /* value: 0 to 255, or 128 + signal */
};

enum agent_state {
	AGENT_STATE_CREATED = 0, /* pal_init is done, the program waits for AGENT_START */
	AGENT_STATE_RUNNING = 1,
	AGENT_STATE_ENDING = 2,
};

struct agent_message {
	uint32_t magic; /* AGENT_MAGIC */
	uint32_t type;  /* enum agent_type */
	int32_t value;
	uint32_t payload_size;
};

_Static_assert(sizeof(struct agent_message) == 16, "agent_message");

/*
 * runelet's command lines.  Everything comes by arguments, so that the container's environment
 * stays the program's own:
 *
 *   runelet init --pal PATH [--pal-args TEXT] [--log-level TEXT] [--hide-env NAME]...
 *                [--add-env NAME=VALUE]... [--agent-fd N] [--status-fd N] [--wait] [--notice TEXT]
 *                -- PROGRAM [ARG]...
 *   runelet exec [--socket PATH | --agent-fd N] [--hide-env NAME]... [--add-env NAME=VALUE]...
 *                -- PROGRAM [ARG]...
 *
 * --agent-fd N: init's listening socket; exec's connection, made by rune as root, so that the user that
 * exec runs as does not matter.
 * --status-fd N: when pal_init has succeeded write "ready\n", else the line that says why it did not
 * (no "ready"), then close N.  Without it an error goes to stderr.  --wait: run the program only after
 * AGENT_START.  --hide-env: do not pass this variable on to the program.  --add-env: pass
 * it this one as well, which the dynamic loader is not to see.  --notice: print this line
 * to stderr right before the program runs.
 * Exit code of init: the program's, or 1 when it could not be run.  Of exec: the program's, or 255.
 */

#endif
