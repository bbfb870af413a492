/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_REPORT_TEXT_H
#define VIGIA_REPORT_TEXT_H

#include "json_writer.h"
#include "process_walk.h"

/* Incremented when a field is removed or changes its meaning: see FIELDS.md. */
#define SCHEMA_VERSION 1

/**
 * struct report_origin - which module wrote a report
 * @module: name of the module
 * @load_id: random ID generated when the module is loaded, to detect reloads
 */
struct report_origin {
	const char *module;
	char load_id[33];
};

void report_text_head(struct json_writer *w, const struct report_origin *origin,
		      const struct process_walk *walk);
void report_text_counts(struct json_writer *w, const struct process_walk *walk);
void report_text_process(struct json_writer *out, const struct process_walk *walk,
			 const struct task_sample *sample);
void report_text_container(struct json_writer *w, const struct process_walk *walk,
			   const struct container *container);

#endif
