// SPDX-License-Identifier: GPL-2.0-only
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container_id.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static void expect_container(const char *path, const char *runtime, unsigned int level,
			     const char *own)
{
	struct container_match match;
	bool good = container_id_find(path, &match);
	const char *name = good ? container_runtime_name(match.runtime) : NULL;

	good = good && !memcmp(match.id, ID, 64) && match.level == level &&
	       match.path_len == strlen(own) && !memcmp(path, own, match.path_len) &&
	       (runtime ? name && !strcmp(name, runtime) : !name);
	tap(good, "%s", path);
}

static void expect_none(const char *path)
{
	struct container_match match;

	tap(!container_id_find(path, &match), "not a container: %s", path);
}

static void containers(void)
{
	const char *path;

	path = "/system.slice/docker-" ID ".scope";
	expect_container(path, "docker", 2, path);
	path = "/docker/" ID;
	expect_container(path, "docker", 2, path);
	path = "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope";
	expect_container(path, "containerd", 3, path);
	path = "/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" ID;
	expect_container(path, "containerd", 3, path);
	path = "/kubepods/burstable/pod2f0a/" ID;
	expect_container(path, "containerd", 4, path);
	path = "/system.slice/nerdctl-" ID ".scope";
	expect_container(path, "containerd", 2, path);
	path = "/kubepods.slice/crio-" ID ".scope";
	expect_container(path, "cri-o", 2, path);
	path = "/kubepods/crio-" ID;
	expect_container(path, "cri-o", 2, path);
	path = "/machine.slice/libpod-" ID ".scope";
	expect_container(path, "podman", 2, path);
	path = "/libpod_parent/libpod-" ID;
	expect_container(path, "podman", 2, path);
	path = "/user.slice/a.service/libpod-payload-" ID;
	expect_container(path, "podman", 3, path);
	path = "/my-own-parent/" ID;
	expect_container(path, NULL, 2, path);

	expect_container("/docker/" ID "/init/deep/er", "docker", 2, "/docker/" ID);
	expect_container("/machine.slice/libpod-" ID ".scope/container", "podman", 2,
			 "/machine.slice/libpod-" ID ".scope");
	expect_container("/docker/" ID "/docker/" OTHER, "docker", 2, "/docker/" ID);
	expect_container("/docker/" ID "/system.slice/docker-" OTHER ".scope", "docker",
			 2, "/docker/" ID);
}

static void non_containers(void)
{
	expect_none("");
	expect_none("/");
	expect_none("/user.slice/user-1000.slice/session-1.scope");
	expect_none("/system.slice/docker.service");
	expect_none("/machine.slice/libpod-conmon-" ID ".scope");
	expect_none("/kubepods.slice/crio-conmon-" ID ".scope");
	expect_none("/machine.slice/machine-libpod_pod_" ID ".slice");
	expect_none("/system.slice/docker-" ID "0.scope");
	expect_none("/system.slice/docker-.scope");
	expect_none("/system.slice/docker-0123456789abcdef.scope");
	expect_none("/system.slice/docker-" ID ".mount");
	expect_none(
		"/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef");
	expect_none("/notdocker-" ID ".scope");
	expect_none("/docker/buildkit/abcdefghijklmnopqrstuvwxy");
}

/*
 * Reference implementation with regular expressions, matched against each component
 * of a path and its parent.
 */
static const struct {
	const char *pattern;
	const char *runtime;
} reference[] = {
	{ "^[^/]*/docker/(ID)$", "docker" },
	{ "^[^/]*/libpod_parent/(ID)$", "podman" },
	{ "^[^/]*/pod[^/]*/(ID)$", "containerd" },
	{ "^[^/]*/[^/]*/(ID)$", NULL },
	{ "/docker-(ID)(\\.scope)?$", "docker" },
	{ "/(cri-containerd|nerdctl)-(ID)(\\.scope)?$", "containerd" },
	{ "/crio-(ID)(\\.scope)?$", "cri-o" },
	{ "/(libpod|libpod-payload)-(ID)(\\.scope)?$", "podman" },
	{ "/[^/:]*:docker:(ID)$", "docker" },
	{ "/[^/:]*:(cri-containerd|nerdctl):(ID)$", "containerd" },
	{ "/[^/:]*:crio:(ID)$", "cri-o" },
	{ "/[^/:]*:(libpod|libpod-payload):(ID)$", "podman" },
};

static regex_t compiled[ARRAY_SIZE(reference)];

static void compile_reference(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reference); i++) {
		const char *id = strstr(reference[i].pattern, "ID");
		char pattern[256];

		snprintf(pattern, sizeof(pattern), "%.*s[0-9a-f]{64}%s",
			 (int)(id - reference[i].pattern), reference[i].pattern, id + 2);
		if (regcomp(&compiled[i], pattern, REG_EXTENDED | REG_NOSUB))
			exit(2);
	}
}

/* Returns the length of the path up to the container, or 0 if there is none. */
static size_t find_by_regex(const char *path, unsigned int *level, const char **runtime)
{
	char parent[256] = "", name[256], both[768];
	const char *at = path;
	size_t i;

	*level = 0;
	while (*(at += strspn(at, "/"))) {
		size_t len = strcspn(at, "/");

		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		snprintf(both, sizeof(both), "x/%s/%s", parent, name);
		at += len;
		++*level;
		for (i = 0; i < ARRAY_SIZE(reference); i++) {
			if (regexec(&compiled[i], both, 0, NULL, 0))
				continue;
			*runtime = reference[i].runtime;
			return at - path;
		}
		strcpy(parent, name);
	}
	return 0;
}

static bool same_result(const char *path)
{
	struct container_match match;
	bool found = container_id_find(path, &match);
	const char *runtime = NULL, *name;
	unsigned int level;
	size_t len = find_by_regex(path, &level, &runtime);

	if (!found)
		return !len;
	name = container_runtime_name(match.runtime);
	return match.path_len == len && match.level == level &&
	       (runtime ? name && !strcmp(runtime, name) : !name) &&
	       strspn(match.id, "0123456789abcdef") >= 64 && match.id >= path &&
	       match.id + 64 <= path + len;
}

/* Joins pieces of valid paths at random. */
static void random_paths(void)
{
	static const char *const pieces[] = {
		"/",	  "/",	     "/",	"docker",
		"-",	  "-",	     ":",	ID,
		ID,	  ID,	     ".scope",	"cri-containerd",
		"libpod", "conmon",  "payload", "0123",
		"crio",	  "nerdctl", "pod",	"libpod_parent",
		"..",	  "\xff",    ".slice",	"F",
		"",
	};
	bool good = true;
	int round, found = 0, i;

	compile_reference();
	for (round = 0; round < 200000 && good; round++) {
		struct container_match match;
		char text[1024] = "", *path;

		for (i = rand() % 12; i > 0; i--)
			strcat(text, pieces[rand() % ARRAY_SIZE(pieces)]);
		if (*text && rand() % 4 == 0)
			text[rand() % strlen(text)] = "\0a0-/:"[rand() % 6];
		path = strdup(text); /* exact size, for AddressSanitizer */
		good = same_result(path);
		found += container_id_find(path, &match);
		if (!good)
			printf("# %s\n", path);
		free(path);
	}
	tap(good && found > 5000,
	    "random paths: same result as the regular expressions (%d found)", found);
}

int main(void)
{
	unsigned int seed = getenv("SEED") ? atoi(getenv("SEED")) : 20190355;

	containers();
	non_containers();
	printf("# seed %u\n", seed);
	srand(seed);
	random_paths();
	return tap_end();
}
