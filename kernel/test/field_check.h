/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_FIELD_CHECK_H
#define VIGIA_TEST_FIELD_CHECK_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct field_check - results of comparing one field with a reference source
 * @field: name of the field
 * @unit: unit of @worst
 * @against: the reference source
 * @compared: number of comparisons
 * @exact: number of comparisons in which only a single value was correct
 * @wrong: number of comparisons with an error larger than allowed
 * @worst: largest error: distance from the range of correct values
 * @of: process or container with that error
 */
struct field_check {
	const char *field;
	const char *unit;
	const char *against;
	unsigned long compared;
	unsigned long exact;
	unsigned long wrong;
	double worst;
	char of[64];
};

/*
 * Checks that @value is between @low and @high, or at most @allowed outside of that.
 * @of names the process or container in the results.
 */
void check_number(struct field_check *check, double low, double value, double high,
		  double allowed, const char *of);

/* Counts a comparison of values that are equal or not, such as texts. */
void check_same(struct field_check *check, bool same, const char *of);

/* Print a table as TAP comments, one line for each field. */
void field_check_print_head(void);
void field_check_print(const struct field_check *checks, int count);

/* Writes elements of a JSON array; a comma precedes all but the first of the file. */
void field_check_write(const struct field_check *checks, int count, FILE *json);

#endif
