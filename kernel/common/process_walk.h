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
	WALK_CONTAINERS, /* processes of containers only, grouped */
};

/**
 * struct state_counts - how many processes are in which state
 * @total: all of them
 * @threads: their threads
 * @running: R
 * @sleeping: S
 * @uninterruptible: D
 * @stopped: T and t
 * @zombie: Z
 * @idle: I, kernel threads without work
 * @other: any other
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
 * struct process_walk - one walk over the processes, complete or empty
 * @scope: which processes it keeps; constant
 * @taken: whether there is a complete walk to be shown
 * @sequence: number of the walk, counted since the module was loaded
 * @boot_time_s: when the machine was booted, as "btime" in /proc/stat
 * @timestamp_ns: boot clock at the beginning
 * @walk_ns: how long it took
 * @cpus: how many are online
 * @memory: RAM at the beginning
 * @counts: of the processes kept
 * @pids: held only while walking
 * @samples: the processes, in the order in which they were started
 * @order: indexes of @samples in the order in which they are shown
 * @count: how many processes
 * @shown: how many records were written at last
 * @capacity: for how many @samples has room
 * @order_capacity: for how many @order has room
 * @containers: the containers
 * @texts: command lines and cgroup paths
 * @previous: the walk before, or nothing: reading the command lines is a third of
 *            the work (3.5 against 2.1 million instructions for 1,000 processes),
 *            and most processes have not even run since
 *
 * Everything is gathered first and shown afterwards: sums come before their
 * parts, and a text which is asked for piece by piece stays the same text.
 * Belongs to one open file; protected by the lock of its seq_file.
 */
struct process_walk {
	enum walk_scope scope;
	bool taken;
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
	size_t shown;
	size_t capacity;
	size_t order_capacity;
	struct container_table containers;
	struct text_store texts;
	struct {
		struct task_sample *samples;
		size_t count;
		size_t capacity;
		size_t cursor;
		struct text_store texts;
	} previous;
};

struct process_walk *process_walk_new(enum walk_scope scope);
int process_walk_take(struct process_walk *walk);
void process_walk_free(struct process_walk *walk);

static inline const struct task_sample *
process_walk_sample(const struct process_walk *walk, size_t place)
{
	return &walk->samples[walk->order[place]];
}

#endif
