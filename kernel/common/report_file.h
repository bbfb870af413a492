/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_REPORT_FILE_H
#define VIGIA_REPORT_FILE_H

#include "json_writer.h"
#include "process_walk.h"

/**
 * struct report_kind - what makes one module's file differ from the other's
 * @module: name of the module, and first part of the file's
 * @scope: which processes it shows
 */
struct report_kind {
	const char *module;
	enum walk_scope scope;
};

/*
 * Each module carries its own copy of the common files and supplies the next three:
 * what it is, what its text has between the totals and the first process, and a
 * process with what is around it. The text so far ends with "memory".
 */
extern const struct report_kind report_kind;
void report_opening(struct json_writer *w, const struct process_walk *walk);
void report_process(struct json_writer *w, const struct process_walk *walk, size_t place);

int report_file_add(void);
void report_file_remove(void);

#endif
