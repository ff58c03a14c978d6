/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is woken for a task, and what becomes of that if it takes another.
 *
 * A waker wakes one cpu, so nobody else knows of the task. If that cpu finds something else to run,
 * or may not take the task any more, it looks for the next one that would do. Nothing is locked:
 * what a cpu was told is changed by atomic exchange, so that each is passed on by one.
 */
#pragma once

#include "bpf/place.h"

/* Clears @bit of a word in the arena. Returns whether it was set. By exchanging the word, because
 * the kernel has no operation there that clears a bit and returns what was; if others keep changing
 * the word in between, it is cleared all the same, and taken to have been set. */
static __always_inline bool take_bit(u64 __arena *word, u64 bit)
{
	u32 i;

	bpf_for (i, 0, 4) {
		u64 had = *word;

		if (!(had & bit))
			return false;
		if (__sync_val_compare_and_swap(word, had, had & ~bit) == had)
			return true;
	}
	__sync_fetch_and_and(word, ~bit);
	return true;
}

/*
 * Takes the marks by which a waker of domain @slot found the pair of @cpu, so that the next one
 * looks further. Whoever is woken there sets them again: if it finds nothing, when it rests; if it
 * does, for the seats that rest beside it. Returns whether they were there still.
 */
__noinline bool take_marks(s32 cpu, u32 slot)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	bool had = false;

	if (cell) {
		u32 word = cell->place.pair / 64;
		u64 bit = 1ull << (cell->place.pair & 63);

		had = __sync_fetch_and_and(&idle_pairs[word & (PAIRS_MAX / 64 - 1)], ~bit) & bit;
		if (slot != DOMAIN_NO_SLOT && take_bit(hungry_at(slot, word), bit))
			had = true;
	}
	return had;
}

/* Wakes the resting @cpu for a task of domain @slot. It keeps TOLD_MAX in mind; if one more comes
 * before it has looked, the first is forgotten, and waits until somebody looks anyway. */
__noinline int tell(s32 cpu, u32 slot)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	u32 told = slot;

	for (u32 i = 0; cell && i < TOLD_MAX && told != DOMAIN_NO_SLOT; i++) {
		told = __sync_lock_test_and_set(&cell->told[i], told);
		if (told == slot)
			break;
	}
	kick((u32)cpu, 0);
	return 0;
}

/* How often a waker looks for a seat, if others are quicker to wake those that it finds. */
#define TELL_TRIES 3

/* Wakes a resting cpu on which @p could start now, of @which as seen from @prev_cpu. Returns it, or
 * NO_CPU. */
__noinline s32 tell_a_seat(struct task_struct *p __arg_trusted, s32 prev_cpu, u64 domain, u32 slot,
			   u32 which)
{
	u32 i;

	bpf_for (i, 0, TELL_TRIES) {
		s32 cpu = find_seat(p, prev_cpu, domain, slot, which);

		if (cpu == NO_CPU)
			break;
		if (take_marks(cpu, slot)) {
			tell(cpu, slot);
			return cpu;
		}
	}
	return NO_CPU;
}

/* Tasks of a domain that are looked through for one that somebody else could take. */
#define PASS_SCAN_MAX 8

/* Tells the next seat of @which, as seen from @cpu, that would do for a task that waits in @zone.
 * Returns whether one was told, or enough tasks were looked through. */
static __always_inline bool pass_queue_on(struct cpu_cell *cell, s32 cpu, u32 slot, u32 which,
					  u32 zone)
{
	u64 domain = domain_at(slot)->id;
	struct task_struct *p;

	bpf_for_each (scx_dsq, p, queue_of(domain, zone), 0) {
		if (++cell->pass_looked > PASS_SCAN_MAX ||
		    tell_a_seat(p, cpu, domain, slot, which) != NO_CPU)
			return true;
	}
	return false;
}

/*
 * @cpu was told of a task of domain @slot, which nobody else knows a seat for, and has something
 * else to run now: the next seat of @which that would do for one that waits there is told instead.
 * Whoever told @cpu took its pair's marks, and maybe the seats beside it would do.
 */
__noinline int pass_slot_on(s32 cpu, u32 slot, u32 which)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	u64 domain = domain_at(slot)->id;
	u32 i;

	if (!cell || slot == DOMAIN_NO_SLOT || !domain_queued(domain))
		return 0;
	/* Until its next period nobody may start it: two seats would tell each other for ever. Then
	 * the clock wakes whoever may. */
	if (throttled_until_ns(slot)) {
		domain_wait(slot, cell->place.zone);
		return 0;
	}
	cell->pass_looked = 0;
	if (which == OTHER_CPUS)
		publish_hungry(cell->place.pair, domain);
	bpf_for (i, 0, config.nr_zones) {
		u32 zone = zone_after(cell->place.zone, i);

		if (queue_has(queue_of(domain, zone)) &&
		    pass_queue_on(cell, cpu, slot, which, zone))
			break;
	}
	return 0;
}

/* Wakes the resting seats of a pair. Returns how many. */
__noinline u32 wake_pair(u32 pair_index)
{
	struct pair_cell *pc = pair_cell_of(pair_index);
	u32 woken = 0;

	if (!pc)
		return 0;
	for_each_below (i, pc->pair.nr_seats) {
		const struct seat *seat = pair_seat(&pc->pair, i);

		if (!seat->resting)
			continue;
		kick(seat->cpu, 0);
		woken++;
	}
	return woken;
}

