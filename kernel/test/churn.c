// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates and ends processes, threads and cgroups as fast as possible.
 *
 *	churn SECONDS WORKERS CGROUP_ROOT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *cgroups;
static char *self;

static void *do_nothing(void *unused)
{
	return unused;
}

static void *exec_self(void *unused)
{
	/* The thread becomes the leader and the old leader is released. */
	execl("/proc/self/exe", "churn", "--exit", NULL);
	return unused;
}

static void run_threads(void)
{
	pthread_t ids[8];
	int i, count = 0;

	for (i = 0; i < 8; i++)
		count += !pthread_create(&ids[count], NULL, do_nothing, NULL);
	while (count)
		pthread_join(ids[--count], NULL);
}

static void exec_in_thread(void)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, exec_self, NULL))
		pthread_join(thread, NULL);
}

static void scramble_name_and_args(void)
{
	char name[16];
	size_t i;

	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = rand();
	name[i] = '\0';
	prctl(PR_SET_NAME, name);
	for (i = 0; self[i]; i++)
		self[i] = 1 + rand() % 255;
}

static void map_and_unmap(void)
{
	void *memory = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory != MAP_FAILED)
		munmap(memory, 8 << 20);
}

/* Path of a cgroup that looks like a container; it is removed with its process. */
static void cgroup_path(char *path, size_t size, int id, const char *file)
{
	snprintf(path, size, "%s/docker-%064x.scope%s", cgroups, id, file);
}

static void enter_cgroup(int id)
{
	char path[512];
	int fd;

	cgroup_path(path, sizeof(path), id, "");
	mkdir(path, 0755);
	cgroup_path(path, sizeof(path), id, "/cgroup.procs");
	fd = open(path, O_WRONLY);
	if (fd >= 0) {
		if (write(fd, "0", 1) < 0 && errno != ESRCH)
			perror(path);
		close(fd);
	}
}

static void remove_cgroup(int id)
{
	char path[512];

	cgroup_path(path, sizeof(path), id, "");
	rmdir(path);
}

static void run_child(int id)
{
	srand(time(NULL) ^ getpid());
	if (rand() % 3 == 0)
		enter_cgroup(id);
	if (rand() % 50 == 0 && !unshare(CLONE_NEWNET))
		run_threads();
	switch (rand() % 6) {
	case 0:
		run_threads();
		break;
	case 1:
		exec_in_thread();
		break;
	case 2:
		execl("/proc/self/exe", "churn", "--exit", "\"\\\n\xff\xc3", NULL);
		break;
	case 3:
		scramble_name_and_args();
		break;
	case 4:
		map_and_unmap();
		break;
	case 5:
		if (!fork())
			_exit(0); /* reaped by init or a subreaper */
		break;
	}
	_exit(0);
}

static void work(time_t end, int worker)
{
	unsigned long started = 0;

	while (time(NULL) < end) {
		int id = worker * 1000 + started++ % 10;
		pid_t pid = fork();

		if (!pid)
			run_child(id);
		if (pid < 0)
			continue;
		/* Sometimes leave it a zombie for a while. */
		if (started % 7 == 0)
			sched_yield();
		waitpid(pid, NULL, 0);
		remove_cgroup(id);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	printf("# worker %d: %lu processes\n", worker, started);
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	int workers, i;
	time_t end;

	if (argc > 1 && !strcmp(argv[1], "--exit"))
		return 0;
	if (argc != 4) {
		fprintf(stderr, "usage: churn SECONDS WORKERS CGROUP_ROOT\n");
		return 2;
	}
	self = argv[0];
	cgroups = argv[3];
	workers = atoi(argv[2]);
	end = time(NULL) + atoi(argv[1]);
	for (i = 0; i < workers; i++) {
		if (!fork())
			work(end, i);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
