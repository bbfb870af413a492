// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that a reader never tears down the address space of another process, which could
 * wait for the files mapped there, such as those of an unresponsive file server.
 *
 *	mm_teardown SECONDS FILE
 *
 * Reads FILE while processes exit as fast as possible, some of them just while their
 * arguments are being read. A kprobe counts the calls of exit_mmap() by this process.
 * Needs tracefs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "tap.h"

#define TRACEFS "/sys/kernel/tracing/"
#define EVENT "events/kprobes/vigia_exit_mmap/"
#define WORKERS 3
#define CHILDREN 16

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void write_tracefs(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACEFS "%s", name);
	fd = open(path, O_WRONLY | (*text == '-' ? O_APPEND : O_TRUNC));
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	close(fd);
}

static void fork_and_reap(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int i;

		for (i = 0; i < CHILDREN; i++) {
			if (!fork())
				_exit(0);
		}
		while (wait(NULL) > 0)
			;
	}
}

static void trace_ourselves(void)
{
	char filter[64];

	/* Most systems have mounted tracefs already. */
	if (access(TRACEFS "kprobe_events", W_OK) &&
	    mount("none", TRACEFS, "tracefs", 0, NULL))
		fail("tracefs");
	write_tracefs("kprobe_events", "p:vigia_exit_mmap exit_mmap");
	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	write_tracefs(EVENT "filter", filter);
	write_tracefs("trace", "");
	write_tracefs(EVENT "enable", "1");
}

static unsigned long count_events(void)
{
	FILE *file = fopen(TRACEFS "trace", "r");
	unsigned long count = 0;
	char line[512];

	if (!file)
		fail(TRACEFS "trace");
	while (fgets(line, sizeof(line), file))
		count += *line != '#' && strstr(line, "vigia_exit_mmap");
	fclose(file);
	return count;
}

int main(int argc, char **argv)
{
	unsigned long reads = 0, count;
	pid_t workers[WORKERS];
	time_t end;
	int fd, i;

	if (argc != 3) {
		fprintf(stderr, "usage: mm_teardown SECONDS FILE\n");
		return 2;
	}
	fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(argv[2]);
	for (i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		if (!workers[i])
			fork_and_reap();
	}
	trace_ourselves();
	for (end = time(NULL) + atoi(argv[1]); time(NULL) < end; reads++) {
		struct text text;

		if (lseek(fd, 0, SEEK_SET) || report_read(fd, 65536, &text))
			fail(argv[2]);
		free(text.bytes);
	}
	write_tracefs(EVENT "enable", "0");
	count = count_events();
	write_tracefs("kprobe_events", "-:vigia_exit_mmap");
	for (i = 0; i < WORKERS; i++)
		kill(workers[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	tap(!count, "%lu reads while processes exit: %lu tore down an address space",
	    reads, count);
	return tap_end();
}
