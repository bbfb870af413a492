// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes which give themselves names and arguments at random, thousands of
 * them, and what the file says of each.
 *
 *	scribble [--seed N] [--rounds N] [--workers N] SYSINFO
 *
 * Each round every worker is told a name, arguments, and where in its memory they
 * are to be; what the file should say is worked out from the same bytes, without
 * a look at the kernel. A few workers are programs executed with such arguments.
 * The module's cmdline_max and cmdline_mode are taken as they are.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"
#include "json.h"
#include "report.h"
#include "tap.h"
#include "told.h"

#define PAGE 4096
#define REGION (5 * PAGE)
#define EXECUTED 5			  /* of the workers, anew each round */
#define LONGEST_ARGUMENT (128 * 1024 - 1) /* the kernel's MAX_ARG_STRLEN, with its NUL */
#define NO_HOLE (~0UL)

/* What a worker is to become. Offsets count from the beginning of its region. */
struct order {
	char name[16];
	size_t at, len; /* arguments */
	size_t env_at, env_len;
	unsigned long hole; /* page which is to be missing */
	unsigned char bytes[REGION];
};

struct worker {
	pid_t pid;
	int command, answer;
};

struct expected {
	char name[3 * 16 + 4];
	bool null;
	char *cmdline;
	size_t cmdline_len;
};

static struct order *orders;
static size_t cmdline_max;
static int cmdline_mode;

/* --- in the worker --- */

static void set_mm(int what, char *region, size_t at)
{
	if (prctl(PR_SET_MM, what, (unsigned long)region + at, 0, 0))
		_exit(3);
}

/* The kernel wants the end behind the beginning at every moment. */
static void move(int start, int end, char *region, size_t at, size_t len, size_t *old_end)
{
	bool start_first = at <= *old_end;

	set_mm(start_first ? start : end, region, start_first ? at : at + len);
	set_mm(start_first ? end : start, region, start_first ? at + len : at);
	*old_end = at + len;
}

