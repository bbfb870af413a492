// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <net/net_namespace.h>

#include "net_totals.h"
#include "portable.h"

/*
 * Network namespace of a task, or NULL if the task is exiting and has released it.
 * The caller owns the reference.
 */
static struct net *get_task_net(struct task_struct *task)
{
	struct net *net = NULL;

	task_lock(task);
	if (task->nsproxy)
		net = get_net(task->nsproxy->net_ns);
	task_unlock(task);
	return net;
}

/*
 * Network namespace of a process, taken from any thread: the leader may have exited
 * before the others. The caller owns the reference.
 */
static struct net *get_process_net(struct task_struct *leader)
{
	struct task_struct *thread;
	struct net *net = NULL;

	rcu_read_lock();
	for_each_thread(leader, thread) {
		net = get_task_net(thread);
		if (net)
			break;
	}
	rcu_read_unlock();
	return net;
}

static void add_devices(struct net *net, struct net_totals *totals)
{
	struct net_device *device;

	rcu_read_lock();
	for_each_netdev_rcu(net, device) {
		struct rtnl_link_stats64 storage;
		const struct rtnl_link_stats64 *stats;

		if (device->flags & IFF_LOOPBACK)
			continue;
		stats = dev_get_stats(device, &storage);
		totals->rx_bytes += stats->rx_bytes;
		totals->tx_bytes += stats->tx_bytes;
	}
	rcu_read_unlock();
}

/**
 * net_totals_take() - sum the traffic of the network devices that a process sees
 * @leader: thread group leader; the caller holds a reference
 * @totals: the result, without loopback devices. UNKNOWN if the process is exiting, or
 *          is in the host's network namespace, where it cannot be told apart from
 *          the traffic of other processes.
 *
 * Does not sleep.
 */
void net_totals_take(struct task_struct *leader, struct net_totals *totals)
{
	struct net *net = get_process_net(leader);

	totals->rx_bytes = UNKNOWN;
	totals->tx_bytes = UNKNOWN;
	if (!net)
		return;
	if (!net_eq(net, &init_net)) {
		totals->rx_bytes = 0;
		totals->tx_bytes = 0;
		add_devices(net, totals);
	}
	put_net(net);
}
