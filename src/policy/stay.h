/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the task that runs stays: its slice, and what happens when it is interrupted.
 *
 * These only read the pair, or a seat that only the asking cpu changes; they may be asked without
 * its lock, and then the answer is a hint.
 */
#pragma once

#include "policy/turn.h"

/*
 * Whether the task of seat @me just goes on, although it was interrupted: it has not run for long,
 * and nobody asked it to make room. Kicks that come late, for a task that has left already, hit
 * whoever runs.
 */
static inline bool turn_keeps(const struct pair *pair, u32 me, const struct turn_params *params,
			      u64 now_ns)
{
	const struct seat *seat = pair_seat(pair, me);

	return !seat->yield_ns && now_ns < seat->task_start_ns + params->run_min_ns;
}

/* The task of seat @me lets others of its domain go first. */
static inline void turn_yield(struct pair *pair, u32 me, u64 now_ns)
{
	pair->seats[me & (PAIR_SEATS_MAX - 1)].yield_ns = now_ns;
}

/*
 * The slice of a task that is queued. One that was cut off or has used up its slice goes on with
 * what it was doing, and gets a nanosecond less than one that @woke: the slice is what the kernel
 * keeps for us until the task starts, and then slice_woke() tells the two apart by it.
 */
static inline u64 slice_queued(u64 slice_ns, bool woke)
{
	return woke || slice_ns < 2 ? slice_ns : slice_ns - 1;
}

static inline bool slice_woke(u64 queued_ns, u64 slice_ns)
{
	return queued_ns >= slice_ns;
}

/* How long a task of the owner may run: to the end of its slice or of the turn. */
static inline u64 turn_slice(const struct pair *pair, u64 slice_ns, u64 now_ns)
{
	u64 left_ns = pair->turn_end_ns > now_ns ? pair->turn_end_ns - now_ns : 0;

	return left_ns && left_ns < slice_ns ? left_ns : slice_ns;
}

/* Whether the tick has to end the running task's slice: the pair drains, stands in a window, or its
 * time is over and @waiting says that somebody waits. */
static inline bool turn_tick_ends(const struct pair *pair, bool waiting, u64 now_ns)
{
	return pair->draining || pair->window_since_ns || (waiting && now_ns >= pair->turn_end_ns);
}

/*
 * Whether seat @me may still go on with its task of @domain, which it has claimed. The runqueue
 * lock was let go of since: a kick that came meanwhile has taken the slice that the task would be
 * given anew. @hold is scratch. Requires: the pair is locked.
 */
static inline bool pair_still_keeps(const struct pair *pair, u32 me, u64 domain,
				    struct pair_hold *hold)
{
	pair_held_by_others(pair, me, hold);
	return !pair->draining && !hold->mixed && domains_agree(hold->domain, domain);
}
