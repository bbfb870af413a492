/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_JSON_WRITER_H
#define VIGIA_JSON_WRITER_H

#include "portable.h"

/**
 * struct json_writer - JSON text being written into memory of fixed size
 * @text: the memory; belongs to the caller
 * @at: where the next byte goes
 * @end: behind the last byte which may be written; = @at when @full
 * @full: something did not fit; from then on nothing more is written, and the
 *        text is to be thrown away
 *
 * Not terminated by a NUL. No locking: one writer has one user. What is written
 * for every process is inline: a writer which is a local variable then lives in
 * registers, and the length of a literal is a constant.
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

/* Whether @len more bytes fit. If not, nothing does from now on. */
static __always_inline bool json_has_room(struct json_writer *w, size_t len)
{
	if (likely((size_t)(w->end - w->at) >= len))
		return true;
	w->end = w->at;
	w->full = true;
	return false;
}

/* Text which is JSON already. */
static __always_inline void json_raw(struct json_writer *w, const char *text, size_t len)
{
	if (json_has_room(w, len)) {
		memcpy(w->at, text, len);
		w->at += len;
	}
}

/* Only for string constants. */
#define json_literal(w, literal) json_raw(w, literal, sizeof(literal) - 1)

/* The largest u64 has 20 digits. */
#define JSON_DIGITS_MAX 20

char *json_put_digits(char *at, u64 value);
char *json_put_hundredths(char *at, u64 hundredths);
char *json_put_string(char *at, char *end, const char *bytes, size_t len, bool cut);

/**
 * json_text_and_u64() - write a number and what comes before it
 * @w: the writer; needs room for JSON_DIGITS_MAX bytes, however short the number
 * @text: what comes before, such as a key; a string constant
 * @len: its length
 * @value: any value; readers which know only doubles are exact up to 2^53
 */
static __always_inline void json_text_and_u64(struct json_writer *w, const char *text,
					      size_t len, u64 value)
{
	if (!json_has_room(w, len + JSON_DIGITS_MAX))
		return;
	memcpy(w->at, text, len);
	w->at += len;
	/* Many are 0 or 1: those are written on the spot. */
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
 * json_u64_or_null() - write a number which may not be known
 * @w: the writer; as for json_u64()
 * @value: the number, or UNKNOWN, which is written as null
 */
static __always_inline void json_u64_or_null(struct json_writer *w, u64 value)
{
	if (value == UNKNOWN)
		json_literal(w, "null");
	else
		json_u64(w, value);
}

/**
 * json_hundredths_or_null() - write a number with two decimals
 * @w: the writer; as for json_u64(), and one byte more
 * @hundredths: 1234 becomes 12.34; UNKNOWN becomes null
 */
static __always_inline void json_hundredths_or_null(struct json_writer *w, u64 hundredths)
{
	if (hundredths == UNKNOWN)
		json_literal(w, "null");
	else if (json_has_room(w, JSON_DIGITS_MAX + 1))
		w->at = json_put_hundredths(w->at, hundredths);
}

/**
 * json_string() - write any bytes as a JSON string
 * @w: the writer
 * @bytes: the bytes; need not be UTF-8, may contain NUL
 * @len: how many
 * @cut: the bytes are only the beginning of a longer text: a character cut in
 *       two is dropped, and U+2026 (three dots) is put at the end
 *
 * What is not UTF-8 becomes U+FFFD.
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
