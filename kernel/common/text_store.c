// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "read_gfp.h"
#include "text_store.h"

#define INITIAL_SIZE (64 * 1024)

/**
 * text_store_grow() - slow path of text_store_reserve(): enlarge the buffer
 * @store: the store
 * @len: number of bytes for which there must be room
 *
 * Return: 0 or -ENOMEM.
 */
int text_store_grow(struct text_store *store, size_t len)
{
	size_t size = max_t(size_t, store->size, INITIAL_SIZE);
	char *bytes;

	while (size - store->used < len)
		size *= 2;

	bytes = kvmalloc(size, READ_GFP);
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
 * text_store_free() - free the buffer
 * @store: the store; empty afterwards, and can be used again
 */
void text_store_free(struct text_store *store)
{
	kvfree(store->bytes);
	memset(store, 0, sizeof(*store));
}
