// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes JSON values into a buffer. Process names and arguments are arbitrary bytes
 * under the control of unprivileged users: the output is valid UTF-8 and valid JSON
 * for any input.
 *
 * This file has no kernel dependencies: usertest/ compiles it in user space, too.
 */
#include "json_writer.h"

/* U+FFFD and U+2026 in UTF-8: half as long as the escapes, and any process can fill
 * its arguments with bytes that are replaced.
 */
#define REPLACEMENT "\xef\xbf\xbd"
#define CUT_MARK "\xe2\x80\xa6"

/**
 * json_put_digits() - write an unsigned number in decimal
 * @at: destination; has room for JSON_DIGITS_MAX bytes
 * @value: any value
 *
 * Return: pointer past the last digit.
 */
char *json_put_digits(char *at, u64 value)
{
	char digits[JSON_DIGITS_MAX];
	char *first = digits + sizeof(digits);
	size_t len;

	do {
		*--first = '0' + value % 10;
		value /= 10;
	} while (value);
	len = digits + sizeof(digits) - first;
	memcpy(at, first, len);
	return at + len;
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
	at = json_put_digits(at, hundredths / 100);
	*at++ = '.';
	*at++ = '0' + hundredths / 10 % 10;
	*at++ = '0' + hundredths % 10;
	return at;
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

static bool is_plain(u8 byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Number of bytes at the start of @s that are written as they are. */
static size_t plain_span(const u8 *s, size_t len)
{
	size_t n = 0;

	while (n < len && is_plain(s[n]))
		n++;
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
		size_t span = plain_span(s, stop - s);

		json_raw(&w, (const char *)s, span);
		s += span;
		if (s == stop)
			break;
		span = utf8_span(s, stop - s, &status);
		if (status == UTF8_TRUNCATED && cut)
			break;
		if (status != UTF8_VALID)
			json_literal(&w, REPLACEMENT);
		else if (span > 1)
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

/**
 * json_string_size_max() - bound the size of a text in a JSON string
 * @bytes: the text; arbitrary bytes
 * @len: number of bytes
 *
 * Return: at least the number of bytes that json_put_string() writes between the
 * quotes, without the mark of a truncated text; at most six times @len.
 */
size_t json_string_size_max(const char *bytes, size_t len)
{
	const u8 *s = (const u8 *)bytes;
	size_t size = len, i;

	for (i = 0; i < len; i++) {
		if (s[i] < 0x20)
			size += 5; /* an escape of six bytes */
		else if (s[i] >= 0x80)
			size += 2; /* perhaps a replacement of three bytes */
		else if (!is_plain(s[i]))
			size += 1;
	}
	return size;
}
