/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_FACTS_H
#define VIGIA_TEST_FACTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct facts - what /proc says of one process
 * @pid: its number
 * @comm: name of its leader, and what a kernel worker works on
 * @state: of its leader
 * @running: one of its threads runs, or is about to
 * @turns: how often its threads were given a processor, where the kernel counts that
 * @ppid: that of its parent
 * @threads: how many
 * @uid: effective user id
 * @cpu_ns: its CPU clock: all threads, dead ones too
 * @ticks: the same in stat: user and system time, each cut to whole ticks
 * @start: in ticks of the boot clock
 * @vsz_kb: statm's
 * @statm_rss_kb: the kernel's counters, which may lag
 * @has_mapped: whether the next one is known
 * @mapped_rss_kb: what is in the page tables, added up by smaps_rollup
 * @has_io: whether the next two are known
 * @read_bytes: of io
 * @write_bytes: of io
 * @net_rx: bytes received by all devices but the loopback, if not on the host's network
 * @net_tx: bytes sent likewise
 * @net_ns: its network namespace, as network_of() has it
 * @cmdline: its arguments
 * @cmdline_len: how many bytes of them, at most FACTS_CMDLINE_MAX
 * @cgroup: all of /proc/<pid>/cgroup
 */
struct facts {
	int pid;
	char comm[80];
	char state;
	bool running;
	unsigned long long turns;
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

/* All processes there are, by rising pid. */
struct world {
	struct facts *facts;
	size_t count;
	size_t capacity;
};

void world_look(struct world *world);
void world_free(struct world *world);

/* The process with this pid, or NULL. */
const struct facts *world_find(const struct world *world, int pid);

/*
 * Whether it has not run in between: then nothing which is its own to change can
 * have changed and changed back.
 */
bool facts_rests(const struct facts *before, const struct facts *after);

/* Inode number of its network namespace; 0 when it has none any more. */
unsigned long long network_of(int pid);

/* Reads a small file, terminates it; its length, or -1 when it is not there. */
long slurp(const char *path, char *to, size_t size);

/* The number behind @key, or 0. */
unsigned long long number_after(const char *text, const char *key);

#endif
