// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes memory until it is killed.
 *
 *	hog [-j] [-t] [-f FILE] PERMILLE MOST
 *
 * Starts with 5 % of RAM and waits for SIGUSR1. Then it grows by PERMILLE thousandths of RAM per second
 * until it holds MOST percent of RAM.
 *
 *	-j	first takes memory at once until only 12 % of RAM are available
 *	-t	accesses its memory at random, so that it keeps swapping
 *	-f FILE	takes pages of FILE, which is on a tmpfs, instead of its own: they stay when it is killed
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define STEPS_A_SECOND 20
#define PAGE 4096UL

static size_t ram, held, most;
static unsigned char *memory;
static int file = -1;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Takes @bytes. The content of each page of its own differs, so that pages cannot be merged. */
static void take(size_t bytes)
{
	size_t end = (held + bytes) & ~(PAGE - 1);

	if (end > most)
		end = most & ~(PAGE - 1);
	if (file >= 0) {
		/* When the tmpfs is full, it holds what it has got. */
		if (end > held && fallocate(file, 0, held, end - held) == 0)
			held = end;
		return;
	}
	for (; held < end; held += PAGE)
		*(volatile uint64_t *)(memory + held) = held * 2654435761U + 1;
}

static size_t available(void)
{
	size_t kb = 0;
	char line[128];
	FILE *meminfo = fopen("/proc/meminfo", "r");

	while (meminfo && fgets(line, sizeof(line), meminfo) &&
	       sscanf(line, "MemAvailable: %zu kB", &kb) != 1)
		;
	if (meminfo)
		fclose(meminfo);
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
	bool jumps = false, thrashes = false;
	struct sysinfo host;
	size_t a_step;
	sigset_t go;
	double then;
	int option, got;

	while ((option = getopt(argc, argv, "jtf:")) != -1) {
		if (option == 'j')
			jumps = true;
		else if (option == 't')
			thrashes = true;
		else if (option == 'f')
			file = open(optarg, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (option == '?' || (option == 'f' && file < 0)) {
			perror("hog");
			return 1;
		}
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: hog [-j] [-t] [-f FILE] PERMILLE MOST\n");
		return 2;
	}
	/* PID 1 of a container ignores SIGTERM unless it has a handler. */
	signal(SIGTERM, leave);
	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	sigprocmask(SIG_BLOCK, &go, NULL);
	sysinfo(&host);
	ram = host.totalram * host.mem_unit;
	a_step = ram / 1000 * atoi(argv[optind]) / STEPS_A_SECOND;
	most = ram / 100 * atoi(argv[optind + 1]);
	if (file < 0) {
		memory = mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED) {
			perror("hog");
			return 1;
		}
		/* Huge pages for the first part, which takes a tenth of the time. */
		madvise(memory, most < ram / 5 * 4 ? most : ram / 5 * 4, MADV_HUGEPAGE);
	}
	take(ram / 20);
	sigwait(&go, &got);

	while (jumps && held < most && available() > ram / 100 * 12)
		take(ram / 200);
	for (then = seconds();;) {
		then += 1.0 / STEPS_A_SECOND;
		take(a_step);
		if (thrashes && file < 0)
			use_until(then);
		else
			rest_until(then);
	}
}
