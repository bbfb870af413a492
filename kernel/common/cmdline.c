// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command lines live in the memory of the process, which must never make a
 * reader wait: neither for its mmap_lock (held as long as it likes by a process
 * with huge mappings, or one in trouble) nor for a page fault (served by a slow
 * disk, or by a file system or userfaultfd of its own making).
 */
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "../compat/highmem.h"
#include "../compat/mm.h"
#include "cmdline.h"
#include "portable.h"
#include "settings.h"

struct span {
	unsigned long from;
	unsigned long to;
};

/*
 * Where the arguments are, and the environment behind them. False while the
 * process is still within execve(), where neither is in place yet.
 */
static bool locate(struct mm_struct *mm, struct span *args, struct span *environ)
{
	spin_lock(&mm->arg_lock);
	args->from = mm->arg_start;
	args->to = mm->arg_end;
	environ->from = mm->env_start;
	environ->to = mm->env_end;
	spin_unlock(&mm->arg_lock);

	return environ->to && args->from <= args->to && environ->from <= environ->to;
}

/* Copies up to @room bytes; fewer where a page is missing. Never faults. */
static size_t copy_resident(struct mm_struct *mm, struct span span, char *to, size_t room)
{
	size_t want = min_t(size_t, span.to - span.from, room);
	size_t done = 0;

	while (done < want) {
		unsigned long at = span.from + done;
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
 * A process which gave itself a title wrote it over its arguments. The NUL behind
 * the last of them is gone then, and the title ends at the first one there is, be
 * it in the environment: what /proc/<pid>/cmdline shows, too. Where all of the
 * arguments are in @text, their page is not looked up once more: that would be a
 * quarter of a first reading.
 */
static bool is_title(struct mm_struct *mm, struct span args, const char *text, size_t len)
{
	struct span last = { args.to - 1, args.to };
	char byte;

	if (len == args.to - args.from)
		return len && text[len - 1];
	return copy_resident(mm, last, &byte, 1) && byte;
}

/* One line: blanks between the arguments, nothing behind the last one. */
static size_t join_arguments(char *text, size_t len)
{
	size_t i = 0;

	if (settings.cmdline_mode == CMDLINE_PROGRAM)
		len = strnlen(text, len);
	while (len && !text[len - 1])
		len--;
	for (; len - i >= sizeof(u64); i += sizeof(u64)) {
		u64 word = load_word(text + i);

		word |= zero_bytes(word) >> 2; /* 0x80 becomes a blank, 0x20 */
		memcpy(text + i, &word, sizeof(word));
	}
	for (; i < len; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	return len;
}

/**
 * cmdline_read() - read a command line, if that takes no waiting
 * @mm: the memory of the process; the caller holds a reference
 * @texts: where to keep it
 * @cmdline: the result; CMDLINE_UNREADABLE when the process is within execve(),
 *           its mmap_lock is taken, or a page is not in memory
 *
 * May sleep, but only to allocate: it takes no lock which a process can hold
 * for longer than a few instructions.
 *
 * Return: 0, or -ENOMEM when @texts could not grow.
 */
int cmdline_read(struct mm_struct *mm, struct text_store *texts, struct cmdline *cmdline)
{
	size_t room = settings.cmdline_max;
	struct span args, environ;
	size_t size, want, len;
	bool title;
	char *text;

	cmdline->kind = CMDLINE_UNREADABLE;
	if (!locate(mm, &args, &environ))
		return 0;
	if (text_store_reserve(texts, room))
		return -ENOMEM;
	text = text_store_tail(texts);
	size = args.to - args.from;
	want = min_t(size_t, size, room);

	if (!mmap_read_trylock(mm))
		return 0;
	len = copy_resident(mm, args, text, room);
	title = len == want && is_title(mm, args, text, len);
	if (title && environ.from == args.to) {
		if (len == size)
			len += copy_resident(mm, environ, text + len, room - len);
		size += environ.to - environ.from;
	}
	mmap_read_unlock(mm);

	if (len < want)
		return 0;
	if (title || settings.cmdline_mode == CMDLINE_PROGRAM) {
		size_t end = strnlen(text, len);

		if (end < len) {
			len = end;
			size = end;
		}
	}
	cmdline->kind = size > len ? CMDLINE_CUT : CMDLINE_WHOLE;
	cmdline->text = text_store_keep(texts, join_arguments(text, len));
	return 0;
}
