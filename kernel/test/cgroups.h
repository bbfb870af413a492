/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_CGROUPS_H
#define VIGIA_TEST_CGROUPS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct cgroup_facts - what cgroupfs says of one container
 * @id: its 64 digits
 * @path: from the root of the hierarchy
 * @pids: of the living processes in it and below it, rising
 * @count: how many
 * @memory: bytes it is charged for
 * @limit: bytes it may have; ULLONG_MAX for no limit
 * @cpu_ns: what all processes it ever had have used in it
 * @has_cpu: whether that is known
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

/* Whether memory is counted in a hierarchy of its own. */
bool cgroups_are_v1(void);

/* Every container which has processes. */
void cgroups_look(struct cgroups *cgroups);
void cgroups_free(struct cgroups *cgroups);
const struct cgroup_facts *cgroups_find(const struct cgroups *cgroups, const char *id);

/*
 * Whether this text of /proc/<pid>/cgroup, in the hierarchy where memory is
 * accounted, names a container. Knows nothing of how the modules find it.
 */
bool cgroup_names_container(const char *text, char id[65]);

#endif
