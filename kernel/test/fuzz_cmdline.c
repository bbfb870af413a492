// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks the names and command lines in the report against random ones: thousands of
 * processes set their own name and arguments.
 *
 *	fuzz_cmdline [--seed N] [--rounds N] [--workers N] SYSINFO
 *
 * In each round every worker gets a name, arguments, and the addresses in its memory at
 * which to put them. The expected report is computed from the same bytes, without
 * asking the kernel. Some workers are programs executed with random arguments instead.
 * The module's current cmdline_max and cmdline_mode are used.
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

#include "proc_facts.h"
#include "json.h"
#include "report.h"
#include "tap.h"
#include "expected_text.h"

#define PAGE 4096
#define REGION (5 * PAGE)
#define EXEC_COUNT 5			  /* workers executed in each round */
#define LONGEST_ARGUMENT (128 * 1024 - 1) /* the kernel's MAX_ARG_STRLEN, with its NUL */
#define NO_HOLE (~0UL)

/* Name and arguments that a worker sets. Offsets are relative to its region. */
struct setup {
	char name[16];
	size_t at, len; /* arguments */
	size_t env_at, env_len;
	unsigned long hole; /* page that is unmapped, or NO_HOLE */
	unsigned char bytes[REGION];
};

struct worker {
	pid_t pid;
	int request_fd, reply_fd;
};

struct expected {
	char name[3 * 16 + 4];
	bool null;
	char *cmdline;
	size_t cmdline_len;
};

static struct setup *setups;
static size_t cmdline_max;
static int cmdline_mode;

/* --- in the worker --- */

static void set_mm(int what, char *region, size_t at)
{
	if (prctl(PR_SET_MM, what, (unsigned long)region + at, 0, 0))
		_exit(3);
}

/* The kernel requires start <= end at every moment, so the order matters. */
static void set_range(int start, int end, char *region, size_t at, size_t len,
		      size_t *old_end)
{
	bool start_first = at <= *old_end;

	set_mm(start_first ? start : end, region, start_first ? at : at + len);
	set_mm(start_first ? end : start, region, start_first ? at + len : at);
	*old_end = at + len;
}

static void apply_setup(const struct setup *setup, char *region)
{
	/* At first both ranges are on the stack, at higher addresses. */
	static size_t args_end = ~0UL / 2, env_end = ~0UL / 2;

	mmap(region, REGION, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memcpy(region, setup->bytes, REGION);
	prctl(PR_SET_NAME, setup->name);
	set_range(PR_SET_MM_ARG_START, PR_SET_MM_ARG_END, region, setup->at, setup->len,
		  &args_end);
	set_range(PR_SET_MM_ENV_START, PR_SET_MM_ENV_END, region, setup->env_at,
		  setup->env_len, &env_end);
	if (setup->hole != NO_HOLE)
		munmap(region + setup->hole * PAGE, PAGE);
}

static void work(const struct setup *setup, int request_fd, int reply_fd)
{
	char *region = mmap(NULL, REGION + PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(request_fd, &byte, 1) == 1) {
		apply_setup(setup, region);
		if (write(reply_fd, "", 1) != 1)
			break;
	}
	_exit(0);
}

/* --- random setups and the expected report --- */

static int random_below(int below)
{
	return rand() % below;
}

/* Fills @to with text of one random style, so that each special case is frequent. */
static void random_text(unsigned char *to, size_t len, bool nuls)
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
	int style = random_below(4);
	size_t i;

	for (i = 0; i < len; i++) {
		if (style == 0)
			to[i] = 'a' + random_below(26);
		else if (style == 1)
			to[i] = 1 + random_below(255);
		else if (style == 2)
			to[i] = edges[random_below(sizeof(edges))];
		if (style == 3) {
			const char *c = characters[random_below(12)];
			size_t n = strlen(c) < len - i ? strlen(c) : len - i;

			memcpy(to + i, c, n);
			i += n - 1;
		}
	}
	/* Ends arguments at random places; some of them are empty. */
	for (i = nuls ? (size_t)random_below(200) : len; i < len;
	     i += random_below(3) ? 1 + random_below(200) : 1)
		to[i] = '\0';
}

