// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shape of /proc/container_info_<carnet>, the file of an earlier module: one flat
 * list with an entry for each container, all values as text. Its analyser reads it.
 */
#include <linux/string.h>

#include "../common/percent.h"
#include "container_info.h"

static void put_text_u64(struct json_writer *w, const char *key, u64 value)
{
	json_text_and_u64(w, key, strlen(key), value);
	json_literal(w, "\"");
}

/* The shape has no null: 0.00 stands for a percentage that is not known. */
static void put_text_percent(struct json_writer *w, const char *key, u64 part, u64 whole)
{
	u64 hundredths = percent_hundredths(part, whole);

	json_raw(w, key, strlen(key));
	json_hundredths_or_null(w, hundredths == UNKNOWN ? 0 : hundredths);
	json_literal(w, "\"");
}

/* Used is total minus free, as in the earlier module, so that the three add up. */
static void head(struct json_writer *w, const struct process_walk *walk)
{
	const struct memory_totals *memory = &walk->memory;

	put_text_u64(w, "{\n  \"total_memory_kb\": \"", memory->total_kb);
	put_text_u64(w, ",\n  \"free_memory_kb\": \"", memory->free_kb);
	put_text_u64(w, ",\n  \"used_memory_kb\": \"",
		     memory->total_kb - memory->free_kb);
	json_literal(w, ",\n  \"processes\": [");
}

static size_t container_count(const struct process_walk *walk)
{
	return walk->containers.count;
}

/* One container, with the sums over its processes. Nothing if they have exited. */
static void container(struct json_writer *w, const struct process_walk *walk,
		      size_t index)
{
	const struct container *container = &walk->containers.entries[index];
	const struct task_sample *main_process;

	if (!container->process_count)
		return;
	main_process = &walk->samples[container->main_process];
	if (container->first > 0)
		json_literal(w, ",");
	json_literal(w, "\n    {\n      \"process_name\": ");
	json_string(w, main_process->name, strlen(main_process->name), false);
	put_text_u64(w, ",\n      \"pid\": \"", main_process->pid);
	json_literal(w, ",\n      \"container_id\": \"");
	json_raw(w, container->id, CONTAINER_ID_LEN);
	put_text_u64(w, "\",\n      \"vsz_kb\": \"", container->vsz_kb);
	put_text_u64(w, ",\n      \"rss_kb\": \"", container->rss_kb);
	put_text_percent(w, ",\n      \"memory_usage_percent\": \"", container->rss_kb,
			 walk->memory.total_kb);
	put_text_percent(w, ",\n      \"cpu_usage_percent\": \"", container->cpu_ns,
			 process_walk_age_ns(walk, main_process->start_ns));
	json_literal(w, "\n    }");
}

const struct report_shape container_info_shape = {
	.scope = WALK_CONTAINERS,
	.head = head,
	.count = container_count,
	.record = container,
	.tail = "\n  ]\n}\n",
};
