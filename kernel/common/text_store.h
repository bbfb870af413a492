/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEXT_STORE_H
#define VIGIA_TEXT_STORE_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * struct text_store - append-only buffer for the texts of one walk
 * @bytes: the buffer, or NULL
 * @size: its size
 * @used: number of bytes in use
 *
 * Texts are referred to by offset, because growing moves the buffer. Owned by one walk
 * and protected by the same lock.
 */
struct text_store {
	char *bytes;
	size_t size;
	size_t used;
};

/**
 * struct text_ref - a text in a text_store
 * @offset: offset of its first byte in the buffer
 * @len: its length
 */
struct text_ref {
	size_t offset;
	size_t len;
};

int text_store_grow(struct text_store *store, size_t len);
void text_store_free(struct text_store *store);

/**
 * text_store_reserve() - make room for the next text
 * @store: the store
 * @len: number of bytes that will be written to text_store_tail()
 *
 * May sleep. On failure the store is unchanged.
 *
 * Return: 0 or -ENOMEM.
 */
static inline int text_store_reserve(struct text_store *store, size_t len)
{
	return likely(store->size - store->used >= len) ? 0 : text_store_grow(store, len);
}

/**
 * text_store_tail() - get the address for the next text
 * @store: the store, with room reserved
 *
 * Return: the address; valid until the next text_store_reserve().
 */
static inline char *text_store_tail(struct text_store *store)
{
	return store->bytes + store->used;
}

/**
 * text_store_commit() - add the text that was written to the tail
 * @store: the store
 * @len: its length; at most what was reserved
 *
 * Return: a reference to the text, valid until the store is reset or freed.
 */
static inline struct text_ref text_store_commit(struct text_store *store, size_t len)
{
	struct text_ref text = { .offset = store->used, .len = len };

	store->used += len;
	return text;
}

#endif
