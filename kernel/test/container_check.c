// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups.h"
#include "container_check.h"
#include "proc_facts.h"
#include "json.h"
#include "process_check.h"
#include "field_check.h"

enum {
	LISTED,
	CGROUP,
	RUNTIME,
	MAIN_PROCESS,
	MAIN_PROCESS_TEXT,
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

static struct field_check checks[FIELDS] = {
	[LISTED] = { "containers", "", "directories of cgroupfs" },
	[CGROUP] = { "container cgroup", "", "path in cgroupfs" },
	[RUNTIME] = { "container runtime", "", "name in cgroupfs" },
	[MAIN_PROCESS] = { "container pid", "", "earliest start in stat" },
	[MAIN_PROCESS_TEXT] = { "container name cmdline start_ns", "",
				"those of its pid" },
	[COUNT] = { "container process_count", "", "cgroup.procs" },
	[VSZ] = { "container vsz_kb", "KB", "sum of statm" },
	[RSS] = { "container rss_kb", "KB", "sum over its processes" },
	[MEM_PERCENT] = { "container mem_percent", "%", "rss_kb / total_kb" },
	[CPU_PERCENT] = { "container cpu_percent", "%", "cpu_time_ns / age" },
	[CPU] = { "container cpu_time_ns", "ns", "sum of CPU clocks" },
	[CPU_ALL] = { "container cpu_time_ns", "ns", "cpu.stat (with exited ones)" },
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

/* cgroup.procs omits zombies, but not an exited leader with living threads. */
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

/* Sums over the processes of a container, from /proc. */
struct sums {
	unsigned long long cpu, vsz, read, write;
};

struct totals {
	struct sums before, after;
	bool idle;
	double first_start;
};

static void add_up(struct sums *sums, const struct proc_facts *f)
{
	sums->cpu += f->cpu_ns;
	sums->vsz += f->vsz_kb;
	sums->read += f->read_bytes;
	sums->write += f->write_bytes;
}

/*
 * Sums over the processes before and after the report was read. Returns false if one of
 * them is missing in either reading.
 */
static bool total(const struct json *container, const struct host_state *before,
		  const struct host_state *after, struct totals *totals)
{
	const struct json *process = json_member(container, "processes")->first;

	memset(totals, 0, sizeof(*totals));
	totals->idle = true;
	totals->first_start = -1;
	for (; process; process = process->next) {
		const struct proc_facts *a, *b;

		a = proc_snapshot_find(before->processes, number_of(process, "pid"));
		b = proc_snapshot_find(after->processes, number_of(process, "pid"));
		if (!a || !b || a->start != b->start)
			return false;
		add_up(&totals->before, a);
		add_up(&totals->after, b);
		totals->idle &= process_was_idle(a, b);
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
	check_number(&checks[COUNT], cgroup->count, alive, cgroup->count, 0, id);
}

static const struct json *main_process_of(const struct json *container)
{
	const struct json *process = json_member(container, "processes")->first;

	while (process && number_of(process, "pid") != number_of(container, "pid"))
		process = process->next;
	return process;
}

static void compare_main_process(const struct json *container,
				 const struct totals *totals, const char *id)
{
	const double tick = 1e9 / sysconf(_SC_CLK_TCK);
	const struct json *main_process = main_process_of(container);
	const struct json *theirs = json_member(main_process, "cmdline");
	const struct json *ours = json_member(container, "cmdline");

	check_same(&checks[MAIN_PROCESS_TEXT],
		   !strcmp(text_of(main_process, "name"), text_of(container, "name")) &&
			   theirs->kind == ours->kind &&
			   !strcmp(text_of(main_process, "cmdline"),
				   text_of(container, "cmdline")) &&
			   number_of(main_process, "start_ns") ==
				   number_of(container, "start_ns"),
		   id);
	check_number(&checks[MAIN_PROCESS], totals->first_start * tick,
		     number_of(main_process, "start_ns"),
		     (totals->first_start + 1) * tick - 1, 0, id);
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
	check_number(&checks[RSS], rss, number_of(container, "rss_kb"), rss, 0, id);
	check_number(&checks[CPU], a->cpu, number_of(container, "cpu_time_ns"), b->cpu, 0,
		     id);
	check_number(&checks[READ], a->read, number_of(container, "io_read_bytes"),
		     b->read, 0, id);
	check_number(&checks[WRITE], a->write, number_of(container, "io_write_bytes"),
		     b->write, 0, id);
	if (totals->idle && a->vsz == b->vsz)
		check_number(&checks[VSZ], a->vsz, number_of(container, "vsz_kb"), a->vsz,
			     0, id);

	percent = percent_of(rss, number_of(json_member(report, "memory"), "total_kb"));
	check_number(&checks[MEM_PERCENT], percent, number_of(container, "mem_percent"),
		     percent, 1e-9, id);
	percent = percent_of(number_of(container, "cpu_time_ns"), age);
	check_number(&checks[CPU_PERCENT], percent, number_of(container, "cpu_percent"),
		     percent, 1e-9, id);
}

/*
 * Records the difference to cpu.stat without a limit, because the two differ by design:
 * the sum lacks the time of exited processes, and includes what the first process
 * used before it was moved into the cgroup.
 */
static void show_difference(const struct json *container, const struct cgroup_facts *a,
			    const struct cgroup_facts *b, const char *id)
{
	if (a->has_cpu && b->has_cpu)
		check_number(&checks[CPU_ALL], a->cpu_ns,
			     number_of(container, "cpu_time_ns"), b->cpu_ns, 1e300, id);
}

static void compare_memory(const struct json *container, const struct cgroup_facts *a,
			   const struct cgroup_facts *b, const char *id)
{
	if (a->memory == b->memory)
		check_number(&checks[CURRENT], a->memory / 1024.0,
			     number_of(container, "memory_current_kb"),
			     a->memory / 1024.0, 0, id);
	if (a->limit != b->limit)
		return;
	if (a->limit == ULLONG_MAX)
		check_same(&checks[LIMIT], is_null(container, "memory_limit_kb"), id);
	else
		check_number(&checks[LIMIT], a->limit / 1024,
			     number_of(container, "memory_limit_kb"), a->limit / 1024, 0,
			     id);
}

static void compare_network(const struct json *container, const struct host_state *before,
			    const struct host_state *after, const char *id)
{
	const struct proc_facts *a =
		proc_snapshot_find(before->processes, number_of(container, "pid"));
	const struct proc_facts *b =
		proc_snapshot_find(after->processes, number_of(container, "pid"));

	if (!a->net_ns || a->net_ns != b->net_ns)
		return;
	if (a->net_ns == net_namespace_of(1)) {
		check_same(&checks[HOST_NETWORK],
			   is_null(container, "net_rx_bytes") &&
				   is_null(container, "net_tx_bytes"),
			   id);
		return;
	}
	check_number(&checks[RX], a->net_rx, number_of(container, "net_rx_bytes"),
		     b->net_rx, 0, id);
	check_number(&checks[TX], a->net_tx, number_of(container, "net_tx_bytes"),
		     b->net_tx, 0, id);
}

/* Runtime by the directory names of Docker and Podman; usertest/ covers the others. */
static const char *runtime_of(const char *path)
{
	if (strstr(path, "/docker-") || !strncmp(path, "/docker/", 8))
		return "docker";
	return strstr(path, "/libpod-") ? "podman" : NULL;
}

static void compare(const struct json *report, const struct json *container,
		    const struct host_state *before, const struct host_state *after)
{
	const char *id = text_of(container, "id"), *runtime;
	const struct cgroup_facts *a = cgroups_find(before->cgroups, id);
	const struct cgroup_facts *b = cgroups_find(after->cgroups, id);
	struct totals totals;
	char of[64];

	if (!a || !b)
		return; /* it started or ended in between */
	snprintf(of, sizeof(of), "%.12s (%.20s)", id, text_of(container, "name"));
	check_same(&checks[CGROUP], !strcmp(text_of(container, "cgroup"), a->path), of);
	runtime = runtime_of(a->path);
	if (runtime)
		check_same(&checks[RUNTIME],
			   !strcmp(text_of(container, "runtime"), runtime), of);
	compare_memory(container, a, b, of);
	if (!same_processes(a, b))
		return;
	compare_processes(container, a, of);
	show_difference(container, a, b, of);
	if (!total(container, before, after, &totals))
		return;
	compare_main_process(container, &totals, of);
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

void container_check(const struct json *report, const struct host_state *before,
		     const struct host_state *after)
{
	const struct json *container = json_member(report, "containers")->first;
	size_t i;

	for (; container; container = container->next)
		compare(report, container, before, after);
	for (i = 0; i < before->cgroups->count; i++) {
		const char *id = before->cgroups->entries[i].id;

		if (cgroups_find(after->cgroups, id))
			check_same(&checks[LISTED], is_in(report, id), id);
	}
}

const struct field_check *container_checks(int *count)
{
	*count = FIELDS;
	return checks;
}
