// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the modules' reports with the rest of /proc and with cgroupfs, field by field.
 *
 *	differential [--rounds N] [--cmdline-max N] [--json TABLE] SYSINFO [CONTINFO]
 *
 * The reference sources are read before and after the report. A counter that only grows
 * must be between the two values, and a field that cannot have changed must be equal.
 * Prints a table with the largest error of each field.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "container_check.h"
#include "proc_facts.h"
#include "json.h"
#include "process_check.h"
#include "report.h"
#include "tap.h"
#include "field_check.h"

enum {
	TIMESTAMP,
	WALK,
	BOOT_TIME,
	CPUS,
	TOTAL,
	FREE,
	AVAILABLE,
	BUFFERS,
	SHARED,
	COUNTS,
	FIELDS
};

static struct field_check heads[FIELDS] = {
	[TIMESTAMP] = { "timestamp_ns", "ns", "the boot clock" },
	[WALK] = { "walk_ns", "ns", "the boot clock" },
	[BOOT_TIME] = { "boot_time_s", "s", "btime of /proc/stat" },
	[CPUS] = { "cpus", "", "processors online" },
	[TOTAL] = { "memory.total_kb", "KB", "MemTotal" },
	[FREE] = { "memory.free_kb", "KB", "MemFree" },
	[AVAILABLE] = { "memory.available_kb", "KB", "MemAvailable" },
	[BUFFERS] = { "memory.buffers_kb", "KB", "Buffers" },
	[SHARED] = { "memory.shared_kb", "KB", "Shmem" },
	[COUNTS] = { "counts", "", "states of the processes listed" },
};

/* State of the machine; read immediately before and after the report. */
struct machine {
	double now_ns;
	double boot_time_s;
	double total, free, available, buffers, shared;
};

static void machine_read(struct machine *machine)
{
	char text[16384];
	struct timespec now;

	read_file("/proc/stat", text, sizeof(text));
	machine->boot_time_s = number_after(text, "btime ");
	read_file("/proc/meminfo", text, sizeof(text));
	machine->total = number_after(text, "MemTotal:");
	machine->free = number_after(text, "MemFree:");
	machine->available = number_after(text, "MemAvailable:");
	machine->buffers = number_after(text, "Buffers:");
	machine->shared = number_after(text, "Shmem:");
	clock_gettime(CLOCK_BOOTTIME, &now);
	machine->now_ns = now.tv_sec * 1e9 + now.tv_nsec;
}

/* Memory may rise and fall between the two readings, so 1 % of it is tolerated. */
static void compare_memory(int which, double a, const struct json *memory,
			   const char *key, double b, double total)
{
	check_number(&heads[which], a < b ? a : b, number_of(memory, key), a < b ? b : a,
		     total / 100, "the machine");
}

static void compare_counts(const struct json *report)
{
	static const struct {
		const char *key;
		const char *states;
	} kinds[] = {
		{ "running", "R" },  { "sleeping", "S" },      { "uninterruptible", "D" },
		{ "stopped", "Tt" }, { "zombie", "Z" },	       { "idle", "I" },
		{ "other", "XP" },   { "total", "RSDTtZIXP" },
	};
	const struct json *counts = json_member(report, "counts");
	const struct json *process;
	double threads = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		double count = 0;

		process = json_member(report, "processes")->first;
		for (; process; process = process->next)
			count += !!strchr(kinds[i].states,
					  *json_member(process, "state")->text);
		check_number(&heads[COUNTS], count, number_of(counts, kinds[i].key),
			     count, 0, kinds[i].key);
	}
	process = json_member(report, "processes")->first;
	for (; process; process = process->next)
		threads += number_of(process, "threads");
	check_number(&heads[COUNTS], threads, number_of(counts, "threads"), threads, 0,
		     "threads");
}

static void compare_head(const struct json *report, const struct machine *a,
			 const struct machine *b)
{
	const struct json *memory = json_member(report, "memory");
	double begin = number_of(report, "timestamp_ns");

	check_number(&heads[TIMESTAMP], a->now_ns, begin, b->now_ns, 0, "the walk");
	check_number(&heads[WALK], 1, number_of(report, "walk_ns"), b->now_ns - begin, 0,
		     "the walk");
	if (a->boot_time_s == b->boot_time_s)
		check_number(&heads[BOOT_TIME], a->boot_time_s,
			     number_of(report, "boot_time_s"), a->boot_time_s, 0,
			     "the machine");
	check_number(&heads[CPUS], sysconf(_SC_NPROCESSORS_ONLN),
		     number_of(report, "cpus"), sysconf(_SC_NPROCESSORS_ONLN), 0,
		     "the machine");
	check_number(&heads[TOTAL], a->total, number_of(memory, "total_kb"), a->total, 0,
		     "the machine");
	compare_memory(FREE, a->free, memory, "free_kb", b->free, a->total);
	compare_memory(AVAILABLE, a->available, memory, "available_kb", b->available,
		       a->total);
	compare_memory(BUFFERS, a->buffers, memory, "buffers_kb", b->buffers, a->total);
	compare_memory(SHARED, a->shared, memory, "shared_kb", b->shared, a->total);
}

