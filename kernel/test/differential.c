// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds the files against the rest of /proc and against cgroupfs, field by field.
 *
 *	differential [--rounds N] [--cmdline-max N] [--json TABLE] SYSINFO [CONTINFO]
 *
 * The others are read before and after: what only grows must lie in between, what
 * cannot have changed must be equal. Ends with a table of the largest errors seen.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "container_truth.h"
#include "facts.h"
#include "json.h"
#include "process_truth.h"
#include "report.h"
#include "tap.h"
#include "truth.h"

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

static struct truth heads[FIELDS] = {
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

/* What is known of the machine at one moment; read close to the file itself. */
struct machine {
	double now_ns;
	double boot_time_s;
	double total, free, available, buffers, shared;
};

static void machine_look(struct machine *machine)
{
	char text[16384];
	struct timespec now;

	slurp("/proc/stat", text, sizeof(text));
	machine->boot_time_s = number_after(text, "btime ");
	slurp("/proc/meminfo", text, sizeof(text));
	machine->total = number_after(text, "MemTotal:");
	machine->free = number_after(text, "MemFree:");
	machine->available = number_after(text, "MemAvailable:");
	machine->buffers = number_after(text, "Buffers:");
	machine->shared = number_after(text, "Shmem:");
	clock_gettime(CLOCK_BOOTTIME, &now);
	machine->now_ns = now.tv_sec * 1e9 + now.tv_nsec;
}

/* Memory goes up and down all the time, so these two ends are no bounds. */
static void compare_memory(int which, double a, const struct json *memory,
			   const char *key, double b, double total)
{
	truth_number(&heads[which], a < b ? a : b, number_of(memory, key), a < b ? b : a,
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
		truth_number(&heads[COUNTS], count, number_of(counts, kinds[i].key),
			     count, 0, kinds[i].key);
	}
	process = json_member(report, "processes")->first;
	for (; process; process = process->next)
		threads += number_of(process, "threads");
	truth_number(&heads[COUNTS], threads, number_of(counts, "threads"), threads, 0,
		     "threads");
}

static void compare_head(const struct json *report, const struct machine *a,
			 const struct machine *b)
{
	const struct json *memory = json_member(report, "memory");
	double begin = number_of(report, "timestamp_ns");

	truth_number(&heads[TIMESTAMP], a->now_ns, begin, b->now_ns, 0, "the walk");
	truth_number(&heads[WALK], 1, number_of(report, "walk_ns"), b->now_ns - begin, 0,
		     "the walk");
	if (a->boot_time_s == b->boot_time_s)
		truth_number(&heads[BOOT_TIME], a->boot_time_s,
			     number_of(report, "boot_time_s"), a->boot_time_s, 0,
			     "the machine");
	truth_number(&heads[CPUS], sysconf(_SC_NPROCESSORS_ONLN),
		     number_of(report, "cpus"), sysconf(_SC_NPROCESSORS_ONLN), 0,
		     "the machine");
	truth_number(&heads[TOTAL], a->total, number_of(memory, "total_kb"), a->total, 0,
		     "the machine");
	compare_memory(FREE, a->free, memory, "free_kb", b->free, a->total);
	compare_memory(AVAILABLE, a->available, memory, "available_kb", b->available,
		       a->total);
	compare_memory(BUFFERS, a->buffers, memory, "buffers_kb", b->buffers, a->total);
	compare_memory(SHARED, a->shared, memory, "shared_kb", b->shared, a->total);
}

static unsigned long met, missed, strangers;

static void compare_list(const struct json *report, const struct json *list,
			 const struct world *before, const struct world *after,
			 size_t cmdline_max)
{
	const struct json *process = list->first;

	for (; process; process = process->next) {
		int pid = number_of(process, "pid");
		const struct facts *a = world_find(before, pid),
				   *b = world_find(after, pid);

		if (!a || !b || a->start != b->start)
			continue;
		met++;
		process_truth(report, process, a, b, cmdline_max);
	}
}

/* Both ways: who is there all the time is listed, who is listed was there once. */
static void compare_presence(const struct json *report, const struct world *before,
			     const struct world *after)
{
	const struct json *process = json_member(report, "processes")->first;
	size_t i;

	for (i = 0; i < before->count; i++) {
		const struct facts *a = &before->facts[i], *b = world_find(after, a->pid);

		if (b && b->start == a->start && !report_process(report, a->pid)) {
			missed++;
			printf("# not in the file: %d (%s)\n", a->pid, a->comm);
		}
	}
	/* One that is in neither was born and died in between: rare, if it is true. */
	for (; process; process = process->next)
		strangers += !world_find(before, number_of(process, "pid")) &&
			     !world_find(after, number_of(process, "pid"));
}

static void one_round(const char *sysinfo, const char *continfo, size_t cmdline_max)
{
	struct cgroups cgroups_before, cgroups_after;
	struct machine machine_before, machine_after;
	struct world before, after;
	struct json *report, *containers = NULL;

	world_look(&before);
	cgroups_look(&cgroups_before);
	machine_look(&machine_before);
	report = report_load(sysinfo);
	machine_look(&machine_after);
	if (continfo)
		containers = report_load(continfo);
	cgroups_look(&cgroups_after);
	world_look(&after);

	compare_head(report, &machine_before, &machine_after);
	compare_counts(report);
	compare_presence(report, &before, &after);
	compare_list(report, json_member(report, "processes"), &before, &after,
		     cmdline_max);
	if (containers) {
		const struct moment first = { &before, &cgroups_before };
		const struct moment second = { &after, &cgroups_after };
		const struct json *container =
			json_member(containers, "containers")->first;

		container_truth(containers, &first, &second);
		for (; container; container = container->next)
			compare_list(containers, json_member(container, "processes"),
				     &before, &after, cmdline_max);
	}
	json_free(report);
	json_free(containers);
	cgroups_free(&cgroups_before);
	cgroups_free(&cgroups_after);
	world_free(&before);
	world_free(&after);
}

struct table {
	const struct truth *truths;
	int count;
};

static void write_tables(const struct table *tables, int count, const char *path)
{
	FILE *json = fopen(path, "w");
	int i;

	if (json) {
		fprintf(json, "[");
		for (i = 0; i < count; i++)
			truth_write(tables[i].truths, tables[i].count, json);
		fprintf(json, "]\n");
	}
	if (!json || fclose(json)) {
		perror(path);
		exit(2);
	}
}

static void say_tables(const struct table *tables, int count)
{
	int i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < tables[i].count; j++) {
			const struct truth *t = &tables[i].truths[j];

			tap(!t->wrong, "%s against %s (%lu of %lu)", t->field, t->against,
			    t->compared - t->wrong, t->compared);
		}
	}
	truth_print_head();
	for (i = 0; i < count; i++)
		truth_print(tables[i].truths, tables[i].count);
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

	tap(met > 10 && !missed,
	    "every process which was there all the time is in the file");
	tables[1].truths = process_truths(&tables[1].count);
	if (argv[optind + 1])
		tables[count++].truths = container_truths(&tables[2].count);
	say_tables(tables, count);
	if (json)
		write_tables(tables, count, json);
	printf("# %lu processes compared, %lu more born and gone between two readings of "
	       "/proc, %lu command lines unreadable\n",
	       met, strangers, process_truth_unreadable());
	tap(process_truth_unreadable() * 20 <= met,
	    "at most one command line in twenty is unreadable");
	return tap_end();
}
