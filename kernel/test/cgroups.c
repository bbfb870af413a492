// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroups.h"
#include "proc_facts.h"

/* A path component that is a container ID, bare or with a runtime's prefix. */
static const char pattern[] = "/((docker|nerdctl|cri-containerd|crio|libpod|libpod-"
			      "payload)-|[^/]*:cri-containerd:)?"
			      "([0-9a-f]{64})(\\.scope)?(/|$)";

#define V1_ROOT "/sys/fs/cgroup/memory"

bool cgroups_are_v1(void)
{
	struct stat file;

	return !stat(V1_ROOT "/memory.usage_in_bytes", &file) ||
	       !stat(V1_ROOT "/cgroup.procs", &file);
}

/* Finds the outermost container ID in a path. *end is the end of its component. */
static bool find_id(const char *path, char id[65], size_t *end)
{
	static regex_t regex;
	static bool ready;
	regmatch_t match[6];

	if (!ready && regcomp(&regex, pattern, REG_EXTENDED))
		abort();
	ready = true;
	if (regexec(&regex, path, 6, match, 0))
		return false;
	memcpy(id, path + match[3].rm_so, 64);
	id[64] = '\0';
	*end = match[5].rm_so;
	return true;
}

bool cgroup_names_container(const char *text, char id[65])
{
	char line[PATH_MAX];
	const char *at = strstr(text, cgroups_are_v1() ? ":memory:" : "0::");
	size_t end;

	if (!at)
		return false;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(strchr(at, '/'), "\n"),
		 strchr(at, '/'));
	return find_id(line, id, &end);
}

static long read_cgroup_file(const char *root, const char *path, const char *file,
			     char *to, size_t size)
{
	char name[2 * PATH_MAX];

	snprintf(name, sizeof(name), "%s%s/%s", root, path, file);
	return read_file(name, to, size);
}

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Adds the processes of a cgroup and, recursively, those of its descendants. */
static void add_processes(struct cgroup_facts *cgroup, const char *directory)
{
	char path[2 * PATH_MAX], *text = malloc(1 << 20), *at;
	struct dirent *entry;
	DIR *below;

	if (!text)
		abort();
	read_cgroup_file(directory, "", "cgroup.procs", text, 1 << 20);
	for (at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
		cgroup->pids = realloc(cgroup->pids, (cgroup->count + 1) * sizeof(int));
		if (!cgroup->pids)
			abort();
		cgroup->pids[cgroup->count++] = atoi(at);
	}
	free(text);
	below = opendir(directory);
	while (below && (entry = readdir(below))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		add_processes(cgroup, path);
	}
	if (below)
		closedir(below);
}

static void read_counters(struct cgroup_facts *cgroup, const char *root, bool v1)
{
	static const unsigned long long page = 4096;
	char text[8192];

	read_cgroup_file(root, cgroup->path,
			 v1 ? "memory.usage_in_bytes" : "memory.current", text,
			 sizeof(text));
	cgroup->memory = strtoull(text, NULL, 10);
	read_cgroup_file(root, cgroup->path, v1 ? "memory.limit_in_bytes" : "memory.max",
			 text, sizeof(text));
	cgroup->limit = strtoull(text, NULL, 10);
	/* In v1 "no limit" is the largest number that is a multiple of the page size. */
	if (!strncmp(text, "max", 3) || cgroup->limit >= LLONG_MAX / page * page)
		cgroup->limit = ULLONG_MAX;
	if (v1) {
		cgroup->has_cpu =
			read_cgroup_file("/sys/fs/cgroup/cpuacct", cgroup->path,
					 "cpuacct.usage", text, sizeof(text)) > 0;
		cgroup->cpu_ns = strtoull(text, NULL, 10);
	} else {
		cgroup->has_cpu = read_cgroup_file(root, cgroup->path, "cpu.stat", text,
						   sizeof(text)) > 0;
		cgroup->cpu_ns = number_after(text, "usage_usec ") * 1000;
	}
}

static void add_containers(struct cgroups *cgroups, const char *root, const char *path,
			   bool v1)
{
	char name[PATH_MAX], id[65];
	struct dirent *entry;
	size_t end;
	DIR *here;

	snprintf(name, sizeof(name), "%s%s", root, path);
	here = opendir(name);
	while (here && (entry = readdir(here))) {
		struct cgroup_facts *cgroup;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (!find_id(name, id, &end)) {
			add_containers(cgroups, root, name, v1);
			continue;
		}
		cgroups->entries =
			realloc(cgroups->entries,
				(cgroups->count + 1) * sizeof(*cgroups->entries));
		if (!cgroups->entries)
			abort();
		cgroup = &cgroups->entries[cgroups->count];
		memset(cgroup, 0, sizeof(*cgroup));
		memcpy(cgroup->id, id, sizeof(id));
		strcpy(cgroup->path, name);
		snprintf(name, sizeof(name), "%s%s", root, cgroup->path);
		add_processes(cgroup, name);
		qsort(cgroup->pids, cgroup->count, sizeof(int), by_value);
		read_counters(cgroup, root, v1);
		cgroups->count += cgroup->count > 0;
	}
	if (here)
		closedir(here);
}

void cgroups_read(struct cgroups *cgroups)
{
	bool v1 = cgroups_are_v1();

	cgroups->entries = NULL;
	cgroups->count = 0;
	add_containers(cgroups, v1 ? V1_ROOT : "/sys/fs/cgroup", "", v1);
}

void cgroups_free(struct cgroups *cgroups)
{
	size_t i;

	for (i = 0; i < cgroups->count; i++)
		free(cgroups->entries[i].pids);
	free(cgroups->entries);
}

const struct cgroup_facts *cgroups_find(const struct cgroups *cgroups, const char *id)
{
	size_t i;

	for (i = 0; i < cgroups->count; i++) {
		if (!strcmp(cgroups->entries[i].id, id))
			return &cgroups->entries[i];
	}
	return NULL;
}
