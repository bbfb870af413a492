// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_writer.h"
#include "tap.h"

#define FFFD "\\ufffd"

/* Memory of exactly the right size, so that the sanitizer sees one byte more. */
static struct json_writer writer(size_t size)
{
	struct json_writer w;

	json_init(&w, malloc(size ? size : 1), size);
	return w;
}

static bool wrote(struct json_writer *w, const char *text)
{
	bool good = !w->full && json_used(w) == strlen(text) && !memcmp(w->text, text, json_used(w));

	if (!good)
		printf("# expected [%s], found [%.*s]\n", text, (int)json_used(w), w->text);
	free(w->text);
	return good;
}

static bool number(u64 value, const char *text)
{
	struct json_writer w = writer(32);

	json_u64(&w, value);
	return wrote(&w, text);
}

static bool hundredths(u64 value, const char *text)
{
	struct json_writer w = writer(32);

	json_hundredths_or_null(&w, value);
	return wrote(&w, text);
}

static bool string(const char *bytes, size_t len, bool cut, const char *text)
{
	struct json_writer w = writer(8 * len + 16);

	json_string(&w, bytes, len, cut);
	return wrote(&w, text);
}

#define whole(bytes, text) string(bytes, sizeof(bytes) - 1, false, text)
#define beginning(bytes, text) string(bytes, sizeof(bytes) - 1, true, text)

/* Where the number of digits changes, and one beside it. */
static bool all_lengths(void)
{
	char text[24];
	u64 power = 1;
	int digits, aside;

	for (digits = 1; digits <= JSON_DIGITS_MAX; digits++, power *= 10) {
		for (aside = -1; aside <= 1; aside++) {
			snprintf(text, sizeof(text), "%llu", power + aside);
			if (!number(power + aside, text))
				return false;
		}
	}
	return true;
}

static void numbers(void)
{
	struct json_writer w = writer(32);

	tap(all_lengths(), "numbers of every length");
	tap(number(0, "0") && number(9, "9") && number(10, "10") && number(99, "99") &&
	    number(100, "100") && number(1001, "1001"), "small numbers");
	tap(number(~0ULL, "18446744073709551615"), "the largest number");
	tap(hundredths(0, "0.00") && hundredths(5, "0.05") && hundredths(1234, "12.34") &&
	    hundredths(100000, "1000.00"), "two decimals, with their zeros");
	tap(hundredths(UNKNOWN, "null"), "an unknown percentage is null");
	json_u64_or_null(&w, UNKNOWN);
	tap(wrote(&w, "null"), "an unknown number is null");
}

static void strings(void)
{
	tap(whole("", "\"\""), "nothing");
	tap(whole("ls -l", "\"ls -l\""), "plain text");
	tap(whole("\"\\/", "\"\\\"\\\\/\""), "quotes and backslashes");
	tap(whole("\0\n\x1f\x7f", "\"\\u0000\\u000a\\u001f\x7f\""), "control characters");
	tap(whole("\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80\""),
	    "UTF-8 of two, three and four bytes");
	tap(whole("\xff", "\"" FFFD "\"") && whole("\x80", "\"" FFFD "\""), "stray bytes");
	tap(whole("\xc0\x80", "\"" FFFD FFFD "\""), "an overlong NUL");
	tap(whole("\xed\xa0\x80", "\"" FFFD FFFD FFFD "\""), "half a surrogate pair");
	tap(whole("\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\""), "past U+10FFFF");
	tap(whole("\xe2\x82", "\"" FFFD "\""), "an unfinished character");
	tap(whole("\xe2\x82(", "\"" FFFD "(\""), "one broken off by another");
	tap(whole("\xf0\x9f\x98\xe2\x82\xac", "\"" FFFD "\xe2\x82\xac\""),
	    "and one right behind it");
	tap(beginning("abc", "\"abc\\u2026\""), "a cut text is marked");
	tap(beginning("abc\xe2\x82", "\"abc\\u2026\""), "without the character cut in two");
	tap(beginning("abc\xff", "\"abc" FFFD "\\u2026\""),
	    "but with the byte which never was one");
}

static void room(void)
{
	const char *text = "a\"\xc3\xb1\xff\n";
	bool good = true;
	size_t size;

	/* "a\"ñ\ufffd\u000a" and two quotes are 19 bytes */
	for (size = 0; size < 24; size++) {
		struct json_writer w = writer(size);

		json_string(&w, text, strlen(text), false);
		good &= w.full == (size < 19) && json_used(&w) <= size;
		free(w.text);
	}
	tap(good, "full exactly when it does not fit, and never a byte beyond");
}