static void obey(const struct order *order, char *region)
{
	/* Before the first time both lie elsewhere: higher up, on the stack. */
	static size_t args_end = ~0UL / 2, env_end = ~0UL / 2;

	mmap(region, REGION, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memcpy(region, order->bytes, REGION);
	prctl(PR_SET_NAME, order->name);
	move(PR_SET_MM_ARG_START, PR_SET_MM_ARG_END, region, order->at, order->len,
	     &args_end);
	move(PR_SET_MM_ENV_START, PR_SET_MM_ENV_END, region, order->env_at,
	     order->env_len, &env_end);
	if (order->hole != NO_HOLE)
		munmap(region + order->hole * PAGE, PAGE);
}

static void work(const struct order *order, int command, int answer)
{
	char *region = mmap(NULL, REGION + PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(command, &byte, 1) == 1) {
		obey(order, region);
		if (write(answer, "", 1) != 1)
			break;
	}
	_exit(0);
}

/* --- orders and what must come of them --- */

static int any(int below)
{
	return rand() % below;
}

/* Text of one style, so that every kind of trouble comes often enough. */
static void scrawl(unsigned char *to, size_t len, bool nuls)
{
	static const char *const characters[] = {
		"\xc3\xb1",
		"\xe2\x82\xac",
		"\xf0\x9f\x98\x80",
		"\xef\xbf\xbd",
		"\xe2\x80\xa6",
		"\"",
		"\\",
		"\n",
		"\x7f",
		"a",
		"\"},{",
		"\\u0000",
	};
	static const unsigned char edges[] = {
		0x01, 0x1f, 0x20, '"',	'\\', 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
		0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff,
	};
	int style = any(4);
	size_t i;

	for (i = 0; i < len; i++) {
		if (style == 0)
			to[i] = 'a' + any(26);
		else if (style == 1)
			to[i] = 1 + any(255);
		else if (style == 2)
			to[i] = edges[any(sizeof(edges))];
		if (style == 3) {
			const char *c = characters[any(12)];
			size_t n = strlen(c) < len - i ? strlen(c) : len - i;

			memcpy(to + i, c, n);
			i += n - 1;
		}
	}
	/* How often arguments end is another matter; some of them are empty. */
	for (i = nuls ? (size_t)any(200) : len; i < len; i += any(3) ? 1 + any(200) : 1)
		to[i] = '\0';
}

static size_t any_length(void)
{
	switch (any(10)) {
	case 0: /* over several pages */
		return any(2 * PAGE);
	case 1:
	case 2:
	case 3: /* about where it is cut */
		return cmdline_max - 4 + any(9);
	case 4:
	case 5:
		return any(2 * cmdline_max);
	default:
		return any(100);
	}
}

static void draw_order(struct order *order)
{
	size_t len = any(16);

	memset(order->name, 0, sizeof(order->name));
	scrawl((unsigned char *)order->name, len, false);
	order->at = any(PAGE);
	order->len = any_length();
	order->env_at = order->at + order->len;
	order->env_len = any(4) ? any(200) : any(2 * PAGE);
	scrawl(order->bytes + order->at, order->len + order->env_len + 1, true);
	order->hole = NO_HOLE;
	if (!order->len)
		return;
	switch (any(5)) {
	case 0: /* a title with another environment behind it */
		order->env_at++;
		order->bytes[order->env_at - 2] = 'T';
		break;
	case 1: /* a title which may go on into the environment */
	case 2:
		order->bytes[order->env_at - 1] = 'T';
		if (any(2)) {
			scrawl(order->bytes + order->at, order->len + any(600), false);
			order->bytes[order->env_at - 1] = 'T';
		}
		break;
	case 3: /* arguments some of which are gone */
		order->bytes[order->env_at - 1] = '\0';
		if (any(2))
			order->hole = (order->at + any(order->len)) / PAGE;
		break;
	default:
		order->bytes[order->env_at - 1] = '\0';
	}
}

/*
 * What /proc/<pid>/cmdline shows: the arguments; but if the last byte is no NUL
 * any more they are a title, which ends at the first NUL, be it in the environment.
 */
static size_t shown_arguments(const struct order *order)
{
	const unsigned char *from = order->bytes + order->at;
	size_t len = order->len, room = len;
	const unsigned char *nul;

	if (!len || !from[len - 1])
		return len;
	if (order->env_at == order->at + len)
		room += order->env_len;
	nul = memchr(from, 0, room);
	return nul ? (size_t)(nul - from) + 1 : room;
}

/* Whether a byte which is to be shown, or the one which decides, is missing. */
static bool touches_hole(const struct order *order)
{
	size_t len = order->len < cmdline_max ? order->len : cmdline_max;

	return order->hole != NO_HOLE && len && order->at / PAGE <= order->hole &&
	       (order->at + len - 1) / PAGE >= order->hole;
}

static void expect_cmdline(struct expected *expected, const void *bytes, size_t len)
{
	const void *nul = memchr(bytes, 0, len);

	if (cmdline_mode == 1 && nul)
		len = (const char *)nul - (const char *)bytes + 1;
	expected->cmdline = malloc(3 * (len < cmdline_max ? len : cmdline_max) + 4);
	if (!expected->cmdline)
		abort();
	expected->cmdline_len = told_cmdline(bytes, len, cmdline_max, expected->cmdline);
}

static void expect(const struct order *order, struct expected *expected)
{
	told_text(order->name, strlen(order->name), false, expected->name);
	expected->null = cmdline_mode == 0 || touches_hole(order);
	expect_cmdline(expected, order->bytes + order->at, shown_arguments(order));
}

/* The same bytes must be in /proc/<pid>/cmdline, or the test itself is wrong. */
static bool proc_agrees(pid_t pid, const struct order *order)
{
	size_t len = shown_arguments(order);
	char path[64], text[REGION + 2];
	long got;

	/* A title has no more than a page there, and no end but a NUL. */
	if (order->hole != NO_HOLE || !len || len >= PAGE ||
	    (order->bytes[order->at + order->len - 1] &&
	     order->bytes[order->at + len - 1]))
		return true;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	got = slurp(path, text, sizeof(text));
	return got == (long)len && !memcmp(text, order->bytes + order->at, len);
}

/* --- executed workers --- */

static pid_t execute(struct expected *expected)
{
	static char bytes[LONGEST_ARGUMENT + 65536];
	static char *const environment[] = { "SCRIBBLE_SLEEP=1", NULL };
	int count = any(30), ready[2], i;
	char *arguments[32], *at = bytes, byte;
	pid_t pid;

	for (i = 0; i < count; i++) {
		size_t len = any(any(20) ? 100 : 2000);

		if (i == 1 && !any(3))
			len = LONGEST_ARGUMENT;
		scrawl((unsigned char *)at, len, false);
		at[len] = '\0';
		arguments[i] = at;
		at += len + 1;
	}
	arguments[count] = NULL;
	/* Without arguments newer kernels make it one empty argument. */
	expect_cmdline(expected, bytes, at - bytes);
	expected->null = cmdline_mode == 0;
	strcpy(expected->name, "exe");

	if (pipe2(ready, O_CLOEXEC))
		exit(2);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(ready[1], 3); /* which stays open */
		execve("/proc/self/exe", arguments, environment);
		_exit(4);
	}
	close(ready[1]);
	/* It closes the pipe as its first act, when all is in place. */
	if (read(ready[0], &byte, 1))
		exit(2);
	close(ready[0]);
	return pid;
}

