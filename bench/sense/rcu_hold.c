// SPDX-License-Identifier: GPL-2.0-only
/*
 * Estimates how long the module stays in one RCU read-side section, on a machine where it
 * cannot be loaded: takes the same steps as kernel/common/pid_snapshot.c over structures of
 * the same size and layout, with cold and with warm caches.
 *
 *	rcu_hold [COUNT]	default 1024, the module's batch size
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define ROUNDS 101
#define CACHES (256 << 20)

struct pid {
	atomic_int count;
	char rest[124];
};

/* Some 9 KiB, with the list and the pid in different cache lines. */
struct task {
	char before[2048];
	struct task *next;
	char between[1016];
	struct pid *pid;
	char behind[6144];
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static double fill(struct task *first, struct pid **pids)
{
	double begin = now_us();
	struct task *task;

	for (task = first; task; task = task->next) {
		atomic_fetch_add_explicit(&task->pid->count, 1, memory_order_relaxed);
		*pids++ = task->pid;
	}
	return now_us() - begin;
}

/* Allocates in huge pages, like the kernel's direct mapping of memory. */
static void *huge(size_t size)
{
	void *memory = aligned_alloc(2 << 20, (size + (2 << 20) - 1) & -(2UL << 20));

	if (!memory)
		exit(1);
	madvise(memory, size, MADV_HUGEPAGE);
	return memset(memory, 0, size);
}

/* Evicts everything else from the CPU caches. */
static void spoil(char *caches, int round)
{
	memset(caches, round, CACHES);
	__asm__ volatile("" : : "r"(caches) : "memory");
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1024, i, round;
	double cold[ROUNDS], warm[ROUNDS];
	struct pid **pids, *ids;
	struct task **tasks, *all;
	char *caches;

	if (count < 1)
		return 2;
	pids = huge(count * sizeof(*pids));
	tasks = huge(count * sizeof(*tasks));
	all = huge(count * sizeof(*all));
	ids = huge(count * sizeof(*ids));
	caches = huge(CACHES);
	for (i = 0; i < count; i++) {
		tasks[i] = &all[i];
		tasks[i]->pid = &ids[i];
	}
	/* Shuffle: on a real system list neighbours are anywhere in memory. */
	for (i = count - 1; i > 0; i--) {
		int other = rand() % (i + 1);
		struct task *task = tasks[i];

		tasks[i] = tasks[other];
		tasks[other] = task;
	}
	for (i = 0; i + 1 < count; i++)
		tasks[i]->next = tasks[i + 1];

	for (round = 0; round < ROUNDS; round++) {
		spoil(caches, round);
		cold[round] = fill(tasks[0], pids);
		warm[round] = fill(tasks[0], pids);
	}
	qsort(cold, ROUNDS, sizeof(*cold), by_value);
	qsort(warm, ROUNDS, sizeof(*warm), by_value);
	printf("%d processes: %.0f us with cold caches, %.0f us with warm ones; worst of %d: %.0f us\n",
	       count, cold[ROUNDS / 2], warm[ROUNDS / 2], ROUNDS, cold[ROUNDS - 1]);
	return 0;
}
