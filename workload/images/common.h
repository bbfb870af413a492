/* SPDX-License-Identifier: GPL-2.0-only */
/* What the three programs share: leaving on a signal and reading a number they were given. */
#ifndef VIGIA_WORKLOAD_COMMON_H
#define VIGIA_WORKLOAD_COMMON_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_BAD_VALUE = 2 };

static void leave(int signal_number)
{
	(void)signal_number;
	_exit(EXIT_SUCCESS);
}

/*
 * The kernel drops a signal sent to PID 1 of a namespace when PID 1 has no handler for it, and the
 * engine then waits its whole grace period before it kills. So this comes before anything else.
 */
static void leave_on_signal(void)
{
	struct sigaction action = { .sa_handler = leave };

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/*
 * The number in the only argument or, without one, in the environment variable; `fallback` where
 * neither is given. A value that is given and wrong ends the program: running on with another size
 * than the one asked for would make every measurement of it a lie.
 */
__attribute__((unused)) static long number_given(int argc, char **argv, const char *variable,
						 long low, long high, long fallback)
{
	const char *text = argc > 1 ? argv[1] : getenv(variable);
	const char *origin = argc > 1 ? "the argument" : variable;
	bool digits_only;
	long value;

	if (argc > 2) {
		fprintf(stderr, "%s: at most one argument is taken, %d were given\n", argv[0],
			argc - 1);
		exit(EXIT_BAD_VALUE);
	}
	if (!text)
		return fallback;

	/* strtol() alone would let through " 25", "+25" and, as zero, "". */
	digits_only = text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
	errno = 0;
	value = digits_only ? strtol(text, NULL, 10) : 0;
	if (!digits_only || errno == ERANGE || value < low || value > high) {
		fprintf(stderr, "%s: %s is \"%s\"; give a whole number from %ld to %ld\n", argv[0],
			origin, text, low, high);
		exit(EXIT_BAD_VALUE);
	}
	return value;
}

#endif
