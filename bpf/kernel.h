/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel structures that tasks.bpf.c reads, with only the members it reads. The loader relocates each access to
 * the layout of the running kernel (CO-RE), so that neither order nor size matter here. A name with ___ is another
 * kernel's shape of the structure named before it.
 */
#ifndef VIGIA_BPF_KERNEL_H
#define VIGIA_BPF_KERNEL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;
typedef long long s64;
typedef _Bool bool;
/* For bpf_helpers.h. */
typedef u16 __u16;
typedef u32 __u32;
typedef s32 __s32;
typedef u64 __u64;
typedef s64 __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u32 __wsum;

enum bpf_map_type { BPF_MAP_TYPE_ARRAY = 2 };

#define PF_KTHREAD 0x00200000

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	long counter;
} atomic_long_t;

struct task_io_accounting {
	u64 read_bytes;
	u64 write_bytes;
};

struct signal_struct {
	int nr_threads;
	/* CPU time and I/O of the threads that have exited. */
	u64 sum_sched_runtime;
	struct task_io_accounting ioac;
};

struct percpu_counter {
	s64 count;
	s32 *counters;
};

struct mm_struct {
	unsigned long total_vm;
	struct percpu_counter rss_stat[4];
};

/* Before 6.2. The inner structure has no name here, since looking for one that a kernel lacks needs CAP_SYS_ADMIN. */
struct mm_struct___atomic {
	struct {
		atomic_long_t count[4];
	} rss_stat;
};

struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

enum cgroup_subsys_id { memory_cgrp_id = 1 };

/* Before 5.14. */
struct task_struct___state {
	long state;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

typedef struct {
	u32 val;
} kuid_t;

struct cred {
	kuid_t euid;
};

struct sched_entity {
	u64 sum_exec_runtime;
};

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	int exit_state;
	int pid;
	int tgid;
	u64 self_exec_id;
	u64 start_boottime;
	char comm[16];
	struct sched_entity se;
	struct task_io_accounting ioac;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	const struct cred *real_cred;
	struct signal_struct *signal;
	struct mm_struct *mm;
	struct css_set *cgroups;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#endif
