// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes JSON values into a buffer. Process names and arguments are arbitrary bytes
 * under the control of unprivileged users: the output is valid UTF-8 and valid JSON
 * for any input.
 *
 * This file has no kernel dependencies: usertest/ compiles it in user space, too.
 */
#include "json_writer.h"

#define REPLACEMENT "\\ufffd"
#define CUT_MARK "\\u2026"

/* clang-format off */
static const char two_digits[100][3] = {
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09",
	"10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
	"20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
	"30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
	"40", "41", "42", "43", "44", "45", "46", "47", "48", "49",
	"50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
	"60", "61", "62", "63", "64", "65", "66", "67", "68", "69",
	"70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
	"80", "81", "82", "83", "84", "85", "86", "87", "88", "89",
	"90", "91", "92", "93", "94", "95", "96", "97", "98", "99",
};

/* clang-format on */

static __always_inline void put_pair(char *to, u32 number)
{
	memcpy(to, two_digits[number], 2);
}

static u32 count_digits(u64 value)
{
	u32 count = 1;

	for (; value >= 10000; value /= 10000)
		count += 4;
	return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

/**
 * json_put_digits() - write an unsigned number in decimal
 * @at: destination; has room for JSON_DIGITS_MAX bytes
 * @value: any value
 *
 * Return: pointer past the last digit.
 */
char *json_put_digits(char *at, u64 value)
{
	char *end = at + count_digits(value);
	char *to = end;
	u32 rest;

	/* Writes from the last digit to the first, two digits at a time. */
	for (; value >= 10000; value /= 10000) {
		rest = value % 10000;
		to -= 4;
		put_pair(to, rest / 100);
		put_pair(to + 2, rest % 100);
	}
	rest = value;
	if (rest >= 100) {
		to -= 2;
		put_pair(to, rest % 100);
		rest /= 100;
	}
	if (rest >= 10)
		put_pair(to - 2, rest);
	else
		to[-1] = '0' + rest;
	return end;
}

/**
 * json_put_hundredths() - write a number with two decimals
 * @at: destination; has room for JSON_DIGITS_MAX + 1 bytes
 * @hundredths: 1234 is written as 12.34
 *
 * Return: pointer past the last digit.
 */
char *json_put_hundredths(char *at, u64 hundredths)
{
	u64 whole = hundredths / 100;

	if (whole < 10)
		*at++ = '0' + whole;
	else
		at = json_put_digits(at, whole);
	*at = '.';
	put_pair(at + 1, hundredths % 100);
	return at + 3;
}

enum utf8_status { UTF8_VALID, UTF8_INVALID, UTF8_TRUNCATED };

/*
 * Length of the UTF-8 sequence at @s. Of an invalid sequence it is the length of the
 * longest well-formed prefix, at least one byte: one U+FFFD replaces that prefix, as
 * the Unicode standard recommends ("maximal subpart").
 */
static size_t utf8_span(const u8 *s, size_t len, enum utf8_status *status)
{
	u8 lowest = 0x80, highest = 0xbf;
	size_t want, i;

	switch (s[0]) {
	case 0x00 ... 0x7f:
		*status = UTF8_VALID;
		return 1;
	case 0xc2 ... 0xdf:
		want = 2;
		break;
	case 0xe0 ... 0xef:
		want = 3;
		if (s[0] == 0xe0)
			lowest = 0xa0; /* lower ones are overlong */
		if (s[0] == 0xed)
			highest = 0x9f; /* higher ones are surrogates */
		break;
	case 0xf0 ... 0xf4:
		want = 4;
		if (s[0] == 0xf0)
			lowest = 0x90; /* lower ones are overlong */
		if (s[0] == 0xf4)
			highest = 0x8f; /* higher ones are past U+10FFFF */
		break;
	default:
		*status = UTF8_INVALID;
		return 1;
	}

	for (i = 1; i < want; i++) {
		if (i == len) {
			*status = UTF8_TRUNCATED;
			return i;
		}
		if (s[i] < lowest || s[i] > highest) {
			*status = UTF8_INVALID;
			return i;
		}
		lowest = 0x80;
		highest = 0xbf;
	}
	*status = UTF8_VALID;
	return want;
}

/*
 * Whether none of the eight bytes needs escaping or UTF-8 validation in a JSON
 * string. Each subtraction sets the top bit of the bytes to be found: those below
 * 0x20, and those that the exclusive or has made 0 (a quote or a backslash). A
 * borrow can only give a wrong result for a byte above one that is not plain, and
 * then the answer is "no" anyway.
 */
static __always_inline bool all_plain(u64 word)
{
	const u64 each = 0x0101010101010101ULL;
	u64 below_blank = word - each * ' ';
	u64 quote = (word ^ each * '"') - each;
	u64 backslash = (word ^ each * '\\') - each;

	return !((word | below_blank | quote | backslash) & each * 0x80);
}

static bool is_plain(u8 byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/*
 * Copies @len bytes (4 to 8) if all of them are plain: the first four and the last
 * four, which may overlap.
 */
static __always_inline bool copy_short(char *to, const u8 *s, size_t len)
{
	u32 ends[2];
	u64 word;

	memcpy(&ends[0], s, sizeof(u32));
	memcpy(&ends[1], s + len - sizeof(u32), sizeof(u32));
	memcpy(&word, ends, sizeof(word));
	if (!all_plain(word))
		return false;
	memcpy(to, &ends[0], sizeof(u32));
	memcpy(to + len - sizeof(u32), &ends[1], sizeof(u32));
	return true;
}

/*
 * Copies plain bytes from the start of @s and returns how many: all @len of them, or
 * at most those before the first byte that is not plain. @to has room for @len.
 */
static __always_inline size_t copy_plain(char *to, const u8 *s, size_t len)
{
	size_t n = 0;

	for (; len - n > sizeof(u64); n += sizeof(u64)) {
		u64 word = load_word(s + n);

		if (!all_plain(word))
			return n;
		memcpy(to + n, &word, sizeof(word));
	}
	if (len >= sizeof(u32)) {
		/* The last four to eight bytes may overlap those already copied. */
		size_t from = len - n >= sizeof(u32) ? n : len - sizeof(u32);

		if (copy_short(to + from, s + from, len - from))
			return len;
	}
	for (; n < len && is_plain(s[n]); n++)
		to[n] = s[n];
	return n;
}

static void json_escape(struct json_writer *w, u8 byte)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };

	if (byte == '"' || byte == '\\') {
		text[1] = byte;
		json_raw(w, text, 2);
	} else {
		json_raw(w, text, sizeof(text));
	}
}

