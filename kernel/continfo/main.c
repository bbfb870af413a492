// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module continfo_so1: /proc/continfo_so1_<carnet> lists the memory of the machine and
 * every container with its processes.
 */
#include <linux/module.h>
#include <linux/printk.h>

#include "../common/report_file.h"
#include "../common/report_text.h"
#include "../common/settings.h"
#include "container_info.h"

static bool container_info;
module_param(container_info, bool, 0444);
MODULE_PARM_DESC(container_info, "whether to add the file container_info_<carnet>");

static void head(struct json_writer *w, const struct process_walk *walk)
{
	report_text_head(w, walk);
	json_literal(w, ",\n\"containers\":[");
}

static size_t process_count(const struct process_walk *walk)
{
	return walk->count;
}

/* Starts a container object before its first process, ends it after its last one. */
static void process(struct json_writer *w, const struct process_walk *walk, size_t index)
{
	const struct task_sample *sample = process_walk_sample(walk, index);
	const struct container *container = &walk->containers.entries[sample->container];

	if (index == container->first) {
		if (index > 0)
			json_literal(w, ",");
		json_literal(w, "\n{");
		report_text_container(w, walk, container);
		json_literal(w, ",\"processes\":[\n");
	} else {
		json_literal(w, ",\n");
	}
	report_text_process(w, walk, sample);
	if (index == container->first + container->process_count - 1)
		json_literal(w, "]}");
}

static const struct report_shape continfo_shape = {
	.scope = WALK_CONTAINERS,
	.head = head,
	.count = process_count,
	.record = process,
	.tail = REPORT_TEXT_TAIL,
};

static struct report_file continfo_file = {
	.prefix = "continfo_so1",
	.alias = "containers_so1",
	.shape = &continfo_shape,
};

static struct report_file container_info_file = {
	.prefix = "container_info",
	.shape = &container_info_shape,
};

static int __init continfo_init(void)
{
	int err = settings_check("continfo_so1");

	if (err)
		return err;
	report_text_init();
	err = report_file_add(&continfo_file);
	if (err)
		return err;
	if (container_info)
		err = report_file_add(&container_info_file);
	if (err) {
		report_file_remove(&continfo_file);
		return err;
	}
	pr_info("continfo_so1: version %s loaded\n", VIGIA_VERSION);
	return 0;
}

static void __exit continfo_exit(void)
{
	report_file_remove(&container_info_file);
	report_file_remove(&continfo_file);
	pr_info("continfo_so1: version %s unloaded\n", VIGIA_VERSION);
}

module_init(continfo_init);
module_exit(continfo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Containers and their processes, as JSON in /proc");
MODULE_VERSION(VIGIA_VERSION);
