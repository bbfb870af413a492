// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the container ID in a cgroup path. ../../contract/container-paths.json has the
 * recognised forms with examples, which this file and the daemon are tested with:
 *
 *	docker-<id>.scope		Docker, systemd driver
 *	docker/<id>			Docker, cgroupfs driver
 *	cri-containerd-<id>.scope	containerd under Kubernetes
 *	<slice>:cri-containerd:<id>	the same, with the cgroupfs driver on a slice
 *	pod<uid>/<id>			the same, with the cgroupfs driver
 *	k8s.io/<id>			containerd's namespace of Kubernetes
 *	nerdctl-<id>.scope		containerd, started by nerdctl
 *	crio-<id>[.scope]		CRI-O
 *	libpod-<id>[.scope]		Podman
 *	libpod-payload-<id>		Podman, split cgroups
 *	<any other parent>/<id>		unknown runtime
 *
 * Not containers, although they bear an ID:
 *
 *	libpod-conmon-<id>, crio-conmon-<id>	the monitor, which is not part of the
 *						container
 *	libpod_parent/<id>			a pod of Podman, cgroupfs driver
 *	user@<uid>.service/...			cgroups of a user's own manager: the user
 *						can give them any name
 *
 * This file has no kernel dependencies: usertest/ compiles it in user space, too.
 */
#include "container_id.h"

struct substring {
	const char *start;
	size_t len;
};

/* clang-format off */
static const struct {
	const char *name;
	enum container_runtime runtime;
} prefixes[] = {
	{ "docker", RUNTIME_DOCKER },
	{ "cri-containerd", RUNTIME_CONTAINERD },
	{ "nerdctl", RUNTIME_CONTAINERD },
	{ "crio", RUNTIME_CRIO },
	{ "libpod", RUNTIME_PODMAN },
	{ "libpod-payload", RUNTIME_PODMAN },
};

/* clang-format on */

static bool substring_is(struct substring s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.start, text, s.len);
}

static bool substring_starts_with(struct substring s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && !memcmp(s.start, text, len);
}

static bool substring_ends_with(struct substring s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && !memcmp(s.start + s.len - len, text, len);
}

static struct substring substring_from(struct substring s, size_t skip)
{
	return (struct substring){ s.start + skip, s.len - skip };
}

static bool is_container_id(struct substring s)
{
	size_t i;

	if (s.len != CONTAINER_ID_LEN)
		return false;
	for (i = 0; i < s.len; i++) {
		char c = s.start[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}

/* Matches a known prefix, @separator and an ID: "docker-<id>", "docker:<id>". */
static bool match_prefixed(struct substring s, char separator,
			   struct container_match *match)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i].name);

		if (!substring_starts_with(s, prefixes[i].name) || s.len <= len ||
		    s.start[len] != separator ||
		    !is_container_id(substring_from(s, len + 1)))
			continue;
		match->id = s.start + len + 1;
		match->runtime = prefixes[i].runtime;
		return true;
	}
	return false;
}

/* A component that is a bare ID: only the parent's name tells the runtime. */
static enum container_runtime runtime_of_parent(struct substring parent)
{
	if (substring_is(parent, "docker"))
		return RUNTIME_DOCKER;
	if (substring_starts_with(parent, "pod") || substring_is(parent, "k8s.io"))
		return RUNTIME_CONTAINERD;
	return RUNTIME_UNKNOWN;
}

/* The service manager of a user other than root, who owns the cgroups inside it. */
static bool is_users_manager(struct substring name)
{
	return substring_starts_with(name, "user@") &&
	       substring_ends_with(name, ".service") &&
	       !substring_is(name, "user@0.service");
}

static bool match_component(struct substring parent, struct substring name,
			    struct container_match *match)
{
	const char *colon = memchr(name.start, ':', name.len);

	if (is_container_id(name)) {
		if (substring_is(parent, "libpod_parent"))
			return false; /* a pod */
		match->id = name.start;
		match->runtime = runtime_of_parent(parent);
		return true;
	}
	if (colon &&
	    match_prefixed(substring_from(name, colon + 1 - name.start), ':', match))
		return true;

	if (substring_ends_with(name, ".scope"))
		name.len -= strlen(".scope");
	return match_prefixed(name, '-', match);
}

/**
 * container_id_find() - find the container ID in a cgroup path
 * @path: absolute path, as in /proc/<pid>/cgroup
 * @match: the result; only valid if the function returns true
 *
 * If containers are nested, the outermost one is reported: it is the one that this
 * host's engine manages.
 *
 * Return: whether the path names a container.
 */
bool container_id_find(const char *path, struct container_match *match)
{
	struct substring parent = { "", 0 };
	const char *at = path;

	match->level = 0;
	while (*at) {
		struct substring name = { at, 0 };

		if (*at == '/') {
			at++;
			continue;
		}
		while (*at && *at != '/')
			at++;
		name.len = at - name.start;
		match->level++;
		if (is_users_manager(name))
			return false;
		if (match_component(parent, name, match)) {
			match->path_len = at - path;
			return true;
		}
		parent = name;
	}
	return false;
}

/**
 * container_runtime_name() - name of a runtime, as written in the report
 * @runtime: the runtime
 *
 * Return: a constant string, or NULL for RUNTIME_UNKNOWN.
 */
const char *container_runtime_name(enum container_runtime runtime)
{
	switch (runtime) {
	case RUNTIME_DOCKER:
		return "docker";
	case RUNTIME_CONTAINERD:
		return "containerd";
	case RUNTIME_CRIO:
		return "cri-o";
	case RUNTIME_PODMAN:
		return "podman";
	case RUNTIME_UNKNOWN:
		break;
	}
	return NULL;
}
