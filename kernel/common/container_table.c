// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/page_counter.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "container_table.h"
#include "portable.h"

#define FIRST_CAPACITY 32

/*
 * A name in a cgroup path has at most NAME_MAX bytes: the path of a cgroup at
 * this level always fits. What lies deeper was made inside of a container, and
 * must not get out of the count by making its path too long to be read.
 */
#define DEEPEST_LEVEL (PATH_MAX / (NAME_MAX + 1) - 1)

/* Under RCU. Containers are where memory is accounted: v2, or v1's hierarchy. */
static struct cgroup *task_memory_cgroup(struct task_struct *task)
{
#ifdef CONFIG_MEMCG
	if (!cgroup_subsys_on_dfl(memory_cgrp_subsys))
		return task_css(task, memory_cgrp_id)->cgroup;
#endif
	return task_dfl_cgroup(task);
}

/* Under RCU, which keeps the memory controller's part of @cgroup in place. */
static void read_memory_counter(struct cgroup *cgroup, struct container *container)
{
	container->memory_current_kb = UNKNOWN;
	container->memory_limit_kb = UNKNOWN;
#ifdef CONFIG_MEMCG
	{
		struct cgroup_subsys_state *css;
		struct page_counter *counter;
		unsigned long max;

		css = rcu_dereference(cgroup->subsys[memory_cgrp_id]);
		if (!css)
			return;
		counter = &mem_cgroup_from_css(css)->memory;
		container->memory_current_kb =
			(u64)page_counter_read(counter) * (PAGE_SIZE / 1024);
		max = READ_ONCE(counter->max);
		if (max != PAGE_COUNTER_MAX)
			container->memory_limit_kb = (u64)max * (PAGE_SIZE / 1024);
	}
#endif
}

/*
 * Under RCU. Whether @cgroup is a container's, or lies below one. If so
 * @container gets all that is known about it but the path, which stays in
 * @table->path, @match->path_len bytes long.
 */
static bool identify(struct container_table *table, struct cgroup *cgroup,
		     struct container *container, struct container_match *match)
{
	struct cgroup *near_root;

	near_root = cgroup_ancestor(cgroup, min_t(int, cgroup->level, DEEPEST_LEVEL));
	if (!near_root || cgroup_path(near_root, table->path, sizeof(table->path)) < 0 ||
	    !container_id_find(table->path, match))
		return false;

	cgroup = cgroup_ancestor(near_root, match->level);
	if (!cgroup)
		return false;
	memset(container, 0, sizeof(*container));
	memcpy(container->id, match->id, sizeof(container->id));
	container->runtime = match->runtime;
	container->cgroup_id = cgroup_id(cgroup);
	container->net.rx_bytes = UNKNOWN;
	container->net.tx_bytes = UNKNOWN;
	read_memory_counter(cgroup, container);
	return true;
}

static int *head_of(const struct container_table *table, u64 cgroup_id)
{
	return &table->heads[hash_64(cgroup_id, ilog2(table->capacity))];
}

static int find_entry(const struct container_table *table, u64 cgroup_id)
{
	int i = *head_of(table, cgroup_id);

	while (i != NO_CONTAINER && table->entries[i].cgroup_id != cgroup_id)
		i = table->entries[i].next;
	return i;
}

static void link_entry(struct container_table *table, int index)
{
	int *head = head_of(table, table->entries[index].cgroup_id);

	table->entries[index].next = *head;
	*head = index;
}

static void link_all(struct container_table *table)
{
	int i;

	for (i = 0; i < table->capacity; i++)
		table->heads[i] = NO_CONTAINER;
	for (i = 0; i < table->count; i++)
		link_entry(table, i);
}

static int grow(struct container_table *table)
{
	int capacity = max(table->capacity * 2, FIRST_CAPACITY);
	struct container *entries;
	int *heads;

	entries = kvmalloc_array(capacity, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	heads = kvmalloc_array(capacity, sizeof(*heads), GFP_KERNEL_ACCOUNT);
	if (!entries || !heads) {
		kvfree(entries);
		kvfree(heads);
		return -ENOMEM;
	}
	if (table->count)
		memcpy(entries, table->entries, table->count * sizeof(*entries));
	kvfree(table->entries);
	kvfree(table->heads);
	table->entries = entries;
	table->heads = heads;
	table->capacity = capacity;
	link_all(table);
	return 0;
}

/* There is room: container_table_reserve(). Returns the index. */
static int append(struct container_table *table, struct text_store *texts,
		  struct container *container, size_t path_len)
{
	memcpy(text_store_tail(texts), table->path, path_len);
	container->cgroup = text_store_keep(texts, path_len);
	table->entries[table->count] = *container;
	link_entry(table, table->count);
	return table->count++;
}

/* Under RCU: what a cgroup met for the first time is. */
static int look_up(struct container_table *table, struct text_store *texts,
		   struct cgroup *cgroup)
{
	struct container_match match;
	struct container found;
	int known;

	if (!identify(table, cgroup, &found, &match))
		return NO_CONTAINER;
	known = find_entry(table, found.cgroup_id);
	return known != NO_CONTAINER ? known
				     : append(table, texts, &found, match.path_len);
}

/**
 * container_table_reset() - forget the containers, keep the room
 * @table: the table
 */
void container_table_reset(struct container_table *table)
{
	table->count = 0;
	link_all(table);
	memset(table->memo, 0, sizeof(table->memo));
}

/**
 * container_table_reserve() - make room for one more container
 * @table: the table
 * @texts: where its path will go
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int container_table_reserve(struct container_table *table, struct text_store *texts)
{
	if (unlikely(table->count == table->capacity) && grow(table))
		return -ENOMEM;
	return text_store_reserve(texts, sizeof(table->path));
}

/**
 * container_table_find() - which container a task is in
 * @table: the table, with room reserved; a container met for the first time is
 *         added to it
 * @texts: where the paths of new containers go, with room reserved
 * @task: the task
 *
 * The caller holds rcu_read_lock(). Does not sleep.
 *
 * Return: index in @table, or NO_CONTAINER.
 */
int container_table_find(struct container_table *table, struct text_store *texts,
			 struct task_struct *task)
{
	struct cgroup *cgroup = task_memory_cgroup(task);
	u64 id = cgroup_id(cgroup);
	int slot = hash_64(id, CGROUP_MEMO_BITS);

	if (unlikely(table->memo[slot].cgroup_id != id)) {
		table->memo[slot].container = look_up(table, texts, cgroup);
		table->memo[slot].cgroup_id = id;
	}
	return table->memo[slot].container;
}

/**
 * container_table_free() - give the memory back
 * @table: the table; empty afterwards, and usable
 */
void container_table_free(struct container_table *table)
{
	kvfree(table->entries);
	kvfree(table->heads);
	table->entries = NULL;
	table->heads = NULL;
	table->count = 0;
	table->capacity = 0;
}
