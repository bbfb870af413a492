/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEXT_STORE_H
#define VIGIA_TEXT_STORE_H

#include <linux/types.h>

/**
 * struct text_store - the texts of one walk, one behind the other
 * @bytes: the memory, or NULL
 * @size: its size
 * @used: how much of it is taken
 *
 * Texts are known by their offset, because the memory moves when it grows.
 * Belongs to one walk and is protected by what protects that walk.
 */
struct text_store {
	char *bytes;
	size_t size;
	size_t used;
};

/**
 * struct text_ref - a text in a text_store
 * @at: offset of its first byte
 * @len: its length
 */
struct text_ref {
	size_t at;
	size_t len;
};

int text_store_reserve(struct text_store *store, size_t len);
char *text_store_tail(struct text_store *store);
struct text_ref text_store_keep(struct text_store *store, size_t len);
void text_store_free(struct text_store *store);

#endif
