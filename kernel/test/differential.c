// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds sysinfo's file against the rest of /proc, process by process.
 *
 *	differential FILE
 *
 * /proc is read before and after: what did not change in between must be equal,
 * what only grows must lie in between.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "report.h"
#include "tap.h"

#define PROCESSES_MAX 8192
#define CMDLINE_MAX 512

struct facts {
	int pid;
	char comm[64];
	char state;
	int ppid;
	unsigned long long ticks;	/* CPU time */
	int threads;
	unsigned long long start;	/* ticks */
	unsigned long long vsize;
	unsigned long long rss_kb;
	unsigned long long read_bytes;
	unsigned long long write_bytes;
	unsigned int uid;
	char cmdline[CMDLINE_MAX + 2];
	size_t cmdline_len;
	char cgroup[4096];
};

struct world {
	struct facts *facts;
	int count;
};

static ssize_t slurp(int pid, const char *name, char *to, size_t size)
{
	char path[64];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		got = read(fd, to, size - 1);
		close(fd);
	}
	to[got > 0 ? got : 0] = '\0';
	return got;
}

static unsigned long long number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static bool look_at_stat(struct facts *f, char *text)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned long long user, system;

	if (!open || !close)
		return false;
	*close = '\0';
	snprintf(f->comm, sizeof(f->comm), "%s", open + 1);
	return sscanf(close + 2,
		      "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %d %*d %llu %llu",
		      &f->state, &f->ppid, &user, &system, &f->threads, &f->start,
		      &f->vsize) == 7 && (f->ticks = user + system, true);
}

static bool look_at(int pid, struct facts *f)
{
	char text[8192], *line;
	ssize_t len;

	memset(f, 0, sizeof(*f));
	f->pid = pid;
	if (slurp(pid, "stat", text, sizeof(text)) <= 0 || !look_at_stat(f, text))
		return false;
	slurp(pid, "status", text, sizeof(text));
	line = strstr(text, "\nUid:");
	if (!line || sscanf(line, "\nUid: %*u %u", &f->uid) != 1)
		return false;
	slurp(pid, "smaps_rollup", text, sizeof(text));
	f->rss_kb = number_after(text, "Rss:");
	slurp(pid, "io", text, sizeof(text));
	f->read_bytes = number_after(text, "\nread_bytes:");
	f->write_bytes = number_after(text, "\nwrite_bytes:");
	slurp(pid, "cgroup", f->cgroup, sizeof(f->cgroup));
	len = slurp(pid, "cmdline", f->cmdline, sizeof(f->cmdline));
	f->cmdline_len = len > 0 ? len : 0;
	return true;
}

static void look_around(struct world *world)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	world->facts = calloc(PROCESSES_MAX, sizeof(*world->facts));
	world->count = 0;
	while (proc && world->facts && (entry = readdir(proc))) {
		if (isdigit(entry->d_name[0]) && world->count < PROCESSES_MAX &&
		    look_at(atoi(entry->d_name), &world->facts[world->count]))
			world->count++;
	}
	closedir(proc);
}

static const struct facts *find(const struct world *world, const struct facts *like)
{
	int i;

	for (i = 0; i < world->count; i++) {
		if (world->facts[i].pid == like->pid && world->facts[i].start == like->start)
			return &world->facts[i];
	}
	return NULL;
}

enum { NAME, STATE, PPID, THREADS, UID, VSZ, RSS, CPU, START, IO, CMDLINE, CONTAINER, CLAIMS };

static const char *const claims[CLAIMS] = {
	"name is comm", "state", "ppid", "threads", "uid is the effective one",
	"vsz_kb is vsize", "rss_kb is what smaps_rollup adds up", "cpu_time_ns lies in between",
	"start_ns is starttime", "I/O lies in between", "cmdline, blanks for NULs",
	"container_id is in the cgroup's path",
};

static int wrong[CLAIMS], checked[CLAIMS], unreadable;

static void claim(int which, const struct json *process, bool holds)
{
	checked[which]++;
	if (!holds && !wrong[which]++)
		printf("# first not to hold: %s, pid %llu (%s)\n", claims[which],
		       json_number(json_member(process, "pid")),
		       json_member(process, "name")->text);
}

static unsigned long long number(const struct json *process, const char *key)
{
	return json_number(json_member(process, key));
}

