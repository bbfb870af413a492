// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "net_totals.h"
#include "portable.h"
#include "read_gfp.h"

#define DEVICES_MAX 1024

/**
 * struct net_sum - traffic of one network namespace
 * @net: the namespace; a reference, so that its number is not given to another one
 * @totals: sum over its devices
 */
struct net_sum {
	struct net *net;
	struct net_totals totals;
};

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

/*
 * Sums all devices in one RCU read-side section, so their number must be limited: any
 * user can create as many as fit into memory. The result is UNKNOWN if there are more.
 */
static void sum_devices(struct net *net, struct net_totals *totals)
{
	struct net_device *device;
	int count = 0;

	totals->rx_bytes = 0;
	totals->tx_bytes = 0;
	rcu_read_lock();
	for_each_netdev_rcu(net, device) {
		struct rtnl_link_stats64 storage;
		const struct rtnl_link_stats64 *stats;

		if (device->flags & IFF_LOOPBACK)
			continue;
		if (++count > DEVICES_MAX) {
			totals->rx_bytes = UNKNOWN;
			totals->tx_bytes = UNKNOWN;
			break;
		}
		stats = dev_get_stats(device, &storage);
		totals->rx_bytes += stats->rx_bytes;
		totals->tx_bytes += stats->tx_bytes;
	}
	rcu_read_unlock();
}

/*
 * Sums the devices of @net and stores the result under its number. Takes over the
 * reference to @net. Returns NULL without memory.
 */
static struct net_sum *add_sum(struct net_sums *sums, struct net *net)
{
	struct net_sum *sum = kmalloc(sizeof(*sum), READ_GFP);

	if (!sum)
		goto put;
	sum->net = net;
	sum_devices(net, &sum->totals);
	if (xa_err(xa_store(&sums->by_inum, net->ns.inum, sum, READ_GFP)))
		goto free;
	return sum;
free:
	kfree(sum);
put:
	put_net(net);
	return NULL;
}

/**
 * net_sums_init() - start with no sums
 * @sums: the sums; freed with net_sums_free()
 */
void net_sums_init(struct net_sums *sums)
{
	xa_init_flags(&sums->by_inum, XA_FLAGS_ACCOUNT);
}

/**
 * net_sums_take() - sum the traffic of the network devices that a process sees
 * @sums: what was summed before: each network namespace is summed once
 * @leader: thread group leader; the caller holds a reference
 * @totals: the result, without loopback devices. UNKNOWN if the process is exiting, has
 *          too many devices, or is in the host's network namespace, where its traffic
 *          cannot be told apart from that of other processes.
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int net_sums_take(struct net_sums *sums, struct task_struct *leader,
		  struct net_totals *totals)
{
	struct net *net = get_process_net(leader);
	struct net_sum *sum;

	totals->rx_bytes = UNKNOWN;
	totals->tx_bytes = UNKNOWN;
	if (!net)
		return 0;
	if (net_eq(net, &init_net)) {
		put_net(net);
		return 0;
	}
	sum = xa_load(&sums->by_inum, net->ns.inum);
	if (sum)
		put_net(net);
	else
		sum = add_sum(sums, net);
	if (!sum)
		return -ENOMEM;
	*totals = sum->totals;
	return 0;
}

/**
 * net_sums_free() - put the namespaces and free the sums
 * @sums: the sums; empty afterwards
 */
void net_sums_free(struct net_sums *sums)
{
	struct net_sum *sum;
	unsigned long inum;

	xa_for_each(&sums->by_inum, inum, sum) {
		put_net(sum->net);
		kfree(sum);
	}
	xa_destroy(&sums->by_inum);
}
