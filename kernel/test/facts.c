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

#include "facts.h"

long slurp(const char *path, char *to, size_t size)
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

static long slurp_of(int pid, const char *name, char *to, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return slurp(path, to, size);
}

unsigned long long number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void *copied(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len + 1);
	return copy;
}

static bool read_stat(struct facts *f, char *text)
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

static unsigned long long turns_of(int thread)
{
	unsigned long long turns = 0;
	char text[128];

	slurp_of(thread, "schedstat", text, sizeof(text));
	sscanf(text, "%*u %*u %llu", &turns);
	return turns;
}

/*
 * Looks at every thread: whether one runs, and which one is alive. An exited
 * leader shows no memory, no arguments and, with cgroup v1, no cgroup; any other
 * thread does.
 */
static int look_at_threads(struct facts *f)
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

		if (!tid || slurp_of(tid, "stat", text, sizeof(text)) <= 0)
			continue;
		state = strrchr(text, ')');
		if (!state || state[2] == 'Z' || state[2] == 'X')
			continue;
		f->running |= state[2] == 'R';
		f->turns += turns_of(tid);
		if (!alive)
			alive = tid;
	}
	if (threads)
		closedir(threads);
	return alive ? alive : f->pid;
}

static void read_memory(struct facts *f, int thread)
{
	const unsigned long long page_kb = sysconf(_SC_PAGESIZE) / 1024;
	unsigned long long size = 0, resident = 0;
	char text[2048];

	if (slurp_of(thread, "statm", text, sizeof(text)) > 0)
		sscanf(text, "%llu %llu", &size, &resident);
	f->vsz_kb = size * page_kb;
	f->statm_rss_kb = resident * page_kb;
	slurp_of(thread, "smaps_rollup", text, sizeof(text));
	f->has_mapped = !size || strstr(text, "\nRss:");
	f->mapped_rss_kb = number_after(text, "\nRss:");
}

unsigned long long network_of(int pid)
{
	char path[64];
	struct stat ns;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return stat(path, &ns) ? 0 : ns.st_ino;
}

static void read_network(struct facts *f)
{
	char text[8192], *line;

	f->net_ns = network_of(f->pid);
	if (!f->net_ns || f->net_ns == network_of(1))
		return;
	slurp_of(f->pid, "net/dev", text, sizeof(text));
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

/* The states are read before the clock: see facts_rests(). */
static bool look_at(int pid, struct facts *f)
{
	char text[FACTS_CMDLINE_MAX + 1], *line;
	int thread = pid;
	long len;

	memset(f, 0, sizeof(*f));
	f->pid = pid;
	if (slurp_of(pid, "stat", text, sizeof(text)) <= 0 || !read_stat(f, text))
		return false;
	if (f->threads > 1)
		thread = look_at_threads(f);
	else
		f->turns = turns_of(pid);
	f->cpu_ns = read_cpu_clock(pid);

	slurp_of(pid, "status", text, sizeof(text));
	line = strstr(text, "\nUid:");
	if (!line || sscanf(line, "\nUid: %*u %u", &f->uid) != 1)
		return false;
	f->has_io = slurp_of(pid, "io", text, sizeof(text)) > 0;
	f->read_bytes = number_after(text, "\nread_bytes:");
	f->write_bytes = number_after(text, "\nwrite_bytes:");
	slurp_of(thread, "cgroup", text, sizeof(text));
	f->cgroup = copied(text, strlen(text));
	len = slurp_of(thread, "cmdline", text, sizeof(text));
	f->cmdline_len = len > 0 ? len : 0;
	f->cmdline = copied(text, f->cmdline_len);
	read_memory(f, thread);
	read_network(f);
	return true;
}

static int by_pid(const void *a, const void *b)
{
	return ((const struct facts *)a)->pid - ((const struct facts *)b)->pid;
}

void world_look(struct world *world)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	world->count = 0;
	world->capacity = 0;
	world->facts = NULL;
	while (proc && (entry = readdir(proc))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		if (world->count == world->capacity) {
			world->capacity = 2 * world->capacity + 256;
			world->facts = realloc(world->facts,
					       world->capacity * sizeof(*world->facts));
			if (!world->facts)
				abort();
		}
		if (look_at(atoi(entry->d_name), &world->facts[world->count]))
			world->count++;
	}
	if (proc)
		closedir(proc);
	qsort(world->facts, world->count, sizeof(*world->facts), by_pid);
}

void world_free(struct world *world)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		free(world->facts[i].cmdline);
		free(world->facts[i].cgroup);
	}
	free(world->facts);
}

const struct facts *world_find(const struct world *world, int pid)
{
	struct facts like = { .pid = pid };

	return bsearch(&like, world->facts, world->count, sizeof(like), by_pid);
}

/*
 * Time is charged at the latest when a thread stops running. So whoever ran in
 * between either was seen running at one of the ends, or its clock moved, unless
 * that is too coarse for so short a turn; then there were more of these.
 */
bool facts_rests(const struct facts *before, const struct facts *after)
{
	return before->start == after->start && before->cpu_ns == after->cpu_ns &&
	       before->turns == after->turns && !before->running && !after->running &&
	       before->state == after->state && before->threads == after->threads;
}
