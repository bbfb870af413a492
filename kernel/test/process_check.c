// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cgroups.h"
#include "proc_facts.h"
#include "json.h"
#include "process_check.h"
#include "expected_text.h"
#include "field_check.h"

enum {
	PPID,
	NAME,
	CMDLINE,
	STATE,
	THREADS,
	UID,
	VSZ,
	RSS_COUNTED,
	RSS_MAPPED,
	MEM_PERCENT,
	CPU_PERCENT,
	CPU_CLOCK,
	CPU_TICKS,
	START,
	READ,
	WRITE,
	CONTAINER,
	FIELDS
};

static struct field_check checks[FIELDS] = {
	[PPID] = { "ppid", "", "stat" },
	[NAME] = { "name", "", "stat" },
	[CMDLINE] = { "cmdline", "", "cmdline" },
	[STATE] = { "state", "", "stat" },
	[THREADS] = { "threads", "", "stat" },
	[UID] = { "uid", "", "status" },
	[VSZ] = { "vsz_kb", "KB", "statm" },
	[RSS_COUNTED] = { "rss_kb", "KB", "statm (exact before 6.2)" },
	[RSS_MAPPED] = { "rss_kb", "KB", "smaps_rollup (exact from 6.2)" },
	[MEM_PERCENT] = { "mem_percent", "%", "rss_kb / total_kb" },
	[CPU_PERCENT] = { "cpu_percent", "%", "cpu_time_ns / age" },
	[CPU_CLOCK] = { "cpu_time_ns", "ns", "its CPU clock" },
	[CPU_TICKS] = { "cpu_time_ns", "ns", "utime + stime of stat" },
	[START] = { "start_ns", "ns", "starttime of stat" },
	[READ] = { "io_read_bytes", "B", "read_bytes of io" },
	[WRITE] = { "io_write_bytes", "B", "write_bytes of io" },
	[CONTAINER] = { "container_id", "", "cgroup" },
};

static unsigned long unreadable_count;

double number_of(const struct json *object, const char *key)
{
	const struct json *value = json_member(object, key);

	return value && value->kind == JSON_NUMBER ? strtod(value->text, NULL) : 0;
}

static const char *text_of(const struct json *object, const char *key)
{
	const struct json *value = json_member(object, key);

	return value && value->kind == JSON_STRING ? value->text : "";
}

double percent_of(double part, double whole)
{
	unsigned __int128 parts = part, wholes = whole;

	return wholes ? (unsigned long long)((parts * 10000 + wholes / 2) / wholes) /
				100.0
		      : 0;
}

const char *name_of(const struct json *process)
{
	static char name[64];

	snprintf(name, sizeof(name), "%.0f (%.15s)", number_of(process, "pid"),
		 text_of(process, "name"));
	return name;
}

/*
 * For a kernel thread, /proc shows the full name, and for a worker its current work.
 * The module reports the first 15 bytes of that.
 */
static bool same_name(const struct json *process, const struct proc_facts *f)
{
	const char *name = text_of(process, "name");
	char expected[3 * sizeof(f->comm) + 4];

	if (f->pid == 2 || f->ppid == 2)
		return *name && !strncmp(name, f->comm, strlen(name));
	expected_text(f->comm, strlen(f->comm), false, expected);
	return !strcmp(name, expected);
}

static void compare_cmdline(const struct json *process, const struct proc_facts *f,
			    size_t max)
{
	static char expected[3 * FACTS_CMDLINE_MAX + 4];
	const struct json *cmdline = json_member(process, "cmdline");
	size_t len;

	if (cmdline->kind == JSON_NULL) {
		unreadable_count++;
		return;
	}
	len = expected_cmdline(f->cmdline, f->cmdline_len, max, expected);
	check_same(&checks[CMDLINE],
		   cmdline->len == len && !memcmp(cmdline->text, expected, len),
		   name_of(process));
}

static void compare_container(const struct json *process, const struct proc_facts *f)
{
	const struct json *container = json_member(process, "container_id");
	char id[65];
	bool in = cgroup_names_container(f->cgroup, id);

	/* In cgroup v1, /proc shows "/" for a zombie. */
	if (cgroups_are_v1() && f->state == 'Z' && f->threads < 2)
		return;
	check_same(&checks[CONTAINER],
		   in ? !strcmp(text_of(process, "container_id"), id)
		      : container->kind == JSON_NULL,
		   name_of(process));
}

