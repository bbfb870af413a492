/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_TOLD_H
#define VIGIA_TEST_TOLD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How the files tell bytes of somebody's choosing, found the slow way. @to needs
 * room for 3 * @len + 4 bytes; a NUL is put behind the text. Return its length.
 */
size_t told_text(const void *bytes, size_t len, bool cut, char *to);

/* The same of arguments as /proc/<pid>/cmdline has them, with this cmdline_max. */
size_t told_cmdline(const void *arguments, size_t len, size_t max, char *to);

#endif
