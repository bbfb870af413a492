// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the CPU time of commands.
 *
 *	measure ROUNDS NOTHING NAME[@CGROUP] TIMES COMMAND [NAME TIMES COMMAND]...
 *
 * COMMAND is split at spaces. It does its work TIMES times, by which its time is divided. Its
 * output is discarded. CGROUP is the cgroup directory of a service that works for the command,
 * or several separated by commas: their CPU time is counted separately. The commands run in
 * turn, each round starting with another one, so that disturbances affect all of them. NOTHING
 * is a command that only starts and exits: its time is subtracted from the others. Prints the
 * medians as a JSON object.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 8
#define ARGUMENTS_MAX 16
#define ROUNDS_MAX 101

struct command {
	const char *name;
	const char *cgroup;	/* or NULL */
	int times;
	char *arguments[ARGUMENTS_MAX];
	double cpu_ms[ROUNDS_MAX];
	double service_ms[ROUNDS_MAX];
	double wall_ms[ROUNDS_MAX];
};

/* The last one is NOTHING. */
static struct command commands[COMMANDS_MAX + 1];
static int count, rounds;

static double ms(const struct timeval *time)
{
	return time->tv_sec * 1e3 + time->tv_usec / 1e3;
}

static double wall_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* CPU time used in a cgroup, including exited processes. */
static double service_clock_ms(const char *cgroup)
{
	double all = 0, usec;
	char path[512];
	FILE *file;

	while (cgroup && *cgroup) {
		int len = strcspn(cgroup, ",");

		snprintf(path, sizeof(path), "%.*s/cpu.stat", len, cgroup);
		file = fopen(path, "r");
		if (!file || fscanf(file, "usage_usec %lf", &usec) != 1) {
			perror(path);
			exit(1);
		}
		fclose(file);
		all += usec / 1e3;
		cgroup += len + (cgroup[len] == ',');
	}
	return all;
}

static void run(struct command *command, int round)
{
	double service = service_clock_ms(command->cgroup);
	double begin = wall_clock_ms();
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
	command->wall_ms[round] = wall_clock_ms() - begin;
	command->service_ms[round] = service_clock_ms(command->cgroup) - service;
	command->cpu_ms[round] = ms(&usage.ru_utime) + ms(&usage.ru_stime);
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

static void add(char *name, char *times, char *text)
{
	struct command *command = &commands[count++];
	char *at = strchr(name, '@');

	if (at) {
		*at = '\0';
		command->cgroup = at + 1;
	}
	command->name = name;
	command->times = atoi(times);
	split(command, text);
}

static void print(struct command *command, double start_cpu_ms, double start_wall_ms)
{
	printf("\"%s\":{\"cpu_ms\":%.3f,\"wall_ms\":%.3f", command->name,
	       (median(command->cpu_ms) - start_cpu_ms) / command->times,
	       (median(command->wall_ms) - start_wall_ms) / command->times);
	if (command->cgroup)
		printf(",\"service_ms\":%.3f", median(command->service_ms) / command->times);
	printf("}");
}

int main(int argc, char **argv)
{
	double start_cpu_ms, start_wall_ms;
	struct command *nothing;
	int i, round;

	if (argc < 6 || argc % 3 || argc / 3 - 1 > COMMANDS_MAX ||
	    atoi(argv[1]) < 1 || atoi(argv[1]) > ROUNDS_MAX) {
		fprintf(stderr, "usage: measure ROUNDS NOTHING NAME[@CGROUP] TIMES COMMAND...\n");
		return 2;
	}
	rounds = atoi(argv[1]);
	for (i = 3; i + 2 < argc; i += 3)
		add(argv[i], argv[i + 1], argv[i + 2]);
	nothing = &commands[count];
	nothing->name = "nothing";
	split(nothing, argv[2]);

	for (round = 0; round < rounds; round++) {
		for (i = 0; i <= count; i++)
			run(&commands[(i + round) % (count + 1)], round);
	}
	start_cpu_ms = median(nothing->cpu_ms);
	start_wall_ms = median(nothing->wall_ms);
	for (i = 0; i < count; i++) {
		printf(i ? "," : "{");
		print(&commands[i], start_cpu_ms, start_wall_ms);
	}
	printf("}\n");
	return 0;
}
