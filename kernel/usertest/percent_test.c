// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "percent.h"
#include "tap.h"

/* A random number, with all magnitudes equally likely. */
static u64 random_u64(void)
{
	return ((u64)rand() << 33 ^ (u64)rand() << 11 ^ rand()) >> rand() % 64;
}

/* Exact result, computed with 128 bits, which cannot overflow. */
static u64 exactly(u64 part, u64 whole)
{
	return ((unsigned __int128)part * 10000 + whole / 2) / whole;
}

static void random_values(void)
{
	unsigned long same = 0, round;

	for (round = 0; round < 1000000; round++) {
		u64 whole = random_u64(), part = random_u64();
		u64 got = percent_hundredths(part, whole), want;
		double off;

		if (part == UNKNOWN || whole == UNKNOWN || !whole) {
			if (got != UNKNOWN)
				break;
			continue;
		}
		want = exactly(part, whole);
		if (part <= U64_MAX / 20000 && whole <= U64_MAX / 2) {
			if (got != want)
				break;
			same++;
			continue;
		}
		/* Out of range in practice: more than 10 days of CPU time in 1 ms. */
		if ((unsigned __int128)part * 10000 / whole > 1000000000000ULL)
			continue;
		off = got > want ? got - want : want - got;
		if (got == UNKNOWN || off > 1 + want * 0.001)
			break;
	}
	if (round < 1000000)
		printf("# failed in round %lu\n", round);
	tap(round == 1000000 && same > 100000,
	    "random values: exact up to 10 days of CPU time, above that to one in a "
	    "thousand");
}

int main(void)
{
	unsigned int seed = getenv("SEED") ? atoi(getenv("SEED")) : 20190355;

	tap(percent_hundredths(1, 2) == 5000, "half");
	tap(percent_hundredths(0, 7) == 0, "nothing");
	tap(percent_hundredths(2, 3) == 6667, "rounded to nearest");
	tap(percent_hundredths(4000000000ULL, 1000000000) == 40000, "four cores");
	tap(percent_hundredths(5, 0) == UNKNOWN, "a whole of 0: unknown");
	tap(percent_hundredths(UNKNOWN, 5) == UNKNOWN, "an unknown part");
	tap(percent_hundredths(5, UNKNOWN) == UNKNOWN, "an unknown whole");
	tap(percent_hundredths(U64_MAX - 1, U64_MAX - 1) == 10000, "the largest numbers");
	printf("# seed %u\n", seed);
	srand(seed);
	random_values();
	return tap_end();
}
