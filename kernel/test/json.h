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
 * @kind: which of the fields below count
 * @truth: of a boolean
 * @text: of a number as written, of a string decoded to UTF-8; terminated
 * @len: of @text, which may contain NUL
 * @key: of a member; terminated
 * @first: first member or element
 * @next: the one behind this one
 * @count: how many members or elements
 */
struct json {
	enum json_kind kind;
	bool truth;
	char *text;
	size_t len;
	char *key;
	struct json *first;
	struct json *next;
	size_t count;
};

/*
 * As strict as RFC 8259 allows: valid UTF-8 only, no lone surrogates, no
 * repeated keys, nothing behind the value. NULL with the offset in *where if not.
 */
struct json *json_parse(const char *text, size_t len, size_t *where);
void json_free(struct json *value);

/* The member, or NULL; also NULL when @object is no object. */
const struct json *json_member(const struct json *object, const char *key);

/* 0 unless it is a number. */
unsigned long long json_number(const struct json *value);

#endif
