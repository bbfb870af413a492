// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts sleeping processes, which end when this one is killed.
 *
 *	sleepers COUNT
 *
 * Each has executed a program with arguments of typical length. Prints "ready" when all of
 * them are running.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void sleep_on(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int count, i, executed[2];
	char number[16], parent[16];

	if (argc == 5 && !strcmp(argv[1], "--one"))
		sleep_on(atoi(argv[2]));
	if (argc != 2) {
		fprintf(stderr, "usage: sleepers COUNT\n");
		return 2;
	}
	count = atoi(argv[1]);
	if (pipe2(executed, O_CLOEXEC)) {
		perror("pipe2");
		return 1;
	}
	snprintf(parent, sizeof(parent), "%d", getpid());
	for (i = 0; i < count; i++) {
		pid_t pid = fork();

		snprintf(number, sizeof(number), "%d", i);
		if (!pid) {
			execl("/proc/self/exe", "sleeper", "--one", parent,
			      "--config=/etc/some/service.conf", number, NULL);
			_exit(1);
		}
		if (pid < 0) {
			perror("fork");
			return 1;
		}
	}
	/* Each process closes its end by executing; at the last one read() returns 0. */
	close(executed[1]);
	while (read(executed[0], number, 1) > 0)
		;
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