static size_t random_length(void)
{
	switch (random_below(10)) {
	case 0: /* several pages */
		return random_below(2 * PAGE);
	case 1:
	case 2:
	case 3: /* close to cmdline_max */
		return cmdline_max - 4 + random_below(9);
	case 4:
	case 5:
		return random_below(2 * cmdline_max);
	default:
		return random_below(100);
	}
}

static void random_setup(struct setup *setup)
{
	size_t len = random_below(16);

	memset(setup->name, 0, sizeof(setup->name));
	random_text((unsigned char *)setup->name, len, false);
	setup->at = random_below(PAGE);
	setup->len = random_length();
	setup->env_at = setup->at + setup->len;
	setup->env_len = random_below(4) ? random_below(200) : random_below(2 * PAGE);
	random_text(setup->bytes + setup->at, setup->len + setup->env_len + 1, true);
	setup->hole = NO_HOLE;
	if (!setup->len)
		return;
	switch (random_below(5)) {
	case 0: /* a title; the environment does not follow directly */
		setup->env_at++;
		setup->bytes[setup->env_at - 2] = 'T';
		break;
	case 1: /* a title that may extend into the environment */
	case 2:
		setup->bytes[setup->env_at - 1] = 'T';
		if (random_below(2)) {
			random_text(setup->bytes + setup->at,
				    setup->len + random_below(600), false);
			setup->bytes[setup->env_at - 1] = 'T';
		}
		break;
	case 3: /* arguments, perhaps with an unmapped page */
		setup->bytes[setup->env_at - 1] = '\0';
		if (random_below(2))
			setup->hole = (setup->at + random_below(setup->len)) / PAGE;
		break;
	default:
		setup->bytes[setup->env_at - 1] = '\0';
	}
}

/*
 * Length of what /proc/<pid>/cmdline shows: the arguments or, if their last byte is not
 * NUL, a title, which ends at the first NUL, possibly in the environment.
 */
static size_t shown_arguments(const struct setup *setup)
{
	const unsigned char *from = setup->bytes + setup->at;
	size_t len = setup->len, room = len;
	const unsigned char *nul;

	if (!len || !from[len - 1])
		return len;
	if (setup->env_at == setup->at + len)
		room += setup->env_len;
	nul = memchr(from, 0, room);
	return nul ? (size_t)(nul - from) + 1 : room;
}

/* Whether a byte that is needed for the command line is in the hole. */
static bool touches_hole(const struct setup *setup)
{
	size_t len = setup->len < cmdline_max ? setup->len : cmdline_max;

	return setup->hole != NO_HOLE && len && setup->at / PAGE <= setup->hole &&
	       (setup->at + len - 1) / PAGE >= setup->hole;
}

static void expect_cmdline(struct expected *expected, const void *bytes, size_t len)
{
	const void *nul = memchr(bytes, 0, len);

	if (cmdline_mode == 1 && nul)
		len = (const char *)nul - (const char *)bytes + 1;
	expected->cmdline = malloc(3 * (len < cmdline_max ? len : cmdline_max) + 4);
	if (!expected->cmdline)
		abort();
	expected->cmdline_len =
		expected_cmdline(bytes, len, cmdline_max, expected->cmdline);
}

static void expect(const struct setup *setup, struct expected *expected)
{
	expected_text(setup->name, strlen(setup->name), false, expected->name);
	expected->null = cmdline_mode == 0 || touches_hole(setup);
	expect_cmdline(expected, setup->bytes + setup->at, shown_arguments(setup));
}

/* Checks this test itself: /proc/<pid>/cmdline must show the same arguments. */
static bool proc_agrees(pid_t pid, const struct setup *setup)
{
	size_t len = shown_arguments(setup);
	char path[64], text[REGION + 2];
	long got;

	/* Not compared: /proc shows at most one page of a title, and only up to a NUL. */
	if (setup->hole != NO_HOLE || !len || len >= PAGE ||
	    (setup->bytes[setup->at + setup->len - 1] &&
	     setup->bytes[setup->at + len - 1]))
		return true;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	got = read_file(path, text, sizeof(text));
	return got == (long)len && !memcmp(text, setup->bytes + setup->at, len);
}

