// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups.h"
#include "container_truth.h"
#include "facts.h"
#include "json.h"
#include "process_truth.h"
#include "truth.h"

enum {
	LISTED,
	CGROUP,
	RUNTIME,
	LEAD,
	LEAD_TEXT,
	COUNT,
	VSZ,
	RSS,
	MEM_PERCENT,
	CPU_PERCENT,
	CPU,
	CPU_ALL,
	CURRENT,
	LIMIT,
	READ,
	WRITE,
	RX,
	TX,
	HOST_NETWORK,
	FIELDS
};

static struct truth truths[FIELDS] = {
	[LISTED] = { "containers", "", "directories of cgroupfs" },
	[CGROUP] = { "container cgroup", "", "path in cgroupfs" },
	[RUNTIME] = { "container runtime", "", "name in cgroupfs" },
	[LEAD] = { "container pid", "", "earliest start in stat" },
	[LEAD_TEXT] = { "container name cmdline start_ns", "", "those of its pid" },
	[COUNT] = { "container process_count", "", "cgroup.procs" },
	[VSZ] = { "container vsz_kb", "KB", "sum of statm" },
	[RSS] = { "container rss_kb", "KB", "sum over its processes" },
	[MEM_PERCENT] = { "container mem_percent", "%", "rss_kb of total_kb" },
	[CPU_PERCENT] = { "container cpu_percent", "%", "cpu_time_ns by age" },
	[CPU] = { "container cpu_time_ns", "ns", "sum of CPU clocks" },
	[CPU_ALL] = { "container cpu_time_ns", "ns", "cpu.stat (has the exited, too)" },
	[CURRENT] = { "container memory_current_kb", "KB", "memory.current" },
	[LIMIT] = { "container memory_limit_kb", "KB", "memory.max" },
	[READ] = { "container io_read_bytes", "B", "sum of io" },
	[WRITE] = { "container io_write_bytes", "B", "sum of io" },
	[RX] = { "container net_rx_bytes", "B", "net/dev of its pid" },
	[TX] = { "container net_tx_bytes", "B", "net/dev of its pid" },
	[HOST_NETWORK] = { "container net_*_bytes null", "", "on the host's network" },
};

static const char *text_of(const struct json *object, const char *key)
{
	const struct json *value = json_member(object, key);

	return value && value->kind == JSON_STRING ? value->text : "";
}

static bool is_null(const struct json *object, const char *key)
{
	return json_member(object, key)->kind == JSON_NULL;
}

/* A zombie has left cgroup.procs; a leader which left threads behind has not. */
static bool is_alive(const struct json *process)
{
	return *text_of(process, "state") != 'Z' || number_of(process, "threads") > 1;
}

static bool is_listed(const struct cgroup_facts *cgroup, int pid)
{
	size_t i;

	for (i = 0; i < cgroup->count; i++) {
		if (cgroup->pids[i] == pid)
			return true;
	}
	return false;
}

static bool same_processes(const struct cgroup_facts *a, const struct cgroup_facts *b)
{
	return a->count == b->count &&
	       !memcmp(a->pids, b->pids, a->count * sizeof(*a->pids));
}

/* Sums over the processes, at both moments; false when one is not there at both. */
struct sums {
	unsigned long long cpu, vsz, read, write;
};

struct totals {
	struct sums before, after;
	bool rests;
	double first_start;
};

static void add_up(struct sums *sums, const struct facts *f)
{
	sums->cpu += f->cpu_ns;
	sums->vsz += f->vsz_kb;
	sums->read += f->read_bytes;
	sums->write += f->write_bytes;
}

