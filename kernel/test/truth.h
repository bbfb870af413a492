/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_TRUTH_H
#define VIGIA_TEST_TRUTH_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct truth - how one field fares against another source
 * @field: its name
 * @unit: of @worst
 * @against: the other source
 * @compared: how often
 * @exact: how often of these the other source left only one value
 * @wrong: how often it was further off than is allowed
 * @worst: the largest distance from what the other source allows
 * @of: of what that was
 */
struct truth {
	const char *field;
	const char *unit;
	const char *against;
	unsigned long compared;
	unsigned long exact;
	unsigned long wrong;
	double worst;
	char of[64];
};

/* @value lies within @low and @high, or up to @allowed outside; @of for the table. */
void truth_number(struct truth *truth, double low, double value, double high,
		  double allowed, const char *of);

/* A name, an identity, a text: the same or not. */
void truth_same(struct truth *truth, bool same, const char *of);

/* As comments for TAP, one line a field. */
void truth_print_head(void);
void truth_print(const struct truth *truths, int count);

/* As elements of a JSON array, each but the very first behind a comma. */
void truth_write(const struct truth *truths, int count, FILE *json);

#endif
