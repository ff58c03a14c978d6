/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns end on time. A turn that was cut short for a waking domain ends at the next look or tick,
 * and a tick is up to 10 ms long; this timer is the finer clock. It rearms itself from its own
 * callback only, because arming a timer under a runqueue lock may deadlock on waking its thread.
 */
#pragma once

#include "bpf/enqueue.h"
#include "bpf/release.h"

/*
 * How soon the clock looks again: at the least; at the most; and at the most while wakeups bring
 * the ends of turns and runs forward, because nobody but the clock itself can set it: whoever does
 * so is seen no later than that. The last holds on for a while after the last such wakeup.
 */
#define TIMER_CLOCK_MONOTONIC 1
#define TIMER_LEAST_NS	      (250ull * 1000)
#define TIMER_MOST_NS	      (4000ull * 1000)
#define TIMER_BUSY_NS	      (500ull * 1000)
#define TIMER_HOLD_NS	      (20ull * 1000 * 1000)

struct turn_clock {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct turn_clock);
} turn_clocks SEC(".maps");

/* Sends away whose time is over. Returns when the pair needs the clock again. Whether that is now
 * is read without the lock: it may be wrong for one round of the clock. */
__noinline u64 clock_pair(u32 pair_index, u64 now_ns)
{
	struct pair_cell *pc = pair_cell_of(pair_index);
	struct turn_params params = turn_params();
	u64 due_ns;
	u32 seats;

	if (!pc)
		return ~0ull;
	due_ns = turn_due_ns(&pc->pair);
	if (now_ns < due_ns)
		return due_ns;
	bpf_spin_lock(&pc->lock);
	seats = turn_due_seats(&pc->pair, &params, now_ns);
	bpf_spin_unlock(&pc->lock);
	kick_seats(&pc->pair, seats, SCX_KICK_PREEMPT);
	return now_ns + TIMER_LEAST_NS;
}

/* What is held for domain @slot waits for the clock, until @until_ns. */
static __always_inline void held_wait(u32 slot, u64 until_ns)
{
	if (queue_has(held_queue_of(domain_at(slot)->id)))
		domain_park(slot, until_ns);
}

/* Lets @room tasks of domain @slot go on, or more. The first of those that are held is the one that
 * has waited longest of them; so where there is no room for all, either they or the others get all
 * of it. */
static __always_inline void clock_lets_go(u32 slot, u32 room)
{
	u32 held = queued_in(held_queue_of(domain_at(slot)->id)), tasks = slot_tasks(slot);
	bool for_held = held && room < tasks && domain_rescues_held(domain_at(slot), held, tasks);
	u32 released = 0;

	if (for_held)
		released = held_release(slot, room);
	else if (room >= tasks)
		released = held_release(slot, RELEASE_MAX);
	if (!for_held)
		domain_unpark(slot);
	wake_seats(slot, released);
}

/* The next period of domain @slot has begun. Where it has no room for all, those that are not let
 * go on wait for the one after it. */
__noinline int clock_lets_go_on(u32 slot)
{
	u64 until_ns = throttled_until_ns(slot);
	u64 most_ns = (u64)slot_tasks(slot) * config.burst_ns;

	if (until_ns) {
		domain_park(slot, until_ns);
		return 0;
	}
	/* A slice is half of what is left: if that is enough for all, they all go on. */
	clock_lets_go(slot, (u32)(limits_slice(slot, most_ns) / config.burst_ns));
	held_wait(slot, limits_end_ns(slot));
	return 0;
}

/* Domain @slot is overdue: one of its tasks may run in spite of its limit. */
__noinline int clock_rescues(u32 slot)
{
	clock_lets_go(slot, 1);
	held_wait(slot, limits_until_ns(slot));
	return 0;
}

/* Parked domains that the clock lets go on in one round. */
#define CLOCK_UNPARKS 16

/* Lets domains go on whose next period has begun, or that are overdue. Returns when the next one
 * begins, or @now_ns if the clock is needed for one that is overdue; ~0 if none is parked. */
__noinline u64 clock_parked(u64 now_ns)
{
	struct shard *shard = the_shard();
	bool any = false, rescued = false;
	u32 i;

	if (!shard || !shard->parked.nr)
		return ~0ull;
	bpf_for (i, 0, CLOCK_UNPARKS) {
		u32 slot = parked_take(now_ns);

		if (slot != DOMAIN_NO_SLOT) {
			clock_lets_go_on(slot);
			any = true;
			continue;
		}
		slot = parked_take_overdue(now_ns);
		if (slot == DOMAIN_NO_SLOT)
			break;
		clock_rescues(slot);
		rescued = true;
	}
	if (any || rescued)
		wake_lanes();
	if (rescued)
		return now_ns;
	/* Read without the lock: it is looked at again in the next round. */
	return shard->parked.nr ? shard->parked.entries[1].vtime : ~0ull;
}

static int clock_turns(void *map, u32 *key, struct turn_clock *clock)
{
	u64 now_ns = bpf_ktime_get_ns();
	bool busy = now_ns - brought_forward_ns < TIMER_HOLD_NS;
	u64 next_ns = now_ns + (busy ? TIMER_BUSY_NS : TIMER_MOST_NS);
	u64 parked_ns = clock_parked(now_ns);
	/* Who may run for a moment in spite of a limit leaves on time, also if nobody waits. */
	bool waiting = any_waits(0) || parked_ns != ~0ull;
	long err;
	u32 i;

	lanes_leave();
	if (parked_ns < next_ns)
		next_ns = parked_ns;
	bpf_for (i, 0, config.nr_zones)
		if (heap_find_late(i, now_ns) && next_ns > now_ns + TIMER_BUSY_NS)
			next_ns = now_ns + TIMER_BUSY_NS;
	bpf_for (i, 0, config.nr_pairs) {
		u64 due_ns;

		if (!waiting)
			break;
		due_ns = clock_pair(i, now_ns);
		if (due_ns < next_ns)
			next_ns = due_ns;
	}
	if (next_ns < now_ns + TIMER_LEAST_NS)
		next_ns = now_ns + TIMER_LEAST_NS;
	err = bpf_timer_start(&clock->timer, next_ns - now_ns, 0);
	/* Nothing else lets parked domains go on. */
	if (err)
		scx_error("the clock of turns and limits cannot be set: error %lld", (u64)(-err));
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
	return err ? err : bpf_timer_start(&clock->timer, TIMER_MOST_NS, 0);
}
