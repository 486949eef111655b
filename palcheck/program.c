// SPDX-License-Identifier: Apache-2.0
/*
 * palcheck-program: what palcheck asks programs to do, for runtimes that run ordinary ones: those that
 * bring their own implement the same six words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int echo(FILE *to, char **word)
{
	for (; *word; word++)
		fprintf(to, "%s%s", *word, word[1] ? " " : "");
	fputc('\n', to);
	return fflush(to) == 0 ? 0 : 1;
}

static int env(void)
{
	for (char **v = environ; *v; v++)
		puts(*v);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int cat(void)
{
	char buffer[65536];
	ssize_t n;

	while ((n = read(0, buffer, sizeof(buffer))) > 0) {
		for (ssize_t done = 0, r; done < n; done += r) {
			r = write(1, buffer + done, (size_t)(n - done));
			if (r < 0)
				return 1;
		}
	}
	return n < 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (strcmp(word, "echo") == 0)
		return echo(stdout, argv + 2);
	if (strcmp(word, "warn") == 0)
		return echo(stderr, argv + 2);
	if (strcmp(word, "env") == 0)
		return env();
	if (strcmp(word, "cat") == 0)
		return cat();
	if (strcmp(word, "exit") == 0 && argc > 2)
		return atoi(argv[2]);
	for (volatile int spin = strcmp(word, "spin") == 0; spin;)
		;
	fprintf(stderr, "palcheck-program: echo WORD..., warn WORD..., env, cat, exit N or spin\n");
	return 125;
}
