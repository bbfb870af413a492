// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "json.h"

struct parser {
	const unsigned char *at;
	const unsigned char *end;
};

static struct json *parse_value(struct parser *p, int depth);

static int peek(const struct parser *p)
{
	return p->at < p->end ? *p->at : -1;
}

static bool accept(struct parser *p, int byte)
{
	if (peek(p) != byte)
		return false;
	p->at++;
	return true;
}

static void skip_space(struct parser *p)
{
	while (peek(p) == ' ' || peek(p) == '\n' || peek(p) == '\t' || peek(p) == '\r')
		p->at++;
}

static bool accept_word(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len))
		return false;
	p->at += len;
	return true;
}

static struct json *make(enum json_kind kind)
{
	struct json *value = calloc(1, sizeof(*value));

	if (!value)
		abort();
	value->kind = kind;
	return value;
}

static size_t encode(char *to, unsigned int c)
{
	if (c < 0x80) {
		to[0] = c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = 0xc0 | c >> 6;
		to[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		to[0] = 0xe0 | c >> 12;
		to[1] = 0x80 | (c >> 6 & 0x3f);
		to[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	to[0] = 0xf0 | c >> 18;
	to[1] = 0x80 | (c >> 12 & 0x3f);
	to[2] = 0x80 | (c >> 6 & 0x3f);
	to[3] = 0x80 | (c & 0x3f);
	return 4;
}

/* Decodes one character, then rejects overlong encodings and surrogates. */
static bool copy_utf8(struct parser *p, char *to, size_t *len)
{
	unsigned int c = *p->at++;
	size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	static const unsigned int smallest[] = { 0, 0x80, 0x800, 0x10000 };
	size_t i;

	if ((c >= 0x80 && c < 0xc0) || c >= 0xf8)
		return false;
	if (more)
		c &= 0x3f >> more;
	for (i = 0; i < more; i++) {
		if (peek(p) < 0x80 || peek(p) > 0xbf)
			return false;
		c = c << 6 | (*p->at++ & 0x3f);
	}
	if (c < smallest[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	*len += encode(to + *len, c);
	return true;
}

static bool hex4(struct parser *p, unsigned int *value)
{
	int i;

	*value = 0;
	for (i = 0; i < 4; i++) {
		int c = peek(p);

		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return false;
		*value = *value << 4 | c;
		p->at++;
	}
	return true;
}

static bool copy_escape(struct parser *p, char *to, size_t *len)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	unsigned int c, low;
	const char *letter;

	if (accept(p, 'u')) {
		if (!hex4(p, &c) || (c >= 0xdc00 && c < 0xe000))
			return false;
		if (c >= 0xd800 && c < 0xdc00) {
			if (!accept_word(p, "\\u") || !hex4(p, &low) || low < 0xdc00 ||
			    low > 0xdfff)
				return false;
			c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
		}
		*len += encode(to + *len, c);
		return true;
	}
	letter = peek(p) > 0 ? strchr(letters, peek(p)) : NULL;
	if (!letter)
		return false;
	to[(*len)++] = meanings[letter - letters];
	p->at++;
	return true;
}

/* The decoded text is never longer than its encoding, so that much is allocated. */
static char *parse_text(struct parser *p, size_t *len)
{
	const unsigned char *end;
	char *text;

	if (!accept(p, '"'))
		return NULL;
	for (end = p->at; end < p->end && *end != '"'; end++)
		end += *end == '\\';
	if (end >= p->end)
		return NULL;
	text = malloc(end - p->at + 1);
	if (!text)
		abort();
	*len = 0;
	while (p->at < end) {
		bool good;

		if (*p->at < 0x20)
			good = false;
		else if (accept(p, '\\'))
			good = copy_escape(p, text, len);
		else
			good = copy_utf8(p, text, len);
		if (!good) {
			free(text);
			return NULL;
		}
	}
	text[*len] = '\0';
	p->at++;
	return text;
}

static size_t skip_digits(struct parser *p)
{
	const unsigned char *from = p->at;

	while (peek(p) >= '0' && peek(p) <= '9')
		p->at++;
	return p->at - from;
}

static struct json *parse_number(struct parser *p)
{
	const unsigned char *from = p->at;
	struct json *value;

	accept(p, '-');
	if (!accept(p, '0') && !skip_digits(p))
		return NULL;
	if (accept(p, '.') && !skip_digits(p))
		return NULL;
	if (accept(p, 'e') || accept(p, 'E')) {
		if (!accept(p, '+'))
			accept(p, '-');
		if (!skip_digits(p))
			return NULL;
	}
	value = make(JSON_NUMBER);
	value->len = p->at - from;
	value->text = strndup((const char *)from, value->len);
	return value;
}

static bool parse_key(struct parser *p, struct json *object, char **key)
{
	size_t len;

	skip_space(p);
	*key = parse_text(p, &len);
	if (!*key)
		return false;
	skip_space(p);
	if (strlen(*key) == len && !json_member(object, *key) && accept(p, ':'))
		return true;
	free(*key);
	return false;
}

static bool parse_children(struct parser *p, struct json *parent, int close, int depth)
{
	struct json **link = &parent->first;

	skip_space(p);
	if (accept(p, close))
		return true;
	do {
		char *key = NULL;

		if (parent->kind == JSON_OBJECT && !parse_key(p, parent, &key))
			return false;
		*link = parse_value(p, depth + 1);
		if (!*link) {
			free(key);
			return false;
		}
		(*link)->key = key;
		link = &(*link)->next;
		parent->count++;
	} while (accept(p, ','));
	return accept(p, close);
}

static struct json *parse_parent(struct parser *p, enum json_kind kind, int close,
				 int depth)
{
	struct json *parent = make(kind);

	if (parse_children(p, parent, close, depth))
		return parent;
	json_free(parent);
	return NULL;
}

static struct json *parse_bare(struct parser *p, int depth)
{
	struct json *value;

	if (accept(p, '{'))
		return parse_parent(p, JSON_OBJECT, '}', depth);
	if (accept(p, '['))
		return parse_parent(p, JSON_ARRAY, ']', depth);
	if (peek(p) == '"') {
		size_t len;
		char *text = parse_text(p, &len);

		if (!text)
			return NULL;
		value = make(JSON_STRING);
		value->text = text;
		value->len = len;
		return value;
	}
	if (accept_word(p, "null"))
		return make(JSON_NULL);
	if (accept_word(p, "false"))
		return make(JSON_BOOL);
	if (accept_word(p, "true")) {
		value = make(JSON_BOOL);
		value->boolean = true;
		return value;
	}
	return parse_number(p);
}

static struct json *parse_value(struct parser *p, int depth)
{
	struct json *value;

	if (depth > 32)
		return NULL;
	skip_space(p);
	value = parse_bare(p, depth);
	skip_space(p);
	return value;
}

struct json *json_parse(const char *text, size_t len, size_t *where)
{
	struct parser p = { (const unsigned char *)text,
			    (const unsigned char *)text + len };
	struct json *value = parse_value(&p, 0);

	*where = p.at - (const unsigned char *)text;
	if (value && p.at != p.end) {
		json_free(value);
		return NULL;
	}
	return value;
}

void json_free(struct json *value)
{
	while (value) {
		struct json *next = value->next;

		json_free(value->first);
		free(value->text);
		free(value->key);
		free(value);
		value = next;
	}
}

const struct json *json_member(const struct json *object, const char *key)
{
	const struct json *member;

	if (!object || object->kind != JSON_OBJECT)
		return NULL;
	for (member = object->first; member; member = member->next) {
		if (!strcmp(member->key, key))
			return member;
	}
	return NULL;
}

unsigned long long json_number(const struct json *value)
{
	return value && value->kind == JSON_NUMBER ? strtoull(value->text, NULL, 10) : 0;
}
