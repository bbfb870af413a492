// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes which do not wish to be described, and what the file says of them.
 *
 *	hostile FILE		(sysinfo's, loaded with cmdline_max=512)
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

/* A child which has done its worst and sleeps; @ready is closed by then. */
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

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Looks again for a while: within execve() a command line is rightly null. */
static bool is_told(bool (*told)(const struct json *process, const void *what), pid_t pid,
		    const void *what)
{
	struct timespec moment = { 0, 50000000 };
	bool good = false;
	int i;

	for (i = 0; i < 100 && !good; i++) {
		struct json *report = report_load(path);

		good = told(report_process(report, pid), what);
		json_free(report);
		if (!good)
			nanosleep(&moment, NULL);
	}
	return good;
}

struct expected {
	const char *key;
	const char *value; /* NULL: null */
};

static bool has_text(const struct json *process, const void *what)
{
	const struct expected *expected = what;
	const struct json *found = json_member(process, expected->key);

	if (!found || !expected->value)
		return found && found->kind == JSON_NULL;
	return found->kind == JSON_STRING && !strcmp(found->text, expected->value);
}

/* Null twice: once may have been within execve(). */
static void expect(pid_t pid, const char *key, const char *value, const char *what)
{
	struct expected expected = { key, value };

	tap(is_told(has_text, pid, &expected) &&
		    (value || is_told(has_text, pid, &expected)),
	    "%s", what);
}

static bool is_left_behind(const struct json *process, const void *what)
{
	const struct json *state = json_member(process, "state");

	return state && *state->text == 'Z' &&
	       json_number(json_member(process, "threads")) == 2 &&
	       json_number(json_member(process, "rss_kb")) >
		       *(const unsigned long long *)what;
}

static void take_name(void *name)
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
		{ "\"", "\"", "a name of one quote" },
		{ "a\"},{\"pid\":1", "a\"},{\"pid\":1", "a name which looks like JSON" },
		{ "\\\\\\\"\\", "\\\\\\\"\\", "a name of backslashes" },
		{ "\x01\t\n\r\x1f", "\x01\t\n\r\x1f", "a name of control characters" },
		{ "\xff\xfe\x80\xc0\xaf", BAD BAD BAD BAD BAD,
		  "a name which is not UTF-8" },
		{ "\xed\xa0\x80", BAD BAD BAD, "a name of half a surrogate pair" },
		{ "\xf4\x90\x80\x80", BAD BAD BAD BAD, "a name past the last character" },
		{ "\xe0\x80\x80", BAD BAD BAD, "a name encoded too long" },
		{ "\xf0\x9f\x98\x80\xc3\xb1", "\xf0\x9f\x98\x80\xc3\xb1",
		  "a name in good UTF-8" },
		{ "12345678901234\xc3\xb1", "12345678901234" BAD,
		  "one which the kernel cut" },
		{ "", "", "no name at all" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pid_t pid = spawn(take_name, (void *)cases[i].name);

		expect(pid, "name", cases[i].shown, cases[i].what);
		end(pid);
	}
}

static void become(void *arguments)
{
	/* Behind the arguments: room for a title which outgrows them. */
	static char *const environment[] = {
		"FIRST=1234567890123456789012345678901234567890", "SECOND=2", NULL
	};

	execve("/proc/self/exe", arguments, environment);
}

/* exec closes the pipe, so the new arguments are in place once spawn() returns. */
static void expect_cmdline(char **arguments, const char *shown, const char *what)
{
	pid_t pid = spawn(become, arguments);

	expect(pid, "cmdline", shown, what);
	end(pid);
}

static void command_lines(void)
{
	static char big[100000], across[2000], shown[600];

	memset(big, 'x', sizeof(big) - 1);

	expect_cmdline((char *[]){ "--sleep", "a b", "", "\"q\"", "\\", NULL },
		       "--sleep a b  \"q\" \\", "blanks, an empty argument, quotes");
	expect_cmdline((char *[]){ "--sleep", "", "", NULL }, "--sleep",
		       "empty arguments at the end are dropped");
	expect_cmdline((char *[]){ "--sleep", "\x01\n\x1f", "\xff", "\xe2\x82", NULL },
		       "--sleep \x01\n\x1f " BAD " " BAD, "control characters, no UTF-8");

	memset(shown, 'x', 512);
	memcpy(shown, "--sleep ", 8);
	strcpy(shown + 512, CUT);
	expect_cmdline((char *[]){ "--sleep", big, NULL }, shown,
		       "a long one is cut and marked");

	memset(shown, 'y', 512);
	memcpy(shown, "--sleep ", 8);
	memset(across, 'y', 501);
	strcpy(across + 501, "\xf0\x9f\x98\x80zzzz");
	strcpy(shown + 509, CUT);
	expect_cmdline((char *[]){ "--sleep", across, NULL }, shown,
		       "never in the middle of a character");
	expect_cmdline((char *[]){ "--title", "1234", NULL },
		       "a title which goes on into the environment",
		       "a title written over the arguments and beyond");
	expect_cmdline((char *[]){ "--unmap", NULL }, NULL, "arguments given back: null");
	expect_cmdline((char *[]){ "--forget", NULL }, NULL,
		       "arguments whose page was dropped: null, and no page of zeroes");
}