static int sleep_executed(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(3);
	for (;;)
		pause();
	return 0;
}

/* --- the rounds --- */

static bool agrees(const struct json *process, const struct expected *expected)
{
	const struct json *name = json_member(process, "name");
	const struct json *cmdline = json_member(process, "cmdline");

	if (!process || name->len != strlen(expected->name) ||
	    strcmp(name->text, expected->name))
		return false;
	if (expected->null)
		return cmdline->kind == JSON_NULL;
	return cmdline->kind == JSON_STRING && cmdline->len == expected->cmdline_len &&
	       !memcmp(cmdline->text, expected->cmdline, cmdline->len);
}

static void dump(const char *what, const char *bytes, size_t len)
{
	size_t i;

	printf("# %s (%zu):", what, len);
	for (i = 0; i < len && i < 200; i++)
		printf(bytes[i] > ' ' && bytes[i] <= '~' ? "%c" : "\\x%02x",
		       (unsigned char)bytes[i]);
	printf("%s\n", len > 200 ? " and so on" : "");
}

static void complain(const struct json *process, const struct expected *expected,
		     const char *which)
{
	const struct json *name = json_member(process, "name");
	const struct json *cmdline = json_member(process, "cmdline");

	printf("# %s\n", which);
	dump("name expected", expected->name, strlen(expected->name));
	if (name)
		dump("name found", name->text, name->len);
	dump(expected->null ? "null expected, of" : "cmdline expected", expected->cmdline,
	     expected->cmdline_len);
	if (cmdline && cmdline->kind == JSON_STRING)
		dump("cmdline found", cmdline->text, cmdline->len);
	else
		printf("# %s found\n", cmdline ? "null" : "nothing");
}

/* At the beginning of a file which was open all along, or of one just opened. */
static struct json *look(const char *path, int kept)
{
	int fd = kept >= 0 ? kept : open(path, O_RDONLY);
	struct json *report = NULL;
	struct text text;
	size_t where;
	const char *fault;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) || report_read(fd, 65536, &text)) {
		perror(path);
		exit(2);
	}
	if (fd != kept)
		close(fd);
	fault = report_fault(&text);
	if (fault)
		printf("# %s\n", fault);
	else
		report = json_parse(text.bytes, text.len, &where);
	free(text.bytes);
	return report;
}

/* A page on its way from here to there is not readable for a moment. */
static bool may_pass(const struct json *process, const struct expected *expected)
{
	const struct json *cmdline = json_member(process, "cmdline");

	return cmdline && cmdline->kind == JSON_NULL && !expected->null;
}

struct tally {
	unsigned long told, wrong, broken, unlike_proc;
};

static void check(const char *path, int kept, const pid_t *pids,
		  struct expected *expected, int count, const char *round,
		  struct tally *tally)
{
	struct json *report = look(path, kept);
	int i, again = 100;

	for (i = 0; report && i < count; i++) {
		const struct json *process = report_process(report, pids[i]);
		char which[128];

		if (agrees(process, &expected[i])) {
			tally->told++;
			continue;
		}
		if (may_pass(process, &expected[i]) && again-- > 0) {
			json_free(report);
			report = look(path, kept);
			i--;
			continue;
		}
		snprintf(which, sizeof(which), "%s, worker %d", round, i);
		if (!tally->wrong++)
			complain(process, &expected[i], which);
	}
	tally->broken += !report;
	json_free(report);
}

