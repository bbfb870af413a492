// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_writer.h"
#include "tap.h"
#include "expected_text.h"

#define FFFD "\xef\xbf\xbd"
#define CUT "\xe2\x80\xa6"

/* A writer with a buffer of exact size, so that AddressSanitizer detects overflows. */
static struct json_writer writer(size_t size)
{
	struct json_writer w;

	json_init(&w, malloc(size ? size : 1), size);
	return w;
}

static bool wrote(struct json_writer *w, const char *text)
{
	bool good = !w->full && json_used(w) == strlen(text) &&
		    !memcmp(w->text, text, json_used(w));

	if (!good)
		printf("# expected [%s], found [%.*s]\n", text, (int)json_used(w),
		       w->text);
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

/* The powers of ten and their neighbours. */
static bool powers_of_ten(void)
{
	char text[24];
	u64 power = 1;
	int digits, offset;

	for (digits = 1; digits <= JSON_DIGITS_MAX; digits++, power *= 10) {
		for (offset = -1; offset <= 1; offset++) {
			snprintf(text, sizeof(text), "%llu", power + offset);
			if (!number(power + offset, text))
				return false;
		}
	}
	return true;
}

static void numbers(void)
{
	struct json_writer w = writer(32);

	tap(powers_of_ten(), "numbers of every length");
	tap(number(0, "0") && number(9, "9") && number(10, "10") && number(99, "99") &&
		    number(100, "100") && number(1001, "1001"),
	    "small numbers");
	tap(number(~0ULL, "18446744073709551615"), "the largest number");
	tap(hundredths(0, "0.00") && hundredths(5, "0.05") && hundredths(1234, "12.34") &&
		    hundredths(100000, "1000.00"),
	    "two decimals, with their zeros");
	tap(hundredths(UNKNOWN, "null"), "an unknown percentage is null");
	json_u64_or_null(&w, UNKNOWN);
	tap(wrote(&w, "null"), "an unknown number is null");
}

static void strings(void)
{
	tap(whole("", "\"\""), "empty text");
	tap(whole("ls -l", "\"ls -l\""), "plain text");
	tap(whole("\"\\/", "\"\\\"\\\\/\""), "quotes and backslashes");
	tap(whole("\0\n\x1f\x7f", "\"\\u0000\\u000a\\u001f\x7f\""), "control characters");
	tap(whole("\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80\""),
	    "UTF-8 of two, three and four bytes");
	tap(whole("\xff", "\"" FFFD "\"") && whole("\x80", "\"" FFFD "\""),
	    "stray bytes");
	tap(whole("\xc0\x80", "\"" FFFD FFFD "\""), "an overlong NUL");
	tap(whole("\xed\xa0\x80", "\"" FFFD FFFD FFFD "\""), "half a surrogate pair");
	tap(whole("\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\""), "past U+10FFFF");
	tap(whole("\xe2\x82", "\"" FFFD "\""), "a truncated character");
	tap(whole("\xe2\x82(", "\"" FFFD "(\""),
	    "a truncated character before an ASCII character");
	tap(whole("\xf0\x9f\x98\xe2\x82\xac", "\"" FFFD "\xe2\x82\xac\""),
	    "a truncated character before a complete one");
	tap(beginning("abc", "\"abc" CUT "\""), "a truncated text is marked");
	tap(beginning("abc\xe2\x82", "\"abc" CUT "\""),
	    "an incomplete character at the end is dropped");
	tap(beginning("abc\xff", "\"abc" FFFD CUT "\""),
	    "an invalid byte at the end is replaced");
}

static void largest_size(void)
{
	tap(json_string_size_max("a\"\\", 3) == 5 &&
		    json_string_size_max("\x01\0", 2) == 12 &&
		    json_string_size_max("\xff\x7f", 2) == 4,
	    "the bound of a text's size: escapes and replacements");
}

static void buffer_size(void)
{
	const char *text = "a\"\xc3\xb1\xff\n";
	bool good = true;
	size_t size;

	/* a\"ñ, U+FFFD, \u000a and two quotes are 16 bytes */
	for (size = 0; size < 24; size++) {
		struct json_writer w = writer(size);

		json_string(&w, text, strlen(text), false);
		good &= w.full == (size < 16) && json_used(&w) <= size;
		free(w.text);
	}
	tap(good, "full exactly if the text does not fit; no overflow");
}

static void random_bytes(unsigned char *bytes, size_t len)
{
	/* Bytes at the boundaries of valid UTF-8, to make them frequent. */
	static const unsigned char edges[] = {
		0,    0x1f, 0x20, '"',	'\\', 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
		0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff,
	};
	size_t i, run;

	/* Runs of one kind, because the writer copies plain bytes together. */
	for (i = 0; i < len; i += run) {
		int kind = rand() % 3;
		size_t j;

		run = 1 + rand() % 20;
		for (j = i; j < i + run && j < len; j++)
			bytes[j] = kind == 0   ? 'a' + rand() % 26
				   : kind == 1 ? edges[rand() % sizeof(edges)]
					       : rand();
	}
}

/* The output must be strict JSON and decode to expected_text(). */
static bool round_trips(const unsigned char *bytes, size_t len, bool cut)
{
	char *want = malloc(3 * len + 4);
	size_t want_len = expected_text(bytes, len, cut, want);
	struct json_writer w = writer(6 * len + 16);
	struct json *value;
	size_t where;
	bool good;

	json_string(&w, (const char *)bytes, len, cut);
	value = json_parse(w.text, json_used(&w), &where);
	good = !w.full && value && value->len == want_len &&
	       !memcmp(value->text, want, want_len) &&
	       /* Two quotes and the mark of a truncated text. */
	       json_used(&w) <= json_string_size_max((const char *)bytes, len) + 5;
	json_free(value);
	free(w.text);
	free(want);
	return good;
}

/* With less room the text must be the same, or the writer full. */
static bool respects_size(const unsigned char *bytes, size_t len, bool cut)
{
	size_t size = rand() % (6 * len + 16);
	struct json_writer whole = writer(6 * len + 16), w = writer(size);
	bool good;

	json_string(&whole, (const char *)bytes, len, cut);
	json_string(&w, (const char *)bytes, len, cut);
	good = w.full == (size < json_used(&whole)) && json_used(&w) <= size &&
	       (w.full || !memcmp(w.text, whole.text, json_used(&whole)));
	free(w.text);
	free(whole.text);
	return good;
}

/* Special bytes at every position, because plain bytes are copied together. */
static void special_byte_anywhere(void)
{
	static const unsigned char special[] = { 'b', 0x1f, '"', '\\', 0x7f, 0x80, 0xff };
	size_t len, place, i;
	bool good = true;

	for (len = 1; len <= 40; len++) {
		for (place = 0; place < len; place++) {
			for (i = 0; i < sizeof(special); i++) {
				unsigned char *exact = malloc(len);

				memset(exact, 'a', len);
				exact[place] = special[i];
				good &= round_trips(exact, len, place % 2);
				free(exact);
			}
		}
	}
	tap(good, "a special byte at any position of a text of any length");
}

static void random_strings(void)
{
	unsigned int round;

	for (round = 0; round < 60000; round++) {
		size_t len = rand() % (round % 100 ? 40 : 5000), i;
		unsigned char *bytes = malloc(len ? len : 1);
		bool cut = rand() % 2, good;

		random_bytes(bytes, len);
		good = round_trips(bytes, len, cut) && respects_size(bytes, len, cut);
		for (i = 0; !good && i < len; i++)
			printf("%s%02x%s", i ? " " : "# ", bytes[i],
			       i + 1 < len ? "" : "\n");
		free(bytes);
		if (!good)
			break;
	}
	tap(round == 60000, "random bytes are written as equivalent JSON, or do not fit");
}

/* Random numbers, and those where the number of digits changes. */
static void random_numbers(void)
{
	unsigned int round;
	char want[64];

	for (round = 0; round < 200000; round++) {
		u64 value =
			((u64)rand() << 42 ^ (u64)rand() << 21 ^ rand()) >> rand() % 64;
		u64 power = 1;
		int digits;

		for (digits = rand() % 20; digits > 0; digits--)
			power *= 10;
		if (round % 4 == 0)
			value = power - 1 + rand() % 3;
		snprintf(want, sizeof(want), "%llu", value);
		if (!number(value, want))
			break;
		snprintf(want, sizeof(want), "%llu.%02llu", value / 100, value % 100);
		if (value != UNKNOWN && !hundredths(value, want))
			break;
	}
	tap(round == 200000, "random numbers are written as by printf()");
}

int main(void)
{
	unsigned int seed = getenv("SEED") ? atoi(getenv("SEED")) : 20190355;

	numbers();
	strings();
	largest_size();
	buffer_size();
	special_byte_anywhere();
	printf("# seed %u\n", seed);
	srand(seed);
	random_strings();
	random_numbers();
	return tap_end();
}
