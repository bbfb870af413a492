// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads tasks.bpf.o and pins its iterator: load OBJECT PIN. Then everything that may open PIN reads the tasks with
 * open() and read() alone. Linked statically, so that it runs on hosts without libbpf.
 *
 * Exit codes: 0 pinned   1 failed   2 bad arguments   3 the kernel does not take the program
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "settings.h"

#define FAILED 1
#define USAGE 2
#define REFUSED 3

/* The last warnings of libbpf: they name the cause. Printed only after a failure. */
static char warnings[65536];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t used = strlen(warnings);

	if (level == LIBBPF_WARN && used < sizeof(warnings) - 1)
		vsnprintf(warnings + used, sizeof(warnings) - used, format, arguments);
	return 0;
}

static int fail(int code, int error, const char *what)
{
	if (code != USAGE)
		fputs(warnings, stderr);
	fprintf(stderr, "bpf/load: %s: %s\n", what, strerror(error));
	return code;
}

/* Number of possible CPUs if they have the numbers 0 to n - 1; 0 otherwise. */
static unsigned int possible_cpus(void)
{
	FILE *file = fopen("/sys/devices/system/cpu/possible", "r");
	unsigned int last = 0;
	char end = 0;
	int found;

	if (!file)
		return 0;
	found = fscanf(file, "0-%u%c", &last, &end);
	fclose(file);
	/* A single CPU is "0". */
	if (found < 1)
		return libbpf_num_possible_cpus() == 1;
	return end == '\n' && last < MAX_CPUS ? last + 1 : 0;
}

/* Address of the kernel's __per_cpu_offset; 0 if kallsyms lacks it (no CONFIG_KALLSYMS_ALL) or hides addresses. */
static uint64_t per_cpu_offsets(void)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	uint64_t address, found = 0;
	char line[512], name[256];

	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %*c %255s", &address, name) == 2 &&
		    strcmp(name, "__per_cpu_offset") == 0)
			found = address;
	fclose(file);
	return found;
}

static bool set_settings(struct bpf_object *object)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	struct settings settings = {
		.per_cpu_offsets = per_cpu_offsets(),
		.page_kb = sysconf(_SC_PAGESIZE) / 1024,
	};

	if (settings.per_cpu_offsets)
		settings.possible_cpus = possible_cpus();
	return map && bpf_map__set_initial_value(map, &settings, sizeof(settings)) == 0;
}

/* Whether the iterator gives anything: some kernels take a program and then refuse to run it. */
static int try_reading(struct bpf_link *link)
{
	int iterator = bpf_iter_create(bpf_link__fd(link));
	char first[8];
	ssize_t got;

	if (iterator < 0)
		return errno;
	got = read(iterator, first, sizeof(first));
	close(iterator);
	if (got < 0)
		return errno;
	return got == sizeof(first) ? 0 : ENODATA;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_link *link;
	int error;

	if (argc != 3)
		return fail(USAGE, EINVAL, "usage: load OBJECT PIN");
	libbpf_set_print(keep_warning);
	object = bpf_object__open(argv[1]);
	if (!object)
		return fail(FAILED, errno, argv[1]);
	if (!set_settings(object))
		return fail(FAILED, EINVAL, "the object and this program are not of one version");
	if (bpf_object__load(object))
		return fail(REFUSED, errno, "bpf_object__load");
	program = bpf_object__find_program_by_name(object, "tasks");
	link = program ? bpf_program__attach_iter(program, NULL) : NULL;
	if (!link)
		return fail(REFUSED, errno, "bpf_program__attach_iter");
	error = try_reading(link);
	if (error)
		return fail(REFUSED, error, "reading the iterator");
	if (bpf_link__pin(link, argv[2]))
		return fail(FAILED, errno, argv[2]);
	return 0;
}