static bool total(const struct json *container, const struct moment *before,
		  const struct moment *after, struct totals *totals)
{
	const struct json *process = json_member(container, "processes")->first;

	memset(totals, 0, sizeof(*totals));
	totals->rests = true;
	totals->first_start = -1;
	for (; process; process = process->next) {
		const struct facts *a, *b;

		a = world_find(before->world, number_of(process, "pid"));
		b = world_find(after->world, number_of(process, "pid"));
		if (!a || !b || a->start != b->start)
			return false;
		add_up(&totals->before, a);
		add_up(&totals->after, b);
		totals->rests &= facts_rests(a, b);
		if (is_alive(process) &&
		    (totals->first_start < 0 || a->start < totals->first_start))
			totals->first_start = a->start;
	}
	return true;
}

static void compare_processes(const struct json *container,
			      const struct cgroup_facts *cgroup, const char *id)
{
	const struct json *process = json_member(container, "processes")->first;
	double alive = 0;

	for (; process; process = process->next) {
		if (!is_alive(process))
			continue;
		alive += is_listed(cgroup, number_of(process, "pid"));
	}
	truth_number(&truths[COUNT], cgroup->count, alive, cgroup->count, 0, id);
}

static const struct json *lead_of(const struct json *container)
{
	const struct json *process = json_member(container, "processes")->first;

	while (process && number_of(process, "pid") != number_of(container, "pid"))
		process = process->next;
	return process;
}

static void compare_lead(const struct json *container, const struct totals *totals,
			 const char *id)
{
	const double tick = 1e9 / sysconf(_SC_CLK_TCK);
	const struct json *lead = lead_of(container);
	const struct json *theirs = json_member(lead, "cmdline");
	const struct json *ours = json_member(container, "cmdline");

	truth_same(&truths[LEAD_TEXT],
		   !strcmp(text_of(lead, "name"), text_of(container, "name")) &&
			   theirs->kind == ours->kind &&
			   !strcmp(text_of(lead, "cmdline"),
				   text_of(container, "cmdline")) &&
			   number_of(lead, "start_ns") ==
				   number_of(container, "start_ns"),
		   id);
	truth_number(&truths[LEAD], totals->first_start * tick,
		     number_of(lead, "start_ns"), (totals->first_start + 1) * tick - 1, 0,
		     id);
}

static void compare_sums(const struct json *report, const struct json *container,
			 const struct totals *totals, const char *id)
{
	const struct json *process = json_member(container, "processes")->first;
	const struct sums *a = &totals->before, *b = &totals->after;
	double age = number_of(report, "timestamp_ns") + number_of(report, "walk_ns") -
		     number_of(container, "start_ns");
	double rss = 0, percent;

	for (; process; process = process->next)
		rss += number_of(process, "rss_kb");
	truth_number(&truths[RSS], rss, number_of(container, "rss_kb"), rss, 0, id);
	truth_number(&truths[CPU], a->cpu, number_of(container, "cpu_time_ns"), b->cpu, 0,
		     id);
	truth_number(&truths[READ], a->read, number_of(container, "io_read_bytes"),
		     b->read, 0, id);
	truth_number(&truths[WRITE], a->write, number_of(container, "io_write_bytes"),
		     b->write, 0, id);
	if (totals->rests && a->vsz == b->vsz)
		truth_number(&truths[VSZ], a->vsz, number_of(container, "vsz_kb"), a->vsz,
			     0, id);

	percent = percent_of(rss, number_of(json_member(report, "memory"), "total_kb"));
	truth_number(&truths[MEM_PERCENT], percent, number_of(container, "mem_percent"),
		     percent, 1e-9, id);
	percent = percent_of(number_of(container, "cpu_time_ns"), age);
	truth_number(&truths[CPU_PERCENT], percent, number_of(container, "cpu_percent"),
		     percent, 1e-9, id);
}

/*
 * What has exited is missing from the sum; what its first process used before it
 * was put into the cgroup is too much. So this one is shown, and nothing demanded.
 */
