// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task iterator: one record for each task of the reader's PID namespace (record.h). Members are read directly, which
 * the verifier allows for the iterator's task and costs a fraction of a helper call; a bad pointer reads as 0.
 */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "record.h"
#include "settings.h"

/* Allows the GPL-only helpers. */
char LICENSE[] SEC("license") = "GPL";

/* Set by the loader. The verifier knows the values and drops what they make unreachable. */
const volatile struct settings settings;

/* Copy of the kernel's __per_cpu_offset, made at the start of each reading; always the same values. */
u64 cpu_offset[MAX_CPUS];

#define INIT(record, record_kind, record_pid)                      \
	{                                                          \
		(record)->head.schema = RECORD_SCHEMA;             \
		(record)->head.kind = (record_kind);               \
		(record)->head.size = sizeof(*(record));           \
		(record)->head.pid = (record_pid);                 \
	}

static __always_inline bool has_atomic_rss(void)
{
	return bpf_core_field_exists(((struct mm_struct___atomic *)0)->rss_stat.count);
}

/* Counters that are read while they change may be below 0 for a moment. */
static __always_inline u64 not_negative(s64 count)
{
	return count < 0 ? 0 : count;
}

static __always_inline u64 sum_counter(struct percpu_counter *counter)
{
	s64 sum = counter->count;
	s32 *parts = counter->counters;

	for (u32 cpu = 0; cpu < MAX_CPUS && cpu < settings.possible_cpus; cpu++) {
		s32 part = 0;

		bpf_probe_read_kernel(&part, sizeof(part), (char *)parts + cpu_offset[cpu]);
		sum += part;
	}
	return not_negative(sum);
}

static __always_inline u64 rss_pages(struct mm_struct *mm)
{
	/* MM_FILEPAGES, MM_ANONPAGES and MM_SHMEMPAGES; 2 counts swap entries. */
	if (has_atomic_rss()) {
		struct mm_struct___atomic *old = (void *)mm;
		s64 count[4] = {};

		/* Verifiers of such kernels do not allow this access without a helper. */
		bpf_core_read(count, sizeof(count), &old->rss_stat.count);
		return not_negative(count[0]) + not_negative(count[1]) + not_negative(count[3]);
	}
	return sum_counter(&mm->rss_stat[0]) + sum_counter(&mm->rss_stat[1]) +
	       sum_counter(&mm->rss_stat[3]);
}

static __always_inline void read_sizes(struct task_struct *task, struct record_usage *usage)
{
	struct mm_struct *mm = task->mm;

	/* A kernel thread only borrows the address space of a process. */
	if (!mm || (task->flags & PF_KTHREAD))
		return;
	usage->vsz_kb = mm->total_vm * settings.page_kb;
	usage->rss_kb = rss_pages(mm) * settings.page_kb;
	/* A task that ended meanwhile may have given it back, and what was read is anything. */
	barrier();
	if (task->mm != mm) {
		usage->vsz_kb = 0;
		usage->rss_kb = 0;
	}
}

static __always_inline void read_usage(struct task_struct *task, struct record_usage *usage)
{
	usage->cpu_ns = task->se.sum_exec_runtime;
	if (bpf_core_field_exists(task->ioac.read_bytes)) {
		usage->read_bytes = task->ioac.read_bytes;
		usage->write_bytes = task->ioac.write_bytes;
	} else {
		usage->read_bytes = RECORD_UNKNOWN;
		usage->write_bytes = RECORD_UNKNOWN;
	}
}

static __always_inline void add_exited(struct signal_struct *signal, struct record_usage *usage)
{
	usage->cpu_ns += signal->sum_sched_runtime;
	if (bpf_core_field_exists(signal->ioac.read_bytes)) {
		usage->read_bytes += signal->ioac.read_bytes;
		usage->write_bytes += signal->ioac.write_bytes;
	}
}

/* The letter of /proc/<pid>/stat: task_state_to_char() of the kernel. */
static __always_inline char state_of(struct task_struct *task)
{
	u32 state = task->exit_state;

	if (bpf_core_field_exists(task->__state))
		state |= task->__state;
	else
		state |= ((struct task_struct___state *)task)->state;
	/* TASK_IDLE */
	if ((state & 0x402) == 0x402)
		return 'I';
	if (state & 0x40)
		return 'P';
	if (state & 0x20)
		return 'Z';
	if (state & 0x10)
		return 'X';
	if (state & 0x08)
		return 't';
	if (state & 0x04)
		return 'T';
	/* TASK_UNINTERRUPTIBLE, TASK_RTLOCK_WAIT, TASK_FROZEN */
	if (state & 0x9002)
		return 'D';
	return state & 0x01 ? 'S' : 'R';
}

static __always_inline void read_cgroups(struct task_struct *task, struct record_process *record)
{
	struct css_set *set = task->cgroups;

	record->cgroup = set->dfl_cgrp->kn->id;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		record->memory_cgroup =
			set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)]
				->cgroup->kn->id;
}

static __always_inline void write_process(struct seq_file *seq, struct task_struct *task)
{
	struct record_process record = {};
	struct signal_struct *signal = task->signal;

	INIT(&record, RECORD_PROCESS, task->tgid);
	record.ppid = task->real_parent->tgid;
	record.euid = task->real_cred->euid.val;
	record.threads = signal->nr_threads;
	record.exec_id = task->self_exec_id;
	record.start_ns = task->start_boottime;
	record.state = state_of(task);
	__builtin_memcpy(record.comm, task->comm, sizeof(record.comm));
	read_usage(task, &record.usage);
	add_exited(signal, &record.usage);
	read_sizes(task, &record.usage);
	read_cgroups(task, &record);
	bpf_seq_write(seq, &record, sizeof(record));
}

static __always_inline void write_thread(struct seq_file *seq, struct task_struct *task)
{
	struct record_thread record = {};

	INIT(&record, RECORD_THREAD, task->tgid);
	record.tid = task->pid;
	read_usage(task, &record.usage);
	if (!task->group_leader->mm)
		read_sizes(task, &record.usage);
	bpf_seq_write(seq, &record, sizeof(record));
}

static __always_inline void write_begin(struct seq_file *seq)
{
	struct record_begin record = {};

	INIT(&record, RECORD_BEGIN, 0);
	record.boot_ns = bpf_ktime_get_boot_ns();
	if (has_atomic_rss())
		record.rss_source = RSS_ATOMIC;
	else
		record.rss_source = settings.possible_cpus ? RSS_SUMMED : RSS_APPROXIMATE;
	bpf_seq_write(seq, &record, sizeof(record));
}

static __always_inline void write_end(struct seq_file *seq)
{
	struct record_end record = {};

	INIT(&record, RECORD_END, 0);
	record.boot_ns = bpf_ktime_get_boot_ns();
	record.mark = RECORD_UNKNOWN;
	bpf_seq_write(seq, &record, sizeof(record));
}

static __always_inline void copy_offsets(void)
{
	for (u32 cpu = 0; cpu < MAX_CPUS && cpu < settings.possible_cpus; cpu++)
		bpf_probe_read_kernel(&cpu_offset[cpu], sizeof(cpu_offset[cpu]),
				      (void *)(settings.per_cpu_offsets + cpu * sizeof(u64)));
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;

	/* The call after the last task. */
	if (!task) {
		write_end(seq);
		return 0;
	}
	if (ctx->meta->seq_num == 0) {
		copy_offsets();
		write_begin(seq);
	}
	if (task->pid == task->tgid)
		write_process(seq, task);
	else
		write_thread(seq, task);
	return 0;
}
