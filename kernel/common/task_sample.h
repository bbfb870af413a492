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
struct mm_struct *task_sample_get_mm(struct task_struct *task);
void task_sample_memory(struct mm_struct *mm, struct task_sample *sample);

/* A process is alive while any thread is: the leader may be a zombie before that. */
static inline bool task_sample_is_alive(const struct task_sample *sample)
{
	return (sample->state != 'Z' && sample->state != 'X') || sample->threads > 1;
}

#endif
