/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For linux/mm.h and linux/sched/mm.h. Kbuild looks up in the kernel's headers what
 * COMPAT_HAS_... says.
 *
 * get_user_pages_remote() lost its vmas argument in 6.5, and in RHEL 9.6.
 *
 * FOLL_NOFAULT was added in 5.16 and backported to 5.15. Older kernels get FOLL_NOWAIT |
 * FOLL_DUMP: FOLL_DUMP fails for pages that were never written or were discarded, so
 * only swapped-out pages may be faulted in, and FOLL_NOWAIT does not wait for them.
 *
 * Resident set size: up to 6.1 the counters lag behind by at most 64 page faults per
 * thread, and what the threads hold back cannot be read. From 6.2 on (and in RHEL 9) they
 * are per-CPU counters, exact only as the sum over all CPUs.
 *
 * mmput_async() is exported since 6.0, by stable kernels with a backport of an
 * InfiniBand fix, and by Debian's 5.10.
 */
#ifndef VIGIA_COMPAT_MM_H
#define VIGIA_COMPAT_MM_H

#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/sched/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error The modules need Linux 5.10 or newer
#endif

#ifdef COMPAT_HAS_FOLL_NOFAULT
#define COMPAT_FOLL_NOFAULT FOLL_NOFAULT
#else
#define COMPAT_FOLL_NOFAULT (FOLL_NOWAIT | FOLL_DUMP)
#endif

/*
 * Looks up the page of anonymous memory at @address. Returns false if it is not
 * resident; does not fault it in (see above for old kernels). The caller holds the
 * mmap_lock and, on true, owns a reference to @page.
 *
 * Holes are excluded before the call to get_user_pages_remote(): below a stack it
 * would extend the stack (up to 6.4), or log a warning that it does not (since 6.5).
 */
static inline bool compat_get_resident_page(struct mm_struct *mm, unsigned long address,
					    struct page **page)
{
	unsigned int flags = FOLL_ANON | COMPAT_FOLL_NOFAULT;
	struct vm_area_struct *vma = find_vma(mm, address);

	if (!vma || vma->vm_start > address)
		return false;
#ifdef COMPAT_HAS_GUP_VMAS
	return get_user_pages_remote(mm, address, 1, flags, page, NULL, NULL) == 1;
#else
	return get_user_pages_remote(mm, address, 1, flags, page, NULL) == 1;
#endif
}

static inline unsigned long compat_mm_rss(struct mm_struct *mm)
{
#ifdef COMPAT_HAS_PERCPU_RSS
	/* The same as get_mm_rss_sum(), which 7.3 has. */
	return percpu_counter_sum_positive(&mm->rss_stat[MM_FILEPAGES]) +
	       percpu_counter_sum_positive(&mm->rss_stat[MM_ANONPAGES]) +
	       percpu_counter_sum_positive(&mm->rss_stat[MM_SHMEMPAGES]);
#else
	return get_mm_rss(mm);
#endif
}

/*
 * Puts a reference to an mm. The task that puts the last one tears the address space
 * down, which can wait for the mapped files, even for an unresponsive file server. So
 * that work is left to a kernel worker where mmput_async() is available.
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
