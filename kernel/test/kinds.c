// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the containers of the tests do: one kind of life each, which then stands
 * still, so that it can be looked at.
 *
 *	kinds threads N			N threads work a little; the leader never does
 *	kinds leaderless MB		the leader exits, a thread stays and has the memory
 *	kinds children N MS		N children, each gone after MS of CPU time
 *	kinds mapped FILE MB		a mapped file and shared memory, both in two processes
 *	kinds tree DEPTH [CGROUPS]	each process the child of the one before; in a
 *					cgroup of its own below that one's
 *	kinds disk FILE MB		writes to the disk, and reads it back from there
 *	kinds listen PORT		takes what comes from one connection
 *	kinds send ADDRESS PORT BYTES
 *	kinds burn MS			uses MS of CPU time, and ends
 *	kinds idle
 *
 * Each process is called "ready" once it will do nothing any more.
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

static void rest(void)
{
	for (;;)
		pause();
}

static void be_ready(void)
{
	prctl(PR_SET_NAME, "ready");
	rest();
}

static long clock_ms(clockid_t clock)
{
	struct timespec used;

	clock_gettime(clock, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/*
 * Until so much CPU time more is used, however long that takes. Not counted is what
 * the runtime used before it became this program, perhaps in a cgroup of its own.
 */
static void work(clockid_t clock, long ms)
{
	long begin = clock_ms(clock);

	while (clock_ms(clock) - begin <= ms)
		;
}

static pthread_barrier_t everybody;

static void *work_and_rest(void *unused)
{
	work(CLOCK_THREAD_CPUTIME_ID, 10);
	pthread_barrier_wait(&everybody);
	rest();
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

	pthread_barrier_init(&everybody, NULL, count + 1);
	for (i = 0; i < count; i++)
		start_thread(work_and_rest, NULL);
	pthread_barrier_wait(&everybody);
	be_ready();
}

static void *populate(void *size)
{
	void *memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	pthread_barrier_wait(&everybody);
	rest();
	return memory;
}

static void leaderless(size_t size)
{
	pthread_barrier_init(&everybody, NULL, 2);
	start_thread(populate, (void *)size);
	pthread_barrier_wait(&everybody);
	prctl(PR_SET_NAME, "ready");
	syscall(SYS_exit, 0);
}

static void children(int count, long ms)
{
	while (count-- > 0) {
		pid_t pid = fork();

		if (!pid) {
			work(CLOCK_PROCESS_CPUTIME_ID, ms);
			_exit(0);
		}
		if (waitpid(pid, NULL, 0) != pid)
			fail("waitpid");
	}
	be_ready();
}

/* Forks a child which does the rest of it; comes back once it has. */
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
		be_ready();
	}
	if (read(ready[0], &byte, 1) != 1)
		fail("a child which maps the same");
	be_ready();
}

static void enter(const char *cgroup)
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

/* Nobody writes to the pipe: it ends when the last one who holds it lets go. */
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
			enter(path);
		}
	}
	close(below[1]);
	if (read(below[0], &byte, 1))
		fail("read");
	be_ready();
}

static void disk(const char *path, size_t size)
{
	char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (buffer == MAP_FAILED || fd < 0 || write(fd, buffer, size) != (ssize_t)size ||
	    fsync(fd))
		fail(path);
	/* Clean now, so the kernel can forget it: what is read comes from the disk. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	if (pread(fd, buffer, size, 0) != (ssize_t)size)
		fail(path);
	munmap(buffer, size);
	be_ready();
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
	be_ready();
}

static void send_to(const char *address, int port, size_t bytes)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(port) };
	static char buffer[65536];
	struct timespec moment = { 0, 50000000 };
	int fd;

	inet_pton(AF_INET, address, &there.sin_addr);
	/* Until somebody is there. */
	for (;;) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (!connect(fd, (struct sockaddr *)&there, sizeof(there)))
			break;
		close(fd);
		nanosleep(&moment, NULL);
	}
	while (bytes) {
		size_t want = bytes < sizeof(buffer) ? bytes : sizeof(buffer);
		ssize_t got = write(fd, buffer, want);

		if (got < 0)
			fail("write");
		bytes -= got;
	}
	/* Closed by the other end once all is there. */
	shutdown(fd, SHUT_WR);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
	be_ready();
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (!strcmp(kind, "threads") && argc == 3)
		threads(atoi(argv[2]));
	else if (!strcmp(kind, "leaderless") && argc == 3)
		leaderless(atoi(argv[2]) * MB);
	else if (!strcmp(kind, "children") && argc == 4)
		children(atoi(argv[2]), atoi(argv[3]));
	else if (!strcmp(kind, "mapped") && argc == 4)
		mapped(argv[2], atoi(argv[3]) * MB);
	else if (!strcmp(kind, "tree") && (argc == 3 || argc == 4))
		tree(atoi(argv[2]), argv[3]);
	else if (!strcmp(kind, "disk") && argc == 4)
		disk(argv[2], atoi(argv[3]) * MB);
	else if (!strcmp(kind, "listen") && argc == 3)
		listen_on(atoi(argv[2]));
	else if (!strcmp(kind, "send") && argc == 5)
		send_to(argv[2], atoi(argv[3]), atol(argv[4]));
	else if (!strcmp(kind, "burn") && argc == 3)
		return work(CLOCK_PROCESS_CPUTIME_ID, atoi(argv[2])), 0;
	else if (!strcmp(kind, "idle") && argc == 2)
		be_ready();
	fprintf(stderr, "usage: kinds threads N | leaderless MB | children N MS | mapped "
			"FILE MB | tree DEPTH [CGROUPS] | disk FILE MB | listen PORT | "
			"send ADDRESS PORT BYTES | burn MS | idle\n");
	return 2;
}
