/* SPDX-License-Identifier: GPL-2.0-only */
/* Low consumption: waits for a signal and uses nothing meanwhile. Usage: vigia-idle */
#include "../common.h"

int main(int argc, char **argv)
{
	leave_on_signal();
	if (argc > 1) {
		fprintf(stderr, "%s: takes no argument, %d were given\n", argv[0], argc - 1);
		return EXIT_BAD_VALUE;
	}
	for (;;)
		pause();
}
