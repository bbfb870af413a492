// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cred.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seqlock.h>
#include <linux/string.h>
#include <linux/task_io_accounting_ops.h>
#include <linux/uidgid.h>

#include "../compat/mm.h"
#include "portable.h"
#include "task_sample.h"

#define PAGES_TO_KB(pages) ((u64)(pages) << (PAGE_SHIFT - 10))

static void sample_identity(struct task_struct *task, struct task_sample *sample)
{
	sample->pid = task_tgid_nr(task);
	sample->threads = get_nr_threads(task);
	sample->start_ns = task->start_boottime;
	sample->state = task_state_to_char(task);

	/*
	 * Read without a lock, as get_task_comm() does since 6.13. A concurrent rename
	 * keeps the last byte 0; a mix of the old and the new name is harmless.
	 */
	memcpy(sample->name, task->comm, sizeof(sample->name));
	sample->name[sizeof(sample->name) - 1] = '\0';

	sample->ppid =
		pid_alive(task) ? task_tgid_nr(rcu_dereference(task->real_parent)) : 0;
	/* The value of a kuid_t is the user ID in the initial user namespace. */
	sample->uid = __kuid_val(__task_cred(task)->euid);
}

/* Sums over the living threads and over those that have exited. */
static void sum_threads(struct task_struct *task, struct task_sample *sample)
{
	struct signal_struct *signal = task->signal;
	struct task_struct *thread;

	sample->cpu_ns = signal->sum_sched_runtime;
#ifdef CONFIG_TASK_IO_ACCOUNTING
	sample->read_bytes = signal->ioac.read_bytes;
	sample->write_bytes = signal->ioac.write_bytes;
#else
	sample->read_bytes = UNKNOWN;
	sample->write_bytes = UNKNOWN;
#endif
	for_each_thread(task, thread) {
		sample->cpu_ns += READ_ONCE(thread->se.sum_exec_runtime);
#ifdef CONFIG_TASK_IO_ACCOUNTING
		sample->read_bytes += READ_ONCE(thread->ioac.read_bytes);
		sample->write_bytes += READ_ONCE(thread->ioac.write_bytes);
#endif
	}
}

/*
 * CPU time and I/O of the whole thread group. An exiting thread adds its counters to
 * the signal_struct under stats_lock; reading under the seqlock ensures that it is
 * counted exactly once. Tried without the lock first, then with it.
 */
static void sample_usage(struct task_struct *task, struct task_sample *sample)
{
	seqlock_t *lock = &task->signal->stats_lock;
	unsigned long flags;
	unsigned int seq;

	seq = read_seqbegin(lock);
	sum_threads(task, sample);
	if (read_seqretry(lock, seq)) {
		read_seqlock_excl_irqsave(lock, flags);
		sum_threads(task, sample);
		read_sequnlock_excl_irqrestore(lock, flags);
	}
}

/**
 * task_sample_take() - read identity, state, CPU time and I/O of a process
 * @task: thread group leader
 * @sample: the result; @struct_pid, @container, @cmdline and the sizes are not set
 *
 * The caller holds rcu_read_lock(). Does not sleep. The process may exit meanwhile:
 * the caller checks pid_alive() afterwards.
 */
void task_sample_take(struct task_struct *task, struct task_sample *sample)
{
	sample_identity(task, sample);
	sample_usage(task, sample);
}

/**
 * task_sample_get_mm() - get the memory of a process
 * @task: thread group leader
 *
 * The mm is taken from the first thread that has one, because the leader may have
 * exited before the others.
 *
 * The caller holds rcu_read_lock(). Does not sleep.
 *
 * Return: the mm, or NULL for a zombie, and for a kernel thread, which only borrows the
 * mm of a process. The caller owns the reference and must put it where it may sleep.
 */
struct mm_struct *task_sample_get_mm(struct task_struct *task)
{
	struct mm_struct *mm = NULL;
	struct task_struct *thread;

	if (task->flags & PF_KTHREAD)
		return NULL;

	for_each_thread(task, thread) {
		task_lock(thread);
		mm = thread->mm;
		if (mm)
			mmget(mm);
		task_unlock(thread);
		if (mm)
			break;
	}
	return mm;
}

/**
 * task_sample_memory() - read the memory sizes of a process
 * @mm: its memory, or NULL; the caller holds a reference
 * @sample: the result, in @vsz_kb and @rss_kb; 0 without an mm
 *
 * Called without a lock, because the sum over the CPUs takes long on a large machine.
 */
void task_sample_memory(struct mm_struct *mm, struct task_sample *sample)
{
	sample->vsz_kb = mm ? PAGES_TO_KB(READ_ONCE(mm->total_vm)) : 0;
	sample->rss_kb = mm ? PAGES_TO_KB(compat_mm_rss(mm)) : 0;
}
