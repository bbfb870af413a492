/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_JSON_WRITER_H
#define VIGIA_JSON_WRITER_H

#include "portable.h"

/**
 * struct json_writer - writes JSON text into a buffer of fixed size
 * @text: the buffer; owned by the caller
 * @at: where the next byte is written
 * @end: end of the buffer; equal to @at if @full
 * @full: whether something did not fit. Nothing is written from then on, and the
 *        caller discards the text.
 *
 * The text is not NUL-terminated. Not locked: a writer has a single user. The
 * functions called for every process are inline, so that a writer in a local variable
 * is kept in registers and the length of a literal is a compile-time constant.
 */
struct json_writer {
	char *text;
	char *at;
	char *end;
	bool full;
};

static inline void json_init(struct json_writer *w, char *text, size_t size)
{
	w->text = text;
	w->at = text;
	w->end = text + size;
	w->full = false;
}

static inline size_t json_used(const struct json_writer *w)
{
	return w->at - w->text;
}

/* Whether @len more bytes fit. If not, marks the writer as full. */
static __always_inline bool json_has_room(struct json_writer *w, size_t len)
{
	if (likely((size_t)(w->end - w->at) >= len))
		return true;
	w->end = w->at;
	w->full = true;
	return false;
}

/* Appends text that is already JSON. */
static __always_inline void json_raw(struct json_writer *w, const char *text, size_t len)
{
	if (json_has_room(w, len)) {
		memcpy(w->at, text, len);
		w->at += len;
	}
}

/* Appends a string literal that is already JSON. */
#define json_literal(w, literal) json_raw(w, literal, sizeof(literal) - 1)

/* The largest u64 has 20 digits. */
#define JSON_DIGITS_MAX 20

char *json_put_digits(char *at, u64 value);
char *json_put_hundredths(char *at, u64 hundredths);
char *json_put_string(char *at, char *end, const char *bytes, size_t len, bool cut);
size_t json_string_size_max(const char *bytes, size_t len);

/**
 * json_text_and_u64() - write some JSON text, such as a key, and a number
 * @w: the writer; needs room for JSON_DIGITS_MAX bytes even if the number is shorter
 * @text: text to be written before the number
 * @len: length of @text
 * @value: any value; a reader that parses numbers as doubles is exact up to 2^53
 */
static __always_inline void json_text_and_u64(struct json_writer *w, const char *text,
					      size_t len, u64 value)
{
	if (!json_has_room(w, len + JSON_DIGITS_MAX))
		return;
	memcpy(w->at, text, len);
	w->at += len;
	/* Fast path: many values are 0 or 1. */
	if (value < 10)
		*w->at++ = '0' + value;
	else
		w->at = json_put_digits(w->at, value);
}

static __always_inline void json_u64(struct json_writer *w, u64 value)
{
	json_text_and_u64(w, "", 0, value);
}

/**
 * json_u64_or_null() - write a number, or null if it is not known
 * @w: the writer; needs the same room as for json_u64()
 * @value: the number, or UNKNOWN
 */
static __always_inline void json_u64_or_null(struct json_writer *w, u64 value)
{
	if (value == UNKNOWN)
		json_literal(w, "null");
	else
		json_u64(w, value);
}

/**
 * json_hundredths_or_null() - write a number with two decimals, or null
 * @w: the writer; needs one byte more room than for json_u64()
 * @hundredths: 1234 is written as 12.34, UNKNOWN as null
 */
static __always_inline void json_hundredths_or_null(struct json_writer *w, u64 hundredths)
{
	if (hundredths == UNKNOWN)
		json_literal(w, "null");
	else if (json_has_room(w, JSON_DIGITS_MAX + 1))
		w->at = json_put_hundredths(w->at, hundredths);
}

/**
 * json_string() - write arbitrary bytes as a JSON string
 * @w: the writer
 * @bytes: the bytes; need not be UTF-8, may contain NUL
 * @len: number of bytes
 * @cut: whether the text was truncated after @bytes. If so, an incomplete character
 *       at the end is dropped and U+2026 (an ellipsis) is appended.
 *
 * Invalid UTF-8 is replaced by U+FFFD.
 */
static __always_inline void json_string(struct json_writer *w, const char *bytes,
					size_t len, bool cut)
{
	char *at = json_put_string(w->at, w->end, bytes, len, cut);

	if (likely(at)) {
		w->at = at;
	} else {
		w->end = w->at;
		w->full = true;
	}
}

#endif
