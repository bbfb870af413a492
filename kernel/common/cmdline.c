// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads command lines from the memory of other processes without waiting for
 * them. A process can hold its mmap_lock for as long as it likes, and a page fault
 * may be served by a slow disk, or by a FUSE file system or userfaultfd handler
 * that the process controls. So the lock is only tried, and no page is faulted in.
 */
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "../compat/highmem.h"
#include "../compat/mm.h"
#include "cmdline.h"
#include "settings.h"

struct address_range {
	unsigned long start;
	unsigned long end;
};

/*
 * Reads the address ranges of the arguments and of the environment. Returns false
 * during execve(), before both are set up.
 */
static bool read_arg_ranges(struct mm_struct *mm, struct address_range *args,
			    struct address_range *environ)
{
	spin_lock(&mm->arg_lock);
	args->start = mm->arg_start;
	args->end = mm->arg_end;
	environ->start = mm->env_start;
	environ->end = mm->env_end;
	spin_unlock(&mm->arg_lock);

	return environ->end && args->start <= args->end && environ->start <= environ->end;
}

/*
 * Copies up to @room bytes and returns how many: fewer if a page is not resident.
 * Never faults a page in. The caller holds the mmap_lock.
 */
static size_t copy_resident(struct mm_struct *mm, struct address_range range, char *to,
			    size_t room)
{
	size_t want = min_t(size_t, range.end - range.start, room);
	size_t done = 0;

	while (done < want) {
		unsigned long at = range.start + done;
		size_t piece = min_t(size_t, want - done, PAGE_SIZE - offset_in_page(at));
		struct page *page;
		char *bytes;

		if (!compat_get_resident_page(mm, at, &page))
			break;
		bytes = kmap_local_page(page);
		memcpy(to + done, bytes + offset_in_page(at), piece);
		kunmap_local(bytes);
		put_page(page);
		done += piece;
	}
	return done;
}

/*
 * Whether the process has overwritten its arguments with a title, as setproctitle()
 * does: then the last argument byte is not NUL. The title ends at the first NUL,
 * which may be in the environment; /proc/<pid>/cmdline has the same rule.
 *
 * If all the arguments are in @text, their last byte is taken from there: another
 * page lookup would cost a quarter of the first read of a command line.
 */
static bool is_proctitle(struct mm_struct *mm, struct address_range args,
			 const char *text, size_t len)
{
	struct address_range last = { args.end - 1, args.end };
	char byte;

	if (len == args.end - args.start)
		return len && text[len - 1];
	return copy_resident(mm, last, &byte, 1) && byte;
}

/*
 * Turns the NULs between arguments into spaces and drops those at the end. Returns
 * the new length.
 */
static size_t join_arguments(char *text, size_t len)
{
	size_t i = 0;

	if (settings.cmdline_mode == CMDLINE_PROGRAM)
		len = strnlen(text, len);
	while (len && !text[len - 1])
		len--;
	for (i = 0; i < len; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	return len;
}

/**
 * cmdline_read() - read a command line without waiting for the process
 * @mm: memory of the process; the caller holds a reference
 * @texts: store to which the command line is appended
 * @room: longest command line in bytes; a longer one is truncated
 * @cmdline: the result; CMDLINE_UNREADABLE if the process is in execve(), its
 *           mmap_lock is held for writing, or a page is not resident
 *
 * May sleep to allocate memory. The only lock that it waits for, arg_lock, is never
 * held for longer than a few instructions.
 *
 * Return: 0, or -ENOMEM if @texts cannot grow.
 */
int cmdline_read(struct mm_struct *mm, struct text_store *texts, size_t room,
		 struct cmdline *cmdline)
{
	struct address_range args, environ;
	size_t size, want, len;
	bool proctitle;
	char *text;

	cmdline->kind = CMDLINE_UNREADABLE;
	if (!read_arg_ranges(mm, &args, &environ))
		return 0;
	if (text_store_reserve(texts, room))
		return -ENOMEM;
	text = text_store_tail(texts);
	size = args.end - args.start;
	want = min_t(size_t, size, room);

	if (!mmap_read_trylock(mm))
		return 0;
	len = copy_resident(mm, args, text, room);
	proctitle = len == want && is_proctitle(mm, args, text, len);
	if (proctitle && environ.start == args.end) {
		if (len == size)
			len += copy_resident(mm, environ, text + len, room - len);
		size += environ.end - environ.start;
	}
	mmap_read_unlock(mm);

	if (len < want)
		return 0;
	if (proctitle || settings.cmdline_mode == CMDLINE_PROGRAM) {
		size_t end = strnlen(text, len);

		if (end < len) {
			len = end;
			size = end;
		}
	}
	cmdline->kind = size > len ? CMDLINE_CUT : CMDLINE_WHOLE;
	cmdline->text = text_store_commit(texts, join_arguments(text, len));
	return 0;
}
