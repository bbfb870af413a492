/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEXT_STORE_H
#define VIGIA_TEXT_STORE_H

#include <linux/compiler.h>
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

int text_store_grow(struct text_store *store, size_t len);
void text_store_free(struct text_store *store);

/**
 * text_store_reserve() - make room behind the last text
 * @store: the store
 * @len: how many bytes text_store_tail() must have room for
 *
 * May sleep. On failure the store is as it was.
 *
 * Return: 0 or -ENOMEM.
 */
static inline int text_store_reserve(struct text_store *store, size_t len)
{
	return likely(store->size - store->used >= len) ? 0 : text_store_grow(store, len);
}

/**
 * text_store_tail() - where the next text is to be written
 * @store: the store, with room reserved
 *
 * Return: the memory; valid until the next text_store_reserve().
 */
static inline char *text_store_tail(struct text_store *store)
{
	return store->bytes + store->used;
}

/**
 * text_store_keep() - keep what was written at the tail
 * @store: the store
 * @len: how many bytes were written; at most what was reserved
 *
 * Return: the text, valid as long as the store.
 */
static inline struct text_ref text_store_keep(struct text_store *store, size_t len)
{
	struct text_ref text = { .at = store->used, .len = len };

	store->used += len;
	return text;
}

#endif
