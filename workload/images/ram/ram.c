/* SPDX-License-Identifier: GPL-2.0-only */
/* High consumption, RAM: touches memory and keeps it. Usage: vigia-ram [MEBIBYTES] */
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "../common.h"

enum { LEAST_MB = 64, HOST_SHARE_DIVISOR = 200 /* 0.5 % */, SECONDS_BETWEEN_TOUCHES = 30 };

#define MB (1024UL * 1024UL)

static unsigned long host_megabytes(void)
{
	struct sysinfo host;

	if (sysinfo(&host) != 0) {
		perror("vigia-ram: cannot read the size of the host's memory (sysinfo)");
		exit(EXIT_FAILURE);
	}
	return host.totalram / MB * host.mem_unit + host.totalram % MB * host.mem_unit / MB;
}

/* Content differs from page to page, so that neither page merging nor a compressed swap can fold it. */
static void touch(volatile unsigned char *memory, size_t bytes, size_t page, bool first)
{
	for (size_t at = 0; at < bytes; at += page) {
		if (first)
			*(volatile size_t *)(memory + at) = at * 2654435761U + 1;
		else
			(void)memory[at];
	}
}

int main(int argc, char **argv)
{
	unsigned long host_mb, least_mb, wanted_mb;
	size_t bytes, page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *memory;

	leave_on_signal();
	host_mb = host_megabytes();
	least_mb = host_mb / HOST_SHARE_DIVISOR + 1;
	if (least_mb < LEAST_MB)
		least_mb = LEAST_MB;

	wanted_mb = (unsigned long)number_given(argc, argv, "VIGIA_RAM_MB", 1, (long)host_mb, 1);
	if (wanted_mb < least_mb)
		wanted_mb = least_mb;

	bytes = wanted_mb * MB;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		fprintf(stderr, "vigia-ram: cannot get %lu MB: %s; ask for less with VIGIA_RAM_MB\n",
			wanted_mb, strerror(errno));
		return EXIT_FAILURE;
	}
	touch(memory, bytes, page, true);
	printf("vigia-ram: keeping %lu MB (the least on this host is %lu MB)\n", wanted_mb, least_mb);
	fflush(stdout);

	/* A host with swap swaps out pages that are not read, and swapped pages are not resident. */
	for (;;) {
		nanosleep(&(struct timespec){ .tv_sec = SECONDS_BETWEEN_TOUCHES }, NULL);
		touch(memory, bytes, page, false);
	}
}
