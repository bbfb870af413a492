// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "text_store.h"

#define FIRST_SIZE (64 * 1024)

/**
 * text_store_reserve() - make room behind the last text
 * @store: the store
 * @len: how many bytes text_store_tail() must have room for
 *
 * May sleep. On failure the store is as it was.
 *
 * Return: 0 or -ENOMEM.
 */
int text_store_reserve(struct text_store *store, size_t len)
{
	size_t size = max_t(size_t, store->size, FIRST_SIZE);
	char *bytes;

	if (store->size - store->used >= len)
		return 0;
	while (size - store->used < len)
		size *= 2;

	bytes = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!bytes)
		return -ENOMEM;
	if (store->used)
		memcpy(bytes, store->bytes, store->used);
	kvfree(store->bytes);
	store->bytes = bytes;
	store->size = size;
	return 0;
}

/**
 * text_store_tail() - where the next text is to be written
 * @store: the store, with room reserved
 *
 * Return: the memory; valid until the next text_store_reserve().
 */
char *text_store_tail(struct text_store *store)
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
struct text_ref text_store_keep(struct text_store *store, size_t len)
{
	struct text_ref text = { .at = store->used, .len = len };

	store->used += len;
	return text;
}

/**
 * text_store_free() - give the memory back
 * @store: the store; empty afterwards, and usable
 */
void text_store_free(struct text_store *store)
{
	kvfree(store->bytes);
	memset(store, 0, sizeof(*store));
}
