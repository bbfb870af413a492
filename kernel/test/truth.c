// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "truth.h"

void truth_number(struct truth *truth, double low, double value, double high,
		  double allowed, const char *of)
{
	double error = value < low ? low - value : value > high ? value - high : 0;

	truth->compared++;
	truth->exact += low == high;
	if (error > allowed && !truth->wrong++)
		printf("# first to be wrong: %s of %s is %.15g, not %.15g to %.15g\n",
		       truth->field, of, value, low, high);
	if (error > truth->worst) {
		truth->worst = error;
		snprintf(truth->of, sizeof(truth->of), "%s", of);
	}
}

void truth_same(struct truth *truth, bool same, const char *of)
{
	truth_number(truth, 0, !same, 0, 0, of);
}

/* Names of processes may contain anything; here only what needs no escape. */
static void print_plain(FILE *to, const char *text)
{
	for (; *text; text++)
		fputc(*text < ' ' || *text > '~' || *text == '"' || *text == '\\' ? '?'
										  : *text,
		      to);
}

void truth_print_head(void)
{
	printf("# %-30s %-4s %-30s %8s %8s %14s  of\n", "field", "unit", "against",
	       "compared", "exactly", "largest error");
}

void truth_print(const struct truth *truths, int count)
{
	for (; count-- > 0; truths++) {
		printf("# %-30s %-4s %-30s %8lu %8lu %14.12g  ", truths->field,
		       truths->unit, truths->against, truths->compared, truths->exact,
		       truths->worst);
		print_plain(stdout, truths->of);
		printf("\n");
	}
}

void truth_write(const struct truth *truths, int count, FILE *json)
{
	for (; count-- > 0; truths++) {
		fprintf(json, "%s{\"field\":\"%s\",\"unit\":\"%s\",\"against\":\"%s\",",
			ftell(json) > 1 ? ",\n" : "", truths->field, truths->unit,
			truths->against);
		fprintf(json, "\"compared\":%lu,\"exactly\":%lu,\"wrong\":%lu,",
			truths->compared, truths->exact, truths->wrong);
		fprintf(json, "\"largest_error\":%.15g,\"of\":\"", truths->worst);
		print_plain(json, truths->of);
		fprintf(json, "\"}");
	}
}
