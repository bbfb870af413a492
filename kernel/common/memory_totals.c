// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/mm.h>

#include "memory_totals.h"

static u64 to_kb(u64 units, const struct sysinfo *info)
{
	return units * info->mem_unit / 1024;
}

/**
 * memory_totals_take() - read the memory counters of the machine
 * @totals: the result
 *
 * Does not sleep. Takes no lock: the kernel's counters are approximate anyway.
 */
void memory_totals_take(struct memory_totals *totals)
{
	struct sysinfo info = {};
	long available = si_mem_available();

	si_meminfo(&info);
	/* si_mem_available() is an estimate and may be negative or above the total. */
	available = clamp_t(long, available, 0, info.totalram);

	totals->total_kb = to_kb(info.totalram, &info);
	totals->free_kb = to_kb(info.freeram, &info);
	totals->available_kb = to_kb(available, &info);
	totals->used_kb = totals->total_kb - totals->available_kb;
	totals->buffers_kb = to_kb(info.bufferram, &info);
	totals->shared_kb = to_kb(info.sharedram, &info);
}