/* --- executed workers --- */

static pid_t start_exec_worker(struct expected *expected)
{
	static char bytes[LONGEST_ARGUMENT + 65536];
	static char *const environment[] = { "FUZZ_CMDLINE_SLEEP=1", NULL };
	int count = random_below(30), ready[2], i;
	char *arguments[32], *at = bytes, byte;
	pid_t pid;

	for (i = 0; i < count; i++) {
		size_t len = random_below(random_below(20) ? 100 : 2000);

		if (i == 1 && !random_below(3))
			len = LONGEST_ARGUMENT;
		random_text((unsigned char *)at, len, false);
		at[len] = '\0';
		arguments[i] = at;
		at += len + 1;
	}
	arguments[count] = NULL;
	/* With no arguments newer kernels pass one empty argument: the same text. */
	expect_cmdline(expected, bytes, at - bytes);
	expected->null = cmdline_mode == 0;
	strcpy(expected->name, "exe");

	if (pipe2(ready, O_CLOEXEC))
		exit(2);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(ready[1], 3); /* stays open across execve() */
		execve("/proc/self/exe", arguments, environment);
		_exit(4);
	}
	close(ready[1]);
	/* The new program closes the pipe first, after execve() has completed. */
	if (read(ready[0], &byte, 1))
		exit(2);
	close(ready[0]);
	return pid;
}

static int sleep_after_exec(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(3);
	for (;;)
		pause();
	return 0;
}

/* --- the rounds --- */

static bool matches(const struct json *process, const struct expected *expected)
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
	printf("%s\n", len > 200 ? " ..." : "");
}

static void print_mismatch(const struct json *process, const struct expected *expected,
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

/* Reads a report from @open_fd or, if that is -1, from a newly opened file. */
static struct json *read_report(const char *path, int open_fd)
{
	int fd = open_fd >= 0 ? open_fd : open(path, O_RDONLY);
	struct json *report = NULL;
	struct text text;
	size_t where;
	const char *fault;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) || report_read(fd, 65536, &text)) {
		perror(path);
		exit(2);
	}
	if (fd != open_fd)
		close(fd);
	fault = report_fault(&text);
	if (fault)
		printf("# %s\n", fault);
	else
		report = json_parse(text.bytes, text.len, &where);
	free(text.bytes);
	return report;
}

/* A command line may be null for a moment, while its page is being migrated. */
static bool may_be_transient(const struct json *process, const struct expected *expected)
{
	const struct json *cmdline = json_member(process, "cmdline");

	return cmdline && cmdline->kind == JSON_NULL && !expected->null;
}

struct tally {
	unsigned long matched, wrong, broken, proc_differs;
};

static void check(const char *path, int open_fd, const pid_t *pids,
		  struct expected *expected, int count, const char *round,
		  struct tally *tally)
{
	struct json *report = read_report(path, open_fd);
	int i, again = 100;

	for (i = 0; report && i < count; i++) {
		const struct json *process = report_process(report, pids[i]);
		char which[128];

		if (matches(process, &expected[i])) {
			tally->matched++;
			continue;
		}
		if (may_be_transient(process, &expected[i]) && again-- > 0) {
			json_free(report);
			report = read_report(path, open_fd);
			i--;
			continue;
		}
		snprintf(which, sizeof(which), "%s, worker %d", round, i);
		if (!tally->wrong++)
			print_mismatch(process, &expected[i], which);
	}
	tally->broken += !report;
	json_free(report);
}

