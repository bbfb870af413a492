/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints test results in the Test Anything Protocol, one line each. */
#ifndef VIGIA_TEST_TAP_H
#define VIGIA_TEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_count;
static int tap_failures;

static inline bool tap(bool passed, const char *format, ...)
{
	va_list args;

	printf("%s %d - ", passed ? "ok" : "not ok", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	tap_failures += !passed;
	return passed;
}

/* Prints the plan and returns the exit code for main(). */
static inline int tap_end(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures ? 1 : 0;
}

#endif
