/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TASK_SAMPLE_H
#define VIGIA_TASK_SAMPLE_H

#include <linux/sched.h>
#include <linux/types.h>

#include "cmdline.h"

struct mm_struct;
struct pid;

/**
 * struct task_sample - what is told about a process
 * @id: the process itself; only the walk which holds the reference may use it
 * @pid: thread group id, in the initial pid namespace
 * @ppid: that of its parent, 0 for none
 * @uid: effective user id, in the initial user namespace
 * @threads: how many threads, dead leader included
 * @state: state of the leader, as a letter
 * @on_cpu: whether a thread of it runs right now, or is just leaving its CPU
 * @switches: how often a thread of it has left a CPU, dead ones too
 * @name: command name of the leader; any bytes, NUL-terminated
 * @cmdline: its arguments
 * @vsz_kb: size of its address space, 0 without one
 * @rss_kb: how much of that is in memory
 * @cpu_ns: CPU time of all its threads, dead ones too
 * @start_ns: when it was started, on the boot clock
 * @read_bytes: bytes fetched from storage, or UNKNOWN
 * @write_bytes: bytes sent to storage, or UNKNOWN
 * @container: index in the walk's container table, or NO_CONTAINER
 *
 * Holds no reference to anything.
 */
struct task_sample {
	struct pid *id;
	pid_t pid;
	pid_t ppid;
	u32 uid;
	u32 threads;
	char state;
	bool on_cpu;
	u64 switches;
	char name[TASK_COMM_LEN];
	struct cmdline cmdline;
	u64 vsz_kb;
	u64 rss_kb;
	u64 cpu_ns;
	u64 start_ns;
	u64 read_bytes;
	u64 write_bytes;
	int container;
};

void task_sample_take(struct task_struct *task, struct task_sample *sample);
struct mm_struct *task_sample_memory(struct task_struct *task, struct task_sample *sample,
				     bool keep);

/* A leader which is a zombie while other threads run is not dead. */
static inline bool task_sample_is_alive(const struct task_sample *sample)
{
	return (sample->state != 'Z' && sample->state != 'X') || sample->threads > 1;
}

/*
 * Whether the process cannot have changed its arguments between two samples, for
 * it has not run: whoever has is on a CPU, or has been taken off it once more. Its
 * CPU time would not tell: a scheduler's clock which waits for the next tick, as
 * it does where the TSC is unstable, charges nothing meanwhile.
 */
static inline bool task_sample_is_idle_since(const struct task_sample *sample,
					     const struct task_sample *earlier)
{
	return sample->pid == earlier->pid && sample->start_ns == earlier->start_ns &&
	       sample->switches == earlier->switches && !sample->on_cpu;
}

#endif
