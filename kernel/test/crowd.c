// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts many sleeping processes, some of them in cgroups that look like containers.
 *
 *	crowd PROCESSES CONTAINERS CGROUP_ROOT [TEXT]
 *
 * Prints a line when all of them are running. At the end of standard input it kills
 * them and removes the cgroups. The first dozen containers have a network namespace
 * of their own. TEXT is only an argument for all of them to have.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Containers with a network namespace; few, because creating one is slow. */
#define NETWORKS 12

static const char *cgroups;

/* The IDs differ from those of churn, which begin with zeroes. */
static void cgroup_path(char *path, size_t size, int container, const char *file)
{
	snprintf(path, size, "%s/docker-c%063x.scope%s", cgroups, container, file);
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void make_cgroup(int container)
{
	char path[512];

	cgroup_path(path, sizeof(path), container, "");
	if (mkdir(path, 0755) && errno != EEXIST)
		fail(path);
}

static void enter_cgroup(int container)
{
	char path[512];
	int fd;

	cgroup_path(path, sizeof(path), container, "/cgroup.procs");
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
}

static void remove_cgroup(int container)
{
	char path[512];

	cgroup_path(path, sizeof(path), container, "");
	if (rmdir(path))
		fail(path);
}

static void sleep_with_parent(int number, int containers, int ready)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		fail("prctl");
	if (number < 2 * containers)
		enter_cgroup(number % containers);
	if (number < containers && number < NETWORKS && unshare(CLONE_NEWNET))
		fail("unshare");
	if (write(ready, "", 1) != 1)
		fail("pipe");
	close(ready);
	while (pause())
		;
}

int main(int argc, char **argv)
{
	int processes, containers, ready[2], i;
	char byte;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: crowd PROCESSES CONTAINERS CGROUP_ROOT [TEXT]\n");
		return 2;
	}
	processes = atoi(argv[1]);
	containers = atoi(argv[2]);
	cgroups = argv[3];

	if (setpgid(0, 0))
		fail("setpgid");
	for (i = 0; i < containers; i++)
		make_cgroup(i);
	if (pipe(ready))
		fail("pipe");
	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (!pid)
			sleep_with_parent(i, containers, ready[1]);
	}
	close(ready[1]);
	for (i = 0; i < processes; i++) {
		if (read(ready[0], &byte, 1) != 1) {
			fprintf(stderr, "crowd: only %d of %d processes\n", i, processes);
			return 1;
		}
	}
	printf("%d processes, %d containers\n", processes, containers);
	fflush(stdout);

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM); /* the process group of all children */
	while (wait(NULL) > 0)
		;
	for (i = 0; i < containers; i++)
		remove_cgroup(i);
	return 0;
}
