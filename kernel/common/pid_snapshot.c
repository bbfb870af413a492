// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pid_snapshot.h"

#define FIRST_CAPACITY 1024

/*
 * One consistent pass, all of it under RCU: nothing here may sleep. Returns
 * false when there are more processes than places.
 */
static bool fill(struct pid_snapshot *snapshot)
{
	struct task_struct *task;
	bool complete = true;

	rcu_read_lock();
	for_each_process(task) {
		struct pid *pid;

		if (snapshot->count == snapshot->capacity) {
			complete = false;
			break;
		}
		/* NULL: the process is just being released. */
		pid = get_pid(task_tgid(task));
		if (pid)
			snapshot->pids[snapshot->count++] = pid;
	}
	rcu_read_unlock();
	return complete;
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
 * May sleep. The room is allocated outside the RCU section and doubled until
 * the processes fit, which the kernel's limit on pids bounds.
 *
 * Return: 0, or -ENOMEM with @snapshot holding no references.
 */
int pid_snapshot_take(struct pid_snapshot *snapshot)
{
	if (!snapshot->capacity && grow(snapshot))
		return -ENOMEM;

	while (!fill(snapshot)) {
		pid_snapshot_drop(snapshot);
		if (grow(snapshot))
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
