// SPDX-License-Identifier: GPL-2.0-only
/*
 * Program that runs in the containers of the tests. It produces one kind of load, then
 * stays idle so that its counters can be compared.
 *
 *	threads N		N threads use some CPU time; the leader does not
 *	leaderless MB		the leader exits; a thread with the memory remains
 *	children N MS		N children in turn, each exits after MS of CPU time
 *	mapped FILE MB		a mapped file and shared memory, both in two processes
 *	tree DEPTH [CGROUPS]	a chain of DEPTH processes; with CGROUPS each in its
 *				own cgroup below that of its parent
 *	disk FILE MB		writes a file to disk and reads it back from there
 *	listen PORT		receives from one connection until it is closed
 *	send ADDRESS PORT BYTES	connects and sends BYTES
 *	burn MS			uses MS of CPU time and exits
 *	idle			does nothing
 *
 * A process takes the name "ready" when it becomes idle.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MB (1UL << 20)

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void sleep_forever(void)
{
	for (;;)
		pause();
}

static void finish(void)
{
	prctl(PR_SET_NAME, "ready");
	sleep_forever();
}

static long clock_ms(clockid_t clock)
{
	struct timespec used;

	clock_gettime(clock, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/*
 * Uses @ms of CPU time. Measured from now on, because the runtime has used some in this
 * process before it executed this program, perhaps in another cgroup.
 */
static void use_cpu(clockid_t clock, long ms)
{
	long begin = clock_ms(clock);

	while (clock_ms(clock) - begin <= ms)
		;
}

static pthread_barrier_t all_started;

static void *work_and_sleep(void *unused)
{
	use_cpu(CLOCK_THREAD_CPUTIME_ID, 10);
	pthread_barrier_wait(&all_started);
	sleep_forever();
	return unused;
}

static void start_thread(void *(*run)(void *data), void *data)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, run, data);
	if (errno)
		fail("pthread_create");
}

static void threads(int count)
{
	int i;

	pthread_barrier_init(&all_started, NULL, count + 1);
	for (i = 0; i < count; i++)
		start_thread(work_and_sleep, NULL);
	pthread_barrier_wait(&all_started);
	finish();
}

static void *populate_and_sleep(void *size)
{
	void *memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	pthread_barrier_wait(&all_started);
	sleep_forever();
	return memory;
}

static void leaderless(size_t size)
{
	pthread_barrier_init(&all_started, NULL, 2);
	start_thread(populate_and_sleep, (void *)size);
	pthread_barrier_wait(&all_started);
	prctl(PR_SET_NAME, "ready");
	syscall(SYS_exit, 0);
}

static void children(int count, long ms)
{
	while (count-- > 0) {
		pid_t pid = fork();

		if (!pid) {
			use_cpu(CLOCK_PROCESS_CPUTIME_ID, ms);
			_exit(0);
		}
		if (waitpid(pid, NULL, 0) != pid)
			fail("waitpid");
	}
	finish();
}

/* The child reads all pages before the parent becomes ready. */
static void mapped(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), ready[2];
	char *file, *shared, byte;

	if (fd < 0 || ftruncate(fd, size) || pipe(ready))
		fail(path);
	file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (file == MAP_FAILED || shared == MAP_FAILED)
		fail("mmap");
	memset(file, 1, size);
	memset(shared, 1, size);
	fsync(fd);
	if (!fork()) {
		size_t i, sum = 0;

		for (i = 0; i < size; i += 4096)
			sum += ((volatile char *)file)[i] + ((volatile char *)shared)[i];
		if (sum != 2 * (size / 4096) || write(ready[1], "", 1) != 1)
			exit(1);
		finish();
	}
	if (read(ready[0], &byte, 1) != 1)
		fail("read from the child");
	finish();
}

static void enter_new_cgroup(const char *cgroup)
{
	char path[PATH_MAX];
	int fd;

	if (mkdir(cgroup, 0755) && errno != EEXIST)
		fail(cgroup);
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
}

/*
 * Each process waits for the end of a pipe into which no process writes: that comes when
 * the last process of the chain has been started and all write ends are closed.
 */
static void tree(int depth, const char *cgroups)
{
	char path[PATH_MAX], byte;
	int below[2];
	pid_t pid = 0;

	if (pipe(below))
		fail("pipe");
	snprintf(path, sizeof(path), "%s", cgroups ? cgroups : "");
	while (!pid && --depth > 0) {
		pid = fork();
		if (pid < 0)
			fail("fork");
		if (!pid && cgroups) {
			strncat(path, "/inner", sizeof(path) - strlen(path) - 1);
			enter_new_cgroup(path);
		}
	}
	close(below[1]);
	if (read(below[0], &byte, 1))
		fail("read");
	finish();
}

static void disk(const char *path, size_t size)
{
	char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (buffer == MAP_FAILED || fd < 0 || write(fd, buffer, size) != (ssize_t)size ||
	    fsync(fd))
		fail(path);
	/* Drop the pages, which are clean now, so that the file is read from disk. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	if (pread(fd, buffer, size, 0) != (ssize_t)size)
		fail(path);
	munmap(buffer, size);
	finish();
}

static void listen_on(int port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	char buffer[65536];

	if (bind(listener, (struct sockaddr *)&here, sizeof(here)) || listen(listener, 1))
		fail("listen");
	fd = accept(listener, NULL, NULL);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
	finish();
}

static void send_to(const char *address, int port, size_t bytes)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(port) };
	static char buffer[65536];
	struct timespec delay = { 0, 50000000 };
	int fd;

	inet_pton(AF_INET, address, &there.sin_addr);
	/* Retry until the other container listens. */
	for (;;) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (!connect(fd, (struct sockaddr *)&there, sizeof(there)))
			break;
		close(fd);
		nanosleep(&delay, NULL);
	}
	while (bytes) {
		size_t want = bytes < sizeof(buffer) ? bytes : sizeof(buffer);
		ssize_t got = write(fd, buffer, want);

		if (got < 0)
			fail("write");
		bytes -= got;
	}
	/* The other end closes the connection when it has received everything. */
	shutdown(fd, SHUT_WR);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
	finish();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (!strcmp(mode, "threads") && argc == 3)
		threads(atoi(argv[2]));
	else if (!strcmp(mode, "leaderless") && argc == 3)
		leaderless(atoi(argv[2]) * MB);
	else if (!strcmp(mode, "children") && argc == 4)
		children(atoi(argv[2]), atoi(argv[3]));
	else if (!strcmp(mode, "mapped") && argc == 4)
		mapped(argv[2], atoi(argv[3]) * MB);
	else if (!strcmp(mode, "tree") && (argc == 3 || argc == 4))
		tree(atoi(argv[2]), argv[3]);
	else if (!strcmp(mode, "disk") && argc == 4)
		disk(argv[2], atoi(argv[3]) * MB);
	else if (!strcmp(mode, "listen") && argc == 3)
		listen_on(atoi(argv[2]));
	else if (!strcmp(mode, "send") && argc == 5)
		send_to(argv[2], atoi(argv[3]), atol(argv[4]));
	else if (!strcmp(mode, "burn") && argc == 3)
		return use_cpu(CLOCK_PROCESS_CPUTIME_ID, atoi(argv[2])), 0;
	else if (!strcmp(mode, "idle") && argc == 2)
		finish();
	fprintf(stderr,
		"usage: container_workload threads N | leaderless MB | children N MS | mapped "
		"FILE MB | tree DEPTH [CGROUPS] | disk FILE MB | listen PORT | "
		"send ADDRESS PORT BYTES | burn MS | idle\n");
	return 2;
}