static void show_difference(const struct json *container, const struct cgroup_facts *a,
			    const struct cgroup_facts *b, const char *id)
{
	if (a->has_cpu && b->has_cpu)
		truth_number(&truths[CPU_ALL], a->cpu_ns,
			     number_of(container, "cpu_time_ns"), b->cpu_ns, 1e300, id);
}

static void compare_memory(const struct json *container, const struct cgroup_facts *a,
			   const struct cgroup_facts *b, const char *id)
{
	if (a->memory == b->memory)
		truth_number(&truths[CURRENT], a->memory / 1024.0,
			     number_of(container, "memory_current_kb"),
			     a->memory / 1024.0, 0, id);
	if (a->limit != b->limit)
		return;
	if (a->limit == ULLONG_MAX)
		truth_same(&truths[LIMIT], is_null(container, "memory_limit_kb"), id);
	else
		truth_number(&truths[LIMIT], a->limit / 1024,
			     number_of(container, "memory_limit_kb"), a->limit / 1024, 0,
			     id);
}

static void compare_network(const struct json *container, const struct moment *before,
			    const struct moment *after, const char *id)
{
	const struct facts *a = world_find(before->world, number_of(container, "pid"));
	const struct facts *b = world_find(after->world, number_of(container, "pid"));

	if (!a->net_ns || a->net_ns != b->net_ns)
		return;
	if (a->net_ns == network_of(1)) {
		truth_same(&truths[HOST_NETWORK],
			   is_null(container, "net_rx_bytes") &&
				   is_null(container, "net_tx_bytes"),
			   id);
		return;
	}
	truth_number(&truths[RX], a->net_rx, number_of(container, "net_rx_bytes"),
		     b->net_rx, 0, id);
	truth_number(&truths[TX], a->net_tx, number_of(container, "net_tx_bytes"),
		     b->net_tx, 0, id);
}

/* What names of directories Docker and Podman make; others are the user tests'. */
static const char *runtime_of(const char *path)
{
	if (strstr(path, "/docker-") || !strncmp(path, "/docker/", 8))
		return "docker";
	return strstr(path, "/libpod-") ? "podman" : NULL;
}

static void compare(const struct json *report, const struct json *container,
		    const struct moment *before, const struct moment *after)
{
	const char *id = text_of(container, "id"), *runtime;
	const struct cgroup_facts *a = cgroups_find(before->cgroups, id);
	const struct cgroup_facts *b = cgroups_find(after->cgroups, id);
	struct totals totals;
	char of[64];

	if (!a || !b)
		return; /* came or went */
	snprintf(of, sizeof(of), "%.12s (%.20s)", id, text_of(container, "name"));
	truth_same(&truths[CGROUP], !strcmp(text_of(container, "cgroup"), a->path), of);
	runtime = runtime_of(a->path);
	if (runtime)
		truth_same(&truths[RUNTIME],
			   !strcmp(text_of(container, "runtime"), runtime), of);
	compare_memory(container, a, b, of);
	if (!same_processes(a, b))
		return;
	compare_processes(container, a, of);
	show_difference(container, a, b, of);
	if (!total(container, before, after, &totals))
		return;
	compare_lead(container, &totals, of);
	compare_sums(report, container, &totals, of);
	compare_network(container, before, after, of);
}

static bool is_in(const struct json *report, const char *id)
{
	const struct json *container = json_member(report, "containers")->first;

	while (container && strcmp(text_of(container, "id"), id))
		container = container->next;
	return container;
}

void container_truth(const struct json *report, const struct moment *before,
		     const struct moment *after)
{
	const struct json *container = json_member(report, "containers")->first;
	size_t i;

	for (; container; container = container->next)
		compare(report, container, before, after);
	for (i = 0; i < before->cgroups->count; i++) {
		const char *id = before->cgroups->entries[i].id;

		if (cgroups_find(after->cgroups, id))
			truth_same(&truths[LISTED], is_in(report, id), id);
	}
}

const struct truth *container_truths(int *count)
{
	*count = FIELDS;
	return truths;
}
