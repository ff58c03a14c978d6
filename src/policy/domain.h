/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Isolation domains and virtual time: the two quantities every decision compares.
 *
 * A domain is what may share a core. Its id is the id of its cgroup, which the kernel never gives
 * twice while the machine is up, so comparing ids is comparing domains even after one has died.
 */
#pragma once

#include "base/types.h"

/* Nobody: an idle cpu, or no claim. No cgroup has id 0. */
#define DOMAIN_NONE 0ull
/* Kernel threads where they are trusted: agree with every domain. No cgroup has this id. */
#define DOMAIN_TRUSTED (~0ull)
/* The root cgroup: tasks that are in no other, and autogroups. */
#define DOMAIN_ROOT 1ull

/*
 * Weights, of domains and of tasks, are counted in this part of a cpu.weight of 1: what a deeply
 * nested cgroup is left with may be less than that.
 */
#define WEIGHT_UNIT 65536u
/* cpu.weight of a cgroup that nobody has set, and the weight of a nice 0 task. */
#define WEIGHT_DEFAULT (100u * WEIGHT_UNIT)

/* Whether tasks of @a and @b may be in user mode on one pair at the same time. */
static inline bool domains_agree(u64 a, u64 b)
{
	return a == b || a == DOMAIN_NONE || b == DOMAIN_NONE || a == DOMAIN_TRUSTED ||
	       b == DOMAIN_TRUSTED;
}

/* Whether @domain constrains its siblings at all. */
static inline bool domain_excludes(u64 domain)
{
	return domain != DOMAIN_NONE && domain != DOMAIN_TRUSTED;
}

/*
 * Who runs only in what others leave (cpu.idle, SCHED_IDLE) is further ahead than everybody else by
 * this much. Virtual times themselves are below half of it: 36 years of weight 100.
 */
#define VTIME_LEFTOVER (1ull << 61)

/* The difference of two virtual times is signed, so that order holds across a wrap. */
static inline bool vtime_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* The weight, in WEIGHT_UNIT, of a cpu.weight or of sched_ext's weight of a task: 1..10000. */
static inline u32 weight_of(u32 cpu_weight)
{
	return (cpu_weight ? cpu_weight : 1) * WEIGHT_UNIT;
}

/* No charge is higher than this: far below VTIME_LEFTOVER, and years of WEIGHT_DEFAULT. */
#define VTIME_COST_MOST (1ull << 56)

/* The virtual time, in ns of WEIGHT_DEFAULT, that @ran_ns cost somebody of @weight, in WEIGHT_UNIT:
 * exact, up to VTIME_COST_MOST. Whole and rest are charged apart, because their sum times
 * WEIGHT_DEFAULT would not fit 64 bits after 46 minutes. */
static inline u64 vtime_cost(u64 ran_ns, u32 weight)
{
	u64 divisor = weight ? weight : 1;
	u64 whole = ran_ns / divisor;
	u64 rest = ran_ns - whole * divisor;

	if (whole >= VTIME_COST_MOST / WEIGHT_DEFAULT)
		return VTIME_COST_MOST;
	return whole * WEIGHT_DEFAULT + rest * WEIGHT_DEFAULT / divisor;
}

/* How long ago @since_ns was. A clock that is read before a lock is taken may be behind what the
 * lock's last holder has written: then that was just now. */
static inline u64 ns_since(u64 since_ns, u64 now_ns)
{
	return now_ns > since_ns ? now_ns - since_ns : 0;
}

/* Whether somebody of virtual time @vtime runs only in what others leave. */
static inline bool vtime_is_leftover(u64 vtime)
{
	return vtime >= VTIME_LEFTOVER / 2;
}

/* @vtime as one of somebody who runs only in what others leave, or as that of anybody else. */
static inline u64 vtime_ranked(u64 vtime, bool leftover)
{
	u64 plain = vtime_is_leftover(vtime) ? vtime - VTIME_LEFTOVER : vtime;

	return leftover ? plain + VTIME_LEFTOVER : plain;
}

/*
 * Where somebody that slept joins in again. It may not be further behind @now than @credit_ns, or
 * sleeping would hoard time that later starves the others.
 */
static inline u64 vtime_join(u64 own, u64 now, u64 credit_ns)
{
	return vtime_before(own, now - credit_ns) ? now - credit_ns : own;
}

/* Where somebody joins in that may not be further ahead of @now than @lead_ns: nobody waits longer
 * than it takes the others to get there. */
static inline u64 vtime_clamp(u64 own, u64 now, u64 lead_ns)
{
	return vtime_before(now + lead_ns, own) ? now + lead_ns : own;
}
