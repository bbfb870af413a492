// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes JSON values. Process names and arguments are bytes chosen by whoever
 * started the process; whatever they are, what comes out is UTF-8 and JSON.
 *
 * Pure: also compiled in user space, by usertest/.
 */
#include "json_writer.h"

#define REPLACEMENT "\\ufffd"
#define CUT_MARK "\\u2026"

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

static size_t count_digits(u64 value)
{
	size_t count = 1;

	for (; value > U32_MAX; value /= 10000)
		count += 4;
	for (; value >= 10000; value = (u32)value / 10000)
		count += 4;
	return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

/**
 * json_long_u64() - write a number of more than one digit
 * @w: the writer
 * @value: at least 10
 */
void json_long_u64(struct json_writer *w, u64 value)
{
	size_t len = count_digits(value);
	char *at = json_claim(w, len);

	if (!at)
		return;
	/* From the last digit to the first, two by two. */
	for (at += len; value >= 100; value /= 100) {
		at -= 2;
		memcpy(at, two_digits[value % 100], 2);
	}
	if (value >= 10)
		memcpy(at - 2, two_digits[value], 2);
	else
		at[-1] = '0' + value;
}

/**
 * json_u64_or_null() - write a number which may not be known
 * @w: the writer
 * @value: the number, or UNKNOWN, which is written as null
 */
void json_u64_or_null(struct json_writer *w, u64 value)
{
	if (value == UNKNOWN)
		json_literal(w, "null");
	else
		json_u64(w, value);
}

/**
 * json_hundredths_or_null() - write a number with two decimals
 * @w: the writer
 * @hundredths: 1234 becomes 12.34; UNKNOWN becomes null
 */
void json_hundredths_or_null(struct json_writer *w, u64 hundredths)
{
	char *at;

	if (hundredths == UNKNOWN) {
		json_literal(w, "null");
		return;
	}
	json_u64(w, hundredths / 100);
	at = json_claim(w, 3);
	if (at) {
		at[0] = '.';
		memcpy(at + 1, two_digits[hundredths % 100], 2);
	}
}

enum utf8_verdict { UTF8_VALID, UTF8_INVALID, UTF8_UNFINISHED };

/*
 * How many bytes the sequence at @s takes. An invalid one takes its longest
 * well-formed beginning (at least one byte): the same number of replacement
 * characters as every decoder which follows the Unicode standard's advice.
 */
static size_t utf8_span(const u8 *s, size_t len, enum utf8_verdict *verdict)
{
	u8 lowest = 0x80, highest = 0xbf;
	size_t want, i;

	switch (s[0]) {
	case 0x00 ... 0x7f:
		*verdict = UTF8_VALID;
		return 1;
	case 0xc2 ... 0xdf:
		want = 2;
		break;
	case 0xe0 ... 0xef:
		want = 3;
		if (s[0] == 0xe0)
			lowest = 0xa0;	/* below: overlong */
		if (s[0] == 0xed)
			highest = 0x9f;	/* above: surrogates */
		break;
	case 0xf0 ... 0xf4:
		want = 4;
		if (s[0] == 0xf0)
			lowest = 0x90;	/* below: overlong */
		if (s[0] == 0xf4)
			highest = 0x8f;	/* above: past U+10FFFF */
		break;
	default:
		*verdict = UTF8_INVALID;
		return 1;
	}

	for (i = 1; i < want; i++) {
		if (i == len) {
			*verdict = UTF8_UNFINISHED;
			return i;
		}
		if (s[i] < lowest || s[i] > highest) {
			*verdict = UTF8_INVALID;
			return i;
		}
		lowest = 0x80;
		highest = 0xbf;
	}
	*verdict = UTF8_VALID;
	return want;
}

/* Whether each of eight bytes stands for itself in a JSON string. */
static bool all_plain(u64 word)
{
	u64 below_blank = (word - 0x2020202020202020ULL) & ~word;

	return !((word | below_blank) & 0x8080808080808080ULL) &&
	       !equal_bytes(word, '"') && !equal_bytes(word, '\\');
}

/* Bytes at the beginning of @s which stand for themselves in a JSON string. */
static size_t plain_run(const u8 *s, size_t len)
{
	size_t n = 0;

	while (len - n >= sizeof(u64) && all_plain(load_word(s + n)))
		n += sizeof(u64);
	while (n < len && s[n] >= 0x20 && s[n] < 0x80 && s[n] != '"' && s[n] != '\\')
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
 * json_string() - write any bytes as a JSON string
 * @w: the writer
 * @bytes: the bytes; need not be UTF-8, may contain NUL
 * @len: how many
 * @cut: the bytes are only the beginning of a longer text: a character cut in
 *       two is dropped, and U+2026 (three dots) is put at the end
 *
 * What is not UTF-8 becomes U+FFFD.
 */
void json_string(struct json_writer *w, const char *bytes, size_t len, bool cut)
{
	const u8 *s = (const u8 *)bytes;
	const u8 *end = s + len;

	json_literal(w, "\"");
	while (s < end && !w->full) {
		size_t span = plain_run(s, end - s);
		enum utf8_verdict verdict;

		if (span) {
			json_raw(w, (const char *)s, span);
			s += span;
			continue;
		}
		span = utf8_span(s, end - s, &verdict);
		if (verdict == UTF8_UNFINISHED && cut)
			break;
		if (verdict != UTF8_VALID)
			json_literal(w, REPLACEMENT);
		else if (span == 1)
			json_escape(w, *s);
		else
			json_raw(w, (const char *)s, span);
		s += span;
	}
	if (cut)
		json_literal(w, CUT_MARK);
	json_literal(w, "\"");
}
