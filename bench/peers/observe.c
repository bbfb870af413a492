// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records the available memory of the host while another process uses it up. Its own memory is
 * locked and it has real-time priority, so that it is not affected itself.
 *
 *	observe PID SECONDS AFTER
 *
 * Reads MemAvailable every 20 ms, for SECONDS, or until AFTER seconds after process PID has exited.
 * Prints one JSON object: times in ms since the start, memory in KiB, and the memory pressure of
 * system.slice, which contains the containers (full avg10, in hundredths of a percent). "killed_ms" is when
 * the process began to exit: from then on a kill is accepted, while its memory still has to be freed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVERY_MS 20
#define SAMPLES_MAX 30000

static struct sample {
	int ms;
	long available_kb, swap_free_kb, full_avg10;
} samples[SAMPLES_MAX];
static char text[8192];

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fetch(int file)
{
	ssize_t length = pread(file, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
}

static long field(const char *name)
{
	char *at = strstr(text, name);

	return at ? atol(at + strlen(name)) : -1;
}

/* PF_EXITING, in the flags of /proc/PID/stat. */
static int is_exiting(int file)
{
	unsigned int flags = 0;
	char *after;

	fetch(file);
	after = strrchr(text, ')');
	/* Reading it fails once the process has been reaped. */
	return !after || (sscanf(after, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && (flags & 4));
}

int main(int argc, char **argv)
{
	struct sched_param first = { .sched_priority = 50 };
	int64_t began = clock_ns(CLOCK_MONOTONIC);
	int n = 0, ms = 0, killed_ms = -1, ended_ms = -1, end_ms, meminfo, pressure, stat, whole, part, i;
	struct pollfd process = { .events = POLLIN };
	long full;

	if (argc != 4) {
		fprintf(stderr, "usage: observe PID SECONDS AFTER\n");
		return 2;
	}
	end_ms = atoi(argv[2]) * 1000;
	meminfo = open("/proc/meminfo", O_RDONLY);
	/* Does not exist without systemd: then the pressure is -1. */
	pressure = open("/sys/fs/cgroup/system.slice/memory.pressure", O_RDONLY);
	snprintf(text, sizeof(text), "/proc/%s/stat", argv[1]);
	stat = open(text, O_RDONLY);
	process.fd = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
	if (meminfo < 0 || stat < 0 || process.fd < 0 || mlockall(MCL_CURRENT | MCL_FUTURE) ||
	    sched_setscheduler(0, SCHED_FIFO, &first)) {
		perror("observe");
		return 1;
	}
	while (ms < end_ms && n < SAMPLES_MAX) {
		if (ended_ms < 0 && poll(&process, 1, EVERY_MS) > 0) {
			ended_ms = (clock_ns(CLOCK_MONOTONIC) - began) / 1000000;
			end_ms = ended_ms + atoi(argv[3]) * 1000;
		} else if (ended_ms >= 0) {
			poll(NULL, 0, EVERY_MS);
		}
		if (killed_ms < 0 && (ended_ms >= 0 || is_exiting(stat)))
			killed_ms = (clock_ns(CLOCK_MONOTONIC) - began) / 1000000;
		fetch(pressure);
		full = strstr(text, "full") && sscanf(strstr(text, "full"), "full avg10=%d.%d", &whole, &part) == 2 ?
			       whole * 100 + part : -1;
		fetch(meminfo);
		ms = (clock_ns(CLOCK_MONOTONIC) - began) / 1000000;
		samples[n++] = (struct sample){ ms, field("MemAvailable:"), field("SwapFree:"), full };
	}
	printf("{\"began_monotonic_ns\":%lld,\"total_kb\":%ld,\"swap_kb\":%ld",
	       (long long)began, field("MemTotal:"), field("SwapTotal:"));
	if (ended_ms >= 0)
		printf(",\"killed_ms\":%d,\"ended_ms\":%d", killed_ms, ended_ms);
	printf(",\"samples\":[");
	for (i = 0; i < n; i++)
		printf("%s[%d,%ld,%ld,%ld]", i ? "," : "", samples[i].ms, samples[i].available_kb,
		       samples[i].swap_free_kb, samples[i].full_avg10);
	printf("]}\n");
	return 0;
}
