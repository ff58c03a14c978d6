/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters of the scheduler: one struct per cpu in the kernel, summed by the host. Every member
 * is a u64 that only grows, so that the host can print totals and deltas without knowing any name.
 */
#pragma once

#include "base/types.h"

struct scheduler_stats {
	u64 total;		/* tasks handed to the scheduler */
	u64 dispatched;		/* tasks started by it */
	u64 missing;		/* tasks or cgroups gone between two looks */
	u64 kicks;		/* siblings asked to leave */
	u64 preemptions;	/* cpus lost to a higher class */
	u64 expirations;	/* turns ended by time */
	u64 waits;		/* looks that found the group draining */
	u64 empty;		/* looks that found nothing eligible */
	u64 next;		/* turns begun */
	u64 collisions;		/* turns begun by a sibling meanwhile */
	u64 cgroup_empty;	/* turns ended because nothing was left */
	u64 unsanctioned;	/* starts the ownership check had to end */
	u64 forced_idle_ns;	/* time spent idle while a stranger waited */
};

#ifndef __bpf__
#include <stddef.h>

struct scheduler_stat_name {
	const char *name;
	size_t offset;
};

static const struct scheduler_stat_name scheduler_stat_names[] = {
	{"total", offsetof(struct scheduler_stats, total)},
	{"dispatched", offsetof(struct scheduler_stats, dispatched)},
	{"missing", offsetof(struct scheduler_stats, missing)},
	{"kicks", offsetof(struct scheduler_stats, kicks)},
	{"preemptions", offsetof(struct scheduler_stats, preemptions)},
	{"expirations", offsetof(struct scheduler_stats, expirations)},
	{"waits", offsetof(struct scheduler_stats, waits)},
	{"empty", offsetof(struct scheduler_stats, empty)},
	{"next", offsetof(struct scheduler_stats, next)},
	{"collisions", offsetof(struct scheduler_stats, collisions)},
	{"cgroup_empty", offsetof(struct scheduler_stats, cgroup_empty)},
	{"unsanctioned", offsetof(struct scheduler_stats, unsanctioned)},
	{"forced_idle_ns", offsetof(struct scheduler_stats, forced_idle_ns)},
};
#endif
