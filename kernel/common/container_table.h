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
 * struct container - one container, and the sums over its processes
 * @id: its 64 hexadecimal digits; not terminated
 * @runtime: who made it
 * @cgroup_id: inode number of its cgroup
 * @cgroup: path of its cgroup, from the root of the hierarchy
 * @memory_current_kb: what its cgroup is charged for, or UNKNOWN
 * @memory_limit_kb: its own limit; UNKNOWN when it has none
 * @lead: index of the sample of its earliest living process
 * @first: index in the walk's order of its first process
 * @process_count: how many processes
 * @vsz_kb: sum over its processes, as are the next four
 * @rss_kb: shared pages count once per process
 * @cpu_ns: the exited ones' is lost; the cgroup's cpu.stat has it
 * @read_bytes: or UNKNOWN
 * @write_bytes: or UNKNOWN
 * @net: of the network namespace of its lead
 * @next: index of the next one whose id hashes to the same place, or NO_CONTAINER
 */
struct container {
	char id[CONTAINER_ID_LEN];
	enum container_runtime runtime;
	u64 cgroup_id;
	struct text_ref cgroup;
	u64 memory_current_kb;
	u64 memory_limit_kb;
	size_t lead;
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

#define CGROUP_MEMO_BITS 8

/**
 * struct container_table - the containers met during one walk
 * @entries: the containers, in the order in which they were met
 * @heads: the newest of those whose id hashes to a place, or NO_CONTAINER: whoever
 *         was delegated a cgroup makes as many of them as he likes
 * @count: how many
 * @capacity: for how many there is room, and how many places; a power of two
 * @memo: what was found out about a cgroup, at the place its id hashes to;
 *        reading a path is dear, and a cgroup has many processes
 * @path: room for one path
 *
 * Belongs to one walk and is protected by what protects that walk.
 */
struct container_table {
	struct container *entries;
	int *heads;
	int count;
	int capacity;
	struct {
		u64 cgroup_id;
		int container;
	} memo[1 << CGROUP_MEMO_BITS];
	char path[PATH_MAX];
};

void container_table_reset(struct container_table *table);
int container_table_reserve(struct container_table *table, struct text_store *texts);
int container_table_find(struct container_table *table, struct text_store *texts,
			 struct task_struct *task);
void container_table_free(struct container_table *table);

#endif
