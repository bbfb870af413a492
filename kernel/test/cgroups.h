/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_CGROUPS_H
#define VIGIA_TEST_CGROUPS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct cgroup_facts - one container as described by cgroupfs
 * @id: its 64 hexadecimal digits
 * @path: path of its cgroup, from the root of the hierarchy
 * @pids: living processes in its cgroup and the descendants, sorted
 * @count: number of @pids
 * @memory: memory charged to it, in bytes
 * @limit: memory limit in bytes; ULLONG_MAX if there is none
 * @cpu_ns: CPU time used in the cgroup, including exited processes
 * @has_cpu: whether @cpu_ns is known
 */
struct cgroup_facts {
	char id[65];
	char path[PATH_MAX];
	int *pids;
	size_t count;
	unsigned long long memory;
	unsigned long long limit;
	unsigned long long cpu_ns;
	bool has_cpu;
};

struct cgroups {
	struct cgroup_facts *entries;
	size_t count;
};

/* Whether memory is accounted in a cgroup v1 hierarchy. */
bool cgroups_are_v1(void);

/* Reads every container that has processes. */
void cgroups_read(struct cgroups *cgroups);
void cgroups_free(struct cgroups *cgroups);
const struct cgroup_facts *cgroups_find(const struct cgroups *cgroups, const char *id);

/*
 * Whether the content of /proc/<pid>/cgroup names a container, in the hierarchy where
 * memory is accounted. Shares no code with the modules.
 */
bool cgroup_names_container(const char *text, char id[65]);

#endif
