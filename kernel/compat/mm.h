/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/mm.h, linux/sched/mm.h.
 *
 * get_user_pages_remote() lost its vmas argument in 6.5. FOLL_NOFAULT came in
 * 5.17 (and in 5.15's stable kernels); before, FOLL_DUMP refuses what was never
 * written or was given back. Only what was swapped out may be brought back then, and
 * FOLL_NOWAIT does not wait for it.
 *
 * Resident set: up to 6.1 the counter lags behind by at most 64 pages per
 * thread and cannot be summed. From 6.2 on it is spread over the CPUs, and
 * only the sum over them is exact; 7.3 gave that sum a name.
 *
 * mmput_async() is exported from 6.0 on, by the stable kernels which took the same
 * mend of InfiniBand's, and by Debian's 5.10: Kbuild asks the kernel built for.
 */
#ifndef VIGIA_COMPAT_MM_H
#define VIGIA_COMPAT_MM_H

#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/sched/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0) || defined(FOLL_NOFAULT)
#define COMPAT_FOLL_NOFAULT FOLL_NOFAULT
#else
#define COMPAT_FOLL_NOFAULT (FOLL_NOWAIT | FOLL_DUMP)
#endif

/*
 * The page of anonymous memory at @address, if it is there: nothing is faulted
 * in (but see above). The caller holds the mmap_lock and, on true, owns a reference
 * to @page.
 *
 * Nothing is asked of a hole. Where a stack lies above, get_user_pages_remote() would
 * let it grow there (up to 6.4), or say in the kernel log that it no longer does.
 */
static inline bool compat_get_resident_page(struct mm_struct *mm, unsigned long address,
					    struct page **page)
{
	unsigned int flags = FOLL_ANON | COMPAT_FOLL_NOFAULT;
	struct vm_area_struct *vma = find_vma(mm, address);

	if (!vma || vma->vm_start > address)
		return false;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return get_user_pages_remote(mm, address, 1, flags, page, NULL, NULL) == 1;
#else
	return get_user_pages_remote(mm, address, 1, flags, page, NULL) == 1;
#endif
}

static inline unsigned long compat_mm_rss(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return get_mm_rss(mm);
#elif LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
	/* get_mm_counter_sum() is this, from 6.16 and some of the stable kernels on. */
	return percpu_counter_sum_positive(&mm->rss_stat[MM_FILEPAGES]) +
	       percpu_counter_sum_positive(&mm->rss_stat[MM_ANONPAGES]) +
	       percpu_counter_sum_positive(&mm->rss_stat[MM_SHMEMPAGES]);
#else
	return get_mm_rss_sum(mm);
#endif
}

/*
 * Puts a reference to a process's memory. Whoever puts the last one takes it down and
 * waits for the files mapped there, be it for a file server which never answers: not
 * the reader, but one of the kernel's workers.
 */
static inline void compat_mmput(struct mm_struct *mm)
{
#ifdef COMPAT_HAS_MMPUT_ASYNC
	mmput_async(mm);
#else
	mmput(mm);
#endif
}

#endif
