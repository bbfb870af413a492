// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load parameters of both modules. All of them are read-only after loading, so that
 * the format of the file never changes between two reads.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "settings.h"

#define CARNET_LEN_MAX 32
#define CMDLINE_MAX_LOWEST 16
#define CMDLINE_MAX_HIGHEST 4096

static char *carnet = "201903553";
module_param(carnet, charp, 0444);
MODULE_PARM_DESC(carnet, "suffix of the file in /proc: 1 to 32 of A-Z a-z 0-9 _ -");

static unsigned int mode = 0440;
module_param(mode, uint, 0444);
MODULE_PARM_DESC(mode, "permission bits of the file: 0400 or 0440");

static unsigned int gid;
module_param(gid, uint, 0444);
MODULE_PARM_DESC(gid, "group ID of the file");

static unsigned int cmdline_max = 512;
module_param(cmdline_max, uint, 0444);
MODULE_PARM_DESC(cmdline_max, "longest command line, in bytes: 16 to 4096");

static unsigned int cmdline_mode = CMDLINE_ALL;
module_param(cmdline_mode, uint, 0444);
MODULE_PARM_DESC(cmdline_mode,
		 "command lines: 0 none, 1 first argument only, 2 all arguments");

static bool aliases;
module_param(aliases, bool, 0444);
MODULE_PARM_DESC(aliases,
		 "whether to add a link with the other spelling of the file name");

struct settings settings;

static bool carnet_ok(void)
{
	size_t len = carnet ? strlen(carnet) : 0;
	size_t i;

	if (len < 1 || len > CARNET_LEN_MAX)
		return false;
	for (i = 0; i < len; i++) {
		if (!isascii(carnet[i]) ||
		    !(isalnum(carnet[i]) || carnet[i] == '_' || carnet[i] == '-'))
			return false;
	}
	return true;
}

/*
 * Never writable, as writing has no meaning. Never world-readable, as the files show
 * what /proc's hidepid option hides: readers other than root need the group.
 */
static bool mode_ok(void)
{
	return mode == 0400 || mode == 0440;
}

/**
 * settings_check() - validate the load parameters and copy them to settings
 * @module: name of the module
 *
 * Called once, from the module's init function. Logs an invalid value together with
 * the allowed range.
 *
 * Return: 0 or -EINVAL.
 */
int settings_check(const char *module)
{
	kgid_t kgid = make_kgid(&init_user_ns, gid);

	if (!carnet_ok()) {
		pr_err("%s: invalid carnet: must be 1 to %d characters of A-Z a-z 0-9 _ -\n",
		       module, CARNET_LEN_MAX);
		return -EINVAL;
	}
	if (!mode_ok()) {
		pr_err("%s: invalid mode=0%o: must be 0400 or 0440 (octal, with the leading 0; never writable or world-readable)\n",
		       module, mode);
		return -EINVAL;
	}
	if (!gid_valid(kgid)) {
		pr_err("%s: invalid gid=%u: must be 0 to 4294967294\n", module, gid);
		return -EINVAL;
	}
	if (cmdline_max < CMDLINE_MAX_LOWEST || cmdline_max > CMDLINE_MAX_HIGHEST) {
		pr_err("%s: invalid cmdline_max=%u: must be %d to %d bytes\n", module,
		       cmdline_max, CMDLINE_MAX_LOWEST, CMDLINE_MAX_HIGHEST);
		return -EINVAL;
	}
	if (cmdline_mode > CMDLINE_ALL) {
		pr_err("%s: invalid cmdline_mode=%u: must be 0 (none), 1 (first argument) or 2 (all)\n",
		       module, cmdline_mode);
		return -EINVAL;
	}

	settings.module = module;
	settings.carnet = carnet;
	settings.mode = mode;
	settings.gid = kgid;
	settings.cmdline_max = cmdline_max;
	settings.cmdline_mode = cmdline_mode;
	settings.aliases = aliases;
	return 0;
}
