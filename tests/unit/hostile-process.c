// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that try to stop, slow or fool a sensor which reads /proc. Each needs no
 * privilege, prints "ready" and then sleeps:
 *
 *	nul KB		arguments of this length, all NUL but the last byte
 *	arguments KB	arguments of this length
 *	mapped MB	arguments that are said to lie in a mapping of this length
 *	name TEXT MB	a process with this name that holds this much
 *	guarded MB	a process that cannot be dumped, so that its files in /proc are root's
 *	leader MB	a main thread that has ended, and another that holds this much
 *	fault MB	arguments that are said to lie in a mapping of this length, whose page
 *			faults are never answered; needs root
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONGEST (64 * 1024)

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void sleep_on(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static void hold(size_t mb)
{
	if (mb && mmap(NULL, mb << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
		fail("mmap");
}

/* Begins again with this many KB of arguments after the first two. */
static void with_arguments(char *mode, size_t kb)
{
	size_t count = kb * 1024 / LONGEST, i;
	char **arguments = calloc(count + 4, sizeof(*arguments));
	char *filler = malloc(LONGEST);

	memset(filler, 'a', LONGEST - 1);
	filler[LONGEST - 1] = 0;
	arguments[0] = "hostile";
	arguments[1] = mode;
	for (i = 0; i < count; i++)
		arguments[2 + i] = filler;
	arguments[2 + count] = "begun";
	execv("/proc/self/exe", arguments);
	fail("execv");
}

/* Page faults are never answered: every reader of this memory waits. */
static void never_answer(void *memory, size_t length)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (unsigned long)memory, .len = length },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int faults = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range))
		exit(1);
}

static void map_arguments(size_t mb, int is_answered)
{
	static char text[4096];
	unsigned long fields[53] = { 0 };
	struct prctl_mm_map map = { 0 };
	size_t length = mb << 20, number = 3;
	FILE *stat = fopen("/proc/self/stat", "r");
	char *memory, *word;

	memory = mmap(NULL, length, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED || !stat)
		fail("mmap");
	text[fread(text, 1, sizeof(text) - 1, stat)] = 0;
	for (word = strtok(strrchr(text, ')') + 2, " "); word && number < 53;
	     word = strtok(NULL, " "))
		fields[number++] = strtoul(word, NULL, 10);
	if (is_answered)
		memory[0] = 'x';
	else
		never_answer(memory, length);
	map.start_code = fields[26];
	map.end_code = fields[27];
	map.start_stack = fields[28];
	map.start_data = fields[45];
	map.end_data = fields[46];
	map.start_brk = fields[47];
	map.brk = (unsigned long)sbrk(0);
	map.arg_start = (unsigned long)memory;
	map.arg_end = (unsigned long)memory + length;
	map.env_start = fields[50];
	map.env_end = fields[51];
	map.exe_fd = -1;
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0))
		fail("prctl");
}

static void *other_thread(void *mb)
{
	hold(*(size_t *)mb);
	sleep_on();
	return NULL;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	char *end = argv[argc - 1] + strlen(argv[argc - 1]);
	int has_begun = argc > 2 && !strcmp(argv[argc - 1], "begun");
	static size_t mb;
	pthread_t thread;

	if (!strcmp(mode, "nul") && has_begun) {
		memset(argv[0], 0, end - argv[0]);
		end[-1] = 'x';
	} else if (!strcmp(mode, "name")) {
		prctl(PR_SET_NAME, argv[2]);
		hold(atoi(argv[3]));
	} else if (!strcmp(mode, "guarded")) {
		prctl(PR_SET_DUMPABLE, 0);
		hold(atoi(argv[2]));
	} else if (!strcmp(mode, "mapped")) {
		map_arguments(atoi(argv[2]), 1);
	} else if (!strcmp(mode, "fault")) {
		map_arguments(atoi(argv[2]), 0);
	} else if (!strcmp(mode, "leader")) {
		mb = atoi(argv[2]);
		if (pthread_create(&thread, NULL, other_thread, &mb))
			fail("pthread_create");
		pthread_exit(NULL);
	} else if (!has_begun) {
		with_arguments(argv[1], atoi(argv[2]));
	}
	sleep_on();
}
