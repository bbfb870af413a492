/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_JSON_WRITER_H
#define VIGIA_JSON_WRITER_H

#include "portable.h"

/**
 * struct json_writer - JSON text being written into memory of fixed size
 * @text: the memory; belongs to the caller
 * @size: its size
 * @used: bytes written so far; always <= @size
 * @full: something did not fit; from then on nothing more is written, and the
 *        text is to be thrown away
 *
 * Not terminated by a NUL. No locking: one writer has one user.
 */
struct json_writer {
	char *text;
	size_t size;
	size_t used;
	bool full;
};

static inline void json_init(struct json_writer *w, char *text, size_t size)
{
	w->text = text;
	w->size = size;
	w->used = 0;
	w->full = false;
}

/* Room for exactly @len bytes, or NULL when they do not fit. */
static inline char *json_claim(struct json_writer *w, size_t len)
{
	char *at = w->text + w->used;

	if (unlikely(w->full || w->size - w->used < len)) {
		w->full = true;
		return NULL;
	}
	w->used += len;
	return at;
}

/* Text which is JSON already. Inline, so that a literal's size is constant. */
static inline void json_raw(struct json_writer *w, const char *text, size_t len)
{
	char *at = json_claim(w, len);

	if (likely(at))
		memcpy(at, text, len);
}

#define json_literal(w, literal) json_raw(w, literal, sizeof(literal) - 1)

void json_long_u64(struct json_writer *w, u64 value);
/**
 * json_u64() - write a number
 * @w: the writer
 * @value: any value; readers which know only doubles are exact up to 2^53
 *
 * Many are 0 or 1: those are written on the spot.
 */
static inline void json_u64(struct json_writer *w, u64 value)
{
	char *at;

	if (value >= 10) {
		json_long_u64(w, value);
		return;
	}
	at = json_claim(w, 1);
	if (likely(at))
		*at = '0' + value;
}

void json_u64_or_null(struct json_writer *w, u64 value);
void json_hundredths_or_null(struct json_writer *w, u64 hundredths);
void json_string(struct json_writer *w, const char *bytes, size_t len, bool cut);

#endif
