/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_READ_GFP_H
#define VIGIA_READ_GFP_H

#include <linux/gfp.h>

/*
 * For all memory of a reading. It is charged to the cgroup of the reader, who gets ENOMEM
 * if there is none: no reason for a call trace in the kernel's log.
 */
#define READ_GFP (GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

#endif
