// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "report.h"

/*
 * The fields of contract/FIELDS.md and their types: n number, s string, b boolean,
 * a array, o object. A capital letter means that the field may also be null.
 */
struct field {
	const char *key;
	char kind;
};

static const struct field head_fields[] = {
	{ "schema", 'n' },
	{ "module", 's' },
	{ "load_id", 's' },
	{ "sequence", 'n' },
	{ "boot_time_s", 'n' },
	{ "timestamp_ns", 'n' },
	{ "walk_ns", 'n' },
	{ "cpus", 'n' },
	{ "memory", 'o' },
	{ "complete", 'b' },
	{ NULL, 0 },
};

static const struct field memory_fields[] = {
	{ "total_kb", 'n' }, { "free_kb", 'n' },    { "available_kb", 'n' },
	{ "used_kb", 'n' },  { "buffers_kb", 'n' }, { "shared_kb", 'n' },
	{ NULL, 0 },
};

static const struct field count_fields[] = {
	{ "total", 'n' },	    { "threads", 'n' },
	{ "running", 'n' },	    { "sleeping", 'n' },
	{ "uninterruptible", 'n' }, { "stopped", 'n' },
	{ "zombie", 'n' },	    { "idle", 'n' },
	{ "other", 'n' },	    { NULL, 0 },
};

static const struct field process_fields[] = {
	{ "pid", 'n' },
	{ "ppid", 'n' },
	{ "name", 's' },
	{ "cmdline", 'S' },
	{ "state", 's' },
	{ "threads", 'n' },
	{ "uid", 'n' },
	{ "vsz_kb", 'n' },
	{ "rss_kb", 'n' },
	{ "mem_percent", 'N' },
	{ "cpu_percent", 'N' },
	{ "cpu_time_ns", 'n' },
	{ "start_ns", 'n' },
	{ "io_read_bytes", 'N' },
	{ "io_write_bytes", 'N' },
	{ "container_id", 'S' },
	{ NULL, 0 },
};

static const struct field container_fields[] = {
	{ "id", 's' },
	{ "runtime", 'S' },
	{ "cgroup", 's' },
	{ "pid", 'n' },
	{ "name", 's' },
	{ "cmdline", 'S' },
	{ "process_count", 'n' },
	{ "vsz_kb", 'n' },
	{ "rss_kb", 'n' },
	{ "mem_percent", 'N' },
	{ "cpu_percent", 'N' },
	{ "cpu_time_ns", 'n' },
	{ "start_ns", 'n' },
	{ "memory_current_kb", 'N' },
	{ "memory_limit_kb", 'N' },
	{ "io_read_bytes", 'N' },
	{ "io_write_bytes", 'N' },
	{ "net_rx_bytes", 'N' },
	{ "net_tx_bytes", 'N' },
	{ "processes", 'a' },
	{ NULL, 0 },
};

static char fault[256];

static bool kind_fits(const struct json *value, char kind)
{
	if (value->kind == JSON_NULL)
		return kind < 'a';
	switch (kind | 0x20) {
	case 'n':
		return value->kind == JSON_NUMBER;
	case 's':
		return value->kind == JSON_STRING;
	case 'b':
		return value->kind == JSON_BOOL;
	case 'a':
		return value->kind == JSON_ARRAY;
	default:
		return value->kind == JSON_OBJECT;
	}
}

/* Checks that the object has exactly these fields, and @extra others. */
static bool has_fields(const struct json *object, const struct field *fields,
		       size_t extra)
{
	size_t count = 0;

	for (; fields->key; fields++, count++) {
		const struct json *value = json_member(object, fields->key);

		if (!value || !kind_fits(value, fields->kind)) {
			snprintf(fault, sizeof(fault), "field %s is %s", fields->key,
				 value ? "of the wrong type" : "missing");
			return false;
		}
	}
	if (object->count == count + extra)
		return true;
	snprintf(fault, sizeof(fault), "%zu fields instead of %zu", object->count,
		 count + extra);
	return false;
}

static bool is_id(const struct json *value)
{
	return value->len == 64 && strspn(value->text, "0123456789abcdef") == 64;
}

static bool process_ok(const struct json *process)
{
	const struct json *container;

	if (!has_fields(process, process_fields, 0))
		return false;
	container = json_member(process, "container_id");
	if (json_number(json_member(process, "pid")) &&
	    json_member(process, "state")->len == 1 &&
	    (container->kind == JSON_NULL || is_id(container)))
		return true;
	snprintf(fault, sizeof(fault), "invalid pid, state or container_id of a process");
	return false;
}

