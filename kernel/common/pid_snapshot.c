// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pid_snapshot.h"
#include "read_gfp.h"

#define INITIAL_CAPACITY 1024

/* Most processes visited in one RCU read-side section: takes well under 1 ms. */
#define INITIAL_BATCH 1024

/*
 * Whether @task is still on the list of processes, so that the walk can go on from
 * it. The caller holds rcu_read_lock().
 */
static bool is_listed(struct task_struct *task)
{
	/* execve() in another thread makes that thread the leader instead. */
	return task == &init_task || (pid_alive(task) && thread_group_leader(task));
}

/*
 * Adds up to @batch processes that follow *@at in the list, in one RCU read-side
 * section, where nothing may sleep. *@at holds a reference to a task. If the batch
 * is full, that reference is put, and *@at gets one to the last task added.
 *
 * Returns 0 at the end of the list, -EAGAIN if the batch is full, -ENOSPC if the
 * snapshot is full, -ESTALE if *@at is no longer on the list.
 */
static int fill_batch(struct pid_snapshot *snapshot, struct task_struct **at,
		      size_t batch)
{
	struct task_struct *task = *at;
	int err = 0;

	rcu_read_lock();
	if (!is_listed(task))
		err = -ESTALE;
	while (!err) {
		struct pid *pid;

		task = next_task(task);
		if (task == &init_task)
			break;
		if (snapshot->count == snapshot->capacity) {
			err = -ENOSPC;
			break;
		}
		/* NULL if the process is being released. */
		pid = get_pid(task_tgid(task));
		if (pid)
			snapshot->pids[snapshot->count++] = pid;
		if (!--batch) {
			get_task_struct(task);
			err = -EAGAIN;
		}
	}
	rcu_read_unlock();

	if (err == -EAGAIN) {
		put_task_struct(*at);
		*at = task;
	}
	return err;
}

static int fill(struct pid_snapshot *snapshot, size_t batch)
{
	struct task_struct *at = &init_task;
	int err;

	get_task_struct(at);
	do {
		err = fill_batch(snapshot, &at, batch);
		cond_resched();
	} while (err == -EAGAIN);
	put_task_struct(at);
	return err;
}

static int grow(struct pid_snapshot *snapshot)
{
	size_t capacity = max_t(size_t, snapshot->capacity * 2, INITIAL_CAPACITY);
	struct pid **pids;

	pids = kvmalloc_array(capacity, sizeof(*pids), READ_GFP);
	if (!pids)
		return -ENOMEM;
	kvfree(snapshot->pids);
	snapshot->pids = pids;
	snapshot->capacity = capacity;
	return 0;
}

/**
 * pid_snapshot_take() - take references to the struct pids of all processes
 * @snapshot: the snapshot; must not hold references
 *
 * May sleep. The array is allocated outside the RCU read-side sections and doubled
 * until all processes fit; pid_max limits its size. If the last task of a batch exits
 * before the next batch starts, the snapshot is retaken with batches twice as
 * large. That ends at the latest when one batch holds all processes.
 *
 * Return: 0, or -ENOMEM with @snapshot holding no references.
 */
int pid_snapshot_take(struct pid_snapshot *snapshot)
{
	size_t batch = INITIAL_BATCH;
	int err;

	if (!snapshot->capacity && grow(snapshot))
		return -ENOMEM;

	while ((err = fill(snapshot, batch))) {
		pid_snapshot_drop(snapshot);
		if (err == -ESTALE)
			batch *= 2;
		else if (grow(snapshot))
			return -ENOMEM;
	}
	return 0;
}

/**
 * pid_snapshot_drop() - put all references; keep the array for the next snapshot
 * @snapshot: the snapshot
 */
void pid_snapshot_drop(struct pid_snapshot *snapshot)
{
	while (snapshot->count)
		put_pid(snapshot->pids[--snapshot->count]);
}

/**
 * pid_snapshot_free() - put all references and free the array
 * @snapshot: the snapshot; empty afterwards, and can be used again
 */
void pid_snapshot_free(struct pid_snapshot *snapshot)
{
	pid_snapshot_drop(snapshot);
	kvfree(snapshot->pids);
	memset(snapshot, 0, sizeof(*snapshot));
}