/* Where /proc/<pid>/stat says that the arguments begin: its field 48. */
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

/* Where the arguments begin there is nothing, and behind it they go on. */
static bool has_hole(pid_t pid)
{
	unsigned long begin = arguments_of(pid);

	return begin && !is_mapped(pid, begin) && is_mapped(pid, begin + 8192);
}

/*
 * Arguments so long that, when the page in which they begin is gone, those behind it
 * are a stack of their own, which could grow down into the hole. That the kernel says
 * nothing of it is seen by whoever reads its log.
 */
static void hole_below_stack(void)
{
	struct timespec moment = { 0, 10000000 };
	static char big[20000];
	pid_t pid;
	int i;

	memset(big, 'x', sizeof(big) - 1);
	pid = spawn(become, (char *[]){ "--unmap", big, NULL });
	for (i = 0; i < 1000 && !has_hole(pid); i++)
		nanosleep(&moment, NULL);
	expect(pid, "cmdline", NULL, "arguments with a hole below a stack: null");
	tap(has_hole(pid), "and the stack has not grown into the hole");
	end(pid);
}

/* The arguments and the environment are one piece of memory. */
static int become_titled(char **argv)
{
	strcpy(argv[0], "a title which goes on into the environment");
	return sleep_for_ever();
}

/* Until the first thread is inside a system call, from which it never returns. */
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

static void *forget_page(void *address)
{
	await_sleeping_leader();
	madvise((void *)((unsigned long)address & -4096UL), 4096, MADV_DONTNEED);
	sleep_for_ever();
	return NULL;
}

/* From another stack: the arguments may share their page with this one's top. */
static int become_bereft(void *(*take_page)(void *address), char **argv)
{
	pthread_t thread;

	pthread_create(&thread, NULL, take_page, argv[0]);
	return sleep_for_ever();
}

static void *hold_memory(void *size)
{
	mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	sleep_for_ever();
	return size;
}

/* The leader goes, the thread which has the memory stays. */
static void leave_thread(void *size)
{
	pthread_t thread;

	pthread_create(&thread, NULL, hold_memory, size);
	/* Whoever waits for us waits for these to be closed. */
	syscall(__NR_close_range, 3, ~0U, 0); /* glibc has it from 2.34 on */
	syscall(SYS_exit, 0);
}

static void zombies(void)
{
	static const unsigned long long size_kb = 32 << 10;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	expect(pid, "state", "Z", "a zombie is a zombie");
	expect(pid, "cmdline", "", "and has no arguments: empty, not null");
	waitpid(pid, NULL, 0);

	pid = spawn(leave_thread, (void *)(size_kb << 10));
	tap(is_told(is_left_behind, pid, &size_kb),
	    "a leader which left a thread behind does not hide the memory it uses");
	end(pid);
}

/* Holds its own mmap_lock for writing about as much as one can. */
static void *remap(void *unused)
{
	void *memory;

	do {
		memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	} while (memory == MAP_FAILED || !munmap(memory, 64 << 20));
	return unused;
}

static void busy_memory(void *unused)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&thread, NULL, remap, unused);
}

static void locks(void)
{
	struct timespec from, to;
	pid_t pid = spawn(busy_memory, NULL);
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
	end(pid);
	tap(worst < 5,
	    "a process which never lets go of its mmap_lock stops nobody (%.3f s)",
	    worst);
}

int main(int argc, char **argv)
{
	if (argc > 0 && !strcmp(argv[0], "--sleep"))
		return sleep_for_ever();
	if (argc > 0 && !strcmp(argv[0], "--title"))
		return become_titled(argv);
	if (argc > 0 && !strcmp(argv[0], "--unmap"))
		return become_bereft(unmap_page, argv);
	if (argc > 0 && !strcmp(argv[0], "--forget"))
		return become_bereft(forget_page, argv);
	if (argc != 2) {
		fprintf(stderr, "usage: hostile FILE\n");
		return 2;
	}
	path = argv[1];
	names();
	command_lines();
	hole_below_stack();
	zombies();
	locks();
	return tap_end();
}
