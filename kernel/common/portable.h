/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure files (json_writer, container_id, percent) need from their
 * surroundings, so that the same text compiles in the kernel and in the user
 * space tests.
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
#error "Counters of 64 bits are read without a lock: a 64-bit kernel is needed"
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

/*
 * Eight bytes at once: a word in which just those bytes which are 0 have their
 * highest bit set, and no other bit is.
 */
static inline u64 zero_bytes(u64 word)
{
	const u64 low_bits = 0x7f7f7f7f7f7f7f7fULL;

	return ~(((word & low_bits) + low_bits) | word | low_bits);
}

static inline u64 equal_bytes(u64 word, u8 byte)
{
	return zero_bytes(word ^ (0x0101010101010101ULL * byte));
}

static inline u64 load_word(const void *from)
{
	u64 word;

	memcpy(&word, from, sizeof(word));
	return word;
}

/* A number which the kernel cannot give: written as null, never as 0. */
#define UNKNOWN U64_MAX

#endif
