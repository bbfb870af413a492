// SPDX-License-Identifier: GPL-2.0-only
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../compat/mm.h"
#include "portable.h"
#include "process_walk.h"
#include "settings.h"

static atomic64_t walk_sequence = ATOMIC64_INIT(0);

static int reserve(struct process_walk *walk, size_t capacity)
{
	if (walk->capacity < capacity) {
		kvfree(walk->samples);
		walk->capacity = 0;
		walk->samples = kvmalloc_array(capacity, sizeof(*walk->samples),
					       GFP_KERNEL_ACCOUNT);
		if (!walk->samples)
			return -ENOMEM;
		walk->capacity = capacity;
	}
	if (walk->order_capacity < capacity) {
		kvfree(walk->order);
		walk->order_capacity = 0;
		walk->order = kvmalloc_array(capacity, sizeof(*walk->order),
					     GFP_KERNEL_ACCOUNT);
		if (!walk->order)
			return -ENOMEM;
		walk->order_capacity = capacity;
	}
	return 0;
}

/*
 * Makes the last complete walk the previous one, and reuses the buffers of the one
 * before for the next walk.
 */
static void swap_with_previous(struct process_walk *walk)
{
	walk->previous.count = walk->complete ? walk->count : 0;
	walk->previous.cursor = 0;
	swap(walk->samples, walk->previous.samples);
	swap(walk->capacity, walk->previous.capacity);
	swap(walk->texts, walk->previous.texts);

	walk->complete = false;
	walk->count = 0;
	walk->texts.used = 0;
	container_table_reset(&walk->containers);
}

/*
 * The sample of the same process in the previous walk, or NULL. Both walks are
 * roughly in the order of start times, so the cursor only moves forward. A process
 * that is out of order may not be found: then its command line is read again.
 */
static const struct task_sample *find_previous(struct process_walk *walk,
					       const struct task_sample *sample)
{
	const struct task_sample *samples = walk->previous.samples;
	size_t i;

	for (i = walk->previous.cursor; i < walk->previous.count; i++) {
		if (samples[i].start_ns > sample->start_ns)
			break;
		if (samples[i].start_ns < sample->start_ns)
			walk->previous.cursor = i + 1;
		else if (samples[i].pid == sample->pid)
			return &samples[i];
	}
	return NULL;
}

/*
 * The sample of the same process in the previous walk, if its command line is still
 * valid: it was readable and the process has not run since. Else NULL.
 */
static const struct task_sample *find_unchanged(struct process_walk *walk,
						const struct task_sample *sample)
{
	const struct task_sample *earlier = find_previous(walk, sample);

	if (!earlier || earlier->cmdline.kind == CMDLINE_UNREADABLE ||
	    !task_sample_is_idle_since(sample, earlier))
		return NULL;
	return earlier;
}

static int copy_cmdline(struct process_walk *walk, const struct cmdline *from,
			struct cmdline *to)
{
	size_t len = from->text.len;

	if (text_store_reserve(&walk->texts, len))
		return -ENOMEM;
	if (len)
		memcpy(text_store_tail(&walk->texts),
		       walk->previous.texts.bytes + from->text.offset, len);
	to->kind = from->kind;
	to->text = text_store_commit(&walk->texts, len);
	return 0;
}

/* Reads the command line and puts the reference to @mm. */
static int read_cmdline(struct process_walk *walk, struct mm_struct *mm,
			struct cmdline *cmdline)
{
	int err = cmdline_read(mm, &walk->texts, cmdline);

	compat_mmput(mm);
	return err;
}

/*
 * Samples one process, unless it has exited or is out of scope. Everything except the
 * command line is read in one RCU read-side section, so the task needs no reference.
 */
static int visit(struct process_walk *walk, struct pid *pid)
{
	struct task_sample *sample = &walk->samples[walk->count];
	const struct task_sample *earlier;
	struct task_struct *task;
	struct mm_struct *mm;
	bool want_cmdline = settings.cmdline_mode != CMDLINE_OFF;
	bool alive;
	int err = container_table_reserve(&walk->containers, &walk->texts);

	if (err)
		return err;
	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	if (!task)
		goto skip;
	sample->container = container_table_find(&walk->containers, &walk->texts, task);
	if (walk->scope == WALK_CONTAINERS && sample->container == NO_CONTAINER)
		goto skip;
	sample->struct_pid = pid;
	task_sample_take(task, sample);
	earlier = find_unchanged(walk, sample);
	mm = task_sample_memory(task, sample, want_cmdline && !earlier);
	alive = pid_alive(task);
	rcu_read_unlock();

	/* A process without an mm has an empty command line, or null with CMDLINE_OFF. */
	sample->cmdline = (struct cmdline){
		.kind = want_cmdline ? CMDLINE_WHOLE : CMDLINE_UNREADABLE,
	};
	if (earlier)
		err = copy_cmdline(walk, &earlier->cmdline, &sample->cmdline);
	else if (mm)
		err = read_cmdline(walk, mm, &sample->cmdline);
	/* Drop the sample if the process was reaped meanwhile: it may be incomplete. */
	if (!err && alive)
		walk->count++;
	return err;
skip:
	rcu_read_unlock();
	return 0;
}

