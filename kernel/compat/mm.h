/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/mm.h.
 *
 * get_user_pages_remote() lost its vmas argument in 6.5. FOLL_NOFAULT came in
 * 5.17; before, FOLL_NOWAIT at least never waits for a disk.
 *
 * Resident set: up to 6.1 the counter lags behind by at most 64 pages per
 * thread and cannot be summed. From 6.2 on it is spread over the CPUs, and
 * only the sum over them is exact; 7.3 gave that sum a name.
 */
#ifndef VIGIA_COMPAT_MM_H
#define VIGIA_COMPAT_MM_H

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define COMPAT_FOLL_NOFAULT FOLL_NOWAIT
#else
#define COMPAT_FOLL_NOFAULT FOLL_NOFAULT
#endif

/*
 * The page of anonymous memory at @address, if it is there: nothing is faulted
 * in. The caller holds the mmap_lock and, on true, owns a reference to @page.
 */
static inline bool compat_get_resident_page(struct mm_struct *mm, unsigned long address,
					    struct page **page)
{
	unsigned int flags = FOLL_ANON | COMPAT_FOLL_NOFAULT;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return get_user_pages_remote(mm, address, 1, flags, page, NULL, NULL) == 1;
#else
	return get_user_pages_remote(mm, address, 1, flags, page, NULL) == 1;
#endif
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)

static inline unsigned long compat_mm_rss_locked(struct mm_struct *mm)
{
	return get_mm_counter_sum(mm, MM_FILEPAGES) +
	       get_mm_counter_sum(mm, MM_ANONPAGES) +
	       get_mm_counter_sum(mm, MM_SHMEMPAGES);
}

#if defined(CONFIG_SMP) && defined(CONFIG_64BIT) && defined(for_each_cpu_or)
/*
 * The same sum without its three locks and three passes over the CPUs, whose parts
 * of the three counters lie side by side. A CPU which moves its part to the common
 * count does so under the counter's lock: where that is taken, or a count has
 * changed meanwhile, the sum is to be taken with the locks.
 */
static inline bool compat_mm_rss_undisturbed(struct mm_struct *mm, s64 *rss)
{
	struct percpu_counter *file = &mm->rss_stat[MM_FILEPAGES];
	struct percpu_counter *anon = &mm->rss_stat[MM_ANONPAGES];
	struct percpu_counter *shmem = &mm->rss_stat[MM_SHMEMPAGES];
	s64 files = READ_ONCE(file->count);
	s64 anons = READ_ONCE(anon->count);
	s64 shmems = READ_ONCE(shmem->count);
	unsigned int cpu;

	smp_rmb(); /* the counts before the locks */
	if (raw_spin_is_locked(&file->lock) || raw_spin_is_locked(&anon->lock) ||
	    raw_spin_is_locked(&shmem->lock))
		return false;
	smp_rmb(); /* the locks before the parts */

	*rss = files + anons + shmems;
	for_each_cpu_or(cpu, cpu_online_mask, cpu_dying_mask) {
		*rss += READ_ONCE(*per_cpu_ptr(file->counters, cpu));
		*rss += READ_ONCE(*per_cpu_ptr(anon->counters, cpu));
		*rss += READ_ONCE(*per_cpu_ptr(shmem->counters, cpu));
	}
	smp_rmb(); /* the parts before the counts, once more */
	return files == READ_ONCE(file->count) && anons == READ_ONCE(anon->count) &&
	       shmems == READ_ONCE(shmem->count);
}
#else
static inline bool compat_mm_rss_undisturbed(struct mm_struct *mm, s64 *rss)
{
	return false;
}
#endif
#endif

static inline unsigned long compat_mm_rss(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return get_mm_rss(mm);
#elif LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
	s64 rss;

	if (compat_mm_rss_undisturbed(mm, &rss) && rss >= 0)
		return rss;
	return compat_mm_rss_locked(mm);
#else
	return get_mm_rss_sum(mm);
#endif
}

#endif
