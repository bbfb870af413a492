// SPDX-License-Identifier: GPL-2.0-only
/*
 * A great many processes which do nothing and cost little: they share one memory.
 *
 *	crowd COUNT
 *
 * Prints "ready" once all are there; they die with it.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What a child needs between its beginning and pause(), signals excluded. */
#define STACK 2048

/* Shares all of our memory, errno included: nothing but system calls here. */
static int wait_for_ever(void *parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != (pid_t)(long)parent)
		_exit(0);
	for (;;)
		pause();
	return 0;
}

int main(int argc, char **argv)
{
	long parent = getpid();
	char *stacks;
	int count, i;

	if (argc != 2) {
		fprintf(stderr, "usage: crowd COUNT\n");
		return 2;
	}
	count = atoi(argv[1]);
	stacks = mmap(NULL, (size_t)count * STACK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stacks == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (i = 1; i <= count; i++) {
		if (clone(wait_for_ever, stacks + (size_t)i * STACK,
			  CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, (void *)parent) < 0) {
			perror("clone");
			return 1;
		}
	}
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
