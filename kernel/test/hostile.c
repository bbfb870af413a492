// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks how the report describes processes with hostile names, arguments and memory.
 *
 *	hostile FILE		(of sysinfo_so1, loaded with cmdline_max=512)
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sched.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "report.h"
#include "tap.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */
#define CUT "\xe2\x80\xa6" /* U+2026 */

static const char *path;

static int sleep_for_ever(void)
{
	while (pause())
		;
	return 0; /* never */
}

/*
 * Forks a child that calls @act and sleeps. Returns when @act has returned or has
 * executed a program: either closes the pipe.
 */
static pid_t spawn(void (*act)(void *data), void *data)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		exit(2);
	pid = fork();
	if (!pid) {
		close(ready[0]);
		act(data);
		close(ready[1]);
		sleep_for_ever();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 0)
		exit(2);
	close(ready[0]);
	return pid;
}

static void kill_and_reap(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * Whether @matches becomes true of a process within some seconds. Retries, because a
 * command line is null during execve().
 */
static bool eventually(bool (*matches)(const struct json *process, const void *what),
		       pid_t pid, const void *what)
{
	struct timespec delay = { 0, 50000000 };
	bool good = false;
	int i;

	for (i = 0; i < 100 && !good; i++) {
		struct json *report = report_load(path);

		good = matches(report_process(report, pid), what);
		json_free(report);
		if (!good)
			nanosleep(&delay, NULL);
	}
	return good;
}

struct expected {
	const char *key;
	const char *value; /* NULL if null is expected */
};

static bool has_text(const struct json *process, const void *what)
{
	const struct expected *expected = what;
	const struct json *found = json_member(process, expected->key);

	if (!found || !expected->value)
		return found && found->kind == JSON_NULL;
	return found->kind == JSON_STRING && !strcmp(found->text, expected->value);
}

/* An expected null is checked twice: the first one may be due to execve(). */
static void expect(pid_t pid, const char *key, const char *value, const char *what)
{
	struct expected expected = { key, value };

	tap(eventually(has_text, pid, &expected) &&
		    (value || eventually(has_text, pid, &expected)),
	    "%s", what);
}

static bool has_zombie_leader(const struct json *process, const void *what)
{
	const struct json *state = json_member(process, "state");

	return state && *state->text == 'Z' &&
	       json_number(json_member(process, "threads")) == 2 &&
	       json_number(json_member(process, "rss_kb")) >
		       *(const unsigned long long *)what;
}

static void set_name(void *name)
{
	prctl(PR_SET_NAME, name);
}

static void names(void)
{
	static const struct {
		const char *name;
		const char *shown;
		const char *what;
	} cases[] = {
		{ "\"", "\"", "a name that is a quote" },
		{ "a\"},{\"pid\":1", "a\"},{\"pid\":1", "a name that looks like JSON" },
		{ "\\\\\\\"\\", "\\\\\\\"\\", "a name of backslashes" },
		{ "\x01\t\n\r\x1f", "\x01\t\n\r\x1f", "a name of control characters" },
		{ "\xff\xfe\x80\xc0\xaf", BAD BAD BAD BAD BAD,
		  "a name that is not UTF-8" },
		{ "\xed\xa0\x80", BAD BAD BAD, "a name of half a surrogate pair" },
		{ "\xf4\x90\x80\x80", BAD BAD BAD BAD,
		  "a name past the last code point" },
		{ "\xe0\x80\x80", BAD BAD BAD, "a name with an overlong encoding" },
		{ "\xf0\x9f\x98\x80\xc3\xb1", "\xf0\x9f\x98\x80\xc3\xb1",
		  "a name in valid UTF-8" },
		{ "12345678901234\xc3\xb1", "12345678901234" BAD,
		  "a name that the kernel has truncated" },
		{ "", "", "an empty name" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pid_t pid = spawn(set_name, (void *)cases[i].name);

		expect(pid, "name", cases[i].shown, cases[i].what);
		kill_and_reap(pid);
	}
}

static void exec_self(void *arguments)
{
	/* Follows the arguments in memory: room for a title longer than them. */
	static char *const environment[] = {
		"FIRST=1234567890123456789012345678901234567890", "SECOND=2", NULL
	};

	execve("/proc/self/exe", arguments, environment);
}

/* execve() closes the pipe, so the arguments are in place when spawn() returns. */
static void expect_cmdline(char **arguments, const char *shown, const char *what)
{
	pid_t pid = spawn(exec_self, arguments);

	expect(pid, "cmdline", shown, what);
	kill_and_reap(pid);
}

static void command_lines(void)
{
	static char big[100000], across[2000], shown[600];

	memset(big, 'x', sizeof(big) - 1);

	expect_cmdline((char *[]){ "--sleep", "a b", "", "\"q\"", "\\", NULL },
		       "--sleep a b  \"q\" \\", "spaces, an empty argument, quotes");
	expect_cmdline((char *[]){ "--sleep", "", "", NULL }, "--sleep",
		       "empty arguments at the end are dropped");
	expect_cmdline((char *[]){ "--sleep", "\x01\n\x1f", "\xff", "\xe2\x82", NULL },
		       "--sleep \x01\n\x1f " BAD " " BAD,
		       "control characters, invalid UTF-8");

	memset(shown, 'x', 512);
	memcpy(shown, "--sleep ", 8);
	strcpy(shown + 512, CUT);
	expect_cmdline((char *[]){ "--sleep", big, NULL }, shown,
		       "a long command line is truncated and marked");

	memset(shown, 'y', 512);
	memcpy(shown, "--sleep ", 8);
	memset(across, 'y', 501);
	strcpy(across + 501, "\xf0\x9f\x98\x80zzzz");
	strcpy(shown + 509, CUT);
	expect_cmdline((char *[]){ "--sleep", across, NULL }, shown,
		       "it is never truncated within a character");
	expect_cmdline((char *[]){ "--title", "1234", NULL },
		       "a title which goes on into the environment",
		       "a title that overwrites the arguments and the environment");
	expect_cmdline((char *[]){ "--unmap", NULL }, NULL, "unmapped arguments: null");
	expect_cmdline((char *[]){ "--drop", NULL }, NULL,
		       "arguments dropped with MADV_DONTNEED: null, no zeroes");
}

/* Address of the arguments: arg_start, field 48 of /proc/<pid>/stat. */
static unsigned long arguments_of(pid_t pid)
{
	char name[64], line[1024], *at;
	unsigned long begin = 0;
	int field;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	file = fopen(name, "r");
	if (!file || !fgets(line, sizeof(line), file))
		exit(2);
	fclose(file);
	at = strrchr(line, ')');
	for (field = 2; at && field < 48; field++)
		at = strchr(at + 1, ' ');
	if (at)
		begin = strtoul(at, NULL, 10);
	return begin;
}

static bool is_mapped(pid_t pid, unsigned long address)
{
	unsigned long from, to;
	char name[64], line[1024];
	bool mapped = false;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	file = fopen(name, "r");
	if (!file)
		exit(2);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			mapped |= from <= address && address < to;
	}
	fclose(file);
	return mapped;
}

/* Whether the first page of the arguments is unmapped and a later one is mapped. */
static bool has_hole(pid_t pid)
{
	unsigned long begin = arguments_of(pid);

	return begin && !is_mapped(pid, begin) && is_mapped(pid, begin + 8192);
}

/*
 * The arguments span several pages at the top of the stack. Once their first page is
 * unmapped, the rest is a stack mapping of its own, which could grow down into the
 * hole. The caller checks the kernel log for a warning about that.
 */
static void hole_below_stack(void)
{
	struct timespec delay = { 0, 10000000 };
	static char big[20000];
	pid_t pid;
	int i;

	memset(big, 'x', sizeof(big) - 1);
	pid = spawn(exec_self, (char *[]){ "--unmap", big, NULL });
	for (i = 0; i < 1000 && !has_hole(pid); i++)
		nanosleep(&delay, NULL);
	expect(pid, "cmdline", NULL, "arguments with a hole below a stack: null");
	tap(has_hole(pid), "the stack has not grown into the hole");
	kill_and_reap(pid);
}

/* Writes beyond the arguments: the environment follows them in memory. */
static int write_title(char **argv)
{
	strcpy(argv[0], "a title which goes on into the environment");
	return sleep_for_ever();
}

/* Waits until the first thread is in a system call, from which it never returns. */
static void await_sleeping_leader(void)
{
	char first = 'r';

	while (first < '0' || first > '9') {
		FILE *file = fopen("/proc/self/syscall", "r");

		if (file) {
			first = fgetc(file);
			fclose(file);
		}
		sched_yield();
	}
}

static void *unmap_page(void *address)
{
	await_sleeping_leader();
	munmap((void *)((unsigned long)address & -4096UL), 4096);
	sleep_for_ever();
	return NULL;
}

static void *drop_page(void *address)
{
	await_sleeping_leader();
	madvise((void *)((unsigned long)address & -4096UL), 4096, MADV_DONTNEED);
	sleep_for_ever();
	return NULL;
}

/*
 * Removes the page with the arguments from another thread, because this thread's stack
 * may use the same page.
 */
static int remove_args_page(void *(*remove_page)(void *address), char **argv)
{
	pthread_t thread;

	pthread_create(&thread, NULL, remove_page, argv[0]);
	return sleep_for_ever();
}

static void *populate_and_sleep(void *size)
{
	mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	sleep_for_ever();
	return size;
}

/* The leader exits; a thread with the memory keeps running. */
static void exit_leader(void *size)
{
	pthread_t thread;

	pthread_create(&thread, NULL, populate_and_sleep, size);
	/* Tells spawn() that the child is ready: it waits for these to be closed. */
	syscall(__NR_close_range, 3, ~0U, 0); /* in glibc since 2.34 */
	syscall(SYS_exit, 0);
}

static void zombies(void)
{
	static const unsigned long long size_kb = 32 << 10;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	expect(pid, "state", "Z", "a zombie has state Z");
	expect(pid, "cmdline", "", "a zombie has an empty command line, not null");
	waitpid(pid, NULL, 0);

	pid = spawn(exit_leader, (void *)(size_kb << 10));
	tap(eventually(has_zombie_leader, pid, &size_kb),
	    "the memory of a thread is reported after its leader has exited");
	kill_and_reap(pid);
}

/* Holds the mmap_lock of this process for writing most of the time. */
static void *remap_forever(void *unused)
{
	void *memory;

	do {
		memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	} while (memory == MAP_FAILED || !munmap(memory, 64 << 20));
	return unused;
}

static void start_remapping(void *unused)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&thread, NULL, remap_forever, unused);
}

