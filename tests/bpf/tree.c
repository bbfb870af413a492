// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree of stopped processes of several kinds, whose figures do not change while they are read.
 *
 *	tree COUNT SEED CGROUP_PROCS
 *
 * Moves itself into the cgroup of the file CGROUP_PROCS and starts COUNT processes. Prints "KIND PID" for each and
 * "ready". For every line on standard input it prints "PID NANOSECONDS" for each, its CPU clock, and "ready" again. At
 * the end of its input it ends them all.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1 << 20)

static const char *const kinds[] = { "plain", "threads", "leaderless", "writer", "user", "shared", "parent" };
enum { PLAIN, THREADS, LEADERLESS, WRITER, USER, SHARED, PARENT, KINDS };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void touch(volatile char *memory, size_t size)
{
	for (size_t at = 0; at < size; at += 4096)
		memory[at] = 1;
}

static void stop(void)
{
	for (;;)
		kill(getpid(), SIGSTOP);
}

static void spin(int milliseconds)
{
	struct timespec now;

	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < milliseconds);
}

static void *wait_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *spin_and_end(void *unused)
{
	spin(5);
	return unused;
}

static void *hold_memory_and_stop(void *leader)
{
	touch(malloc(20 * MIB), 20 * MIB);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Its main thread has ended when it can be joined. */
	pthread_join(*(pthread_t *)leader, NULL);
	stop();
	return NULL;
}

static void threads(void)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++) {
		pthread_create(&thread, NULL, spin_and_end, NULL);
		pthread_join(thread, NULL);
		pthread_create(&thread, NULL, wait_forever, NULL);
	}
	touch(malloc(3 * MIB), 3 * MIB);
}

static void end_main_thread(void)
{
	static pthread_t leader;
	pthread_t thread;

	leader = pthread_self();
	pthread_create(&thread, NULL, hold_memory_and_stop, &leader);
	pthread_exit(NULL);
}

static void write_file(void)
{
	char path[] = "/var/tmp/vigia-tree-XXXXXX";
	static char buffer[MIB];
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, buffer, sizeof(buffer)) != sizeof(buffer) || fsync(fd))
		die(path);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (pread(fd, buffer, sizeof(buffer) / 2, 0) < 0)
		die(path);
	unlink(path);
	close(fd);
}

static void leave_zombie(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (!child)
		_exit(0);
	/* Waits without collecting it. */
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
}

static void become(int kind, unsigned int seed)
{
	char name[16] = {};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srand(seed);
	for (int i = 0; i < 15; i++)
		name[i] = 1 + rand() % 255;
	if (kind != PLAIN || seed % 3)
		prctl(PR_SET_NAME, name);
	if (kind == THREADS)
		threads();
	if (kind == LEADERLESS)
		end_main_thread();
	if (kind == WRITER)
		write_file();
	if (kind == USER) {
		if (seteuid(65534))
			die("seteuid");
		/* The change of user has cleared it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	if (kind == SHARED)
		touch(mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 8 * MIB);
	if (kind == PARENT)
		leave_zombie();
	stop();
}

static void join_cgroup(const char *procs)
{
	FILE *file = fopen(procs, "w");

	if (!file || fprintf(file, "%d", getpid()) < 0 || fclose(file))
		die(procs);
}

static void print_clock(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		die("clock");
	printf("%d %lld\n", pid, time.tv_sec * 1000000000LL + time.tv_nsec);
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int count = argc == 4 ? atoi(argv[1]) : 0;
	pid_t *pids = calloc(count, sizeof(*pids));
	char line[64];
	int i, status;

	if (!count)
		die("usage: tree COUNT SEED CGROUP_PROCS");
	join_cgroup(argv[3]);
	for (i = 0; i < count; i++) {
		/* Most are plain: the others cost memory. */
		int kind = i < 4 * KINDS ? i % KINDS : PLAIN;

		pids[i] = fork();
		if (pids[i] < 0)
			die("fork");
		if (!pids[i])
			become(kind, atoi(argv[2]) + i);
		printf("%s %d\n", kinds[kind], pids[i]);
	}
	for (i = 0; i < count; i++)
		if (waitpid(pids[i], &status, WUNTRACED) < 0 || !WIFSTOPPED(status)) {
			fprintf(stderr, "process %d of kind %s has ended\n", pids[i], kinds[i % KINDS]);
			return 1;
		}
	ready();
	while (fgets(line, sizeof(line), stdin)) {
		for (i = 0; i < count; i++)
			print_clock(pids[i]);
		ready();
	}
	/* The others follow by PR_SET_PDEATHSIG, too. */
	for (i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < count; i++)
		waitpid(pids[i], &status, 0);
	return 0;
}
