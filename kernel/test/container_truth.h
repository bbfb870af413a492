/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_TEST_CONTAINER_TRUTH_H
#define VIGIA_TEST_CONTAINER_TRUTH_H

struct cgroups;
struct json;
struct truth;
struct world;

/* What was seen at one moment. */
struct moment {
	const struct world *world;
	const struct cgroups *cgroups;
};

/* Holds every container of @report against cgroupfs and /proc before and after. */
void container_truth(const struct json *report, const struct moment *before,
		     const struct moment *after);

/* How all of them fared so far. */
const struct truth *container_truths(int *count);

#endif
