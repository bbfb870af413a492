/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_MEMORY_TOTALS_H
#define VIGIA_MEMORY_TOTALS_H

#include <linux/types.h>

/**
 * struct memory_totals - memory counters of the machine, in KiB as in /proc/meminfo
 * @total_kb: MemTotal
 * @free_kb: MemFree
 * @available_kb: MemAvailable
 * @used_kb: @total_kb minus @available_kb
 * @buffers_kb: Buffers
 * @shared_kb: Shmem
 */
struct memory_totals {
	u64 total_kb;
	u64 free_kb;
	u64 available_kb;
	u64 used_kb;
	u64 buffers_kb;
	u64 shared_kb;
};

void memory_totals_take(struct memory_totals *totals);

#endif
