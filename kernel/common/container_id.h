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
 * struct container_match - a container ID found in a cgroup path
 * @id: 64 hexadecimal digits; points into the path, not NUL-terminated
 * @level: depth of the container's own cgroup; the root is level 0
 * @path_len: length of the path of the container's own cgroup
 * @runtime: runtime that created it, or RUNTIME_UNKNOWN if the path does not tell
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
