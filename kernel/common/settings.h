/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_SETTINGS_H
#define VIGIA_SETTINGS_H

#include <linux/types.h>
#include <linux/uidgid.h>

enum cmdline_mode {
	CMDLINE_OFF,	 /* always null */
	CMDLINE_PROGRAM, /* first argument only: the others may contain secrets */
	CMDLINE_ALL,
};

/**
 * struct settings - the validated load parameters
 * @module: name of the module
 * @carnet: suffix of the file name
 * @mode: permission bits of the file
 * @gid: group of the file
 * @cmdline_max: longest command line in bytes; longer ones are truncated
 * @cmdline_mode: which arguments are read
 * @aliases: whether each file that has an alias gets a link with that name
 *
 * Constant once settings_check() has succeeded, so it needs no lock.
 */
struct settings {
	const char *module;
	const char *carnet;
	umode_t mode;
	kgid_t gid;
	unsigned int cmdline_max;
	enum cmdline_mode cmdline_mode;
	bool aliases;
};

extern struct settings settings;

int settings_check(const char *module);

#endif
