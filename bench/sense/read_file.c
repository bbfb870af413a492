// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a whole file TIMES times, 64 KiB at a time. Opens it once and seeks to the beginning,
 * as a daemon would, or reopens it each time.
 *
 *	read_file FILE TIMES [reopen]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char buffer[65536];
	ssize_t got = 0;
	int fd = -1, times;

	if (argc < 3) {
		fprintf(stderr, "usage: read_file FILE TIMES [reopen]\n");
		return 2;
	}
	for (times = atoi(argv[2]); times > 0 && got >= 0; times--) {
		if (argc > 3 || fd < 0) {
			close(fd);
			fd = open(argv[1], O_RDONLY);
			if (fd < 0) {
				perror(argv[1]);
				return 1;
			}
		}
		lseek(fd, 0, SEEK_SET);
		while ((got = read(fd, buffer, sizeof(buffer))) > 0)
			;
	}
	return got < 0;
}
