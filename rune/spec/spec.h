/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's config.json, from the caller's to the one that the low-level runtime gets.  Pure:
 * text and JSON objects in, text and JSON objects out.  What rune does not know stays as it is, the
 * order of keys and unsigned 64-bit integers included.  Objects are json-c's: the caller owns those
 * that it passes in, and puts what spec_load returned.  A rewrite that fails may have changed its
 * object in part: drop it.
 */
#ifndef RUNE_SPEC_SPEC_H
#define RUNE_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "lib/base/err.h"

/* In the container. */
#define SPEC_DIR     "/.rune"
#define SPEC_LOADER  SPEC_DIR "/ld.so"
#define SPEC_RUNELET SPEC_DIR "/runelet"
#define SPEC_LIB_DIR SPEC_DIR "/lib"
#define SPEC_AGENT   SPEC_DIR "/agent.sock"
#define SPEC_AESMD   "/var/run/aesmd" /* on the host as well */

/*
 * Text to object.  A whole JSON object and nothing behind it, and no member that its object has twice:
 * else -EINVAL, and the error names `name` (the file) and the place.  json_object_put(*ret) releases it.
 */
int spec_load(const char *name, const char *text, size_t size, json_object **ret, struct err *e);
/* Object to text, with tabs and a last newline, as runc writes it; the caller frees *ret. */
int spec_dump(json_object *object, char **ret, size_t *ret_size, struct err *e);

/*
 * What the container says about its enclave.  Texts are NULL where neither the environment nor the
 * annotations give one; empty counts as not given.  The environment beats the annotations.
 */
struct spec_settings {
	bool present; /* there is a type; if not, the container is an ordinary one and all is NULL */
	bool is_product; /* is_product_enclave is "true" */
#define KEY(field, env, annotation, check) char *field;
#include "rune/spec/keys.def"
#undef KEY
};

/*
 * Read and check them; changes nothing in config.  When present, type and path are there, and
 * process.args is a program that can be rewritten.  *ret is to be released also when not present.
 */
int spec_settings_read(json_object *config, struct spec_settings *ret, struct err *e);
/* For _cleanup_: initialise with { 0 }. */
void spec_settings_release(struct spec_settings *settings);
/* Whether `debug` is one of the words, separated by commas or blanks, of enclave.runtime.args. */
bool spec_args_debug(const struct spec_settings *settings);

struct spec_mount {
	const char *source;      /* on the host */
	const char *destination; /* in the container, below SPEC_DIR */
};

struct spec_device {
	const char *path; /* in the container */
	const char *type; /* "c" */
	uint32_t major, minor;
	uint32_t mode; /* permission bits */
	uint32_t uid, gid;
};

/*
 * What a rewrite adds.  The mounts are those of the loader, runelet and every library, in order;
 * the PAL library's is SPEC_LIB_DIR "/" and the last part of settings->path.
 */
struct spec_rewrite {
	const char *preload; /* "libswsgx.so" below SPEC_LIB_DIR: simulated; NULL: not */
	const char *
		inhibit_rpath; /* files below SPEC_LIB_DIR whose DT_RPATH is void, with colons between; or NULL */
	const char *notice;       /* NULL: none */
	const char *agent_socket; /* on the host, seen in the container as SPEC_AGENT; NULL: none */
	int agent_fd;             /* as the container's process has it; -1: none */
	int status_fd;            /* the same */
	int state_fd;             /* of software SGX's state directory; the same */
	bool wait;
	bool aesmd; /* the host has SPEC_AESMD */
	const struct spec_mount *mounts;
	size_t mount_count;
	const struct spec_device *devices;
	size_t device_count;
};

/* Make an enclave container's config.json of the user's.  -EEXIST when it has been rewritten. */
int spec_rewrite(json_object *config, const struct spec_settings *settings,
                 const struct spec_rewrite *rewrite, struct err *e);
bool spec_is_rewritten(json_object *config);
/* The container's /dev is mounted noexec: an SGX device in it cannot be mapped. */
bool spec_dev_is_noexec(json_object *config);
/* Rewritten, and on software SGX. */
bool spec_is_simulated(json_object *config);

/*
 * Take the hooks of start out of config: *ret is the caller's, an object with the lists under their
 * names and the process that they are for, or NULL when there are none.
 */
#define SPEC_START_HOOKS     "startContainer"
#define SPEC_POSTSTART_HOOKS "poststart"
int spec_take_hooks(json_object *config, json_object **ret, struct err *e);
/* What exec is to run for one of startContainer's: the caller's.  Its argv[0] is its path. */
int spec_hook_process(json_object *taken, json_object *hook, json_object **ret, struct err *e);

/* The words to put before a command's for `exec`; at most SPEC_EXEC_PREFIX_MAX, then NULL. */
#define SPEC_EXEC_PREFIX_MAX 8
size_t spec_exec_prefix(bool is_simulated, const char *ret[SPEC_EXEC_PREFIX_MAX + 1]);
/*
 * The same for exec's process.json; the enclave's variables leave its environment as well.  agent_fd is a
 * connection to the agent, as the process will have it; -1: none.
 */
int spec_exec_rewrite(json_object *process, bool is_simulated, int agent_fd, struct err *e);
/* Whether text ("NAME" or "NAME=VALUE", as `exec --env` has it) is one of the enclave's variables. */
bool spec_is_enclave_variable(const char *text);

/* The same for LD_PRELOAD and its like: they are the program's, and the host's loader must not see them. */
bool spec_is_loader_variable(const char *text);

/* Make `rune spec`'s template of runc's. */
int spec_template_edit(json_object *config, struct err *e);

#endif