static unsigned long compared, missed, short_lived;

static void compare_list(const struct json *report, const struct json *list,
			 const struct proc_snapshot *before,
			 const struct proc_snapshot *after, size_t cmdline_max)
{
	const struct json *process = list->first;

	for (; process; process = process->next) {
		int pid = number_of(process, "pid");
		const struct proc_facts *a = proc_snapshot_find(before, pid),
					*b = proc_snapshot_find(after, pid);

		if (!a || !b || a->start != b->start)
			continue;
		compared++;
		process_check(report, process, a, b, cmdline_max);
	}
}

/* Checks that every process that existed before and after is in the report. */
static void compare_presence(const struct json *report,
			     const struct proc_snapshot *before,
			     const struct proc_snapshot *after)
{
	const struct json *process = json_member(report, "processes")->first;
	size_t i;

	for (i = 0; i < before->count; i++) {
		const struct proc_facts *a = &before->facts[i],
					*b = proc_snapshot_find(after, a->pid);

		if (b && b->start == a->start && !report_process(report, a->pid)) {
			missed++;
			printf("# not in the file: %d (%s)\n", a->pid, a->comm);
		}
	}
	/* Only in the report: it must have started and ended in between, which is rare. */
	for (; process; process = process->next)
		short_lived += !proc_snapshot_find(before, number_of(process, "pid")) &&
			       !proc_snapshot_find(after, number_of(process, "pid"));
}

static void one_round(const char *sysinfo, const char *continfo, size_t cmdline_max)
{
	struct cgroups cgroups_before, cgroups_after;
	struct machine machine_before, machine_after;
	struct proc_snapshot before, after;
	struct json *report, *containers = NULL;

	proc_snapshot_take(&before);
	cgroups_read(&cgroups_before);
	machine_read(&machine_before);
	report = report_load(sysinfo);
	machine_read(&machine_after);
	if (continfo)
		containers = report_load(continfo);
	cgroups_read(&cgroups_after);
	proc_snapshot_take(&after);

	compare_head(report, &machine_before, &machine_after);
	compare_counts(report);
	compare_presence(report, &before, &after);
	compare_list(report, json_member(report, "processes"), &before, &after,
		     cmdline_max);
	if (containers) {
		const struct host_state first = { &before, &cgroups_before };
		const struct host_state second = { &after, &cgroups_after };
		const struct json *container =
			json_member(containers, "containers")->first;

		container_check(containers, &first, &second);
		for (; container; container = container->next)
			compare_list(containers, json_member(container, "processes"),
				     &before, &after, cmdline_max);
	}
	json_free(report);
	json_free(containers);
	cgroups_free(&cgroups_before);
	cgroups_free(&cgroups_after);
	proc_snapshot_free(&before);
	proc_snapshot_free(&after);
}

struct table {
	const struct field_check *checks;
	int count;
};

static void write_tables(const struct table *tables, int count, const char *path)
{
	FILE *json = fopen(path, "w");
	int i;

	if (json) {
		fprintf(json, "[");
		for (i = 0; i < count; i++)
			field_check_write(tables[i].checks, tables[i].count, json);
		fprintf(json, "]\n");
	}
	if (!json || fclose(json)) {
		perror(path);
		exit(2);
	}
}

static void print_tables(const struct table *tables, int count)
{
	int i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < tables[i].count; j++) {
			const struct field_check *t = &tables[i].checks[j];

			tap(!t->wrong, "%s against %s (%lu of %lu)", t->field, t->against,
			    t->compared - t->wrong, t->compared);
		}
	}
	field_check_print_head();
	for (i = 0; i < count; i++)
		field_check_print(tables[i].checks, tables[i].count);
}

static void usage(void)
{
	fprintf(stderr, "usage: differential [--rounds N] [--cmdline-max N] [--json "
			"TABLE] SYSINFO [CONTINFO]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "cmdline-max", required_argument, NULL, 'c' },
		{ "json", required_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct table tables[3] = { { heads, FIELDS } };
	const char *json = NULL;
	size_t cmdline_max = 512;
	int option, rounds = 1, count = 2;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 'c')
			cmdline_max = atoi(optarg);
		else if (option == 'j')
			json = optarg;
		else
			usage();
	}
	if (optind + 1 != argc && optind + 2 != argc)
		usage();
	while (rounds-- > 0)
		one_round(argv[optind], argv[optind + 1], cmdline_max);

	tap(compared > 10 && !missed,
	    "every process that existed all the time is in the file");
	tables[1].checks = process_checks(&tables[1].count);
	if (argv[optind + 1])
		tables[count++].checks = container_checks(&tables[2].count);
	print_tables(tables, count);
	if (json)
		write_tables(tables, count, json);
	printf("# %lu processes compared, %lu more that started and ended between two readings "
	       "of /proc, %lu command lines unreadable\n",
	       compared, short_lived, process_check_unreadable());
	tap(process_check_unreadable() * 20 <= compared,
	    "at most one command line in twenty is unreadable");
	return tap_end();
}
