// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle for names and command lines. It knows nothing of how UTF-8 may be
 * broken: it encodes every character there is, remembers how each of them
 * begins, and so tells the beginning of a character from a stray byte.
 */
#include <stdlib.h>
#include <string.h>

#include "told.h"

/* Which one, two and three bytes some character begins with; how long it is. */
static bool ready;
static unsigned char length_from[256];
static bool begins2[1 << 16];
static unsigned char begins3[1 << 21]; /* one bit each */

static size_t encode(unsigned int c, unsigned char *to)
{
	size_t more = c >= 0x10000 ? 3 : c >= 0x800 ? 2 : c >= 0x80 ? 1 : 0;
	size_t i;

	for (i = more; i > 0; i--, c >>= 6)
		to[i] = 0x80 | (c & 0x3f);
	to[0] = more ? (0xff00 >> (more + 1)) | c : c;
	return more + 1;
}

static void encode_every_character(void)
{
	unsigned int c, three;
	unsigned char s[4];

	for (c = 0; c <= 0x10ffff; c++) {
		size_t len;

		if (c == 0xd800)
			c = 0xe000; /* surrogates are no characters */
		len = encode(c, s);
		length_from[s[0]] = len;
		if (len > 1)
			begins2[s[0] << 8 | s[1]] = true;
		if (len > 2) {
			three = s[0] << 16 | s[1] << 8 | s[2];
			begins3[three >> 3] |= 1 << (three & 7);
		}
	}
	ready = true;
}

static bool is_tail(unsigned char byte)
{
	return byte >= 0x80 && byte <= 0xbf;
}

/* How many bytes at @s are the beginning of some character, or all of one. */
static size_t beginning(const unsigned char *s, size_t len)
{
	size_t whole = length_from[s[0]];
	unsigned int three;

	if (whole < 2 || len < 2 || !begins2[s[0] << 8 | s[1]])
		return whole > 0;
	if (whole == 2 || len < 3)
		return 2;
	three = s[0] << 16 | s[1] << 8 | s[2];
	if (!(begins3[three >> 3] & 1 << (three & 7)))
		return 2;
	/* Whatever comes after three bytes, any last one will do. */
	return whole == 3 || len < 4 || !is_tail(s[3]) ? 3 : 4;
}

size_t told_text(const void *bytes, size_t len, bool cut, char *to)
{
	const unsigned char *s = bytes;
	char *at = to;

	if (!ready)
		encode_every_character();
	while (len) {
		size_t n = beginning(s, len);

		if (n && n == length_from[*s]) {
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

size_t told_cmdline(const void *arguments, size_t len, size_t max, char *to)
{
	bool cut = len > max;
	char *line = malloc(max + 1);
	size_t told, i;

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
	told = told_text(line, len, cut, to);
	free(line);
	return told;
}
