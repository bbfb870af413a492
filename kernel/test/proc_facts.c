// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proc_facts.h"

long read_file(const char *path, char *to, size_t size)
{
	long len = 0, got = -1;
	int fd = open(path, O_RDONLY);

	if (fd >= 0) {
		while (len < (long)size - 1 &&
		       (got = read(fd, to + len, size - 1 - len)) > 0)
			len += got;
		close(fd);
	}
	to[len] = '\0';
	return fd < 0 || (got < 0 && !len) ? -1 : len;
}

static long read_proc_file(int pid, const char *name, char *to, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return read_file(path, to, size);
}

unsigned long long number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void *copy_bytes(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len + 1);
	return copy;
}

static bool read_stat(struct proc_facts *f, char *text)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned long long user, system;

	if (!open || !close)
		return false;
	*close = '\0';
	snprintf(f->comm, sizeof(f->comm), "%s", open + 1);
	if (sscanf(close + 2,
		   "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d "
		   "%d %*d %llu",
		   &f->state, &f->ppid, &user, &system, &f->threads, &f->start) != 6)
		return false;
	f->ticks = user + system;
	f->running = f->state == 'R';
	return true;
}

static unsigned long long timeslices_of(int thread)
{
	unsigned long long timeslices = 0;
	char text[128];

	read_proc_file(thread, "schedstat", text, sizeof(text));
	sscanf(text, "%*u %*u %llu", &timeslices);
	return timeslices;
}

/*
 * Reads the state of every thread. Returns the ID of a living one, from which memory,
 * arguments and cgroup can be read: an exited leader has no memory, no arguments and,
 * with cgroup v1, no cgroup.
 */
static int read_threads(struct proc_facts *f)
{
	int alive = f->state == 'Z' ? 0 : f->pid;
	struct dirent *entry;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", f->pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads))) {
		char text[1024], *state;
		int tid = atoi(entry->d_name);

		if (!tid || read_proc_file(tid, "stat", text, sizeof(text)) <= 0)
			continue;
		state = strrchr(text, ')');
		if (!state || state[2] == 'Z' || state[2] == 'X')
			continue;
		f->running |= state[2] == 'R';
		f->timeslices += timeslices_of(tid);
		if (!alive)
			alive = tid;
	}
	if (threads)
		closedir(threads);
	return alive ? alive : f->pid;
}

static void read_memory(struct proc_facts *f, int thread)
{
	const unsigned long long page_kb = sysconf(_SC_PAGESIZE) / 1024;
	unsigned long long size = 0, resident = 0;
	char text[2048];

	if (read_proc_file(thread, "statm", text, sizeof(text)) > 0)
		sscanf(text, "%llu %llu", &size, &resident);
	f->vsz_kb = size * page_kb;
	f->statm_rss_kb = resident * page_kb;
	read_proc_file(thread, "smaps_rollup", text, sizeof(text));
	f->has_mapped = !size || strstr(text, "\nRss:");
	f->mapped_rss_kb = number_after(text, "\nRss:");
}

unsigned long long net_namespace_of(int pid)
{
	char path[64];
	struct stat ns;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return stat(path, &ns) ? 0 : ns.st_ino;
}

static void read_network(struct proc_facts *f)
{
	char text[8192], *line;

	f->net_ns = net_namespace_of(f->pid);
	if (!f->net_ns || f->net_ns == net_namespace_of(1))
		return;
	read_proc_file(f->pid, "net/dev", text, sizeof(text));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long long rx, tx;
		char device[32];

		if (sscanf(line, " %31[^:]: %llu %*u %*u %*u %*u %*u %*u %*u %llu",
			   device, &rx, &tx) != 3 ||
		    !strcmp(device, "lo"))
			continue;
		f->net_rx += rx;
		f->net_tx += tx;
	}
}

static unsigned long long read_cpu_clock(int pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
		return 0;
	return used.tv_sec * 1000000000ULL + used.tv_nsec;
}

/* process_was_idle() relies on this order: states first, then the CPU clock. */
static bool read_process(int pid, struct proc_facts *f)
{
	char text[FACTS_CMDLINE_MAX + 1], *line;
	int thread = pid;
	long len;

	memset(f, 0, sizeof(*f));
	f->pid = pid;
	if (read_proc_file(pid, "stat", text, sizeof(text)) <= 0 || !read_stat(f, text))
		return false;
	if (f->threads > 1)
		thread = read_threads(f);
	else
		f->timeslices = timeslices_of(pid);
	f->cpu_ns = read_cpu_clock(pid);

	read_proc_file(pid, "status", text, sizeof(text));
	line = strstr(text, "\nUid:");
	if (!line || sscanf(line, "\nUid: %*u %u", &f->uid) != 1)
		return false;
	f->has_io = read_proc_file(pid, "io", text, sizeof(text)) > 0;
	f->read_bytes = number_after(text, "\nread_bytes:");
	f->write_bytes = number_after(text, "\nwrite_bytes:");
	read_proc_file(thread, "cgroup", text, sizeof(text));
	f->cgroup = copy_bytes(text, strlen(text));
	len = read_proc_file(thread, "cmdline", text, sizeof(text));
	f->cmdline_len = len > 0 ? len : 0;
	f->cmdline = copy_bytes(text, f->cmdline_len);
	read_memory(f, thread);
	read_network(f);
	return true;
}

static int by_pid(const void *a, const void *b)
{
	return ((const struct proc_facts *)a)->pid - ((const struct proc_facts *)b)->pid;
}

void proc_snapshot_take(struct proc_snapshot *snapshot)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	snapshot->count = 0;
	snapshot->capacity = 0;
	snapshot->facts = NULL;
	while (proc && (entry = readdir(proc))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		if (snapshot->count == snapshot->capacity) {
			snapshot->capacity = 2 * snapshot->capacity + 256;
			snapshot->facts =
				realloc(snapshot->facts,
					snapshot->capacity * sizeof(*snapshot->facts));
			if (!snapshot->facts)
				abort();
		}
		if (read_process(atoi(entry->d_name), &snapshot->facts[snapshot->count]))
			snapshot->count++;
	}
	if (proc)
		closedir(proc);
	qsort(snapshot->facts, snapshot->count, sizeof(*snapshot->facts), by_pid);
}

void proc_snapshot_free(struct proc_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->count; i++) {
		free(snapshot->facts[i].cmdline);
		free(snapshot->facts[i].cgroup);
	}
	free(snapshot->facts);
}

const struct proc_facts *proc_snapshot_find(const struct proc_snapshot *snapshot, int pid)
{
	struct proc_facts like = { .pid = pid };

	return bsearch(&like, snapshot->facts, snapshot->count, sizeof(like), by_pid);
}

/*
 * CPU time is charged at the latest when a thread stops running. So a process that ran
 * in between was either running in one of the two readings, or its CPU clock has
 * advanced. If the clock is too coarse for that, the number of time slices has grown.
 */
bool process_was_idle(const struct proc_facts *before, const struct proc_facts *after)
{
	return before->start == after->start && before->cpu_ns == after->cpu_ns &&
	       before->timeslices == after->timeslices && !before->running &&
	       !after->running && before->state == after->state &&
	       before->threads == after->threads;
}
