/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_CMDLINE_H
#define VIGIA_CMDLINE_H

#include "text_store.h"

struct mm_struct;

enum cmdline_kind {
	CMDLINE_UNREADABLE, /* null */
	CMDLINE_WHOLE,
	CMDLINE_CUT, /* longer than cmdline_max; marked */
};

/**
 * struct cmdline - a command line, arguments separated by blanks
 * @text: its bytes, in the text store it was read into; any bytes but NUL
 * @kind: whether it could be read, and whether that was all of it
 */
struct cmdline {
	struct text_ref text;
	enum cmdline_kind kind;
};

int cmdline_read(struct mm_struct *mm, struct text_store *texts, struct cmdline *cmdline);

#endif
