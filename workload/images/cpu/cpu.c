/* SPDX-License-Identifier: GPL-2.0-only */
/* High consumption, CPU: burns a steady share of one core. Usage: vigia-cpu [PERCENT] */
#include <stdint.h>
#include <time.h>

#include "../common.h"

enum { LEAST_PERCENT = 20, DEFAULT_PERCENT = 25, MOST_PERCENT = 100 };

#define PERIOD_NS INT64_C(50000000)
#define LARGEST_DEBT_NS INT64_C(250000000)

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void sleep_until(int64_t wall)
{
	struct timespec then = { .tv_sec = wall / 1000000000, .tv_nsec = wall % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
}

/* Long enough that reading the clock is not the work, short enough to stop in time when emulated. */
static void compute_a_little(void)
{
	static volatile uint64_t sink;
	uint64_t value = sink;

	for (int i = 0; i < 20000; i++)
		value = value * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	sink = value;
}

/*
 * The share is what the kernel accounted to this process over wall time, not a count of rounds: it
 * holds on any processor, on a busy host and under emulation.
 */
static _Noreturn void burn(int64_t percent)
{
	int64_t wall_origin = read_clock(CLOCK_MONOTONIC);
	int64_t cpu_origin = read_clock(CLOCK_PROCESS_CPUTIME_ID);

	for (;;) {
		int64_t period_end = read_clock(CLOCK_MONOTONIC) + PERIOD_NS;
		int64_t due = cpu_origin + (period_end - wall_origin) / 100 * percent;

		/*
		 * After a pause or a throttle the debt is forgotten: paying it back at full speed
		 * would punish the very host that was just relieved.
		 */
		if (due - read_clock(CLOCK_PROCESS_CPUTIME_ID) > LARGEST_DEBT_NS) {
			wall_origin = period_end - PERIOD_NS;
			cpu_origin = read_clock(CLOCK_PROCESS_CPUTIME_ID);
			continue;
		}
		while (read_clock(CLOCK_PROCESS_CPUTIME_ID) < due)
			compute_a_little();
		sleep_until(period_end);
	}
}

int main(int argc, char **argv)
{
	long percent;

	leave_on_signal();
	percent = number_given(argc, argv, "VIGIA_CPU_PERCENT", LEAST_PERCENT, MOST_PERCENT,
			       DEFAULT_PERCENT);
	printf("vigia-cpu: burning %ld %% of one core\n", percent);
	fflush(stdout);
	/*
	 * One point more than asked for: a window that opens after a burst and closes before one
	 * must still show at least the percentage that was asked for.
	 */
	burn(percent < MOST_PERCENT ? percent + 1 : percent);
}
