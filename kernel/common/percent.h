/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_PERCENT_H
#define VIGIA_PERCENT_H

#include "portable.h"

/**
 * percent_hundredths() - what share of a whole a part is
 * @part: the part, in any unit
 * @whole: the whole, in the same unit
 *
 * The kernel has no floating point: 12.34 % is 1234. Pure.
 *
 * Return: hundredths of a percent, rounded to nearest; UNKNOWN when @part is
 * UNKNOWN or @whole is 0 or UNKNOWN.
 */
static inline u64 percent_hundredths(u64 part, u64 whole)
{
	if (part == UNKNOWN || whole == UNKNOWN || !whole)
		return UNKNOWN;

	/* 2^64 / 10000 ns are 21 days of CPU time: drop bits nobody sees. */
	while (part > U64_MAX / 20000 || whole > U64_MAX / 2) {
		part >>= 1;
		whole >>= 1;
	}
	if (!whole)
		return UNKNOWN;

	return (part * 10000 + whole / 2) / whole;
}

#endif
