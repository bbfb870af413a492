/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_PERCENT_H
#define VIGIA_PERCENT_H

#include "portable.h"

/**
 * percent_hundredths() - compute what percentage of @whole @part is
 * @part: in any unit
 * @whole: in the same unit
 *
 * The kernel does not use floating point: 12.34 % is returned as 1234.
 *
 * Return: hundredths of a percent, rounded to the nearest; UNKNOWN if @part is
 * UNKNOWN, or if @whole is 0 or UNKNOWN.
 */
static inline u64 percent_hundredths(u64 part, u64 whole)
{
	if (part == UNKNOWN || whole == UNKNOWN || !whole)
		return UNKNOWN;

	/* part * 10000 would overflow from 21 days of CPU time on: drop low bits. */
	while (part > U64_MAX / 20000 || whole > U64_MAX / 2) {
		part >>= 1;
		whole >>= 1;
	}
	if (!whole)
		return UNKNOWN;

	return (part * 10000 + whole / 2) / whole;
}

#endif
