// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the JSON objects of the reports, field by field, in the order of FIELDS.md.
 * The output depends on the walk only, so that seq_file can have a record written
 * again, with the same result.
 */
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

#include "percent.h"
#include "report_text.h"
#include "settings.h"

/* 32 hexadecimal digits that change whenever the module is loaded. */
static char load_id[33];

/*
 * The functions called for every process are inline, so that the lengths of the keys
 * are compile-time constants and the writer is kept in registers.
 */
static __always_inline void put_key(struct json_writer *w, const char *key)
{
	json_raw(w, key, strlen(key));
}

static __always_inline void put_u64(struct json_writer *w, const char *key, u64 value)
{
	json_text_and_u64(w, key, strlen(key), value);
}

static __always_inline void put_u64_or_null(struct json_writer *w, const char *key,
					    u64 value)
{
	if (value != UNKNOWN) {
		put_u64(w, key, value);
	} else {
		put_key(w, key);
		json_literal(w, "null");
	}
}

static __always_inline void put_percent(struct json_writer *w, const char *key, u64 part,
					u64 whole)
{
	put_key(w, key);
	json_hundredths_or_null(w, percent_hundredths(part, whole));
}

static __always_inline void put_string(struct json_writer *w, const char *text)
{
	json_string(w, text, strlen(text), false);
}

static void put_memory(struct json_writer *w, const struct memory_totals *memory)
{
	put_u64(w, "{\"total_kb\":", memory->total_kb);
	put_u64(w, ",\"free_kb\":", memory->free_kb);
	put_u64(w, ",\"available_kb\":", memory->available_kb);
	put_u64(w, ",\"used_kb\":", memory->used_kb);
	put_u64(w, ",\"buffers_kb\":", memory->buffers_kb);
	put_u64(w, ",\"shared_kb\":", memory->shared_kb);
	json_literal(w, "}");
}

/**
 * report_text_init() - generate the load ID
 */
void report_text_init(void)
{
	u8 bytes[16];

	get_random_bytes(bytes, sizeof(bytes));
	snprintf(load_id, sizeof(load_id), "%16phN", bytes);
}

/**
 * report_text_head() - write the beginning of both files, including "memory"
 * @w: the writer
 * @walk: the walk
 */
void report_text_head(struct json_writer *w, const struct process_walk *walk)
{
	put_u64(w, "{\"schema\":", SCHEMA_VERSION);
	put_key(w, ",\"module\":");
	put_string(w, settings.module);
	put_key(w, ",\"load_id\":");
	put_string(w, load_id);
	put_u64(w, ",\"sequence\":", walk->sequence);
	put_u64(w, ",\"boot_time_s\":", walk->boot_time_s);
	put_u64(w, ",\"timestamp_ns\":", walk->timestamp_ns);
	put_u64(w, ",\"walk_ns\":", walk->walk_ns);
	put_u64(w, ",\"cpus\":", walk->cpus);
	json_literal(w, ",\n\"memory\":");
	put_memory(w, &walk->memory);
}

/**
 * report_text_counts() - write the number of processes in each state, as an object
 * @w: the writer
 * @walk: the walk
 */
void report_text_counts(struct json_writer *w, const struct process_walk *walk)
{
	const struct state_counts *counts = &walk->counts;

	put_u64(w, "{\"total\":", counts->total);
	put_u64(w, ",\"threads\":", counts->threads);
	put_u64(w, ",\"running\":", counts->running);
	put_u64(w, ",\"sleeping\":", counts->sleeping);
	put_u64(w, ",\"uninterruptible\":", counts->uninterruptible);
	put_u64(w, ",\"stopped\":", counts->stopped);
	put_u64(w, ",\"zombie\":", counts->zombie);
	put_u64(w, ",\"idle\":", counts->idle);
	put_u64(w, ",\"other\":", counts->other);
	json_literal(w, "}");
}

static __always_inline void put_stored_text(struct json_writer *w,
					    const struct process_walk *walk,
					    struct text_ref text, bool cut)
{
	/* An empty store has no memory: do not compute an offset from NULL. */
	json_string(w, text.len ? walk->texts.bytes + text.offset : "", text.len, cut);
}

static __always_inline void put_cmdline(struct json_writer *w,
					const struct process_walk *walk,
					const struct cmdline *cmdline)
{
	if (cmdline->kind == CMDLINE_UNREADABLE)
		json_literal(w, "null");
	else
		put_stored_text(w, walk, cmdline->text, cmdline->kind == CMDLINE_CUT);
}

