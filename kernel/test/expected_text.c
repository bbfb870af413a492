// SPDX-License-Identifier: GPL-2.0-only
/*
 * Computes how names and command lines must appear in the reports. To be independent
 * of the modules' UTF-8 decoder, it has no rules for invalid sequences: it encodes
 * every Unicode character once and records all prefixes. Bytes that are not a prefix
 * of any character are invalid.
 */
#include <stdlib.h>
#include <string.h>

#include "expected_text.h"

/* Length of the characters with a first byte; prefixes of two and of three bytes. */
static bool ready;
static unsigned char char_len[256];
static bool prefixes2[1 << 16];
static unsigned char prefixes3[1 << 21]; /* one bit each */

static size_t encode(unsigned int c, unsigned char *to)
{
	size_t more = c >= 0x10000 ? 3 : c >= 0x800 ? 2 : c >= 0x80 ? 1 : 0;
	size_t i;

	for (i = more; i > 0; i--, c >>= 6)
		to[i] = 0x80 | (c & 0x3f);
	to[0] = more ? (0xff00 >> (more + 1)) | c : c;
	return more + 1;
}

static void record_all_prefixes(void)
{
	unsigned int c, three;
	unsigned char s[4];

	for (c = 0; c <= 0x10ffff; c++) {
		size_t len;

		if (c == 0xd800)
			c = 0xe000; /* skip the surrogates */
		len = encode(c, s);
		char_len[s[0]] = len;
		if (len > 1)
			prefixes2[s[0] << 8 | s[1]] = true;
		if (len > 2) {
			three = s[0] << 16 | s[1] << 8 | s[2];
			prefixes3[three >> 3] |= 1 << (three & 7);
		}
	}
	ready = true;
}

static bool is_continuation(unsigned char byte)
{
	return byte >= 0x80 && byte <= 0xbf;
}

/* Number of bytes at @s that are a prefix of a character, or a whole character. */
static size_t prefix_len(const unsigned char *s, size_t len)
{
	size_t whole = char_len[s[0]];
	unsigned int three;

	if (whole < 2 || len < 2 || !prefixes2[s[0] << 8 | s[1]])
		return whole > 0;
	if (whole == 2 || len < 3)
		return 2;
	three = s[0] << 16 | s[1] << 8 | s[2];
	if (!(prefixes3[three >> 3] & 1 << (three & 7)))
		return 2;
	/* After three valid bytes any continuation byte completes the character. */
	return whole == 3 || len < 4 || !is_continuation(s[3]) ? 3 : 4;
}

size_t expected_text(const void *bytes, size_t len, bool cut, char *to)
{
	const unsigned char *s = bytes;
	char *at = to;

	if (!ready)
		record_all_prefixes();
	while (len) {
		size_t n = prefix_len(s, len);

		if (n && n == char_len[*s]) {
			memcpy(at, s, n);
			at += n;
		} else if (cut && n && n == len) {
			break;
		} else {
			memcpy(at, "\xef\xbf\xbd", 3);
			at += 3;
			n += !n;
		}
		s += n;
		len -= n;
	}
	if (cut) {
		memcpy(at, "\xe2\x80\xa6", 3);
		at += 3;
	}
	*at = '\0';
	return at - to;
}

size_t expected_cmdline(const void *arguments, size_t len, size_t max, char *to)
{
	bool cut = len > max;
	char *line = malloc(max + 1);
	size_t text_len, i;

	if (!line)
		abort();
	len = cut ? max : len;
	memcpy(line, arguments, len);
	while (len && !line[len - 1])
		len--;
	for (i = 0; i < len; i++) {
		if (!line[i])
			line[i] = ' ';
	}
	text_len = expected_text(line, len, cut, to);
	free(line);
	return text_len;
}
