// SPDX-License-Identifier: GPL-2.0-only
/*
 * Baseline for the modules: reads stat, statm, cmdline and io of every process, TIMES times,
 * without parsing them.
 *
 *	walk_proc TIMES
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned long processes, bytes;

static size_t read_one(int directory, const char *name)
{
	static char buffer[65536];
	int fd = openat(directory, name, O_RDONLY);
	size_t all = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	/* Large enough for all four files, except for a very long cmdline. */
	got = read(fd, buffer, sizeof(buffer));
	if (got > 0)
		all += got;
	close(fd);
	return all;
}

static void read_process(int proc, const char *pid)
{
	static const char *const names[] = { "stat", "statm", "cmdline", "io" };
	int directory = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_PATH);
	size_t i;

	if (directory < 0)
		return;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		bytes += read_one(directory, names[i]);
	close(directory);
	processes++;
}

int main(int argc, char **argv)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int times;

	if (argc != 2 || !proc) {
		fprintf(stderr, "usage: walk_proc TIMES\n");
		return 2;
	}
	for (times = atoi(argv[1]); times > 0; times--) {
		rewinddir(proc);
		while ((entry = readdir(proc))) {
			if (isdigit((unsigned char)entry->d_name[0]))
				read_process(dirfd(proc), entry->d_name);
		}
	}
	closedir(proc);
	printf("%lu processes, %lu bytes\n", processes, bytes);
	return 0;
}