static void held_mmap_lock(void)
{
	struct timespec from, to;
	pid_t pid = spawn(start_remapping, NULL);
	double worst = 0;
	int i;

	for (i = 0; i < 20; i++) {
		double took;

		clock_gettime(CLOCK_MONOTONIC, &from);
		json_free(report_load(path));
		clock_gettime(CLOCK_MONOTONIC, &to);
		took = to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9;
		if (took > worst)
			worst = took;
	}
	kill_and_reap(pid);
	tap(worst < 5,
	    "a process that holds its mmap_lock does not block readers (%.3f s)", worst);
}

int main(int argc, char **argv)
{
	if (argc > 0 && !strcmp(argv[0], "--sleep"))
		return sleep_for_ever();
	if (argc > 0 && !strcmp(argv[0], "--title"))
		return write_title(argv);
	if (argc > 0 && !strcmp(argv[0], "--unmap"))
		return remove_args_page(unmap_page, argv);
	if (argc > 0 && !strcmp(argv[0], "--drop"))
		return remove_args_page(drop_page, argv);
	if (argc != 2) {
		fprintf(stderr, "usage: hostile FILE\n");
		return 2;
	}
	path = argv[1];
	names();
	command_lines();
	hole_below_stack();
	zombies();
	held_mmap_lock();
	return tap_end();
}
