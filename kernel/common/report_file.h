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

/**
 * struct report_layout - how records are written
 * @head: what comes before the first process
 * @process: the process at a place in the walk's order, and what is around it
 * @tail: what comes behind the last one
 */
struct report_layout {
	void (*head)(struct json_writer *w, const struct process_walk *walk);
	void (*process)(struct json_writer *w, const struct process_walk *walk, size_t place);
	void (*tail)(struct json_writer *w);
};

/* As many processes as fit, but at least one; returns how many. */
static __always_inline size_t
report_show_processes(struct json_writer *w, const struct process_walk *walk,
		      size_t first, const struct report_layout *layout)
{
	struct json_writer before;
	size_t place = first;

	do {
		before = *w;
		layout->process(w, walk, place);
		if (w->full && place > first) {
			*w = before;
			break;
		}
		place++;
	} while (!w->full && place < walk->count);
	return place - first;
}

/**
 * report_file_show() - seq_file's show: a record, and processes by the bufferful
 * @m: the file, locked by seq_file
 * @record: the first record to be shown
 * @layout: how; a constant, so that nothing is called through a pointer
 *
 * Return: 0.
 */
static __always_inline int report_file_show(struct seq_file *m, void *record,
					    const struct report_layout *layout)
{
	struct process_walk *walk = m->private;
	loff_t position = *(loff_t *)record;
	struct json_writer w;

	report_file_begin(m, &w);
	walk->shown = 1;
	if (position == HEAD_POSITION)
		layout->head(&w, walk);
	else if (position == report_tail_position(walk))
		layout->tail(&w);
	else
		walk->shown = report_show_processes(&w, walk, position - 1, layout);
	report_file_commit(m, &w);
	return 0;
}

#endif