static int visit_all(struct process_walk *walk)
{
	size_t i;
	int err;

	for (i = 0; i < walk->pids.count; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = visit(walk, walk->pids.pids[i]);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static void count_state(struct state_counts *counts, const struct task_sample *sample)
{
	counts->total++;
	counts->threads += sample->threads;
	switch (sample->state) {
	case 'R':
		counts->running++;
		break;
	case 'S':
		counts->sleeping++;
		break;
	case 'D':
		counts->uninterruptible++;
		break;
	case 'T':
	case 't':
		counts->stopped++;
		break;
	case 'Z':
		counts->zombie++;
		break;
	case 'I':
		counts->idle++;
		break;
	default:
		counts->other++;
	}
}

/*
 * Whether @sample, which comes later in the walk, replaces @current_main as the main
 * process of its container: living ones win over zombies, then the earlier start.
 */
static bool is_better_main_process(const struct task_sample *sample,
				   const struct task_sample *current_main)
{
	bool alive = task_sample_is_alive(sample);

	if (alive != task_sample_is_alive(current_main))
		return alive;
	return sample->start_ns < current_main->start_ns;
}

static void add_known(u64 *sum, u64 part)
{
	if (part == UNKNOWN)
		*sum = UNKNOWN;
	else
		*sum += part;
}

static void add_to_container(struct process_walk *walk, size_t index)
{
	const struct task_sample *sample = &walk->samples[index];
	struct container *container;

	if (sample->container == NO_CONTAINER)
		return;
	container = &walk->containers.entries[sample->container];
	if (!container->process_count++ ||
	    is_better_main_process(sample, &walk->samples[container->main_process]))
		container->main_process = index;
	container->vsz_kb += sample->vsz_kb;
	container->rss_kb += sample->rss_kb;
	container->cpu_ns += sample->cpu_ns;
	add_known(&container->read_bytes, sample->read_bytes);
	add_known(&container->write_bytes, sample->write_bytes);
}

static void sum_up(struct process_walk *walk)
{
	size_t i;

	memset(&walk->counts, 0, sizeof(walk->counts));
	for (i = 0; i < walk->count; i++) {
		count_state(&walk->counts, &walk->samples[i]);
		add_to_container(walk, i);
	}
}

/*
 * Orders the processes by container, with a counting sort: the containers in the order
 * in which they were found, the processes of each by start time.
 */
static void group_by_container(struct process_walk *walk)
{
	size_t next_first = 0, i;
	int c;

	for (c = 0; c < walk->containers.count; c++) {
		walk->containers.entries[c].first = next_first;
		next_first += walk->containers.entries[c].process_count;
	}
	for (i = 0; i < walk->count; i++) {
		struct container *container;

		container = &walk->containers.entries[walk->samples[i].container];
		walk->order[container->first++] = i;
	}
	for (c = 0; c < walk->containers.count; c++)
		walk->containers.entries[c].first -=
			walk->containers.entries[c].process_count;
}

static void order_by_start(struct process_walk *walk)
{
	size_t i;

	for (i = 0; i < walk->count; i++)
		walk->order[i] = i;
}

/* If the main process has exited meanwhile, the traffic stays UNKNOWN. */
static void sample_networks(struct process_walk *walk)
{
	int c;

	for (c = 0; c < walk->containers.count; c++) {
		struct container *container = &walk->containers.entries[c];
		struct task_struct *task;

		if (!container->process_count)
			continue;
		task = get_pid_task(walk->samples[container->main_process].struct_pid,
				    PIDTYPE_TGID);
		if (!task)
			continue;
		net_totals_take(task, &container->net);
		put_task_struct(task);
	}
}

static int collect(struct process_walk *walk)
{
	int err = pid_snapshot_take(&walk->pids);

	if (!err)
		err = reserve(walk, walk->pids.count);
	if (!err)
		err = visit_all(walk);
	if (err)
		return err;

	sum_up(walk);
	if (walk->scope == WALK_CONTAINERS) {
		group_by_container(walk);
		sample_networks(walk);
	} else {
		order_by_start(walk);
	}
	return 0;
}

/**
 * process_walk_new() - allocate an empty walk
 * @scope: which processes it will keep
 *
 * Return: the walk, or NULL. The caller frees it with process_walk_free().
 */
struct process_walk *process_walk_new(enum walk_scope scope)
{
	struct process_walk *walk = kvzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);

	if (walk)
		walk->scope = scope;
	return walk;
}

/**
 * process_walk_take() - sample all processes
 * @walk: the walk; its previous content is replaced
 *
 * May sleep. First takes references to all pids, then visits the processes one by one.
 * Those that have exited in between are left out.
 *
 * Return: 0, or -ENOMEM or -EINTR (the reader was killed). On error @walk is empty and
 * can be used again.
 */
int process_walk_take(struct process_walk *walk)
{
	u64 begin = ktime_get_boottime_ns();
	struct timespec64 boot;
	int err;

	swap_with_previous(walk);
	memory_totals_take(&walk->memory);

	err = collect(walk);
	pid_snapshot_drop(&walk->pids);
	if (err)
		return err;

	getboottime64(&boot);
	walk->boot_time_s = boot.tv_sec;
	walk->cpus = num_online_cpus();
	walk->timestamp_ns = begin;
	walk->walk_ns = ktime_get_boottime_ns() - begin;
	walk->sequence = atomic64_inc_return(&walk_sequence);
	walk->complete = true;
	return 0;
}

/**
 * process_walk_free() - free a walk and everything that it holds
 * @walk: the walk, or NULL
 */
void process_walk_free(struct process_walk *walk)
{
	if (!walk)
		return;
	pid_snapshot_free(&walk->pids);
	container_table_free(&walk->containers);
	text_store_free(&walk->texts);
	text_store_free(&walk->previous.texts);
	kvfree(walk->previous.samples);
	kvfree(walk->samples);
	kvfree(walk->order);
	kvfree(walk);
}