/*
 * From 6.2 on the module sums the counters of all CPUs, which is exact. Before, each
 * thread holds back the changes of up to 64 page faults, and one fault of a file maps
 * up to 16 pages.
 */
static bool rss_is_exact(void)
{
	int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	return major > 6 || (major == 6 && minor >= 2);
}

static void compare_rss(const struct json *process, const struct proc_facts *a,
			const struct proc_facts *b)
{
	double lag = rss_is_exact()
			     ? 0
			     : a->threads * 65.0 * 16 * sysconf(_SC_PAGESIZE) / 1024;
	double rss = number_of(process, "rss_kb");

	if (a->has_mapped && b->has_mapped && a->mapped_rss_kb == b->mapped_rss_kb)
		check_number(&checks[RSS_MAPPED], a->mapped_rss_kb, rss, a->mapped_rss_kb,
			     lag, name_of(process));
	if (!rss_is_exact() && a->statm_rss_kb == b->statm_rss_kb)
		check_number(&checks[RSS_COUNTED], a->statm_rss_kb, rss, a->statm_rss_kb,
			     0, name_of(process));
}

/* Compares the fields that only change while the process runs. */
static void compare_idle(const struct json *process, const struct proc_facts *a,
			 const struct proc_facts *b, size_t cmdline_max)
{
	const char *name = name_of(process);

	if (!strcmp(a->comm, b->comm))
		check_same(&checks[NAME], same_name(process, a), name);
	check_same(&checks[STATE], *text_of(process, "state") == a->state, name);
	check_number(&checks[THREADS], a->threads, number_of(process, "threads"),
		     a->threads, 0, name);
	if (a->uid == b->uid)
		check_number(&checks[UID], a->uid, number_of(process, "uid"), a->uid, 0,
			     name);
	if (a->vsz_kb == b->vsz_kb)
		check_number(&checks[VSZ], a->vsz_kb, number_of(process, "vsz_kb"),
			     a->vsz_kb, 0, name);
	compare_rss(process, a, b);
	if (a->cmdline_len == b->cmdline_len &&
	    !memcmp(a->cmdline, b->cmdline, a->cmdline_len))
		compare_cmdline(process, a, cmdline_max);
}

static void compare_percentages(const struct json *report, const struct json *process)
{
	double age = number_of(report, "timestamp_ns") + number_of(report, "walk_ns") -
		     number_of(process, "start_ns");
	double mem = percent_of(number_of(process, "rss_kb"),
				number_of(json_member(report, "memory"), "total_kb"));
	double cpu = percent_of(number_of(process, "cpu_time_ns"), age);

	check_number(&checks[MEM_PERCENT], mem, number_of(process, "mem_percent"), mem,
		     1e-9, name_of(process));
	if (age > 0)
		check_number(&checks[CPU_PERCENT], cpu, number_of(process, "cpu_percent"),
			     cpu, 1e-9, name_of(process));
}

void process_check(const struct json *report, const struct json *process,
		   const struct proc_facts *a, const struct proc_facts *b,
		   size_t cmdline_max)
{
	const double tick = 1e9 / sysconf(_SC_CLK_TCK);
	const char *name = name_of(process);
	double cpu = number_of(process, "cpu_time_ns");

	if (a->ppid == b->ppid)
		check_number(&checks[PPID], a->ppid, number_of(process, "ppid"), a->ppid,
			     0, name);
	check_number(&checks[START], a->start * tick, number_of(process, "start_ns"),
		     (a->start + 1) * tick - 1, 0, name);
	check_number(&checks[CPU_CLOCK], a->cpu_ns, cpu, b->cpu_ns, 0, name);
	/* User and system time are each rounded down to ticks. */
	check_number(&checks[CPU_TICKS], a->ticks * tick, cpu, (b->ticks + 2) * tick, 0,
		     name);
	if (a->has_io && b->has_io) {
		check_number(&checks[READ], a->read_bytes,
			     number_of(process, "io_read_bytes"), b->read_bytes, 0, name);
		check_number(&checks[WRITE], a->write_bytes,
			     number_of(process, "io_write_bytes"), b->write_bytes, 0,
			     name);
	}
	if (!strcmp(a->cgroup, b->cgroup))
		compare_container(process, a);
	compare_percentages(report, process);
	if (process_was_idle(a, b))
		compare_idle(process, a, b, cmdline_max);
}

const struct field_check *process_checks(int *count)
{
	*count = FIELDS;
	return checks;
}

unsigned long process_check_unreadable(void)
{
	return unreadable_count;
}
