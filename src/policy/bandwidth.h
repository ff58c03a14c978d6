/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.max: how much cpu time a cgroup may use in each of its periods, with all that is below it.
 *
 * As the kernel's own scheduler has it: a period begins with the quota, plus what earlier ones left
 * over, of which no more than the burst is kept; what was used beyond is taken from the next one.
 * Time is taken before it is used, a slice at a time, and what a task has not used it gives back.
 * So cpus that start at once do not all take the same rest.
 *
 * Changed by atomics, without a lock: each time a period ends, one of those who see it wins the
 * exchange of its end, and refills. Who asks in between sees the old rest, and stops too early by
 * one look.
 */
#pragma once

#include "base/arena.h"
#include "base/types.h"

struct bandwidth {
	u64 quota_ns; /* of cpu time in each period; 0: no limit */
	u64 period_ns;
	u64 burst_ns;
	s64 left_ns;		/* of this period; below 0: used ahead */
	u64 until_ns;		/* the end of this period; 0: none has begun */
	u64 periods;		/* that have ended, but not those without a sign of life */
	u64 throttled_periods;	/* of which: used up */
	u64 throttled_ns;	/* time for which nothing was left */
	u64 throttled_since_ns; /* nothing is left since then; 0: something is */
};

/* Whether that much in each period limits anybody on @nr_cpus cpus. Of a limit that does not, each
 * cpu would still have to wait for what another one has taken and not given back. */
static inline bool bandwidth_binds(u64 quota_ns, u64 period_ns, u32 nr_cpus)
{
	return quota_ns < period_ns * nr_cpus;
}

/* A new limit. @quota_ns 0 lifts it. Requires: @period_ns > 0. */
static inline void bandwidth_set(struct bandwidth __arena *b, u64 quota_ns, u64 period_ns,
				 u64 burst_ns)
{
	b->quota_ns = quota_ns;
	b->period_ns = period_ns;
	b->burst_ns = burst_ns;
	b->left_ns = (s64)quota_ns;
	b->until_ns = 0;
	b->throttled_since_ns = 0;
}

/* What is left after @left_ns when @ended periods have ended, in ns. */
static inline s64 bandwidth_refilled(const struct bandwidth __arena *b, s64 left_ns, u64 ended)
{
	s64 most = (s64)(b->quota_ns + b->burst_ns);
	u64 missing;

	if (left_ns >= most)
		return most;
	missing = (u64)(most - left_ns);
	/* So many periods fill it whatever was used ahead; and the product stays small. */
	if (ended > missing / b->quota_ns)
		return most;
	return left_ns + (s64)(ended * b->quota_ns);
}

static inline void bandwidth_count_period(struct bandwidth __arena *b, u64 now_ns)
{
	u64 since_ns = b->throttled_since_ns;

	b->periods++;
	if (!since_ns)
		return;
	b->throttled_periods++;
	if (now_ns > since_ns)
		b->throttled_ns += now_ns - since_ns;
	b->throttled_since_ns = b->left_ns > 0 ? 0 : now_ns;
}

/* Begins the periods that are due by @now_ns. Returns whether this has ended one. */
static inline bool bandwidth_refresh(struct bandwidth __arena *b, u64 now_ns)
{
	u64 until_ns = b->until_ns, ended = 1, next_ns;
	s64 left_ns;

	if (!b->quota_ns || now_ns < until_ns)
		return false;
	if (until_ns)
		ended = (now_ns - until_ns) / b->period_ns + 1;
	next_ns = (until_ns ? until_ns + (ended - 1) * b->period_ns : now_ns) + b->period_ns;
	if (__sync_val_compare_and_swap(&b->until_ns, until_ns, next_ns) != until_ns)
		return false;
	left_ns = b->left_ns;
	/* Others take and give back meanwhile: only the difference is added. */
	__sync_fetch_and_add(&b->left_ns, bandwidth_refilled(b, left_ns, ended) - left_ns);
	if (until_ns)
		bandwidth_count_period(b, now_ns);
	return until_ns;
}

/* Whether nothing is left of this period. */
static inline bool bandwidth_is_used_up(const struct bandwidth __arena *b)
{
	return b->quota_ns && b->left_ns <= 0;
}

/* Takes @ns of this period; a negative number gives back. */
static inline void bandwidth_take(struct bandwidth __arena *b, s64 ns, u64 now_ns)
{
	if (!b->quota_ns)
		return;
	__sync_fetch_and_add(&b->left_ns, -ns);
	if (b->left_ns <= 0) {
		if (!b->throttled_since_ns)
			b->throttled_since_ns = now_ns;
	} else if (ns < 0 && b->throttled_since_ns) {
		/* Everything had been taken, but not used. */
		b->throttled_since_ns = 0;
	}
}

/* The least slice that is worth a start, in ns, if something is left at all. */
#define BANDWIDTH_SLICE_MIN_NS 1000000ull

/* The slice that may be taken of @slice_ns: half of what is left, so that cpus which run beside
 * each other come to the end of it together. */
static inline u64 bandwidth_slice(const struct bandwidth __arena *b, u64 slice_ns)
{
	s64 left_ns = b->left_ns;
	u64 half_ns = left_ns > 0 ? (u64)left_ns / 2 : 0;

	if (!b->quota_ns)
		return slice_ns;
	if (half_ns < BANDWIDTH_SLICE_MIN_NS)
		half_ns = BANDWIDTH_SLICE_MIN_NS;
	return half_ns < slice_ns ? half_ns : slice_ns;
}
