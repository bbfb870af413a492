/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_PID_SNAPSHOT_H
#define VIGIA_PID_SNAPSHOT_H

#include <linux/types.h>

struct pid;

/**
 * struct pid_snapshot - every process there was when it was begun, but for those
 *                       which ended meanwhile, and perhaps some younger ones
 * @pids: their pids, in the order in which they were started; each one is a
 *        reference which the snapshot owns
 * @count: how many
 * @capacity: for how many @pids has room
 *
 * References to struct pid (some 100 bytes each) rather than to tasks (some
 * 8 KiB each): a snapshot must not keep the dead in memory.
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
