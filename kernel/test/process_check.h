/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_PROCESS_CHECK_H
#define VIGIA_TEST_PROCESS_CHECK_H

#include <stddef.h>

struct proc_facts;
struct json;
struct field_check;

/* Returns a member that is a number, with its decimals; 0 if it is null. */
double number_of(const struct json *object, const char *key);

/* Returns @part / @whole in percent, rounded to two decimals. */
double percent_of(double part, double whole);

/* Returns "PID (NAME)" for messages; valid until the next call. */
const char *name_of(const struct json *process);

/*
 * Compares a process of @report with what /proc showed before and after the report was
 * read. @cmdline_max is the module's parameter.
 */
void process_check(const struct json *report, const struct json *process,
		   const struct proc_facts *before, const struct proc_facts *after,
		   size_t cmdline_max);

/* Returns the results for all processes so far. */
const struct field_check *process_checks(int *count);

/* Returns the number of command lines that were null. */
unsigned long process_check_unreadable(void);

#endif