static void start(struct worker *worker, const struct order *order)
{
	int command[2], answer[2];

	if (pipe2(command, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		exit(2);
	worker->pid = fork();
	if (worker->pid < 0) {
		perror("fork");
		exit(2);
	}
	if (!worker->pid) {
		close(command[1]);
		close(answer[0]);
		work(order, command[0], answer[1]);
	}
	close(command[0]);
	close(answer[1]);
	worker->command = command[1];
	worker->answer = answer[0];
}

static void everybody_obeys(struct worker *workers, int count)
{
	char byte;
	int i;

	for (i = 0; i < count; i++) {
		draw_order(&orders[i]);
		if (write(workers[i].command, "", 1) != 1)
			exit(2);
	}
	for (i = 0; i < count; i++) {
		if (read(workers[i].answer, &byte, 1) != 1) {
			int status = 0;

			waitpid(workers[i].pid, &status, 0);
			printf("Bail out! a worker ended (%d): is PR_SET_MM allowed?\n",
			       WEXITSTATUS(status));
			exit(2);
		}
	}
}

static void one_round(const char *path, int kept, struct worker *workers, int count,
		      const char *round, struct tally *tally)
{
	struct expected *expected = calloc(count + EXECUTED, sizeof(*expected));
	pid_t *pids = calloc(count + EXECUTED, sizeof(*pids));
	int i;

	everybody_obeys(workers, count);
	for (i = 0; i < count; i++) {
		pids[i] = workers[i].pid;
		expect(&orders[i], &expected[i]);
		if (!proc_agrees(pids[i], &orders[i]) && !tally->unlike_proc++)
			printf("# %s, worker %d: /proc shows other arguments\n", round,
			       i);
	}
	for (i = 0; i < EXECUTED; i++)
		pids[count + i] = execute(&expected[count + i]);
	check(path, kept, pids, expected, count + EXECUTED, round, tally);
	for (i = 0; i < EXECUTED; i++) {
		kill(pids[count + i], SIGKILL);
		waitpid(pids[count + i], NULL, 0);
	}
	for (i = 0; i < count + EXECUTED; i++)
		free(expected[i].cmdline);
	free(expected);
	free(pids);
}

static int parameter(const char *name)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/sys/module/sysinfo_so1/parameters/%s", name);
	if (slurp(path, text, sizeof(text)) <= 0) {
		perror(path);
		exit(2);
	}
	return atoi(text);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "workers", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int option, rounds = 20, count = 150, kept, i;
	unsigned int seed = time(NULL);
	struct worker *workers;
	struct tally tally = { 0 };
	char round[64];

	if (getenv("SCRIBBLE_SLEEP"))
		return sleep_executed();
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			seed = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 'w')
			count = atoi(optarg);
		else
			optind = argc;
	}
	if (optind + 1 != argc) {
		fprintf(stderr, "usage: scribble [--seed N] [--rounds N] [--workers N] "
				"SYSINFO\n");
		return 2;
	}
	cmdline_max = parameter("cmdline_max");
	cmdline_mode = parameter("cmdline_mode");
	printf("# seed %u\n", seed);
	fflush(stdout);
	srand(seed);
	orders = mmap(NULL, count * sizeof(*orders), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	workers = calloc(count, sizeof(*workers));
	if (orders == MAP_FAILED || !workers)
		return 2;
	for (i = 0; i < count; i++)
		start(&workers[i], &orders[i]);
	kept = open(argv[optind], O_RDONLY | O_CLOEXEC);
	for (i = 0; i < rounds; i++) {
		snprintf(round, sizeof(round), "seed %u, round %d", seed, i);
		one_round(argv[optind], i % 2 ? kept : -1, workers, count, round, &tally);
	}
	tap(!tally.broken, "every text is whole and strict JSON");
	tap(!tally.unlike_proc, "/proc shows the arguments which were meant");
	tap(!tally.wrong && tally.told == (unsigned long)rounds * (count + EXECUTED),
	    "%lu names and command lines at random are told as documented (cmdline_max "
	    "%zu, cmdline_mode %d, seed %u)",
	    tally.told, cmdline_max, cmdline_mode, seed);
	return tap_end();
}
