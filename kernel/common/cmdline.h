/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_CMDLINE_H
#define VIGIA_CMDLINE_H

#include "text_store.h"

struct mm_struct;

enum cmdline_kind {
	CMDLINE_UNREADABLE, /* written as null */
	CMDLINE_WHOLE,
	CMDLINE_CUT, /* longer than the room for it; U+2026 is appended */
};

/**
 * struct cmdline - a command line, arguments separated by single spaces
 * @text: its bytes, in the text store it was read into; any byte except NUL
 * @kind: whether it is unreadable, complete or truncated
 */
struct cmdline {
	struct text_ref text;
	enum cmdline_kind kind;
};

int cmdline_read(struct mm_struct *mm, struct text_store *texts, size_t room,
		 struct cmdline *cmdline);

#endif
