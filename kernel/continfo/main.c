// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module continfo_so1: /proc/continfo_so1_<carnet> lists the memory of the machine and
 * every container with its processes.
 */
#include <linux/module.h>

#include "../common/report_file.h"
#include "../common/report_text.h"
#include "../common/settings.h"

const struct report_kind report_kind = {
	.module = "continfo_so1",
	.scope = WALK_CONTAINERS,
};

void report_opening(struct json_writer *w, const struct process_walk *walk)
{
	json_literal(w, ",\n\"containers\":[");
}

/* Starts a container object before its first process, ends it after its last one. */
void report_process(struct json_writer *w, const struct process_walk *walk, size_t index)
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

static int __init continfo_init(void)
{
	int err = settings_check(report_kind.module);

	if (err)
		return err;
	return report_file_add();
}

static void __exit continfo_exit(void)
{
	report_file_remove();
}

module_init(continfo_init);
module_exit(continfo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Containers and their processes, as JSON in /proc");
