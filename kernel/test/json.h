/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_JSON_H
#define VIGIA_TEST_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/**
 * struct json - a JSON value; members and elements are a linked list
 * @kind: type of the value; decides which of the fields below are valid
 * @boolean: value of a boolean
 * @text: number as written, or string decoded to UTF-8; NUL-terminated
 * @len: length of @text, which may contain NUL
 * @key: key, if the value is a member of an object; NUL-terminated
 * @first: first member or element
 * @next: next member or element of the parent
 * @count: number of members or elements
 */
struct json {
	enum json_kind kind;
	bool boolean;
	char *text;
	size_t len;
	char *key;
	struct json *first;
	struct json *next;
	size_t count;
};

/*
 * Parses strict JSON (RFC 8259): valid UTF-8, no lone surrogates, no repeated keys,
 * nothing after the value. Otherwise returns NULL and the offset in *where. The caller
 * frees the value with json_free().
 */
struct json *json_parse(const char *text, size_t len, size_t *where);
void json_free(struct json *value);

/* Returns the member, or NULL if there is none or @object is not an object. */
const struct json *json_member(const struct json *object, const char *key);

/* Returns the number, or 0 if the value is not a number. */
unsigned long long json_number(const struct json *value);

#endif
