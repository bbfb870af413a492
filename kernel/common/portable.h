/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types and macros for the files without kernel dependencies (json_writer,
 * container_id, percent), so that they compile both in the kernel and in the
 * user-space tests.
 */
#ifndef VIGIA_PORTABLE_H
#define VIGIA_PORTABLE_H

#ifdef __KERNEL__

#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>

#ifndef CONFIG_64BIT
#error "A 64-bit kernel is required: 64-bit counters are read without a lock"
#endif

#else

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define U32_MAX (~0U)
#define U64_MAX (~0ULL)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif

/* A number that cannot be read from the kernel. Written as null, not as 0. */
#define UNKNOWN U64_MAX

#endif
