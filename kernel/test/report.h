/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_REPORT_H
#define VIGIA_TEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct json;

/**
 * struct text - a file's content
 * @bytes: the content; belongs to whoever has the struct
 * @len: its length
 */
struct text {
	char *bytes;
	size_t len;
};

/* Reads to the end with reads of up to @piece bytes. 0 or -errno. */
int report_read(int fd, size_t piece, struct text *text);

/*
 * NULL when the text keeps the contract: strict JSON, every field there with a
 * value of its kind, sums equal to their parts. Else what is wrong with it.
 */
const char *report_fault(const struct text *text);

/* Reads and parses a whole file; exits with a message when that fails. */
struct json *report_load(const char *path);

/* The process with this pid in sysinfo's file, or NULL. */
const struct json *report_process(const struct json *report, unsigned long long pid);

#endif
