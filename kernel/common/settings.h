/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_SETTINGS_H
#define VIGIA_SETTINGS_H

#include <linux/types.h>
#include <linux/uidgid.h>

enum cmdline_mode {
	CMDLINE_OFF,	 /* always null */
	CMDLINE_PROGRAM, /* the first argument: the others may be secret */
	CMDLINE_ALL,
};

/**
 * struct settings - what the module was loaded with, once validated
 * @carnet: suffix of the file's name
 * @mode: permission bits of the file
 * @gid: its group
 * @cmdline_max: how many bytes of a command line are kept
 * @cmdline_mode: how much of it is read at all
 *
 * Constant once settings_check() has succeeded; needs no lock.
 */
struct settings {
	const char *carnet;
	umode_t mode;
	kgid_t gid;
	unsigned int cmdline_max;
	enum cmdline_mode cmdline_mode;
};

extern struct settings settings;

int settings_check(const char *module);

#endif
