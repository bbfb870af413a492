/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_REPORT_FILE_H
#define VIGIA_REPORT_FILE_H

#include "json_writer.h"
#include "process_walk.h"

struct proc_dir_entry;

/**
 * struct report_shape - how a walk is written: a head, one record after another, a tail
 * @scope: which processes the walk keeps
 * @head: writes everything before the first record
 * @count: number of records
 * @record: writes one record, with the punctuation around it
 * @tail: text after the last record
 */
struct report_shape {
	enum walk_scope scope;
	void (*head)(struct json_writer *w, const struct process_walk *walk);
	size_t (*count)(const struct process_walk *walk);
	void (*record)(struct json_writer *w, const struct process_walk *walk,
		       size_t index);
	const char *tail;
};

/**
 * struct report_file - a file in /proc
 * @prefix: its name up to the underscore before the carnet
 * @alias: the same for a link to it with another name, or NULL
 * @shape: how it is written
 * @entry: the file, while it exists
 * @link: the link, while it exists; else NULL
 */
struct report_file {
	const char *prefix;
	const char *alias;
	const struct report_shape *shape;
	struct proc_dir_entry *entry;
	struct proc_dir_entry *link;
};

int report_file_add(struct report_file *file);
void report_file_remove(struct report_file *file);

#endif
