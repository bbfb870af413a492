/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one reading of the pinned iterator consists of: RECORD_BEGIN, then one record for each task in any order, then
 * RECORD_END. A process is the RECORD_PROCESS of its leader plus the RECORD_THREADs with the same pid. Numbers have the
 * machine's byte order. After a change, increment RECORD_SCHEMA and follow in daemon/src/sense/bpf-records.ts.
 */
#ifndef VIGIA_BPF_RECORD_H
#define VIGIA_BPF_RECORD_H

#define RECORD_SCHEMA 1
/* A counter that this kernel does not keep. */
#define RECORD_UNKNOWN (~0ULL)

enum record_kind { RECORD_BEGIN = 1, RECORD_PROCESS, RECORD_THREAD, RECORD_END };

/* How rss_kb was counted. */
enum rss_source {
	/* One counter, which lags by up to 64 page faults for each thread (before 6.2). */
	RSS_ATOMIC = 1,
	/* The common part of a per-CPU counter, without what each CPU has not yet added to it. */
	RSS_APPROXIMATE,
	/* The exact sum over the CPUs. */
	RSS_SUMMED,
};

struct record_head {
	u8 schema;
	u8 kind;
	/* Of the whole record, in bytes. */
	u16 size;
	/* Thread group, in the initial PID namespace; 0 in RECORD_BEGIN and RECORD_END. */
	u32 pid;
};

struct record_begin {
	struct record_head head;
	u32 rss_source;
	u32 reserved;
	/* Clock since boot. */
	u64 boot_ns;
};

/* What a thread adds to its process. */
struct record_usage {
	u64 cpu_ns;
	u64 read_bytes;
	u64 write_bytes;
	/* Of the address space; 0 without one. */
	u64 vsz_kb;
	u64 rss_kb;
};

struct record_process {
	struct record_head head;
	u32 ppid;
	u32 euid;
	u32 threads;
	/* Changes with each execve(). */
	u32 exec_id;
	/* Bytes that the process chooses, up to the first NUL. */
	char comm[16];
	u64 start_ns;
	/* Of the leader and of the threads that have exited. */
	struct record_usage usage;
	/* Inode of the cgroup's directory: in the default hierarchy, and in that of the memory controller. */
	u64 cgroup;
	u64 memory_cgroup;
	/* A letter, as in /proc/<pid>/stat. */
	u32 state;
	u32 reserved;
};

struct record_thread {
	struct record_head head;
	u32 tid;
	u32 reserved;
	/* Sizes only where the leader has exited and no longer has an address space. */
	struct record_usage usage;
};

/*
 * The last record. A reader must not read on: the kernel would continue with tasks that have begun meanwhile, and
 * while tasks keep beginning there is no end of file.
 */
struct record_end {
	struct record_head head;
	u64 boot_ns;
	/* RECORD_UNKNOWN, which no other record ends with: shows the end without decoding. */
	u64 mark;
};

#endif
