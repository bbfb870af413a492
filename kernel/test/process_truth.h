/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_PROCESS_TRUTH_H
#define VIGIA_TEST_PROCESS_TRUTH_H

#include <stddef.h>

struct facts;
struct json;
struct truth;

/* A member which is a number, decimals and all; 0 for null. */
double number_of(const struct json *object, const char *key);

/* The share that @part has of @whole, with two decimals, rounded to nearest. */
double percent_of(double part, double whole);

/* "7 (name)", for messages; valid until the next call. */
const char *name_of(const struct json *process);

/*
 * Holds a process of @report against what /proc said of it before and after. A
 * command line may be as long as @cmdline_max.
 */
void process_truth(const struct json *report, const struct json *process,
		   const struct facts *before, const struct facts *after,
		   size_t cmdline_max);

/* How all of them fared so far. */
const struct truth *process_truths(int *count);

/* How many command lines could not be read. */
unsigned long process_truth_unreadable(void);

#endif
