// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocates memory until it is killed.
 *
 *	hog fast	grows by 1 % of RAM per second without limit
 *	hog gentle	the same, but without the initial jump: for a host that must survive
 *	hog slow	grows at the same rate to all of RAM and half of the swap, and accesses
 *			its memory at random, so that it keeps swapping
 *
 * Starts with 5 % of RAM and waits for SIGUSR1. Then it allocates memory at once until only 12 %
 * of RAM are available (except gentle), and grows from there.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define STEPS_A_SECOND 20
#define PAGE 4096UL

static size_t ram, swap, held;
static unsigned char *memory;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Allocates @bytes. The content of each page differs, so that pages cannot be merged. */
static void take(size_t bytes)
{
	size_t end = (held + bytes) & ~(PAGE - 1);

	for (; held < end; held += PAGE)
		*(volatile uint64_t *)(memory + held) = held * 2654435761U + 1;
}

static size_t available(void)
{
	size_t kb = 0;
	char line[128];
	FILE *file = fopen("/proc/meminfo", "r");

	while (file && fgets(line, sizeof(line), file) &&
	       sscanf(line, "MemAvailable: %zu kB", &kb) != 1)
		;
	if (file)
		fclose(file);
	return kb * 1024;
}

/* Accesses pages at random until a time; each of them may have to be swapped in. */
static void use_until(double then)
{
	static uint64_t state = 88172645463325252U;

	do {
		for (int i = 0; i < 16; i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			((volatile unsigned char *)memory)[state % held]++;
		}
	} while (seconds() < then);
}

static void leave(int number)
{
	(void)number;
	_exit(0);
}

static void rest_until(double then)
{
	double left = then - seconds();

	if (left > 0)
		usleep(left * 1e6);
}

int main(int argc, char **argv)
{
	struct sysinfo host;
	sigset_t go;
	size_t most;
	double then;
	int slow, gentle, got;

	slow = argc == 2 && !strcmp(argv[1], "slow");
	gentle = argc == 2 && !strcmp(argv[1], "gentle");
	if (!slow && !gentle && (argc != 2 || strcmp(argv[1], "fast"))) {
		fprintf(stderr, "usage: hog fast|gentle|slow\n");
		return 2;
	}
	/* PID 1 of a container ignores SIGTERM unless it has a handler. */
	signal(SIGTERM, leave);
	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	sigprocmask(SIG_BLOCK, &go, NULL);
	sysinfo(&host);
	ram = host.totalram * host.mem_unit;
	swap = host.totalswap * host.mem_unit;
	most = slow ? ram + swap / 2 : 2 * (ram + swap);
	memory = mmap(NULL, 2 * (ram + swap), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		perror("hog");
		return 1;
	}
	/* Huge pages for the initial allocation, which takes a tenth of the time. */
	madvise(memory, ram / 5 * 4, MADV_HUGEPAGE);
	take(ram / 20);
	sigwait(&go, &got);

	while (!gentle && available() > ram / 100 * 12)
		take(ram / 200);
	for (then = seconds();;) {
		then += 1.0 / STEPS_A_SECOND;
		if (held < most)
			take(ram / 100 / STEPS_A_SECOND);
		if (slow)
			use_until(then);
		else
			rest_until(then);
	}
}
