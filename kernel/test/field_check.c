// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "field_check.h"

void check_number(struct field_check *check, double low, double value, double high,
		  double allowed, const char *of)
{
	double error = value < low ? low - value : value > high ? value - high : 0;

	check->compared++;
	check->exact += low == high;
	if (error > allowed && !check->wrong++)
		printf("# first wrong value: %s of %s is %.15g, expected %.15g to %.15g\n",
		       check->field, of, value, low, high);
	if (error > check->worst) {
		check->worst = error;
		snprintf(check->of, sizeof(check->of), "%s", of);
	}
}

void check_same(struct field_check *check, bool same, const char *of)
{
	check_number(check, 0, !same, 0, 0, of);
}

/* Process names may contain any byte: replaces those that would need escaping. */
static void print_plain(FILE *to, const char *text)
{
	for (; *text; text++)
		fputc(*text < ' ' || *text > '~' || *text == '"' || *text == '\\' ? '?'
										  : *text,
		      to);
}

void field_check_print_head(void)
{
	printf("# %-30s %-4s %-30s %8s %8s %14s  of\n", "field", "unit", "against",
	       "compared", "exactly", "largest error");
}

void field_check_print(const struct field_check *checks, int count)
{
	for (; count-- > 0; checks++) {
		printf("# %-30s %-4s %-30s %8lu %8lu %14.12g  ", checks->field,
		       checks->unit, checks->against, checks->compared, checks->exact,
		       checks->worst);
		print_plain(stdout, checks->of);
		printf("\n");
	}
}

void field_check_write(const struct field_check *checks, int count, FILE *json)
{
	for (; count-- > 0; checks++) {
		fprintf(json, "%s{\"field\":\"%s\",\"unit\":\"%s\",\"against\":\"%s\",",
			ftell(json) > 1 ? ",\n" : "", checks->field, checks->unit,
			checks->against);
		fprintf(json, "\"compared\":%lu,\"exactly\":%lu,\"wrong\":%lu,",
			checks->compared, checks->exact, checks->wrong);
		fprintf(json, "\"largest_error\":%.15g,\"of\":\"", checks->worst);
		print_plain(json, checks->of);
		fprintf(json, "\"}");
	}
}
