// SPDX-License-Identifier: Apache-2.0
/* pal_kill, and the ends of programs that do not end by themselves. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "palcheck/check.h"

static void kill_or_fail(struct subject *s, int pid, int sig)
{
	int r = returned(s->kill(pid, sig), "pal_kill");

	CLAIM(r == 0, "pal_kill(%d, %d): %s", pid, sig, strerror(-r));
}

static void claim_ends(struct job *job, int sig)
{
	job_join(job);
	CLAIM(job->value == 128 + sig, "the exit value after signal %d is %d, not %d", sig,
	      job->value, 128 + sig);
}

static void kill_one(struct subject *s, int sig)
{
	struct job job;

	subject_start(s);
	spin_start(s, &job);
	kill_or_fail(s, job.pid, sig);
	claim_ends(&job, sig);
	/* What was ended serves again. */
	spin_start(s, &job);
	kill_or_fail(s, job.pid, sig);
	claim_ends(&job, sig);
	subject_destroy(s);
}

void check_kill_term(struct subject *s)
{
	kill_one(s, SIGTERM);
}

void check_kill_kill(struct subject *s)
{
	kill_one(s, SIGKILL);
}

void check_kill_all(struct subject *s)
{
	struct job jobs[3];

	subject_start(s);
	for (int i = 0; i < 3; i++)
		spin_start(s, &jobs[i]);
	kill_or_fail(s, -1, SIGTERM);
	for (int i = 0; i < 3; i++)
		claim_ends(&jobs[i], SIGTERM);
	subject_destroy(s);
}

void check_kill_first(struct subject *s)
{
	struct job first, second;

	subject_start(s);
	spin_start(s, &first);
	spin_start(s, &second);
	kill_or_fail(s, 0, SIGINT);
	claim_ends(&first, SIGINT);
	kill_or_fail(s, second.pid, SIGTERM);
	claim_ends(&second, SIGTERM);
	subject_destroy(s);
}

void check_kill_aims(struct subject *s)
{
	struct job jobs[2];

	subject_start(s);
	spin_start(s, &jobs[0]);
	spin_start(s, &jobs[1]);
	kill_or_fail(s, jobs[1].pid, SIGTERM);
	claim_ends(&jobs[1], SIGTERM);
	/* The other is still there to be ended otherwise. */
	kill_or_fail(s, jobs[0].pid, SIGKILL);
	claim_ends(&jobs[0], SIGKILL);
	subject_destroy(s);
}

void check_kill_waiting(struct subject *s)
{
	struct job job = { .s = s, .argv = command(s, "cat", NULL), .out = 1, .err = 2 };
	int ends[2];

	subject_start(s);
	CLAIM(pipe(ends) == 0, "no pipe");
	job.in = ends[0];
	job_create(&job);
	job_start(&job);
	pause_ms(100);
	kill_or_fail(s, job.pid, SIGTERM);
	claim_ends(&job, SIGTERM);
	subject_destroy(s);
}

void check_kill_ignored(struct subject *s)
{
	struct job job;

	subject_start(s);
	spin_start(s, &job);
	kill_or_fail(s, job.pid, 0);
	kill_or_fail(s, job.pid, SIGCHLD);
	kill_or_fail(s, job.pid, SIGWINCH);
	kill_or_fail(s, -1, SIGURG);
	pause_ms(100);
	kill_or_fail(s, job.pid, SIGTERM);
	claim_ends(&job, SIGTERM);
	subject_destroy(s);
}

/* Swapped: as the first runtime with this API called it. */
void check_kill_wrong(struct subject *s)
{
	struct job job;

	subject_start(s);
	spin_start(s, &job);
	refused(s->kill(job.pid + 1000, SIGTERM), "pal_kill of a program that never was");
	refused(s->kill(job.pid, 65), "pal_kill with signal 65");
	refused(s->kill(SIGTERM, -1), "pal_kill with swapped arguments");
	pause_ms(50);
	kill_or_fail(s, job.pid, SIGKILL);
	claim_ends(&job, SIGKILL);
	refused(s->kill(job.pid, SIGTERM), "pal_kill of a program that has ended");
	subject_destroy(s);
}

void check_destroy_running(struct subject *s)
{
	struct job job;

	subject_start(s);
	spin_start(s, &job);
	subject_destroy(s);
	job_join(&job);
	CLAIM(job.value > 128, "the program's exit value is %d, not 128 and a signal", job.value);
}

void check_destroy_created(struct subject *s)
{
	struct job job = {
		.s = s, .argv = command(s, "exit", "0", NULL), .in = 0, .out = 1, .err = 2
	};

	subject_start(s);
	job_create(&job);
	subject_destroy(s);
	CLAIM(subject_init(s, s->args, s->log_level) == 0, "afterwards pal_init fails");
	subject_destroy(s);
}