/**
 * json_put_string() - write arbitrary bytes as a JSON string; see json_string()
 * @at: destination
 * @end: end of the destination buffer
 * @bytes: the bytes
 * @len: number of bytes
 * @cut: whether the text was truncated after @bytes
 *
 * Return: pointer past the closing quote, or NULL if the string does not fit.
 */
char *json_put_string(char *at, char *end, const char *bytes, size_t len, bool cut)
{
	const u8 *s = (const u8 *)bytes;
	const u8 *stop = s + len;
	struct json_writer w = { .at = at, .end = end };

	json_literal(&w, "\"");
	while (s < stop && !w.full) {
		enum utf8_status status;
		size_t span = 0;

		if (w.end - w.at >= stop - s)
			span = copy_plain(w.at, s, stop - s);
		if (span) {
			w.at += span;
			s += span;
			continue;
		}
		span = utf8_span(s, stop - s, &status);
		if (status == UTF8_TRUNCATED && cut)
			break;
		if (status != UTF8_VALID)
			json_literal(&w, REPLACEMENT);
		else if (span > 1 || is_plain(*s))
			json_raw(&w, (const char *)s, span);
		else
			json_escape(&w, *s);
		s += span;
	}
	if (cut)
		json_literal(&w, CUT_MARK);
	json_literal(&w, "\"");
	return w.full ? NULL : w.at;
}