/* An ID has hexadecimal digits only, so it needs no escaping. */
static __always_inline void put_id(struct json_writer *w,
				   const struct container *container)
{
	json_literal(w, "\"");
	json_raw(w, container->id, CONTAINER_ID_LEN);
	json_literal(w, "\"");
}

static __always_inline void
put_container_id(struct json_writer *w, const struct process_walk *walk, int container)
{
	if (container == NO_CONTAINER)
		json_literal(w, "null");
	else
		put_id(w, &walk->containers.entries[container]);
}

static __always_inline void put_state(struct json_writer *w, char state)
{
	const char text[3] = { '"', state, '"' };

	json_raw(w, text, sizeof(text));
}

/**
 * report_text_process() - write a process, as an object
 * @out: the writer
 * @walk: the walk
 * @sample: the process
 */
void report_text_process(struct json_writer *out, const struct process_walk *walk,
			 const struct task_sample *sample)
{
	struct json_writer local = *out; /* kept in registers */
	struct json_writer *w = &local;

	put_u64(w, "{\"pid\":", sample->pid);
	put_u64(w, ",\"ppid\":", sample->ppid);
	put_key(w, ",\"name\":");
	put_string(w, sample->name);
	put_key(w, ",\"cmdline\":");
	put_cmdline(w, walk, &sample->cmdline);
	put_key(w, ",\"state\":");
	put_state(w, sample->state);
	put_u64(w, ",\"threads\":", sample->threads);
	put_u64(w, ",\"uid\":", sample->uid);
	put_u64(w, ",\"vsz_kb\":", sample->vsz_kb);
	put_u64(w, ",\"rss_kb\":", sample->rss_kb);
	put_percent(w, ",\"mem_percent\":", sample->rss_kb, walk->memory.total_kb);
	put_percent(w, ",\"cpu_percent\":", sample->cpu_ns,
		    process_walk_age_ns(walk, sample->start_ns));
	put_u64(w, ",\"cpu_time_ns\":", sample->cpu_ns);
	put_u64(w, ",\"start_ns\":", sample->start_ns);
	put_u64_or_null(w, ",\"io_read_bytes\":", sample->read_bytes);
	put_u64_or_null(w, ",\"io_write_bytes\":", sample->write_bytes);
	put_key(w, ",\"container_id\":");
	put_container_id(w, walk, sample->container);
	json_literal(w, "}");
	*out = local;
}

static void put_runtime(struct json_writer *w, enum container_runtime runtime)
{
	const char *name = container_runtime_name(runtime);

	if (name)
		put_string(w, name);
	else
		json_literal(w, "null");
}

/**
 * report_text_container() - write the fields of a container, without the braces
 * @w: the writer
 * @walk: the walk
 * @container: the container; has at least one process
 */
void report_text_container(struct json_writer *w, const struct process_walk *walk,
			   const struct container *container)
{
	const struct task_sample *main_process = &walk->samples[container->main_process];

	put_key(w, "\"id\":");
	put_id(w, container);
	put_key(w, ",\"runtime\":");
	put_runtime(w, container->runtime);
	put_key(w, ",\"cgroup\":");
	put_stored_text(w, walk, container->cgroup, false);
	put_u64(w, ",\"pid\":", main_process->pid);
	put_key(w, ",\"name\":");
	put_string(w, main_process->name);
	put_key(w, ",\"cmdline\":");
	put_cmdline(w, walk, &main_process->cmdline);
	put_u64(w, ",\"process_count\":", container->process_count);
	put_u64(w, ",\"vsz_kb\":", container->vsz_kb);
	put_u64(w, ",\"rss_kb\":", container->rss_kb);
	put_percent(w, ",\"mem_percent\":", container->rss_kb, walk->memory.total_kb);
	put_percent(w, ",\"cpu_percent\":", container->cpu_ns,
		    process_walk_age_ns(walk, main_process->start_ns));
	put_u64(w, ",\"cpu_time_ns\":", container->cpu_ns);
	put_u64(w, ",\"start_ns\":", main_process->start_ns);
	put_u64_or_null(w, ",\"memory_current_kb\":", container->memory_current_kb);
	put_u64_or_null(w, ",\"memory_limit_kb\":", container->memory_limit_kb);
	put_u64_or_null(w, ",\"io_read_bytes\":", container->read_bytes);
	put_u64_or_null(w, ",\"io_write_bytes\":", container->write_bytes);
	put_u64_or_null(w, ",\"net_rx_bytes\":", container->net.rx_bytes);
	put_u64_or_null(w, ",\"net_tx_bytes\":", container->net.tx_bytes);
}
