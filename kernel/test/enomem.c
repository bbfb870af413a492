// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the reports while kernel allocations fail: each read must return -ENOMEM or a
 * complete report, and the next read must succeed.
 *
 *	enomem READS FILE...
 *	enomem from-nth FILE...
 *
 * Requires a kernel with fault injection. In debugfs both failslab and fail_page_alloc
 * must have probability set, times=-1, task-filter=Y and ignore-gfp-wait=N.
 *
 * With READS, first each single allocation of an open and two reads fails in turn
 * (fail-nth), then allocations fail at random during READS reads.
 * With "from-nth", the nth allocation and all later ones fail, for each n; needs
 * probability=100. This reaches allocations that fall back to another allocator.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report.h"
#include "tap.h"

#define TEXT_MAX (16 << 20)

static char *buffer;
static int fail_nth, make_it_fail;

struct tally {
	unsigned long complete;
	unsigned long failed;
	unsigned long bad;
	char why[256];
};

static void bad(struct tally *tally, const char *format, ...)
{
	va_list args;

	if (tally->bad++)
		return;
	va_start(args, format);
	vsnprintf(tally->why, sizeof(tally->why), format, args);
	va_end(args);
}

static void set(int fd, int value)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", value);

	if (pwrite(fd, text, len, 0) != len) {
		perror("fault injection");
		exit(2);
	}
}

static int get(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0) {
		perror("fault injection");
		exit(2);
	}
	return atoi(text);
}

/* Reads the whole file into the preallocated buffer. Returns 0 or -errno. */
static int read_all(int fd, size_t *len)
{
	ssize_t got;

	*len = 0;
	if (lseek(fd, 0, SEEK_SET))
		return -errno;
	while ((got = read(fd, buffer + *len, TEXT_MAX - *len)) > 0)
		*len += got;
	return got ? -errno : 0;
}

/* Counts the result of a read. -ENOMEM is correct only if @may_fail. */
static void check_result(struct tally *tally, int err, size_t len, bool may_fail,
			 const char *when)
{
	struct text text = { buffer, len };
	const char *fault;

	if (err == -ENOMEM && may_fail) {
		tally->failed++;
		return;
	}
	if (err) {
		bad(tally, "%s: %s", when, strerror(-err));
		return;
	}
	fault = report_fault(&text);
	if (fault)
		bad(tally, "%s: %s", when, fault);
	else
		tally->complete++;
}

/* A read of the same open file without failing allocations must succeed. */
static void read_again(struct tally *tally, int fd, const char *when)
{
	size_t len;
	int err = read_all(fd, &len);

	check_result(tally, err, len, false, when);
}

/*
 * Makes each allocation of an open and @reads reads fail in turn, together with all
 * later ones if @from_nth. Returns the number of allocations.
 */
static int fail_each(struct tally *tally, const char *path, int reads, bool from_nth)
{
	int nth, left, i;

	for (nth = 1;; nth++) {
		size_t len = 0;
		int err = 0, fd;

		/* make-it-fail only has an effect once fail-nth has reached 0. */
		set(make_it_fail, from_nth);
		set(fail_nth, nth);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			err = -errno;
		for (i = 0; i < reads && !err; i++)
			err = read_all(fd, &len);
		set(make_it_fail, 0);
		left = get(fail_nth);
		set(fail_nth, 0);

		check_result(tally, err, len, !left, "while the nth allocation fails");
		if (fd >= 0) {
			read_again(tally, fd, "after the nth allocation failed");
			close(fd);
		}
		if (left)
			return nth - 1;
	}
}

/* Makes allocations fail at random. Reopens the file at times; that may fail, too. */
static void fail_randomly(struct tally *tally, const char *path, int reads)
{
	int i, fd = -1;

	for (i = 0; i < reads; i++) {
		unsigned long failed = tally->failed;
		size_t len = 0;
		int err = 0;

		if (i % 5 == 0 && fd >= 0) {
			close(fd);
			fd = -1;
		}
		set(make_it_fail, 1);
		if (fd < 0)
			fd = open(path, O_RDONLY);
		err = fd < 0 ? -errno : read_all(fd, &len);
		set(make_it_fail, 0);

		check_result(tally, err, len, true, "while random allocations fail");
		if (tally->failed > failed && fd >= 0)
			read_again(tally, fd, "after a random allocation failed");
	}
	close(fd);
}

static void report(const struct tally *tally, const char *path, const char *what)
{
	printf("# %s, %s: %lu reads failed, %lu reports complete, %lu bad\n", path, what,
	       tally->failed, tally->complete, tally->bad);
	tap(!tally->bad,
	    "%s, %s: ENOMEM or a complete report, and the next read succeeds%s%s", path,
	    what, tally->bad ? ": " : "", tally->why);
	tap(tally->failed && tally->complete,
	    "%s, %s: some reads failed and some succeeded", path, what);
}

static int open_knob(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 3) {
		fprintf(stderr, "usage: enomem READS|from-nth FILE...\n");
		return 2;
	}
	fail_nth = open_knob("/proc/self/fail-nth");
	make_it_fail = open_knob("/proc/self/make-it-fail");
	/* Avoid page faults of this program: they would consume the injected failure. */
	buffer = mmap(NULL, TEXT_MAX, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED || mlockall(MCL_CURRENT)) {
		perror("memory");
		return 2;
	}

	for (i = 2; i < argc; i++) {
		struct tally each = { 0 }, any = { 0 };
		bool from_nth = !strcmp(argv[1], "from-nth");
		int count = fail_each(&each, argv[i], 2, from_nth);

		printf("# %s: %d allocations in an open and two reads\n", argv[i], count);
		if (from_nth) {
			report(&each, argv[i], "the nth allocation and all later ones");
			continue;
		}
		report(&each, argv[i], "each single allocation");
		fail_randomly(&any, argv[i], atoi(argv[1]));
		report(&any, argv[i], "random allocations");
	}
	return tap_end();
}
