/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For linux/highmem.h: kmap_local_page() was added in 5.11. Older kernels have
 * kmap_atomic(), which forbids sleeping until the unmapping; our callers do not sleep.
 */
#ifndef VIGIA_COMPAT_HIGHMEM_H
#define VIGIA_COMPAT_HIGHMEM_H

#include <linux/highmem.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define kmap_local_page(page) kmap_atomic(page)
#define kunmap_local(address) kunmap_atomic(address)
#endif

#endif