static bool sums_up(const struct json *container, const char *key)
{
	const struct json *process = json_member(container, "processes")->first;
	unsigned long long sum = 0;

	for (; process; process = process->next)
		sum += json_number(json_member(process, key));
	if (sum == json_number(json_member(container, key)))
		return true;
	snprintf(fault, sizeof(fault),
		 "%s of a container is not the sum over its processes", key);
	return false;
}

static bool container_ok(const struct json *container)
{
	const struct json *process, *processes;
	bool led = false;

	if (!has_fields(container, container_fields, 0))
		return false;
	processes = json_member(container, "processes");
	for (process = processes->first; process; process = process->next) {
		if (!process_ok(process))
			return false;
		led |= json_number(json_member(process, "pid")) ==
		       json_number(json_member(container, "pid"));
		if (strcmp(json_member(process, "container_id")->text,
			   json_member(container, "id")->text)) {
			snprintf(fault, sizeof(fault),
				 "a process belongs to another container");
			return false;
		}
	}
	if (!led || !is_id(json_member(container, "id")) ||
	    processes->count != json_number(json_member(container, "process_count"))) {
		snprintf(fault, sizeof(fault),
			 "invalid id, pid or process_count of a container");
		return false;
	}
	return sums_up(container, "rss_kb") && sums_up(container, "vsz_kb") &&
	       sums_up(container, "cpu_time_ns") && sums_up(container, "io_read_bytes");
}

static bool counts_ok(const struct json *report)
{
	const struct json *counts = json_member(report, "counts"), *count;
	unsigned long long sum = 0;

	if (!has_fields(counts, count_fields, 0))
		return false;
	for (count = counts->first; count; count = count->next)
		sum += json_number(count);
	sum -= json_number(json_member(counts, "total"));
	sum -= json_number(json_member(counts, "threads"));
	if (sum == json_number(json_member(counts, "total")) &&
	    sum == json_member(report, "processes")->count)
		return true;
	snprintf(fault, sizeof(fault), "counts do not add up");
	return false;
}

static bool body_ok(const struct json *report)
{
	const struct json *list = json_member(report, "processes"), *item;
	bool (*item_ok)(const struct json *item) = process_ok;

	if (!list) {
		list = json_member(report, "containers");
		item_ok = container_ok;
	} else if (!counts_ok(report)) {
		return false;
	}
	if (!list || list->kind != JSON_ARRAY) {
		snprintf(fault, sizeof(fault), "neither processes nor containers");
		return false;
	}
	for (item = list->first; item; item = item->next) {
		if (!item_ok(item))
			return false;
	}
	return true;
}

const char *report_fault(const struct text *text)
{
	static const char end[] = "\"complete\":true}\n";
	struct json *report;
	size_t where;
	bool good;

	if (text->len < sizeof(end) ||
	    memcmp(text->bytes + text->len - strlen(end), end, strlen(end)))
		return "the file does not end with \"complete\":true";
	report = json_parse(text->bytes, text->len, &where);
	if (!report) {
		snprintf(fault, sizeof(fault), "invalid JSON at offset %zu of %zu", where,
			 text->len);
		return fault;
	}
	good = has_fields(report, head_fields,
			  json_member(report, "processes") ? 2 : 1) &&
	       has_fields(json_member(report, "memory"), memory_fields, 0) &&
	       body_ok(report);
	json_free(report);
	return good ? NULL : fault;
}

int report_read(int fd, size_t piece, struct text *text)
{
	size_t size = 0;
	ssize_t got;

	text->bytes = NULL;
	text->len = 0;
	do {
		if (size - text->len < piece) {
			size = 2 * size + piece;
			text->bytes = realloc(text->bytes, size);
			if (!text->bytes)
				abort();
		}
		got = read(fd, text->bytes + text->len, piece);
		if (got < 0) {
			int err = -errno;

			free(text->bytes);
			text->bytes = NULL;
			return err;
		}
		text->len += got;
	} while (got);
	return 0;
}

struct json *report_load(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct json *report;
	struct text text;
	size_t where;
	int err;

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	err = report_read(fd, 65536, &text);
	close(fd);
	if (err) {
		fprintf(stderr, "%s: %s\n", path, strerror(-err));
		exit(1);
	}
	report = json_parse(text.bytes, text.len, &where);
	free(text.bytes);
	if (!report) {
		fprintf(stderr, "%s: invalid JSON at offset %zu\n", path, where);
		exit(1);
	}
	return report;
}

const struct json *report_process(const struct json *report, unsigned long long pid)
{
	const struct json *process = json_member(report, "processes")->first;

	for (; process; process = process->next) {
		if (json_number(json_member(process, "pid")) == pid)
			return process;
	}
	return NULL;
}
