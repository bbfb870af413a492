// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module sysinfo_so1: /proc/sysinfo_so1_<carnet> lists the memory of the machine and
 * every process.
 */
#include <linux/module.h>

#include "../common/report_file.h"
#include "../common/report_text.h"
#include "../common/settings.h"

const struct report_kind report_kind = {
	.module = "sysinfo_so1",
	.scope = WALK_ALL,
};

void report_opening(struct json_writer *w, const struct process_walk *walk)
{
	json_literal(w, ",\n\"counts\":");
	report_text_counts(w, walk);
	json_literal(w, ",\n\"processes\":[\n");
}

void report_process(struct json_writer *w, const struct process_walk *walk, size_t index)
{
	if (index > 0)
		json_literal(w, ",\n");
	report_text_process(w, walk, process_walk_sample(walk, index));
}

static int __init sysinfo_init(void)
{
	int err = settings_check(report_kind.module);

	if (err)
		return err;
	return report_file_add();
}

static void __exit sysinfo_exit(void)
{
	report_file_remove();
}

module_init(sysinfo_init);
module_exit(sysinfo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory and processes of the machine, as JSON in /proc");
