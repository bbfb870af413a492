/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_REPORT_FILE_H
#define VIGIA_REPORT_FILE_H

#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "process_walk.h"
#include "report_text.h"

/*
 * A file is a sequence of records: the head, one per process, and the tail.
 * Which one is being shown follows from its position alone.
 */
#define HEAD_POSITION 0

static inline loff_t report_tail_position(const struct process_walk *walk)
{
	return walk->count + 1;
}

extern struct report_origin report_origin;

int report_file_add(const char *module, const struct proc_ops *ops);
void report_file_remove(void);

int report_file_open(struct file *file, const struct seq_operations *records,
		     enum walk_scope scope);
int report_file_release(struct inode *inode, struct file *file);

void *report_file_start(struct seq_file *m, loff_t *position);
void *report_file_next(struct seq_file *m, void *record, loff_t *position);
void report_file_stop(struct seq_file *m, void *record);

void report_file_begin(struct seq_file *m, struct json_writer *w);
void report_file_commit(struct seq_file *m, const struct json_writer *w);

#endif
