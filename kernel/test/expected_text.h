/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_EXPECTED_TEXT_H
#define VIGIA_TEST_EXPECTED_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Computes how arbitrary bytes must appear in the reports, after decoding the JSON
 * string. @to needs room for 3 * @len + 4 bytes and is NUL-terminated. Returns the
 * length of the text.
 */
size_t expected_text(const void *bytes, size_t len, bool cut, char *to);

/*
 * The same for arguments in the form of /proc/<pid>/cmdline, truncated to @max bytes
 * (the module's cmdline_max).
 */
size_t expected_cmdline(const void *arguments, size_t len, size_t max, char *to);

#endif
