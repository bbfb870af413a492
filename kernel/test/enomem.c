// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads while the kernel's allocations fail: -ENOMEM or a whole text, never
 * anything else, and the next read goes well.
 *
 *	enomem READS FILE...
 *	enomem onwards FILE...
 *
 * Wants a kernel with fault injection, and in debugfs of both failslab and
 * fail_page_alloc: probability, times=-1, task-filter=Y, ignore-gfp-wait=N. First
 * each allocation of one open and read fails in turn (fail-nth), then any may.
 * "onwards" wants probability=100: from each allocation in turn on, all fail. Only
 * so does one fail which falls back on another.
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
	unsigned long whole;
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

/* From the beginning into memory which is there already. 0 or -errno. */
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

/* What came of a read, while allocations fail if @may_fail. */
static void judge(struct tally *tally, int err, size_t len, bool may_fail,
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
		tally->whole++;
}

/* The same file goes on as if nothing had been. */
static void read_again(struct tally *tally, int fd, const char *when)
{
	size_t len;
	int err = read_all(fd, &len);

	judge(tally, err, len, false, when);
}

/*
 * Each allocation of an open and @reads reads fails once, with all behind it if
 * @onwards: how many there are.
 */
static int fail_each(struct tally *tally, const char *path, int reads, bool onwards)
{
	int nth, left, i;

	for (nth = 1;; nth++) {
		size_t len = 0;
		int err = 0, fd;

		/* Counts only where no nth is waited for. */
		set(make_it_fail, onwards);
		set(fail_nth, nth);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			err = -errno;
		for (i = 0; i < reads && !err; i++)
			err = read_all(fd, &len);
		set(make_it_fail, 0);
		left = get(fail_nth);
		set(fail_nth, 0);

		judge(tally, err, len, !left, "while the nth allocation fails");
		if (fd >= 0) {
			read_again(tally, fd, "after the nth allocation failed");
			close(fd);
		}
		if (left)
			return nth - 1;
	}
}

/* Now and then the file is opened anew; that may fail as well. */
static void fail_any(struct tally *tally, const char *path, int reads)
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

		judge(tally, err, len, true, "while any allocation may fail");
		if (tally->failed > failed && fd >= 0)
			read_again(tally, fd, "after any allocation failed");
	}
	close(fd);
}

static void report(const struct tally *tally, const char *path, const char *what)
{
	printf("# %s, %s: %lu reads failed, %lu texts whole, %lu bad\n", path, what,
	       tally->failed, tally->whole, tally->bad);
	tap(!tally->bad,
	    "%s, %s: ENOMEM or a whole text, and the next read goes well%s%s", path, what,
	    tally->bad ? ": " : "", tally->why);
	tap(tally->failed && tally->whole, "%s, %s: both did happen", path, what);
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
		fprintf(stderr, "usage: enomem READS FILE...\n");
		return 2;
	}
	fail_nth = open_knob("/proc/self/fail-nth");
	make_it_fail = open_knob("/proc/self/make-it-fail");
	/* A page fault of ours would take the failure for itself. */
	buffer = mmap(NULL, TEXT_MAX, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED || mlockall(MCL_CURRENT)) {
		perror("memory");
		return 2;
	}

	for (i = 2; i < argc; i++) {
		struct tally each = { 0 }, any = { 0 };
		bool onwards = !strcmp(argv[1], "onwards");
		int count = fail_each(&each, argv[i], 2, onwards);

		printf("# %s: %d allocations in an open and two reads\n", argv[i], count);
		if (onwards) {
			report(&each, argv[i], "all from each allocation on");
			continue;
		}
		report(&each, argv[i], "each allocation in turn");
		fail_any(&any, argv[i], atoi(argv[1]));
		report(&any, argv[i], "any allocation");
	}
	return tap_end();
}
