/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_REPORT_FILE_H
#define VIGIA_REPORT_FILE_H

#include "json_writer.h"
#include "process_walk.h"

/**
 * struct report_kind - what distinguishes the file of one module from the other's
 * @module: name of the module, and first part of the file name
 * @scope: which processes the file contains
 */
struct report_kind {
	const char *module;
	enum walk_scope scope;
};

/*
 * Each module links its own copy of the common files and defines these three.
 * report_opening() writes what comes between the "memory" object and the first
 * process; report_process() writes one process, with the punctuation around it.
 */
extern const struct report_kind report_kind;
void report_opening(struct json_writer *w, const struct process_walk *walk);
void report_process(struct json_writer *w, const struct process_walk *walk, size_t index);

int report_file_add(void);
void report_file_remove(void);

#endif