static void start(struct worker *worker, const struct setup *setup)
{
	int request_fd[2], reply_fd[2];

	if (pipe2(request_fd, O_CLOEXEC) || pipe2(reply_fd, O_CLOEXEC))
		exit(2);
	worker->pid = fork();
	if (worker->pid < 0) {
		perror("fork");
		exit(2);
	}
	if (!worker->pid) {
		close(request_fd[1]);
		close(reply_fd[0]);
		work(setup, request_fd[0], reply_fd[1]);
	}
	close(request_fd[0]);
	close(reply_fd[1]);
	worker->request_fd = request_fd[1];
	worker->reply_fd = reply_fd[0];
}

static void reconfigure_workers(struct worker *workers, int count)
{
	char byte;
	int i;

	for (i = 0; i < count; i++) {
		random_setup(&setups[i]);
		if (write(workers[i].request_fd, "", 1) != 1)
			exit(2);
	}
	for (i = 0; i < count; i++) {
		if (read(workers[i].reply_fd, &byte, 1) != 1) {
			int status = 0;

			waitpid(workers[i].pid, &status, 0);
			printf("Bail out! a worker ended (%d): is PR_SET_MM allowed?\n",
			       WEXITSTATUS(status));
			exit(2);
		}
	}
}

static void one_round(const char *path, int open_fd, struct worker *workers, int count,
		      const char *round, struct tally *tally)
{
	struct expected *expected = calloc(count + EXEC_COUNT, sizeof(*expected));
	pid_t *pids = calloc(count + EXEC_COUNT, sizeof(*pids));
	int i;

	reconfigure_workers(workers, count);
	for (i = 0; i < count; i++) {
		pids[i] = workers[i].pid;
		expect(&setups[i], &expected[i]);
		if (!proc_agrees(pids[i], &setups[i]) && !tally->proc_differs++)
			printf("# %s, worker %d: /proc shows other arguments\n", round,
			       i);
	}
	for (i = 0; i < EXEC_COUNT; i++)
		pids[count + i] = start_exec_worker(&expected[count + i]);
	check(path, open_fd, pids, expected, count + EXEC_COUNT, round, tally);
	for (i = 0; i < EXEC_COUNT; i++) {
		kill(pids[count + i], SIGKILL);
		waitpid(pids[count + i], NULL, 0);
	}
	for (i = 0; i < count + EXEC_COUNT; i++)
		free(expected[i].cmdline);
	free(expected);
	free(pids);
}

static int module_parameter(const char *name)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/sys/module/sysinfo_so1/parameters/%s", name);
	if (read_file(path, text, sizeof(text)) <= 0) {
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
	int option, rounds = 20, count = 150, open_fd, i;
	unsigned int seed = time(NULL);
	struct worker *workers;
	struct tally tally = { 0 };
	char round[64];

	if (getenv("FUZZ_CMDLINE_SLEEP"))
		return sleep_after_exec();
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
		fprintf(stderr,
			"usage: fuzz_cmdline [--seed N] [--rounds N] [--workers N] "
			"SYSINFO\n");
		return 2;
	}
	cmdline_max = module_parameter("cmdline_max");
	cmdline_mode = module_parameter("cmdline_mode");
	printf("# seed %u\n", seed);
	fflush(stdout);
	srand(seed);
	setups = mmap(NULL, count * sizeof(*setups), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	workers = calloc(count, sizeof(*workers));
	if (setups == MAP_FAILED || !workers)
		return 2;
	for (i = 0; i < count; i++)
		start(&workers[i], &setups[i]);
	open_fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	for (i = 0; i < rounds; i++) {
		snprintf(round, sizeof(round), "seed %u, round %d", seed, i);
		one_round(argv[optind], i % 2 ? open_fd : -1, workers, count, round,
			  &tally);
	}
	tap(!tally.broken, "every report is complete and strict JSON");
	tap(!tally.proc_differs, "/proc shows the same arguments");
	tap(!tally.wrong && tally.matched == (unsigned long)rounds * (count + EXEC_COUNT),
	    "%lu random names and command lines are reported as documented (cmdline_max "
	    "%zu, cmdline_mode %d, seed %u)",
	    tally.matched, cmdline_max, cmdline_mode, seed);
	return tap_end();
}
