// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures how long an uninvolved process stalls.
 *
 *	ticker [FILE PERCENT]
 *
 * Every 10 ms it writes to the next page of its 4 MB. With FILE it also reads the next part of that file, over and over
 * again, so that the file stays in the page cache; it writes the file first, PERCENT of RAM in size. If more than
 * 30 ms have passed since the previous time, it prints the time (CLOCK_MONOTONIC, in nanoseconds) and the gap in
 * milliseconds. Its first line says "ready".
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define EVERY_NS 10000000
#define LATE_NS 30000000
#define PAGE 4096
#define PAGES 1024
#define PART (256 * 1024)

static char part[PART];

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int filled(const char *path, int percent)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct sysinfo host;
	int64_t left;

	sysinfo(&host);
	for (left = (int64_t)host.totalram * host.mem_unit / 100 * percent; file >= 0 && left > 0; left -= PART)
		if (write(file, part, PART) != PART)
			return -1;
	/* Dirty pages could not be given back. */
	return file < 0 || fsync(file) ? -1 : file;
}

int main(int argc, char **argv)
{
	volatile unsigned char *own = malloc(PAGES * PAGE);
	int64_t last, now;
	int turn = 0, file = -1;

	if (!own)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3) {
		file = filled(argv[1], atoi(argv[2]));
		if (file < 0) {
			perror("ticker");
			return 1;
		}
	}
	printf("ready\n");
	for (last = now_ns();; last = now) {
		nanosleep(&(struct timespec){ .tv_nsec = EVERY_NS }, NULL);
		own[turn++ % PAGES * PAGE]++;
		if (file >= 0 && read(file, part, PART) < PART)
			lseek(file, 0, SEEK_SET);
		now = now_ns();
		if (now - last > LATE_NS)
			printf("%lld %lld\n", (long long)now, (long long)(now - last) / 1000000);
	}
}