/* Whether these bytes are one character beyond ASCII: asks the strict parser. */
static bool is_character(const unsigned char *s, size_t len)
{
	char quoted[16] = "\"";
	struct json *value;
	size_t where;

	if (s[0] < 0x80)
		return false;
	memcpy(quoted + 1, s, len);
	quoted[len + 1] = '"';
	value = json_parse(quoted, len + 2, &where);
	json_free(value);
	return value;
}

/* Whether some character begins like this: tries what could follow. */
static bool is_beginning(const unsigned char *s, size_t len)
{
	static const unsigned char ends[] = { 0x80, 0x90, 0xa0, 0xbf };
	unsigned char more[4];
	size_t i;

	if (is_character(s, len))
		return true;
	memcpy(more, s, len);
	for (i = 0; len < 4 && i < sizeof(ends); i++) {
		more[len] = ends[i];
		if (is_beginning(more, len + 1))
			return true;
	}
	return false;
}

/* How long the longest beginning of a character is; at least one byte. */
static size_t longest_beginning(const unsigned char *s, size_t len)
{
	size_t n = 1;

	if (s[0] < 0xc2)
		return n;	/* no character begins like this: spare the search */
	while (n < 4 && n < len && !is_character(s, n) && is_beginning(s, n + 1))
		n++;
	return n;
}

/*
 * What the writer should say, found the slow way: characters stay what they are,
 * the longest broken beginning of one becomes one U+FFFD.
 */
static size_t expected(const unsigned char *s, size_t len, bool cut, char *to)
{
	char *at = to;
	size_t n;

	for (; len; s += n, len -= n) {
		n = longest_beginning(s, len);
		if (s[0] < 0x80 || is_character(s, n)) {
			memcpy(at, s, n);
			at += n;
			continue;
		}
		if (cut && n == len && is_beginning(s, n))
			break;
		memcpy(at, "\xef\xbf\xbd", 3);
		at += 3;
	}
	if (cut) {
		memcpy(at, "\xe2\x80\xa6", 3);
		at += 3;
	}
	return at - to;
}

static bool survives(const unsigned char *bytes, size_t len, bool cut)
{
	struct json_writer w = writer(8 * len + 16);
	struct json *value;
	char want[128];
	size_t where, want_len;
	bool good;

	json_string(&w, (const char *)bytes, len, cut);
	value = json_parse(w.text, json_used(&w), &where);
	free(w.text);
	if (!value)
		return false;
	want_len = expected(bytes, len, cut, want);
	good = value->len == want_len && !memcmp(value->text, want, want_len);
	json_free(value);
	return good;
}

/* Text is copied some bytes at a time: one odd byte at every place of it. */
static void odd_byte_anywhere(void)
{
	static const unsigned char odd[] = { 'b', 0x1f, '"', '\\', 0x7f, 0x80, 0xff };
	size_t len, place, i;
	bool good = true;

	for (len = 1; len <= 40; len++) {
		for (place = 0; place < len; place++) {
			for (i = 0; i < sizeof(odd); i++) {
				unsigned char *exact = malloc(len);

				memset(exact, 'a', len);
				exact[place] = odd[i];
				good &= survives(exact, len, place % 2);
				free(exact);
			}
		}
	}
	tap(good, "an odd byte at any place of a text of any length");
}

static void anything(void)
{
	/* Bytes at the edges of what UTF-8 allows, more often than chance has them. */
	static const unsigned char edges[] = {
		0, 0x1f, 0x20, '"', '\\', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
		0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff,
	};
	unsigned int seed = getenv("SEED") ? atoi(getenv("SEED")) : 20190355;
	unsigned int round;

	srand(seed);
	for (round = 0; round < 50000; round++) {
		unsigned char bytes[24];
		size_t len = rand() % sizeof(bytes), i;
		unsigned char *exact = malloc(len + 1);

		for (i = 0; i < len; i++)
			bytes[i] = rand() % 2 ? edges[rand() % sizeof(edges)] : rand();
		memcpy(exact, bytes, len);
		exact = realloc(exact, len ? len : 1);
		if (!survives(exact, len, rand() % 2)) {
			printf("# seed %u, round %u:", seed, round);
			for (i = 0; i < len; i++)
				printf(" %02x", bytes[i]);
			printf("\n");
			free(exact);
			break;
		}
		free(exact);
	}
	tap(round == 50000, "any bytes become JSON which says the same (seed %u)", seed);
}

int main(void)
{
	numbers();
	strings();
	room();
	odd_byte_anywhere();
	anything();
	return tap_end();
}
