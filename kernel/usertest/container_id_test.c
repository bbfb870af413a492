// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container_id.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static void found(const char *path, const char *runtime, unsigned int level, const char *own)
{
	struct container_match match;
	bool good = container_id_find(path, &match);
	const char *name = good ? container_runtime_name(match.runtime) : NULL;

	good = good && !memcmp(match.id, ID, 64) && match.level == level &&
	       match.path_len == strlen(own) && !memcmp(path, own, match.path_len) &&
	       (runtime ? name && !strcmp(name, runtime) : !name);
	tap(good, "%s", path);
}

static void none(const char *path)
{
	struct container_match match;

	tap(!container_id_find(path, &match), "not a container: %s", path);
}

static void containers(void)
{
	const char *path;

	path = "/system.slice/docker-" ID ".scope";
	found(path, "docker", 2, path);
	path = "/docker/" ID;
	found(path, "docker", 2, path);
	path = "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope";
	found(path, "containerd", 3, path);
	path = "/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" ID;
	found(path, "containerd", 3, path);
	path = "/kubepods/burstable/pod2f0a/" ID;
	found(path, "containerd", 4, path);
	path = "/system.slice/nerdctl-" ID ".scope";
	found(path, "containerd", 2, path);
	path = "/kubepods.slice/crio-" ID ".scope";
	found(path, "cri-o", 2, path);
	path = "/kubepods/crio-" ID;
	found(path, "cri-o", 2, path);
	path = "/machine.slice/libpod-" ID ".scope";
	found(path, "podman", 2, path);
	path = "/libpod_parent/libpod-" ID;
	found(path, "podman", 2, path);
	path = "/user.slice/a.service/libpod-payload-" ID;
	found(path, "podman", 3, path);
	path = "/my-own-parent/" ID;
	found(path, NULL, 2, path);

	found("/docker/" ID "/init/deep/er", "docker", 2, "/docker/" ID);
	found("/machine.slice/libpod-" ID ".scope/container", "podman", 2,
	      "/machine.slice/libpod-" ID ".scope");
	found("/docker/" ID "/docker/" OTHER, "docker", 2, "/docker/" ID);
	found("/docker/" ID "/system.slice/docker-" OTHER ".scope", "docker", 2, "/docker/" ID);
}

static void others(void)
{
	none("");
	none("/");
	none("/user.slice/user-1000.slice/session-1.scope");
	none("/system.slice/docker.service");
	none("/machine.slice/libpod-conmon-" ID ".scope");
	none("/kubepods.slice/crio-conmon-" ID ".scope");
	none("/machine.slice/machine-libpod_pod_" ID ".slice");
	none("/system.slice/docker-" ID "0.scope");
	none("/system.slice/docker-.scope");
	none("/system.slice/docker-0123456789abcdef.scope");
	none("/system.slice/docker-" ID ".mount");
	none("/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef");
	none("/notdocker-" ID ".scope");
	none("/docker/buildkit/abcdefghijklmnopqrstuvwxy");
}

/* Pieces of good paths put together at random: an id found is always an id. */
static void anything(void)
{
	static const char *const pieces[] = {
		"/", "docker", "-", ":", ID, ".scope", "cri-containerd", "libpod", "conmon",
		"payload", "0123", "crio", "pod", "..", "\xff", "",
	};
	bool good = true;
	int round, i;

	srand(1);
	for (round = 0; round < 200000 && good; round++) {
		struct container_match match;
		char text[1024] = "", *path;

		for (i = rand() % 12; i > 0; i--)
			strcat(text, pieces[rand() % ARRAY_SIZE(pieces)]);
		if (*text && rand() % 4 == 0)
			text[rand() % strlen(text)] = '\0';
		path = strdup(text);	/* of exactly the right size */
		if (container_id_find(path, &match)) {
			size_t slashes = 0, j;

			for (j = 0; j < match.path_len; j++)
				slashes += path[j] == '/' && (j + 1 < match.path_len) &&
					   path[j + 1] != '/';
			slashes += path[0] != '/';
			good = strspn(match.id, "0123456789abcdef") >= 64 &&
			       match.path_len <= strlen(path) &&
			       match.id + 64 <= path + match.path_len &&
			       match.level == slashes;
			if (!good)
				printf("# %s\n", path);
		}
		free(path);
	}
	tap(good, "any path: what is found is an id, and lies within it");
}

int main(void)
{
	containers();
	others();
	anything();
	return tap_end();
}
