// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the reports with several processes at once, in different ways, and checks every
 * report that was read.
 *
 *	reader [--short-of-memory] SECONDS READERS FILE...
 *
 * ENOENT and EIO are allowed, because the modules may be unloaded meanwhile, but at
 * least one report must be read completely. With --short-of-memory ENOMEM is allowed,
 * too, and no complete report is required, because the readers may be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "tap.h"

/*
 * For a read at an offset, seq_file writes all the text before it again. This limits the
 * bytes written for the reads of one report, so that long ones do not take forever.
 */
#define MAX_REWRITTEN (32 << 20)

static int max_reads(size_t len)
{
	return 4 + MAX_REWRITTEN / len;
}

struct tally {
	unsigned long complete;
	unsigned long gone;
	unsigned long no_memory;
	unsigned long bad;
	char why[256];
};

static struct tally *tally;
static bool short_of_memory;

static void bad(const char *why)
{
	if (!__atomic_fetch_add(&tally->bad, 1, __ATOMIC_RELAXED))
		snprintf(tally->why, sizeof(tally->why), "%s", why);
}

static bool check(const struct text *text)
{
	const char *why = report_fault(text);

	if (why) {
		bad(why);
		return false;
	}
	__atomic_fetch_add(&tally->complete, 1, __ATOMIC_RELAXED);
	return true;
}

static void count_error(int err)
{
	if (err == -EIO || err == -ENOENT)
		__atomic_fetch_add(&tally->gone, 1, __ATOMIC_RELAXED);
	else if (short_of_memory && err == -ENOMEM)
		__atomic_fetch_add(&tally->no_memory, 1, __ATOMIC_RELAXED);
	else
		bad(strerror(-err));
}

/* Reads and checks a whole report. @text is only set on success. */
static bool read_whole(int fd, size_t piece, struct text *text)
{
	int err = report_read(fd, piece, text);

	if (err) {
		count_error(err);
		return false;
	}
	if (check(text))
		return true;
	free(text->bytes);
	return false;
}

/* Reads at random offsets: the text must be the same as before. */
static void read_again_anywhere(int fd, const struct text *text)
{
	char piece[1000];
	int i;

	for (i = 0; i < 30 && i < max_reads(text->len); i++) {
		off_t offset = 1 + rand() % (text->len - 1);
		size_t want = 1 + rand() % sizeof(piece);
		ssize_t got;

		if (i % 3) {
			got = pread(fd, piece, want, offset);
		} else {
			lseek(fd, offset, SEEK_SET);
			got = read(fd, piece, want);
		}
		if (got < 0) {
			count_error(-errno);
			return;
		}
		if (!got || offset + got > (off_t)text->len ||
		    memcmp(piece, text->bytes + offset, got)) {
			bad("different text at the same offset");
			return;
		}
	}
}

static void read_backwards(int fd, const struct text *text)
{
	size_t step = 1 + rand() % 3000, at = text->len;
	char piece[3000];
	int i;

	for (i = 0; at > 1 && i < max_reads(text->len); i++) {
		size_t want = at - 1 < step ? at - 1 : step;
		ssize_t got = pread(fd, piece, want, at - want);

		if (got < 0) {
			count_error(-errno);
			return;
		}
		if (got != (ssize_t)want) {
			/* A read may be short, but only at the end of a record. */
			if (!got || memcmp(piece, text->bytes + at - want, got)) {
				bad("empty or different short read when read backwards");
				return;
			}
		} else if (memcmp(piece, text->bytes + at - want, want)) {
			bad("different text when read backwards");
			return;
		}
		at -= want;
	}
}

/* Reads from the beginning, which takes a new walk, in pieces of some size. */
static void read_in_pieces(int fd, size_t len)
{
	static const size_t pieces[] = { 4096, 777, 13, 1 };
	size_t piece = pieces[rand() % (len < 100000 && rand() % 4 == 0 ? 4 : 2)];
	struct text text;

	lseek(fd, 0, SEEK_SET);
	if (read_whole(fd, piece, &text))
		free(text.bytes);
}

static void read_once(const char *path)
{
	struct text text;
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		count_error(-errno);
		return;
	}
	if (read_whole(fd, rand() % 2 ? 65536 : 1 << 20, &text)) {
		read_again_anywhere(fd, &text);
		read_backwards(fd, &text);
		read_in_pieces(fd, text.len);
		free(text.bytes);
	}
	close(fd);
}

static void read_until(time_t end, char **paths, int count)
{
	int i;

	srand(getpid());
	while (time(NULL) < end) {
		for (i = 0; i < count; i++)
			read_once(paths[i]);
	}
	exit(0);
}

int main(int argc, char **argv)
{
	int readers, i;
	time_t end;

	if (argc > 1 && !strcmp(argv[1], "--short-of-memory")) {
		short_of_memory = true;
		argv++;
		argc--;
	}
	if (argc < 4) {
		fprintf(stderr,
			"usage: reader [--short-of-memory] SECONDS READERS FILE...\n");
		return 2;
	}
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	end = time(NULL) + atoi(argv[1]);
	readers = atoi(argv[2]);
	for (i = 0; i < readers; i++) {
		if (!fork())
			read_until(end, argv + 3, argc - 3);
	}
	while (wait(NULL) > 0)
		;

	printf("# %lu reports complete, %lu times gone, %lu out of memory, %lu bad\n",
	       tally->complete, tally->gone, tally->no_memory, tally->bad);
	tap(tally->bad == 0, "every report is valid%s%s", tally->bad ? ": " : "",
	    tally->why);
	tap(tally->complete > 0 || short_of_memory, "at least one report was read");
	return tap_end();
}
