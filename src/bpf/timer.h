/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns end on time. A turn that was cut short for a waking domain ends at the next look or tick,
 * and a tick is up to 10 ms long; this timer is the finer clock. It rearms itself from its own
 * callback only, because arming a timer under a runqueue lock may deadlock on waking its thread.
 */
#pragma once

#include "bpf/enqueue.h"

/* How soon the clock looks again: at a turn that should have ended; while somebody waits, because a
 * waker may bring a turn's end forward at any time; and while nobody does. */
#define TIMER_CLOCK_MONOTONIC 1
#define TIMER_SHORT_NS	      (500ull * 1000)
#define TIMER_LONG_NS	      (1000ull * 1000)
#define TIMER_IDLE_NS	      (4000ull * 1000)

struct turn_clock {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct turn_clock);
} turn_clocks SEC(".maps");

/* Sends away who holds a pair whose time is over. Returns when the pair needs the clock again. Read
 * without the lock: a kick too many makes a cpu look once more, one too few is the tick's. */
static __always_inline u64 clock_pair(const struct pair *pair, u64 now_ns)
{
	u64 later_ns = now_ns + TIMER_LONG_NS;

	if (pair->owner == DOMAIN_NONE || pair->draining)
		return later_ns;
	if (now_ns < pair->turn_end_ns)
		return pair->turn_end_ns < later_ns ? pair->turn_end_ns : later_ns;
	kick_seats(pair, pair_movable_seats(pair, PAIR_SEATS_MAX, DOMAIN_NONE), SCX_KICK_PREEMPT);
	return now_ns + TIMER_SHORT_NS;
}

static int clock_turns(void *map, u32 *key, struct turn_clock *clock)
{
	struct shard *shard = the_shard();
	bool waiting = shard && shard->heap.nr;
	u64 now_ns = bpf_ktime_get_ns();
	u64 next_ns = now_ns + (waiting ? TIMER_LONG_NS : TIMER_IDLE_NS);
	u32 i;

	bpf_for (i, 0, config.nr_pairs) {
		struct pair_cell *pc = pair_cell_of(i);
		u64 due_ns;

		if (!pc || !waiting)
			break;
		due_ns = clock_pair(&pc->pair, now_ns);
		if (due_ns < next_ns)
			next_ns = due_ns;
	}
	if (next_ns < now_ns + TIMER_SHORT_NS)
		next_ns = now_ns + TIMER_SHORT_NS;
	bpf_timer_start(&clock->timer, next_ns - now_ns, 0);
	return 0;
}

static __always_inline int clock_start(void)
{
	u32 key = 0;
	struct turn_clock *clock = bpf_map_lookup_elem(&turn_clocks, &key);
	int err;

	if (!clock)
		return -22;
	err = bpf_timer_init(&clock->timer, &turn_clocks, TIMER_CLOCK_MONOTONIC);
	if (!err)
		err = bpf_timer_set_callback(&clock->timer, clock_turns);
	return err ? err : bpf_timer_start(&clock->timer, TIMER_LONG_NS, 0);
}
