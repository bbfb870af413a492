/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_REPORT_H
#define VIGIA_TEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct json;

/**
 * struct text - content of a file
 * @bytes: the content; owned by the struct's owner, who frees it
 * @len: its length
 */
struct text {
	char *bytes;
	size_t len;
};

/* Reads to the end of the file, @piece bytes at a time. Returns 0 or -errno. */
int report_read(int fd, size_t piece, struct text *text);

/*
 * Checks a report against contract/FIELDS.md: strict JSON, every field present with
 * the right type, consistent sums. Returns NULL if it is correct, else a description of
 * the first error, valid until the next call.
 */
const char *report_fault(const struct text *text);

/* Reads and parses a whole file. On error prints a message and exits. */
struct json *report_load(const char *path);

/* Finds a process in the report of sysinfo_so1, or returns NULL. */
const struct json *report_process(const struct json *report, unsigned long long pid);

#endif
