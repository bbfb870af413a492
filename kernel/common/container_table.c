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
#include "read_gfp.h"

#define INITIAL_CAPACITY 32

/*
 * Deepest level at which a path always fits into PATH_MAX, as each component has at
 * most NAME_MAX bytes. Deeper cgroups are looked up by their ancestor at this level:
 * otherwise a container could hide processes by nesting cgroups until the path
 * becomes too long to be read.
 */
#define MAX_PATH_LEVEL (PATH_MAX / (NAME_MAX + 1) - 1)

/*
 * The cgroup in which the task's memory is accounted: cgroup v2, or the memory
 * hierarchy of v1. The caller holds rcu_read_lock().
 */
static struct cgroup *task_memory_cgroup(struct task_struct *task)
{
#ifdef CONFIG_MEMCG
	if (!cgroup_subsys_on_dfl(memory_cgrp_subsys))
		return task_css(task, memory_cgrp_id)->cgroup;
#endif
	return task_dfl_cgroup(task);
}

/* The caller holds rcu_read_lock(), which keeps the memory css of @cgroup alive. */
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
 * Whether @cgroup is the cgroup of a container or a descendant of one. If so, fills
 * in @container, except for its path: that is the first @match->path_len bytes of
 * @table->path. The caller holds rcu_read_lock().
 */
static bool identify_container(struct container_table *table, struct cgroup *cgroup,
			       struct container *container, struct container_match *match)
{
	struct cgroup *ancestor;

	ancestor = cgroup_ancestor(cgroup, min_t(int, cgroup->level, MAX_PATH_LEVEL));
	if (!ancestor || cgroup_path(ancestor, table->path, sizeof(table->path)) < 0 ||
	    !container_id_find(table->path, match))
		return false;

	cgroup = cgroup_ancestor(ancestor, match->level);
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

static int *bucket_of(const struct container_table *table, u64 cgroup_id)
{
	return &table->buckets[hash_64(cgroup_id, ilog2(table->capacity))];
}

static int find_entry(const struct container_table *table, u64 cgroup_id)
{
	int i = *bucket_of(table, cgroup_id);

	while (i != NO_CONTAINER && table->entries[i].cgroup_id != cgroup_id)
		i = table->entries[i].next;
	return i;
}

static void link_entry(struct container_table *table, int index)
{
	int *head = bucket_of(table, table->entries[index].cgroup_id);

	table->entries[index].next = *head;
	*head = index;
}

static void link_all(struct container_table *table)
{
	int i;

	for (i = 0; i < table->capacity; i++)
		table->buckets[i] = NO_CONTAINER;
	for (i = 0; i < table->count; i++)
		link_entry(table, i);
}

static int grow(struct container_table *table)
{
	int capacity = max(table->capacity * 2, INITIAL_CAPACITY);
	struct container *entries;
	int *buckets;

	entries = kvmalloc_array(capacity, sizeof(*entries), READ_GFP);
	buckets = kvmalloc_array(capacity, sizeof(*buckets), READ_GFP);
	if (!entries || !buckets) {
		kvfree(entries);
		kvfree(buckets);
		return -ENOMEM;
	}
	if (table->count)
		memcpy(entries, table->entries, table->count * sizeof(*entries));
	kvfree(table->entries);
	kvfree(table->buckets);
	table->entries = entries;
	table->buckets = buckets;
	table->capacity = capacity;
	link_all(table);
	return 0;
}

/* Returns the index. container_table_reserve() has made room. */
static int append(struct container_table *table, struct text_store *texts,
		  struct container *container, size_t path_len)
{
	memcpy(text_store_tail(texts), table->path, path_len);
	container->cgroup = text_store_commit(texts, path_len);
	table->entries[table->count] = *container;
	link_entry(table, table->count);
	return table->count++;
}

/*
 * The container of a cgroup that is not in the cache, or NO_CONTAINER. The caller
 * holds rcu_read_lock().
 */
static int find_or_append(struct container_table *table, struct text_store *texts,
			  struct cgroup *cgroup)
{
	struct container_match match;
	struct container found;
	int known;

	if (!identify_container(table, cgroup, &found, &match))
		return NO_CONTAINER;
	known = find_entry(table, found.cgroup_id);
	return known != NO_CONTAINER ? known
				     : append(table, texts, &found, match.path_len);
}

/**
 * container_table_reserve() - make room for one more container
 * @table: the table
 * @texts: store that will hold its path
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
 * container_table_find() - find the container of a task; add it if it is new
 * @table: the table, with room reserved by container_table_reserve()
 * @texts: store for the paths of new containers, with room reserved
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
	int slot = hash_64(id, CGROUP_CACHE_BITS);

	if (unlikely(table->cgroup_cache[slot].cgroup_id != id)) {
		table->cgroup_cache[slot].container =
			find_or_append(table, texts, cgroup);
		table->cgroup_cache[slot].cgroup_id = id;
	}
	return table->cgroup_cache[slot].container;
}

/**
 * container_table_free() - free the table's memory
 * @table: the table; empty afterwards, and can be used again
 */
void container_table_free(struct container_table *table)
{
	kvfree(table->entries);
	kvfree(table->buckets);
	table->entries = NULL;
	table->buckets = NULL;
	table->count = 0;
	table->capacity = 0;
	memset(table->cgroup_cache, 0, sizeof(table->cgroup_cache));
}