/* Wakes as many resting seats as tasks of domain @slot wait, @in_lanes of them in lanes, where it
 * may start: for the clock, which cannot look at the tasks. A seat that may not run them passes
 * them on.
 */
__noinline int wake_seats(u32 slot, u32 in_lanes)
{
	s32 tasks = (s32)(domain_queued(domain_at(slot)->id) + in_lanes);
	u32 words = pair_words(), w, b;

	bpf_for (w, 0, words) {
		u64 bits = idle_pairs[w & (PAIRS_MAX / 64 - 1)] | *hungry_at(slot, w);

		if (!bits)
			continue;
		bpf_for (b, 0, 64) {
			if (tasks <= 0)
				return 0;
			if (bits & (1ull << b))
				tasks -= (s32)wake_pair(w * 64 + b);
		}
	}
	return 0;
}

/* Wakes the resting seats of every pair that has tasks in a lane. */
__noinline int wake_lanes(void)
{
	u32 cpu;

	bpf_for (cpu, 0, config.nr_cpus) {
		struct cpu_cell *cell = cpu_cell_of((s32)cpu);

		if (cell && queue_has(lane_of((s32)cpu)))
			wake_pair(cell->place.pair);
	}
	return 0;
}

/* Whether a task of domain @slot has begun to arrive, and is not in its queue yet. */
static __always_inline bool is_arriving(u32 slot)
{
	u64 seen = arrivals_seen();

	return !domain_queued(domain_at(slot)->id) && arrivals_missed(seen);
}

/* Seats of @which, as seen from @cpu, that would do for what waits in @cpu's lane are woken, and
 * take it from there. */
__noinline int pass_lane_on(s32 cpu, u32 which)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct task_struct *p;

	if (!cell || !lane_is_wide(cpu) || !queue_has(lane_of(cpu)))
		return 0;
	cell->pass_looked = 0;
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		u64 domain = domain_of(p);
		u32 slot = domain_slot(domain);

		if (++cell->pass_looked > PASS_SCAN_MAX)
			break;
		if (is_pinned(p) || throttled_until_ns(slot))
			continue;
		/* Whoever told @cpu took its pair's marks, and the seats beside it may do. */
		if (which == OTHER_CPUS)
			publish_hungry(cell->place.pair, domain);
		tell_a_seat(p, cpu, domain, slot, which);
	}
	return 0;
}

/*
 * @cpu does not rest any more. What it was told of and has not taken is passed on; if that is not
 * in its queue yet, it is left to told_land(): either this sees it there, or that sees that the cpu
 * does not rest. Only if it runs a kernel thread now may a seat beside it do, and then @which says
 * so: or else two seats would go on telling each other what neither may start.
 */
__noinline int pass_on(s32 cpu, u32 which)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);

	if (!cell)
		return 0;
	/* The one of which it was told first comes first. */
	for (u32 i = TOLD_MAX - 1; i > 0; i--)
		if (cell->told[i] != DOMAIN_NO_SLOT)
			pass_slot_on(cpu, __sync_lock_test_and_set(&cell->told[i], DOMAIN_NO_SLOT),
				     which);
	if (cell->told[0] != DOMAIN_NO_SLOT && !is_arriving(cell->told[0]))
		pass_slot_on(cpu, __sync_lock_test_and_set(&cell->told[0], DOMAIN_NO_SLOT), which);
	pass_lane_on(cpu, which);
	return 0;
}

/* A task has landed of which @cpu was told: if that did not wait for it, somebody else is told. */
__noinline int told_land(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);

	if (cell && pc && cell->told[0] != DOMAIN_NO_SLOT &&
	    !pair_seat(&pc->pair, cell->place.seat)->resting)
		pass_on(cpu, OTHER_CPUS);
	return 0;
}

/*
 * Wakes the resting seats beside @cpu that have work now, because it runs or is about to run a task
 * of @domain. The pair is marked before the queue is looked at, so that a waker who comes too late
 * for the one sees the other.
 */
__noinline int spread(s32 cpu, u64 domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u32 me = cell ? cell->place.seat & (PAIR_SEATS_MAX - 1) : 0;
	u32 slot = domain_slot(domain), i;
	u64 seen;
	bool queued;

	if (!cell || !pc || !pair_rests_beside(&pc->pair, me))
		return 0;
	publish_hungry(cell->place.pair, domain);
	seen = arrivals_seen();
	queued = slot != DOMAIN_NO_SLOT && domain_queued(domain);
	queued |= arrivals_missed(seen);
	if (queued)
		take_marks(cpu, slot);
	bpf_for (i, 0, PAIR_SEATS_MAX) {
		const struct seat *seat = &pc->pair.seats[i];

		if (i >= pc->pair.nr_seats || i == me || !seat->resting)
			continue;
		if (queued)
			tell((s32)seat->cpu, slot);
		else if (lane_has((s32)seat->cpu, domain) ||
			 (wide_lanes_wait() && slot_tasks(slot) > 1))
			kick(seat->cpu, 0);
	}
	return 0;
}
