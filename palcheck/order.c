// SPDX-License-Identifier: Apache-2.0
/* Calls at the wrong time, and without what they need. */
#include <signal.h>
#include <string.h>

#include "palcheck/check.h"
#include "sgx/report.h"

/* Nothing but pal_init has a meaning now. */
static void claim_all_refused(struct subject *s)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 };
	char **argv = command(s, "exit", "0", NULL), *env[] = { NULL };
	int pid = 77, value = 77, size = sizeof(struct sgx_report);
	struct pal_create_process_args create = { argv[0], argv, env, &stdio, &pid };
	struct pal_exec_args exec = { 1, &value };
	struct sgx_targetinfo target = { 0 };
	struct sgx_report report;

	if (s->version == 1) {
		refused(s->exec_v1(argv[0], argv, &stdio, &value), "pal_exec");
	} else {
		refused(s->create_process(&create), "pal_create_process");
		refused(s->exec(&exec), "pal_exec");
		refused(s->kill(-1, SIGTERM), "pal_kill");
	}
	if (s->version >= 3)
		refused(s->get_local_report(&target, sizeof(target), &report, &size),
		        "pal_get_local_report");
	/* There is nothing to destroy: whether that is an error is the library's to say. */
	returned(s->destroy(), "pal_destroy");
}

void check_order_before(struct subject *s)
{
	subject_load(s);
	claim_all_refused(s);
	CLAIM(subject_init(s, s->args, s->log_level) == 0, "afterwards pal_init fails");
	subject_destroy(s);
}

void check_order_after(struct subject *s)
{
	char text[16];
	int value;

	subject_start(s);
	subject_destroy(s);
	claim_all_refused(s);
	CLAIM(subject_init(s, s->args, s->log_level) == 0, "afterwards pal_init fails");
	value = run_and_read(s, command(s, "exit", "6", NULL), NULL, NULL, 0, text, sizeof(text));
	CLAIM(value == 6, "afterwards `exit 6` ends with %d", value);
	subject_destroy(s);
}

static void null_v1(struct subject *s)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 };
	char **argv = command(s, "exit", "0", NULL);
	int value;

	refused(s->exec_v1(NULL, argv, &stdio, &value), "pal_exec without a path");
	refused(s->exec_v1(argv[0], NULL, &stdio, &value), "pal_exec without argv");
	refused(s->exec_v1(argv[0], argv, NULL, &value), "pal_exec without stdio");
	refused(s->exec_v1(argv[0], argv, &stdio, NULL), "pal_exec without exit_code");
}

static void null_v2(struct subject *s)
{
	struct pal_stdio_fds stdio = { 0, 1, 2 };
	char **argv = command(s, "exit", "0", NULL), *env[] = { NULL };
	int pid = 77;
	const struct pal_create_process_args good = { argv[0], argv, env, &stdio, &pid };
	struct pal_create_process_args args;
	struct pal_exec_args no_value = { 1, NULL };

	refused(s->create_process(NULL), "pal_create_process(NULL)");
	refused(s->exec(NULL), "pal_exec(NULL)");
	args = good;
	args.path = NULL;
	refused(s->create_process(&args), "pal_create_process without a path");
	args = good;
	args.argv = NULL;
	refused(s->create_process(&args), "pal_create_process without argv");
	args = good;
	args.stdio = NULL;
	refused(s->create_process(&args), "pal_create_process without stdio");
	args = good;
	args.pid = NULL;
	refused(s->create_process(&args), "pal_create_process without pid");
	CLAIM(pid == 77, "a pal_create_process that was refused wrote a number");
	args = good;
	CLAIM(returned(s->create_process(&args), "pal_create_process") == 0,
	      "afterwards pal_create_process fails");
	no_value.pid = pid;
	refused(s->exec(&no_value), "pal_exec without exit_value");
}

static void null_v3(struct subject *s)
{
	struct sgx_targetinfo target = { 0 };
	struct sgx_report report;
	int size = sizeof(report);

	refused(s->get_local_report(NULL, sizeof(target), &report, &size),
	        "pal_get_local_report without targetinfo");
	refused(s->get_local_report(&target, sizeof(target), NULL, &size),
	        "pal_get_local_report without report");
	refused(s->get_local_report(&target, sizeof(target), &report, NULL),
	        "pal_get_local_report without report_len");
}

void check_null(struct subject *s)
{
	subject_start(s);
	if (s->version == 1)
		null_v1(s);
	if (s->version >= 2)
		null_v2(s);
	if (s->version >= 3)
		null_v3(s);
	subject_destroy(s);
}
