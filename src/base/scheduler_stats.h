/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters of the scheduler: one struct per cpu in the kernel, joined by the host. Every member
 * is a u64 that only grows. The host adds them up over the cpus, but for those whose name ends in
 * `_max_ns`, of which it takes the largest.
 */
#pragma once

#include "base/types.h"

/* How long one domain kept another one waiting: seat time that was idle meanwhile. */
struct forced_time {
  u64 holder; /* cgroup ids */
  u64 waiter;
  u64 ns;
};
#define FORCED_PAIRS_MAX 65536

/* What became of a cgroup's own cpu.max, as in its cpu.stat. */
struct limit_times {
  u64 cgroup; /* id */
  u64 periods;
  u64 throttled_periods; /* in which it was used up */
  u64 throttled_ns;
};
#define LIMITS_MAX 65536

struct scheduler_stats {
  u64 total;                /* tasks handed to the scheduler */
  u64 dispatched;           /* tasks started by it */
  u64 kept;                 /* of which: the running task went on */
  u64 missing;              /* tasks whose cgroup was gone already */
  u64 kicks;                /* interrupts sent to siblings and to idle cpus */
  u64 preemptions;          /* cpus taken by a task of a higher class */
  u64 expirations;          /* turns drained because another domain was owed */
  u64 renewals;             /* turns whose owner was next again */
  u64 waits;                /* looks that found the pair draining or held by several domains */
  u64 empty;                /* looks that found nothing to run */
  u64 next;                 /* turns opened */
  u64 collisions;           /* looks that lost a race for the domain they had chosen */
  u64 cgroup_empty;         /* domains that had no task left when they were looked at */
  u64 challenges;           /* turns cut short by a waking domain that was owed time */
  u64 overdue;              /* domains served for a moment because they had waited too long */
  u64 held;                 /* tasks of a used-up limit that were moved out of a cpu's lane */
  u64 stolen;               /* tasks that a cpu without work moved to its own lane */
  u64 spread;               /* tasks sent off a shared core because another core was idle */
  u64 relooks;              /* looks repeated because a task arrived during the look */
  u64 unsanctioned;         /* starts without a claim: bypass, load, unload */
  u64 unsanctioned_ns;      /* time in windows that such starts opened */
  u64 unsanctioned_max_ns;  /* the longest of them */
  u64 higher_windows;       /* windows opened by a task of a higher class */
  u64 higher_window_ns;     /* time in them */
  u64 higher_window_max_ns; /* the longest of them */
  u64 rival_windows;        /* windows in which tasks of higher classes stood side by side */
  u64 rival_window_ns;      /* time in them */
  u64 rival_window_max_ns;  /* the longest of them */
  u64 move_windows;         /* windows opened by a running task that changed its cgroup */
  u64 move_window_ns;       /* time in them */
  u64 move_window_max_ns;   /* the longest of them */
  u64 forced_idle_ns;       /* idle time forced by siblings */
};

#ifndef __bpf__
#include <stddef.h>

struct scheduler_stat_name {
  const char* name;
  size_t offset;
};

static const struct scheduler_stat_name scheduler_stat_names[] = {
    {"total", offsetof(struct scheduler_stats, total)},
    {"dispatched", offsetof(struct scheduler_stats, dispatched)},
    {"kept", offsetof(struct scheduler_stats, kept)},
    {"missing", offsetof(struct scheduler_stats, missing)},
    {"kicks", offsetof(struct scheduler_stats, kicks)},
    {"preemptions", offsetof(struct scheduler_stats, preemptions)},
    {"expirations", offsetof(struct scheduler_stats, expirations)},
    {"renewals", offsetof(struct scheduler_stats, renewals)},
    {"waits", offsetof(struct scheduler_stats, waits)},
    {"empty", offsetof(struct scheduler_stats, empty)},
    {"next", offsetof(struct scheduler_stats, next)},
    {"collisions", offsetof(struct scheduler_stats, collisions)},
    {"cgroup_empty", offsetof(struct scheduler_stats, cgroup_empty)},
    {"challenges", offsetof(struct scheduler_stats, challenges)},
    {"overdue", offsetof(struct scheduler_stats, overdue)},
    {"held", offsetof(struct scheduler_stats, held)},
    {"stolen", offsetof(struct scheduler_stats, stolen)},
    {"spread", offsetof(struct scheduler_stats, spread)},
    {"relooks", offsetof(struct scheduler_stats, relooks)},
    {"unsanctioned", offsetof(struct scheduler_stats, unsanctioned)},
    {"unsanctioned_ns", offsetof(struct scheduler_stats, unsanctioned_ns)},
    {"unsanctioned_max_ns", offsetof(struct scheduler_stats, unsanctioned_max_ns)},
    {"higher_windows", offsetof(struct scheduler_stats, higher_windows)},
    {"higher_window_ns", offsetof(struct scheduler_stats, higher_window_ns)},
    {"higher_window_max_ns", offsetof(struct scheduler_stats, higher_window_max_ns)},
    {"rival_windows", offsetof(struct scheduler_stats, rival_windows)},
    {"rival_window_ns", offsetof(struct scheduler_stats, rival_window_ns)},
    {"rival_window_max_ns", offsetof(struct scheduler_stats, rival_window_max_ns)},
    {"move_windows", offsetof(struct scheduler_stats, move_windows)},
    {"move_window_ns", offsetof(struct scheduler_stats, move_window_ns)},
    {"move_window_max_ns", offsetof(struct scheduler_stats, move_window_max_ns)},
    {"forced_idle_ns", offsetof(struct scheduler_stats, forced_idle_ns)},
};
#endif
