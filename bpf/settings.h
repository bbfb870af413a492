/* SPDX-License-Identifier: GPL-2.0-only */
/* What load.c tells tasks.bpf.c: the only read-only data of the object. */
#ifndef VIGIA_BPF_SETTINGS_H
#define VIGIA_BPF_SETTINGS_H

/* Hosts with more CPUs get approximate resident sizes. */
#define MAX_CPUS 512

struct settings {
	/* Address of the kernel's array __per_cpu_offset. */
	unsigned long long per_cpu_offsets;
	/* They have the numbers 0 to possible_cpus - 1. 0: the per-CPU parts of counters cannot be found. */
	unsigned int possible_cpus;
	unsigned int page_kb;
};

#endif
