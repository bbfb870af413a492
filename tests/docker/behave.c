// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs of test containers that busybox does not have. Each ends on SIGTERM.
 *
 *   behave hold MIB             holds so much anonymous memory
 *   behave shared KIB CHILDREN  so many children share so much memory with their parent
 *   behave mainexit MIB         a second thread holds the memory; the first one has ended
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096L

static long bytes;

static void rest(void)
{
	for (;;)
		pause();
}

static void touch(volatile char *memory)
{
	for (long at = 0; at < bytes; at += PAGE)
		memory[at] = 1;
}

static void *map(int sharing)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	return memory;
}

static void *hold(void *unused)
{
	touch(map(MAP_PRIVATE));
	rest();
	return unused;
}

int main(int count, char **words)
{
	const char *what = count > 2 ? words[1] : "";
	pthread_t other;

	signal(SIGTERM, _exit);
	bytes = count > 2 ? atol(words[2]) << 20 : 0;
	if (!strcmp(what, "hold"))
		hold(NULL);
	if (!strcmp(what, "mainexit")) {
		pthread_create(&other, NULL, hold, NULL);
		pthread_exit(NULL);
	}
	if (!strcmp(what, "shared") && count > 3) {
		char *memory;

		bytes >>= 10;
		memory = map(MAP_SHARED);
		touch(memory);
		for (int n = atoi(words[3]); n > 0; n--) {
			if (fork())
				continue;
			touch(memory);
			rest();
		}
		rest();
	}
	return 2;
}
