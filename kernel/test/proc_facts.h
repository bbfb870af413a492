/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_PROC_FACTS_H
#define VIGIA_TEST_PROC_FACTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct proc_facts - one process as described by /proc/<pid>
 * @pid: process ID
 * @comm: name of its leader; of a kernel worker with its current work
 * @state: state of its leader
 * @running: whether one of its threads is running or runnable
 * @timeslices: number of time slices of its threads, if the kernel counts them
 * @ppid: process ID of its parent
 * @threads: number of threads
 * @uid: effective user ID
 * @cpu_ns: its CPU clock: all threads, including exited ones
 * @ticks: CPU time from stat: user and system time, each rounded down to ticks
 * @start: start time, in ticks of the boot clock
 * @vsz_kb: size of the address space, from statm
 * @statm_rss_kb: resident set size from statm: the kernel's counters, which may lag
 * @has_mapped: whether @mapped_rss_kb is known
 * @mapped_rss_kb: resident set size from smaps_rollup, summed over the page tables
 * @has_io: whether @read_bytes and @write_bytes are known
 * @read_bytes: from io
 * @write_bytes: from io
 * @net_rx: bytes received by all devices except loopback; 0 in the host's namespace
 * @net_tx: bytes sent, likewise
 * @net_ns: its network namespace; see net_namespace_of()
 * @cmdline: its arguments
 * @cmdline_len: length of @cmdline, at most FACTS_CMDLINE_MAX
 * @cgroup: content of /proc/<pid>/cgroup
 */
struct proc_facts {
	int pid;
	char comm[80];
	char state;
	bool running;
	unsigned long long timeslices;
	int ppid;
	int threads;
	unsigned int uid;
	unsigned long long cpu_ns;
	unsigned long long ticks;
	unsigned long long start;
	unsigned long long vsz_kb;
	unsigned long long statm_rss_kb;
	bool has_mapped;
	unsigned long long mapped_rss_kb;
	bool has_io;
	unsigned long long read_bytes;
	unsigned long long write_bytes;
	unsigned long long net_rx;
	unsigned long long net_tx;
	unsigned long long net_ns;
	char *cmdline;
	size_t cmdline_len;
	char *cgroup;
};

#define FACTS_CMDLINE_MAX 8192

/* All processes at one moment, sorted by pid. */
struct proc_snapshot {
	struct proc_facts *facts;
	size_t count;
	size_t capacity;
};

void proc_snapshot_take(struct proc_snapshot *snapshot);
void proc_snapshot_free(struct proc_snapshot *snapshot);

/* Returns the process with this pid, or NULL. */
const struct proc_facts *proc_snapshot_find(const struct proc_snapshot *snapshot,
					    int pid);

/*
 * Whether a process has not run between two readings. If so, nothing that only the
 * process itself can change has changed, not even temporarily.
 */
bool process_was_idle(const struct proc_facts *before, const struct proc_facts *after);

/* Returns the inode number of a network namespace; 0 if the process has left it. */
unsigned long long net_namespace_of(int pid);

/*
 * Reads a small file into a NUL-terminated buffer. Returns its length, or -1 if it
 * cannot be read.
 */
long read_file(const char *path, char *to, size_t size);

/* Returns the number that follows @key, or 0. */
unsigned long long number_after(const char *text, const char *key);

#endif
