/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_CONTAINER_CHECK_H
#define VIGIA_TEST_CONTAINER_CHECK_H

struct cgroups;
struct json;
struct field_check;
struct proc_snapshot;

/* Processes and containers of the host, read at one moment. */
struct host_state {
	const struct proc_snapshot *processes;
	const struct cgroups *cgroups;
};

/*
 * Compares every container of @report with what cgroupfs and /proc showed before and
 * after the report was read.
 */
void container_check(const struct json *report, const struct host_state *before,
		     const struct host_state *after);

/* Returns the results for all containers so far. */
const struct field_check *container_checks(int *count);

#endif
