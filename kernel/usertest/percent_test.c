// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "percent.h"
#include "tap.h"

/* Of every magnitude, small ones as often as large ones. */
static u64 any_u64(void)
{
	return ((u64)rand() << 33 ^ (u64)rand() << 11 ^ rand()) >> rand() % 64;
}

static void anything(void)
{
	bool good = true;
	int round;

	srand(1);
	for (round = 0; round < 1000000 && good; round++) {
		u64 whole = any_u64();
		u64 part = any_u64();
		u64 got = percent_hundredths(part, whole);
		double exact = whole ? (double)part * 10000 / whole : 0;

		if (!whole || exact > 1e12)
			continue;	/* more than a hundred million cores */
		good = got != UNKNOWN && got >= exact * 0.999 - 1 && got <= exact * 1.001 + 1;
		if (!good)
			printf("# %llu of %llu: %llu\n", part, whole, got);
	}
	tap(good, "any part of any whole is right to one in a thousand");
}

int main(void)
{
	tap(percent_hundredths(1, 2) == 5000, "half");
	tap(percent_hundredths(0, 7) == 0, "nothing");
	tap(percent_hundredths(2, 3) == 6667, "rounded to nearest");
	tap(percent_hundredths(4000000000ULL, 1000000000) == 40000, "four cores");
	tap(percent_hundredths(5, 0) == UNKNOWN, "of nothing: unknown");
	tap(percent_hundredths(UNKNOWN, 5) == UNKNOWN, "an unknown part");
	tap(percent_hundredths(5, UNKNOWN) == UNKNOWN, "an unknown whole");
	tap(percent_hundredths(U64_MAX - 1, U64_MAX - 1) == 10000, "the largest numbers");
	anything();
	return tap_end();
}
