// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stand-in for a slow disk, to be preloaded: every write at an offset, which is how SQLite
 * writes, takes 20 ms longer, every flush 500 ms.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *from, size_t count, off64_t offset)
{
	static ssize_t (*next)(int, const void *, size_t, off64_t);

	if (!next)
		next = dlsym(RTLD_NEXT, "pwrite64");
	usleep(20000);
	return next(fd, from, count, offset);
}

static int flush(const char *name, int fd)
{
	int (*next)(int) = dlsym(RTLD_NEXT, name);

	usleep(500000);
	return next(fd);
}

int fsync(int fd)
{
	return flush("fsync", fd);
}

int fdatasync(int fd)
{
	return flush("fdatasync", fd);
}
