// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which container a cgroup path names.
 *
 *	docker-<id>.scope		Docker, systemd driver
 *	docker/<id>			Docker, cgroupfs driver
 *	cri-containerd-<id>.scope	containerd under Kubernetes
 *	<slice>:cri-containerd:<id>	the same, cgroupfs driver on a slice
 *	nerdctl-<id>.scope		containerd by nerdctl
 *	pod<uid>/<id>			containerd under Kubernetes, cgroupfs driver
 *	crio-<id>[.scope]		CRI-O
 *	libpod-<id>[.scope]		Podman
 *	libpod-payload-<id>		Podman, split cgroups
 *	<anything else>/<id>		a custom parent: runtime unknown
 *
 * libpod-conmon-<id> and crio-conmon-<id> hold the monitor, which is not part
 * of the container: what follows their prefix is no id, so they do not match.
 *
 * Pure: also compiled in user space, by usertest/.
 */
#include "container_id.h"

struct slice {
	const char *at;
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

static bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

static bool slice_begins(struct slice s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && !memcmp(s.at, text, len);
}

static struct slice slice_from(struct slice s, size_t skip)
{
	return (struct slice){ s.at + skip, s.len - skip };
}

static bool slice_is_id(struct slice s)
{
	size_t i;

	if (s.len != CONTAINER_ID_LEN)
		return false;
	for (i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}

/* "docker-<id>" with the separator '-', or "docker:<id>" with ':'. */
static bool match_prefixed(struct slice s, char separator, struct container_match *match)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i].name);

		if (!slice_begins(s, prefixes[i].name) || s.len <= len ||
		    s.at[len] != separator || !slice_is_id(slice_from(s, len + 1)))
			continue;
		match->id = s.at + len + 1;
		match->runtime = prefixes[i].runtime;
		return true;
	}
	return false;
}

/* An id and nothing else: only the name of the parent tells whose it is. */
static enum container_runtime runtime_of_parent(struct slice parent)
{
	if (slice_is(parent, "docker"))
		return RUNTIME_DOCKER;
	if (slice_is(parent, "libpod_parent"))
		return RUNTIME_PODMAN;
	if (slice_begins(parent, "pod"))
		return RUNTIME_CONTAINERD;
	return RUNTIME_UNKNOWN;
}

static bool match_component(struct slice parent, struct slice name,
			    struct container_match *match)
{
	const char *colon = memchr(name.at, ':', name.len);

	if (slice_is_id(name)) {
		match->id = name.at;
		match->runtime = runtime_of_parent(parent);
		return true;
	}
	if (colon && match_prefixed(slice_from(name, colon + 1 - name.at), ':', match))
		return true;

	if (name.len > 6 && !memcmp(name.at + name.len - 6, ".scope", 6))
		name.len -= 6;
	return match_prefixed(name, '-', match);
}

/**
 * container_id_find() - which container a cgroup path names
 * @path: absolute, as in /proc/<pid>/cgroup
 * @match: filled in when one is found
 *
 * The outermost container wins: what runs in a container inside a container
 * belongs, for this host, to the outer one. Pure.
 *
 * Return: whether the path names a container.
 */
bool container_id_find(const char *path, struct container_match *match)
{
	struct slice parent = { "", 0 };
	const char *at = path;

	match->level = 0;
	while (*at) {
		struct slice name = { at, 0 };

		if (*at == '/') {
			at++;
			continue;
		}
		while (*at && *at != '/')
			at++;
		name.len = at - name.at;
		match->level++;
		if (match_component(parent, name, match)) {
			match->path_len = at - path;
			return true;
		}
		parent = name;
	}
	return false;
}

/**
 * container_runtime_name() - the name of a runtime, as written in the files
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
