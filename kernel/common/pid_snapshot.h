/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_PID_SNAPSHOT_H
#define VIGIA_PID_SNAPSHOT_H

#include <linux/types.h>

struct pid;

/**
 * struct pid_snapshot - references to the struct pids of all processes
 * @pids: the pids, in the order in which the processes were started; the snapshot
 *        owns one reference to each
 * @count: number of pids
 * @capacity: room in @pids
 *
 * Holds every process that exists from the beginning to the end of
 * pid_snapshot_take(). It may also hold some that started meanwhile.
 *
 * It references struct pid (some 100 bytes each) and not task_struct (some 8 KiB
 * each), so that it does not keep much memory of exited processes allocated.
 */
struct pid_snapshot {
	struct pid **pids;
	size_t count;
	size_t capacity;
};

int pid_snapshot_take(struct pid_snapshot *snapshot);
void pid_snapshot_drop(struct pid_snapshot *snapshot);
void pid_snapshot_free(struct pid_snapshot *snapshot);

#endif
