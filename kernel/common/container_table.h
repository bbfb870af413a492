/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_CONTAINER_TABLE_H
#define VIGIA_CONTAINER_TABLE_H

#include <linux/limits.h>
#include <linux/types.h>

#include "container_id.h"
#include "net_totals.h"
#include "text_store.h"

struct task_struct;

#define NO_CONTAINER (-1)

/**
 * struct container - one container and the sums over its processes
 * @id: 64 hexadecimal digits; not NUL-terminated
 * @runtime: runtime that created it
 * @cgroup_id: inode number of its cgroup
 * @cgroup: path of its cgroup, from the root of the hierarchy
 * @memory_current_kb: memory charged to its cgroup, or UNKNOWN
 * @memory_limit_kb: its own memory limit; UNKNOWN if it has none
 * @main_process: index in the walk's samples of its earliest living process, or of
 *                its earliest one if all are zombies
 * @first: index in the walk's @order of its first process
 * @process_count: number of its processes
 * @vsz_kb: sum over its processes, as are the next four fields
 * @rss_kb: shared pages count once for each process
 * @cpu_ns: without the time of processes that have exited (see cpu.stat for that)
 * @read_bytes: or UNKNOWN
 * @write_bytes: or UNKNOWN
 * @net: traffic of the network namespace of @main_process
 * @next: index of the next container in the same hash bucket, or NO_CONTAINER
 */
struct container {
	char id[CONTAINER_ID_LEN];
	enum container_runtime runtime;
	u64 cgroup_id;
	struct text_ref cgroup;
	u64 memory_current_kb;
	u64 memory_limit_kb;
	size_t main_process;
	size_t first;
	size_t process_count;
	u64 vsz_kb;
	u64 rss_kb;
	u64 cpu_ns;
	u64 read_bytes;
	u64 write_bytes;
	struct net_totals net;
	int next;
};

#define CGROUP_CACHE_BITS 8

/**
 * struct container_table - the containers found during one walk
 * @entries: the containers, in the order in which they were found
 * @buckets: hash table of @entries by cgroup_id: the first index of each chain, or
 *           NO_CONTAINER. An unprivileged user with a delegated cgroup can create
 *           any number of containers, so a linear search would not do.
 * @count: number of containers
 * @capacity: room in @entries and number of buckets; a power of two
 * @cgroup_cache: container of the last cgroup seen in each slot: resolving a path is
 *                expensive, and many processes share a cgroup
 * @path: scratch buffer for one path
 *
 * Owned by one walk and protected by the same lock.
 */
struct container_table {
	struct container *entries;
	int *buckets;
	int count;
	int capacity;
	struct {
		u64 cgroup_id;
		int container;
	} cgroup_cache[1 << CGROUP_CACHE_BITS];
	char path[PATH_MAX];
};

int container_table_reserve(struct container_table *table, struct text_store *texts);
int container_table_find(struct container_table *table, struct text_store *texts,
			 struct task_struct *task);
void container_table_free(struct container_table *table);

#endif
