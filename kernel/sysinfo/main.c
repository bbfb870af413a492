// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/sysinfo_so1_<carnet>: the machine's memory and every process.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "../common/report_file.h"
#include "../common/settings.h"

static void show_head(struct json_writer *w, const struct process_walk *walk)
{
	report_text_head(w, &report_origin, walk);
	json_literal(w, ",\n\"counts\":");
	report_text_counts(w, walk);
	json_literal(w, ",\n\"processes\":[\n");
}

static void show_process(struct json_writer *w, const struct process_walk *walk,
			 size_t place)
{
	if (place > 0)
		json_literal(w, ",\n");
	report_text_process(w, walk, process_walk_sample(walk, place));
}

static void show_tail(struct json_writer *w)
{
	json_literal(w, "\n],\n\"complete\":true}\n");
}

static int sysinfo_show(struct seq_file *m, void *record)
{
	static const struct report_layout layout = {
		.head	 = show_head,
		.process = show_process,
		.tail	 = show_tail,
	};

	return report_file_show(m, record, &layout);
}

static const struct seq_operations sysinfo_records = {
	.start	= report_file_start,
	.next	= report_file_next,
	.stop	= report_file_stop,
	.show	= sysinfo_show,
};

static int sysinfo_open(struct inode *inode, struct file *file)
{
	return report_file_open(file, &sysinfo_records, WALK_ALL);
}

static const struct proc_ops sysinfo_file = {
	.proc_open	= sysinfo_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= report_file_release,
};

static int __init sysinfo_init(void)
{
	int err = settings_check("sysinfo_so1");

	if (err)
		return err;
	return report_file_add("sysinfo_so1", &sysinfo_file);
}

static void __exit sysinfo_exit(void)
{
	report_file_remove();
}

module_init(sysinfo_init);
module_exit(sysinfo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory and processes of the machine, as JSON in /proc");
