/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TASK_SAMPLE_H
#define VIGIA_TASK_SAMPLE_H

#include <linux/sched.h>
#include <linux/types.h>

#include "cmdline.h"

struct mm_struct;
struct pid;

/**
 * struct task_sample - sample of one process (thread group)
 * @struct_pid: its pid; not a reference: valid only while the walk's pid_snapshot
 *              holds one
 * @pid: thread group ID, in the initial pid namespace
 * @ppid: that of its parent, or 0 if it has none
 * @uid: effective user ID, in the initial user namespace
 * @threads: number of threads, including an exited leader
 * @state: state of the leader, as a letter
 * @on_cpu: whether one of its threads is running or is just being switched out
 * @switches: context switches of all its threads, including exited ones
 * @name: comm of the leader; arbitrary bytes, NUL-terminated
 * @cmdline: its arguments
 * @vsz_kb: size of its address space, or 0 if it has none
 * @rss_kb: resident set size
 * @cpu_ns: CPU time of all its threads, including exited ones
 * @start_ns: start time, on the boot clock
 * @read_bytes: bytes read from storage, or UNKNOWN
 * @write_bytes: bytes written to storage, or UNKNOWN
 * @container: index in the walk's container table, or NO_CONTAINER
 *
 * Holds no references.
 */
struct task_sample {
	struct pid *struct_pid;
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

/* A process is alive while any thread is: the leader may be a zombie before that. */
static inline bool task_sample_is_alive(const struct task_sample *sample)
{
	return (sample->state != 'Z' && sample->state != 'X') || sample->threads > 1;
}

/*
 * Whether the process has not run between two samples, so that it cannot have changed
 * its arguments. If it had run, it would be on a CPU now or have more context
 * switches. CPU time is no substitute: if the TSC is unstable, the scheduler's clock
 * may stand still between two ticks, so a short run may not be charged.
 */
static inline bool task_sample_is_idle_since(const struct task_sample *sample,
					     const struct task_sample *earlier)
{
	return sample->pid == earlier->pid && sample->start_ns == earlier->start_ns &&
	       sample->switches == earlier->switches && !sample->on_cpu;
}

#endif
