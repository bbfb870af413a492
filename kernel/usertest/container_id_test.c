// SPDX-License-Identifier: GPL-2.0-only
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container_id.h"
#include "json.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

/* The contract: the daemon's tests read the same file. */
#define VECTORS "../../contract/container-paths.json"

static struct json *read_vectors(void)
{
	static char text[1 << 18];
	FILE *file = fopen(VECTORS, "r");
	size_t len, where;
	struct json *vectors;

	if (!file) {
		perror(VECTORS);
		exit(2);
	}
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	vectors = json_parse(text, len, &where);
	if (!vectors || vectors->kind != JSON_ARRAY) {
		fprintf(stderr, "%s: not valid at byte %zu\n", VECTORS, where);
		exit(2);
	}
	return vectors;
}

static const char *text_of(const struct json *vector, const char *key)
{
	const struct json *value = json_member(vector, key);

	return value && value->kind == JSON_STRING ? value->text : NULL;
}

static unsigned int levels_of(const char *path)
{
	unsigned int levels = 0;

	for (; *path; path++)
		levels += *path == '/';
	return levels;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool matches_vector(const struct json *vector, const char *path)
{
	const char *id = text_of(vector, "id"), *own = text_of(vector, "cgroup");
	struct container_match match;

	if (!container_id_find(path, &match))
		return !id;
	return id && own && !memcmp(match.id, id, CONTAINER_ID_LEN) &&
	       match.level == levels_of(own) && match.path_len == strlen(own) &&
	       !memcmp(path, own, match.path_len) &&
	       same_text(container_runtime_name(match.runtime),
			 text_of(vector, "runtime"));
}

static void vectors(void)
{
	struct json *all = read_vectors();
	const struct json *vector;

	for (vector = all->first; vector; vector = vector->next) {
		const char *path = text_of(vector, "path");

		tap(path && matches_vector(vector, path), "%s: %s",
		    text_of(vector, "why"), path);
	}
	tap(all->count >= 60, "%zu vectors", all->count);
	json_free(all);
}

/*
 * Reference implementation with regular expressions, matched against each component
 * of a path and its parent.
 */
#define POD "a pod, which is no container"

static const struct {
	const char *pattern;
	const char *runtime;
} reference[] = {
	{ "^[^/]*/docker/(ID)$", "docker" },
	{ "^[^/]*/(pod[^/]*|k8s\\.io)/(ID)$", "containerd" },
	{ "^[^/]*/libpod_parent/(ID)$", POD },
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
static regex_t manager;

static void compile_reference(void)
{
	size_t i;

	if (regcomp(&manager, "^user@.*\\.service$", REG_EXTENDED | REG_NOSUB))
		exit(2);
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
		if (!regexec(&manager, name, 0, NULL, 0) &&
		    strcmp(name, "user@0.service"))
			return 0;
		for (i = 0; i < ARRAY_SIZE(reference); i++) {
			if (regexec(&compiled[i], both, 0, NULL, 0))
				continue;
			*runtime = reference[i].runtime;
			if (*runtime && !strcmp(*runtime, POD))
				break;
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
		"/",	  "/",	      "/",	 "docker",
		"-",	  "-",	      ":",	 ID,
		ID,	  ID,	      ".scope",	 "cri-containerd",
		"libpod", "conmon",   "payload", "0123",
		"crio",	  "nerdctl",  "pod",	 "libpod_parent",
		"..",	  "\xff",     ".slice",	 "F",
		"user@",  ".service", "k8s.io",	 "0",
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

	vectors();
	printf("# seed %u\n", seed);
	srand(seed);
	random_paths();
	return tap_end();
}
