/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a rewritten container: its words and its environment. */
#ifndef RUNE_SPEC_PROGRAM_H
#define RUNE_SPEC_PROGRAM_H

#include "rune/spec/spec.h"

#define SPEC_STATE_VARIABLE "SWSGX_STATE"

/* Put the loader, `runelet init` and its options before process.args. */
int program_set_init(json_object *process, const struct spec_settings *settings,
                     const struct spec_rewrite *w, struct err *e);
/* Take the enclave's variables out of process.env, and put software SGX's in. */
int program_clean_environment(json_object *process, const struct spec_rewrite *w, struct err *e);

#endif
