/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For linux/proc_fs.h: PDE_DATA() was renamed to pde_data() in 5.17. Kbuild looks the new
 * name up in the header.
 */
#ifndef VIGIA_COMPAT_PROC_FS_H
#define VIGIA_COMPAT_PROC_FS_H

#include <linux/proc_fs.h>

#ifdef COMPAT_HAS_PDE_DATA
#define compat_pde_data(inode) pde_data(inode)
#else
#define compat_pde_data(inode) PDE_DATA(inode)
#endif

#endif
