// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU time of commands, side by side.
 *
 *	measure [--json] ROUNDS NOTHING NAME TIMES COMMAND [NAME TIMES COMMAND]...
 *
 * COMMAND is split at blanks and does its work TIMES times, by which its CPU time
 * is divided; its output goes nowhere. The commands take turns,
 * each round beginning with another one, so that what disturbs the machine
 * disturbs all of them. NOTHING is a command which only starts and ends: it is
 * measured as well and taken off. What remains is the work.
 *
 * The first command is the one the others are compared with.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMANDS_MAX 8
#define ARGUMENTS_MAX 16
#define ROUNDS_MAX 101

struct command {
	const char *name;
	int times;
	char *arguments[ARGUMENTS_MAX];
	double ms[ROUNDS_MAX];
	double user_ms[ROUNDS_MAX];
	double median;
	double user_median;
};

static struct command commands[COMMANDS_MAX], nothing = { .name = "nothing" };
static int count, rounds;

static double ms(const struct timeval *time)
{
	return time->tv_sec * 1e3 + time->tv_usec / 1e3;
}

static void run(struct command *command, int round)
{
	struct rusage usage;
	pid_t pid;
	int status;

	pid = fork();
	if (!pid) {
		int nowhere = open("/dev/null", O_WRONLY);

		dup2(nowhere, 1);
		execvp(command->arguments[0], command->arguments);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status) {
		fprintf(stderr, "measure: %s failed\n", command->name);
		exit(1);
	}
	command->user_ms[round] = ms(&usage.ru_utime);
	command->ms[round] = ms(&usage.ru_utime) + ms(&usage.ru_stime);
}

static int by_value(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static double median(double *values)
{
	qsort(values, rounds, sizeof(*values), by_value);
	return rounds % 2 ? values[rounds / 2] :
			    (values[rounds / 2 - 1] + values[rounds / 2]) / 2;
}

static void split(struct command *command, char *text)
{
	int n = 0;
	char *word;

	for (word = strtok(text, " "); word && n < ARGUMENTS_MAX - 1; word = strtok(NULL, " "))
		command->arguments[n++] = word;
}

static void print_table(void)
{
	int i;

	printf("%-20s %12s %12s %10s\n", "", "CPU ms", "of it user", "ratio");
	for (i = 0; i < count; i++)
		printf("%-20s %12.3f %12.3f %9.1fx\n", commands[i].name, commands[i].median,
		       commands[i].user_median, commands[i].median / commands[0].median);
	printf("%d rounds in turns, medians; %.3f ms for starting a process taken off each\n",
	       rounds, nothing.median);
}

static void print_json(void)
{
	int i;

	printf("\"rounds\":%d,\"start_ms\":%.3f,\"commands\":{", rounds,
	       nothing.median);
	for (i = 0; i < count; i++)
		printf("%s\"%s\":{\"cpu_ms\":%.3f,\"user_ms\":%.3f,\"ratio\":%.2f}", i ? "," : "",
		       commands[i].name, commands[i].median, commands[i].user_median,
		       commands[i].median / commands[0].median);
	printf("}");
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	int i, round;

	argc -= json;
	argv += json;
	if (argc < 6 || argc % 3 || argc / 3 - 1 > COMMANDS_MAX ||
	    atoi(argv[1]) < 1 || atoi(argv[1]) > ROUNDS_MAX) {
		fprintf(stderr, "usage: measure [--json] ROUNDS NOTHING NAME TIMES COMMAND...\n");
		return 2;
	}
	rounds = atoi(argv[1]);
	split(&nothing, argv[2]);
	for (i = 3; i + 2 < argc; i += 3, count++) {
		commands[count].name = argv[i];
		commands[count].times = atoi(argv[i + 1]);
		split(&commands[count], argv[i + 2]);
	}

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < count; i++)
			run(&commands[(i + round) % count], round);
		run(&nothing, round);
	}
	nothing.median = median(nothing.ms);
	for (i = 0; i < count; i++) {
		struct command *command = &commands[i];

		command->median = (median(command->ms) - nothing.median) / command->times;
		command->user_median = median(command->user_ms) / command->times;
	}
	if (json)
		print_json();
	else
		print_table();
	return 0;
}
