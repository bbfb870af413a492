/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_PROCESS_WALK_H
#define VIGIA_PROCESS_WALK_H

#include <linux/types.h>

#include "container_table.h"
#include "memory_totals.h"
#include "pid_snapshot.h"
#include "task_sample.h"
#include "text_store.h"

enum walk_scope {
	WALK_ALL,
	WALK_CONTAINERS, /* only processes in containers, grouped by container */
};

/**
 * struct state_counts - number of processes in each state
 * @total: all processes
 * @threads: all threads of these processes
 * @running: R
 * @sleeping: S
 * @uninterruptible: D
 * @stopped: T and t
 * @zombie: Z
 * @idle: I (idle kernel threads)
 * @other: any other state
 */
struct state_counts {
	u64 total;
	u64 threads;
	u64 running;
	u64 sleeping;
	u64 uninterruptible;
	u64 stopped;
	u64 zombie;
	u64 idle;
	u64 other;
};

/**
 * struct process_walk - samples of all processes taken at one moment, or nothing
 * @scope: which processes it keeps; constant
 * @complete: whether the walk has succeeded, so that it can be written
 * @sequence: number of the walk, counted since the module was loaded
 * @boot_time_s: Unix time at which the machine booted, as "btime" in /proc/stat
 * @timestamp_ns: boot clock when the walk began
 * @walk_ns: duration of the walk
 * @cpus: number of CPUs online
 * @memory: memory of the machine when the walk began
 * @counts: of the processes kept
 * @pids: references to all pids; empty except during the walk
 * @samples: the processes, in the order in which they were started
 * @order: indexes into @samples, in the order in which they are written
 * @count: number of processes
 * @cmdlines_size: bound of what the command lines take in JSON
 * @containers: the containers found
 * @texts: command lines and cgroup paths
 *
 * All processes are sampled before anything is written: a container's sums come
 * before its processes, and a report that is read piece by piece must stay the same.
 * Owned by one open file; protected by the lock of its seq_file.
 */
struct process_walk {
	enum walk_scope scope;
	bool complete;
	u64 sequence;
	u64 boot_time_s;
	u64 timestamp_ns;
	u64 walk_ns;
	u32 cpus;
	struct memory_totals memory;
	struct state_counts counts;
	struct pid_snapshot pids;
	struct task_sample *samples;
	u32 *order;
	size_t count;
	size_t cmdlines_size;
	struct container_table containers;
	struct text_store texts;
};

struct process_walk *process_walk_new(enum walk_scope scope);
int process_walk_take(struct process_walk *walk);
void process_walk_free(struct process_walk *walk);

static inline const struct task_sample *
process_walk_sample(const struct process_walk *walk, size_t index)
{
	return &walk->samples[walk->order[index]];
}

/* Age at the end of the walk: a process may have started during the walk. */
static inline u64 process_walk_age_ns(const struct process_walk *walk, u64 start_ns)
{
	u64 now = walk->timestamp_ns + walk->walk_ns;

	return now > start_ns ? now - start_ns : 0;
}

#endif
