/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_NET_TOTALS_H
#define VIGIA_NET_TOTALS_H

#include <linux/types.h>
#include <linux/xarray.h>

struct task_struct;

/**
 * struct net_totals - traffic of the devices of a network namespace
 * @rx_bytes: bytes received, or UNKNOWN
 * @tx_bytes: bytes sent, or UNKNOWN
 */
struct net_totals {
	u64 rx_bytes;
	u64 tx_bytes;
};

/**
 * struct net_sums - traffic of the network namespaces met during one walk
 * @by_inum: struct net_sum by the number of the namespace; owned
 *
 * Many containers can share a namespace, and each could have many devices.
 */
struct net_sums {
	struct xarray by_inum;
};

void net_sums_init(struct net_sums *sums);
int net_sums_take(struct net_sums *sums, struct task_struct *leader,
		  struct net_totals *totals);
void net_sums_free(struct net_sums *sums);

#endif
