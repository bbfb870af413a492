// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/continfo_so1_<carnet>: the machine's memory, and every container with
 * its processes.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "../common/report_file.h"
#include "../common/settings.h"

static void show_head(struct json_writer *w, const struct process_walk *walk)
{
	report_text_head(w, &report_origin, walk);
	json_literal(w, ",\n\"containers\":[");
}

/* A container is opened before its first process and closed behind its last. */
static void show_process(struct json_writer *w, const struct process_walk *walk,
			 size_t place)
{
	const struct task_sample *sample = process_walk_sample(walk, place);
	const struct container *container = &walk->containers.entries[sample->container];

	if (place == container->first) {
		if (place > 0)
			json_literal(w, ",");
		json_literal(w, "\n{");
		report_text_container(w, walk, container);
		json_literal(w, ",\"processes\":[\n");
	} else {
		json_literal(w, ",\n");
	}
	report_text_process(w, walk, sample);
	if (place == container->first + container->process_count - 1)
		json_literal(w, "]}");
}

static void show_tail(struct json_writer *w)
{
	json_literal(w, "\n],\n\"complete\":true}\n");
}

static int continfo_show(struct seq_file *m, void *record)
{
	static const struct report_layout layout = {
		.head	 = show_head,
		.process = show_process,
		.tail	 = show_tail,
	};

	return report_file_show(m, record, &layout);
}

static const struct seq_operations continfo_records = {
	.start	= report_file_start,
	.next	= report_file_next,
	.stop	= report_file_stop,
	.show	= continfo_show,
};

static int continfo_open(struct inode *inode, struct file *file)
{
	return report_file_open(file, &continfo_records, WALK_CONTAINERS);
}

static const struct proc_ops continfo_file = {
	.proc_open	= continfo_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= report_file_release,
};

static int __init continfo_init(void)
{
	int err = settings_check("continfo_so1");

	if (err)
		return err;
	return report_file_add("continfo_so1", &continfo_file);
}

static void __exit continfo_exit(void)
{
	report_file_remove();
}

module_init(continfo_init);
module_exit(continfo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Containers and their processes, as JSON in /proc");
