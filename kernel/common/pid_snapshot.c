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

#define FIRST_CAPACITY 1024

/* So many processes in one go: a small part of a millisecond under RCU. */
#define FIRST_STRETCH 1024

/* Under RCU. Whether the list of processes leads on from @task. */
static bool is_listed(struct task_struct *task)
{
	/* A leader is replaced when another thread calls execve(). */
	return task == &init_task || (pid_alive(task) && thread_group_leader(task));
}

/*
 * Adds the processes behind *@at, up to @stretch of them, all of it under RCU:
 * nothing here may sleep. *@at is a reference, which moves on with a pause.
 *
 * Returns 0 at the end of the list, -EAGAIN for a pause, -ENOSPC when there are
 * more processes than places, -ESTALE when *@at is no longer on the list.
 */
static int fill_stretch(struct pid_snapshot *snapshot, struct task_struct **at,
			size_t stretch)
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
		/* NULL: the process is just being released. */
		pid = get_pid(task_tgid(task));
		if (pid)
			snapshot->pids[snapshot->count++] = pid;
		if (!--stretch) {
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

static int fill(struct pid_snapshot *snapshot, size_t stretch)
{
	struct task_struct *at = &init_task;
	int err;

	get_task_struct(at);
	do {
		err = fill_stretch(snapshot, &at, stretch);
		cond_resched();
	} while (err == -EAGAIN);
	put_task_struct(at);
	return err;
}

static int grow(struct pid_snapshot *snapshot)
{
	size_t capacity = max_t(size_t, snapshot->capacity * 2, FIRST_CAPACITY);
	struct pid **pids;

	pids = kvmalloc_array(capacity, sizeof(*pids), GFP_KERNEL_ACCOUNT);
	if (!pids)
		return -ENOMEM;
	kvfree(snapshot->pids);
	snapshot->pids = pids;
	snapshot->capacity = capacity;
	return 0;
}

/**
 * pid_snapshot_take() - take references to the pids of all processes
 * @snapshot: the snapshot; must hold no references
 *
 * May sleep. The room is allocated outside the RCU sections and doubled until the
 * processes fit, which the kernel's limit on pids bounds. When the process at a
 * pause has gone it begins anew with longer stretches, in the end a single one.
 *
 * Return: 0, or -ENOMEM with @snapshot holding no references.
 */
int pid_snapshot_take(struct pid_snapshot *snapshot)
{
	size_t stretch = FIRST_STRETCH;
	int err;

	if (!snapshot->capacity && grow(snapshot))
		return -ENOMEM;

	while ((err = fill(snapshot, stretch))) {
		pid_snapshot_drop(snapshot);
		if (err == -ESTALE)
			stretch *= 2;
		else if (grow(snapshot))
			return -ENOMEM;
	}
	return 0;
}

/**
 * pid_snapshot_drop() - put all references, keep the room for the next time
 * @snapshot: the snapshot
 */
void pid_snapshot_drop(struct pid_snapshot *snapshot)
{
	while (snapshot->count)
		put_pid(snapshot->pids[--snapshot->count]);
}

/**
 * pid_snapshot_free() - put all references and give the memory back
 * @snapshot: the snapshot; empty afterwards, and usable
 */
void pid_snapshot_free(struct pid_snapshot *snapshot)
{
	pid_snapshot_drop(snapshot);
	kvfree(snapshot->pids);
	memset(snapshot, 0, sizeof(*snapshot));
}
