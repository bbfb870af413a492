/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For linux/highmem.h: 5.10 has no kmap_local_page(). Its kmap_atomic() forbids sleeping
 * until the unmapping; our callers do not sleep.
 */
#ifndef VIGIA_COMPAT_HIGHMEM_H
#define VIGIA_COMPAT_HIGHMEM_H

#include <linux/highmem.h>

#ifndef COMPAT_HAS_KMAP_LOCAL_PAGE
#define kmap_local_page(page) kmap_atomic(page)
#define kunmap_local(address) kunmap_atomic(address)
#endif

#endif
