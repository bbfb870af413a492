// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module sysinfo_so1: /proc/sysinfo_so1_<carnet> lists the memory of the machine and
 * every process.
 */
#include <linux/module.h>
#include <linux/printk.h>

#include "../common/report_file.h"
#include "../common/report_text.h"
#include "../common/settings.h"

static void head(struct json_writer *w, const struct process_walk *walk)
{
	report_text_head(w, walk);
	json_literal(w, ",\n\"counts\":");
	report_text_counts(w, walk);
	json_literal(w, ",\n\"processes\":[\n");
}

static size_t process_count(const struct process_walk *walk)
{
	return walk->count;
}

static void process(struct json_writer *w, const struct process_walk *walk, size_t index)
{
	if (index > 0)
		json_literal(w, ",\n");
	report_text_process(w, walk, process_walk_sample(walk, index));
}

static const struct report_shape sysinfo_shape = {
	.scope = WALK_ALL,
	.head = head,
	.count = process_count,
	.record = process,
	.tail = REPORT_TEXT_TAIL,
};

static struct report_file sysinfo_file = {
	.prefix = "sysinfo_so1",
	.alias = "sysinfo_sot",
	.shape = &sysinfo_shape,
};

static int __init sysinfo_init(void)
{
	int err = settings_check("sysinfo_so1");

	if (err)
		return err;
	report_text_init();
	err = report_file_add(&sysinfo_file);
	if (err)
		return err;
	pr_info("sysinfo_so1: version %s loaded\n", VIGIA_VERSION);
	return 0;
}

static void __exit sysinfo_exit(void)
{
	report_file_remove(&sysinfo_file);
	pr_info("sysinfo_so1: version %s unloaded\n", VIGIA_VERSION);
}

module_init(sysinfo_init);
module_exit(sysinfo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory and processes of the machine, as JSON in /proc");
MODULE_VERSION(VIGIA_VERSION);