static bool between(unsigned long long low, unsigned long long value, unsigned long long high)
{
	return low <= value && value <= high;
}

static bool is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] && (text[i] < 0x20 || text[i] > 0x7e))
			return false;
	}
	return true;
}

static void compare_cmdline(const struct json *process, const struct facts *f)
{
	const struct json *cmdline = json_member(process, "cmdline");
	size_t len = f->cmdline_len, i;
	char joined[CMDLINE_MAX + 2];

	if (cmdline->kind == JSON_NULL) {
		unreadable++;
		return;
	}
	if (len > CMDLINE_MAX || !is_plain(f->cmdline, len))
		return;
	memcpy(joined, f->cmdline, len);
	while (len && !joined[len - 1])
		len--;
	for (i = 0; i < len; i++) {
		if (!joined[i])
			joined[i] = ' ';
	}
	claim(CMDLINE, process, cmdline->len == len && !memcmp(cmdline->text, joined, len));
}

static void compare_container(const struct json *process, const struct facts *f)
{
	const struct json *container = json_member(process, "container_id");

	if (container->kind == JSON_STRING)
		claim(CONTAINER, process, strstr(f->cgroup, container->text));
	else
		claim(CONTAINER, process, !strstr(f->cgroup, "docker-"));
}

static void compare(const struct json *process, const struct facts *a, const struct facts *b)
{
	const unsigned long long tick = 1000000000 / sysconf(_SC_CLK_TCK);
	const char *name = json_member(process, "name")->text;

	/* For a kernel worker, comm also says what it is working on. */
	if (!strcmp(a->comm, b->comm) && is_plain(a->comm, strlen(a->comm)))
		claim(NAME, process, strlen(a->comm) < 16 && strncmp(a->comm, "kworker/", 8) ?
		      !strcmp(name, a->comm) : !strncmp(name, a->comm, 8));
	if (a->state == b->state && a->state != 'R' && a->ticks == b->ticks)
		claim(STATE, process, *json_member(process, "state")->text == a->state);
	if (a->ppid == b->ppid)
		claim(PPID, process, number(process, "ppid") == (unsigned int)a->ppid);
	if (a->threads == b->threads)
		claim(THREADS, process, number(process, "threads") == (unsigned int)a->threads);
	if (a->uid == b->uid)
		claim(UID, process, number(process, "uid") == a->uid);
	if (a->vsize == b->vsize && a->state != 'Z')
		claim(VSZ, process, number(process, "vsz_kb") == a->vsize / 1024);
	if (a->rss_kb == b->rss_kb && a->state != 'Z')
		claim(RSS, process, between(a->rss_kb * 95 / 100, number(process, "rss_kb") + 64,
					    a->rss_kb * 105 / 100 + 128));
	claim(CPU, process, between(a->ticks * tick, number(process, "cpu_time_ns") + 2 * tick,
				    (b->ticks + 4) * tick));
	claim(START, process, number(process, "start_ns") / tick == a->start);
	claim(IO, process,
	      between(a->read_bytes, number(process, "io_read_bytes"), b->read_bytes) &&
	      between(a->write_bytes, number(process, "io_write_bytes"), b->write_bytes));
	if (a->cmdline_len == b->cmdline_len && !memcmp(a->cmdline, b->cmdline, a->cmdline_len))
		compare_cmdline(process, a);
	if (!strcmp(a->cgroup, b->cgroup))
		compare_container(process, a);
}

int main(int argc, char **argv)
{
	struct world before, after;
	struct json *report;
	int i, met = 0, missed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: differential FILE\n");
		return 2;
	}
	look_around(&before);
	report = report_load(argv[1]);
	look_around(&after);

	for (i = 0; i < before.count; i++) {
		const struct facts *a = &before.facts[i], *b = find(&after, a);
		const struct json *process = report_process(report, a->pid);

		if (!b)
			continue;
		if (!process) {
			missed++;
			continue;
		}
		met++;
		compare(process, a, b);
	}
	printf("# %d processes compared, %d command lines unreadable\n", met, unreadable);
	tap(met > 10 && !missed, "every process which was there all the time is in the file");
	for (i = 0; i < CLAIMS; i++)
		tap(!wrong[i], "%s (%d of %d)", claims[i], checked[i] - wrong[i], checked[i]);
	tap(unreadable * 20 <= met, "at most one command line in twenty is unreadable");
	return tap_end();
}
