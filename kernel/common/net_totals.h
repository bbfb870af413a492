/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_NET_TOTALS_H
#define VIGIA_NET_TOTALS_H

#include <linux/types.h>

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

void net_totals_take(struct task_struct *leader, struct net_totals *totals);

#endif
