// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures how long an uninvolved process stalls. Every 10 ms it writes to the next page of its 4 MB.
 * If more than 30 ms have passed since the previous write, it prints the time (CLOCK_MONOTONIC, in
 * nanoseconds) and the gap in milliseconds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EVERY_NS 10000000
#define LATE_NS 30000000
#define PAGE 4096
#define PAGES 1024

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(void)
{
	volatile unsigned char *own = malloc(PAGES * PAGE);
	int64_t last = now_ns(), now;
	int turn = 0;

	if (!own)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (;;) {
		nanosleep(&(struct timespec){ .tv_nsec = EVERY_NS }, NULL);
		own[turn++ % PAGES * PAGE]++;
		now = now_ns();
		if (now - last > LATE_NS)
			printf("%lld %lld\n", (long long)now, (long long)(now - last) / 1000000);
		last = now;
	}
}
