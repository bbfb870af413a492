/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_REPORT_TEXT_H
#define VIGIA_REPORT_TEXT_H

#include "json_writer.h"
#include "process_walk.h"

/* Incremented when a field is removed or changes its meaning: see FIELDS.md. */
#define SCHEMA_VERSION 1

/* What a report consists of after its last record. */
#define REPORT_TEXT_TAIL "\n],\n\"complete\":true}\n"

void report_text_init(void);
void report_text_head(struct json_writer *w, const struct process_walk *walk);
void report_text_counts(struct json_writer *w, const struct process_walk *walk);
void report_text_process(struct json_writer *out, const struct process_walk *walk,
			 const struct task_sample *sample);
void report_text_container(struct json_writer *w, const struct process_walk *walk,
			   const struct container *container);

#endif
