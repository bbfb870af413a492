/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_CONTAINER_ID_H
#define VIGIA_CONTAINER_ID_H

#include "portable.h"

#define CONTAINER_ID_LEN 64

enum container_runtime {
	RUNTIME_UNKNOWN,
	RUNTIME_DOCKER,
	RUNTIME_CONTAINERD,
	RUNTIME_CRIO,
	RUNTIME_PODMAN,
};

/**
 * struct container_match - the container which a cgroup path names
 * @id: its 64 hexadecimal digits, inside the path; not terminated
 * @level: depth of the container's own cgroup; the root has 0
 * @path_len: how much of the path leads to the container's own cgroup
 * @runtime: who made it, as far as the path tells
 */
struct container_match {
	const char *id;
	unsigned int level;
	size_t path_len;
	enum container_runtime runtime;
};

bool container_id_find(const char *path, struct container_match *match);
const char *container_runtime_name(enum container_runtime runtime);

#endif
