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
#include "json_writer.h"
#include "net_totals.h"
#include "portable.h"
#include "process_walk.h"
#include "read_gfp.h"
#include "settings.h"

/*
 * Any process can fill its arguments with bytes that take six in JSON. Once the command
 * lines of a walk may take CMDLINES_MAX bytes there, all others are truncated to
 * SHORT_CMDLINE_MAX bytes: the report of a fork bomb must not exceed the memory limit of
 * its reader.
 */
#define CMDLINES_MAX (4 * 1024 * 1024)
#define SHORT_CMDLINE_MAX 32

static atomic64_t walk_sequence = ATOMIC64_INIT(0);

static int allocate(struct process_walk *walk, size_t capacity)
{
	walk->samples = kvmalloc_array(capacity, sizeof(*walk->samples), READ_GFP);
	walk->order = kvmalloc_array(capacity, sizeof(*walk->order), READ_GFP);
	return walk->samples && walk->order ? 0 : -ENOMEM;
}

/* Frees what the walk holds, so that a crowd that has exited occupies no memory. */
static void clear(struct process_walk *walk)
{
	pid_snapshot_free(&walk->pids);
	container_table_free(&walk->containers);
	text_store_free(&walk->texts);
	kvfree(walk->samples);
	kvfree(walk->order);
	walk->samples = NULL;
	walk->order = NULL;
	walk->count = 0;
	walk->cmdlines_size = 0;
	walk->complete = false;
}

static int read_cmdline(struct process_walk *walk, struct mm_struct *mm,
			struct cmdline *cmdline)
{
	size_t room = settings.cmdline_max;
	struct text_ref *text = &cmdline->text;
	int err;

	if (walk->cmdlines_size >= CMDLINES_MAX)
		room = min_t(size_t, room, SHORT_CMDLINE_MAX);
	err = cmdline_read(mm, &walk->texts, room, cmdline);
	if (err || !text->len)
		return err;
	walk->cmdlines_size +=
		json_string_size_max(walk->texts.bytes + text->offset, text->len);
	return 0;
}

/*
 * Samples one process, unless it has exited or is out of scope. Everything except its
 * memory is read in one RCU read-side section, so the task needs no reference.
 */
static int visit(struct process_walk *walk, struct pid *pid)
{
	struct task_sample *sample = &walk->samples[walk->count];
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
	mm = task_sample_get_mm(task);
	alive = pid_alive(task);
	rcu_read_unlock();

	/* A process without an mm has an empty command line, or null with CMDLINE_OFF. */
	sample->cmdline = (struct cmdline){
		.kind = want_cmdline ? CMDLINE_WHOLE : CMDLINE_UNREADABLE,
	};
	task_sample_memory(mm, sample);
	if (mm && want_cmdline)
		err = read_cmdline(walk, mm, &sample->cmdline);
	if (mm)
		compat_mmput(mm);
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
static int sample_network(struct process_walk *walk, struct container *container,
			  struct net_sums *sums)
{
	struct task_struct *task;
	int err;

	task = get_pid_task(walk->samples[container->main_process].struct_pid,
			    PIDTYPE_TGID);
	if (!task)
		return 0;
	err = net_sums_take(sums, task, &container->net);
	put_task_struct(task);
	return err;
}

static int sample_networks(struct process_walk *walk)
{
	struct net_sums sums;
	int err = 0, c;

	net_sums_init(&sums);
	for (c = 0; !err && c < walk->containers.count; c++) {
		struct container *container = &walk->containers.entries[c];

		if (fatal_signal_pending(current))
			err = -EINTR;
		else if (container->process_count)
			err = sample_network(walk, container, &sums);
		cond_resched();
	}
	net_sums_free(&sums);
	return err;
}

static int collect(struct process_walk *walk)
{
	int err = pid_snapshot_take(&walk->pids);

	if (!err)
		err = allocate(walk, walk->pids.count);
	if (!err)
		err = visit_all(walk);
	if (err)
		return err;

	sum_up(walk);
	if (walk->scope == WALK_CONTAINERS) {
		group_by_container(walk);
		return sample_networks(walk);
	}
	order_by_start(walk);
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
	struct process_walk *walk = kvzalloc(sizeof(*walk), READ_GFP);

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

	clear(walk);
	memory_totals_take(&walk->memory);

	err = collect(walk);
	pid_snapshot_free(&walk->pids);
	if (err) {
		clear(walk);
		return err;
	}

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
	clear(walk);
	kvfree(walk);
}
