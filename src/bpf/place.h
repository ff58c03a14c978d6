/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a waking task finds a seat, and how seats make themselves known to it; and who makes room
 * if none is free. Everything read here is a hint: the pair's lock is not held, so a seat may be
 * taken in between. That costs a kick for nothing, never the promise, because the kicked cpu
 * decides again under the lock; and it loses no wakeup, because seats that go to rest look again if
 * something arrived (arrivals.h), and one that was woken for a task and takes another passes it on
 * (tell.h).
 */
#pragma once

#include "bpf/steal.h"

#define NO_CPU (-1)

/* Which seats will do for a task, as seen from a cpu that may not take it. */
enum which_seats {
	ANY_SEAT,
	OTHER_CPUS,  /* all but that cpu */
	OTHER_PAIRS, /* nor those beside it */
};

/* A resting seat of @pair that @p may run on, other than @except; @first if it is one. */
static __always_inline s32 pair_cpu_for(const struct pair *pair, const struct task_struct *p,
					s32 first, s32 except)
{
	s32 found = NO_CPU;

	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (!seat->resting || (s32)seat->cpu == except ||
		    !bpf_cpumask_test_cpu(seat->cpu, p->cpus_ptr))
			continue;
		if ((s32)seat->cpu == first)
			return first;
		found = (s32)seat->cpu;
	}
	return found;
}

static __always_inline s32 idle_cpu_in(u32 pair_index, const struct task_struct *p, s32 first,
				       s32 except)
{
	struct pair_cell *pc = pair_cell_of(pair_index);

	return pc ? pair_cpu_for(&pc->pair, p, first, except) : NO_CPU;
}

/* A cpu of an idle pair for @p: of @home, the pair it ran on last, or of the next one after it in
 * its zone, or of the next one at all. @which is meant as seen from @prev_cpu. */
__noinline s32 find_idle(struct task_struct *p __arg_trusted, s32 prev_cpu, u32 home, u32 which)
{
	u32 words = pair_words(), zone = zone_of(prev_cpu), w, b;
	s32 cpu, other = NO_CPU;

	if (which != OTHER_PAIRS &&
	    (idle_pairs[(home / 64) & (PAIRS_MAX / 64 - 1)] & (1ull << (home & 63)))) {
		cpu = idle_cpu_in(home, p, prev_cpu, which == ANY_SEAT ? NO_CPU : prev_cpu);
		if (cpu != NO_CPU)
			return cpu;
	}
	bpf_for (w, 0, words) {
		u32 word = (home / 64 + w) % words;
		u64 bits = idle_pairs[word & (PAIRS_MAX / 64 - 1)];

		if (!bits)
			continue;
		bpf_for (b, 0, 64) {
			u32 index = word * 64 + ((home + b) & 63);
			struct pair_cell *pc;

			if (!(bits & (1ull << (index & 63))) || index == home)
				continue;
			pc = pair_cell_of(index);
			if (!pc || (other != NO_CPU && pc->zone != zone))
				continue;
			cpu = pair_cpu_for(&pc->pair, p, NO_CPU, NO_CPU);
			if (cpu != NO_CPU && pc->zone == zone)
				return cpu;
			if (cpu != NO_CPU)
				other = cpu;
		}
		/* Pairs of one zone have numbers that are close to each other. */
		if (other != NO_CPU)
			break;
	}
	return other;
}

/* Whether pair @index is with @domain. Its bit among the hungry pairs of @slot is cleared if it is
 * not; once more it is asked then, because a turn that opens sets the bit after it has the owner.
 */
static __always_inline bool stays_hungry(u32 index, const struct pair *pair, u64 domain, u32 slot)
{
	u64 __arena *word = hungry_at(slot, index / 64);
	u64 bit = 1ull << (index & 63);

	if (turn_is_with(pair, domain))
		return true;
	__sync_fetch_and_and(word, ~bit);
	if (!turn_is_with(pair, domain))
		return false;
	__sync_fetch_and_or(word, bit);
	return true;
}

/* A resting cpu for @p beside tasks of its own domain, or in its turn: the next one after the pair
 * that it ran on, so that one of its zone is found first. */
__noinline s32 find_hungry(struct task_struct *p __arg_trusted, s32 prev_cpu, u64 domain, u32 slot,
			   u32 which)
{
	struct cpu_cell *cell = cpu_cell_of(prev_cpu);
	u32 home = cell ? cell->place.pair : 0;
	s32 except = which == ANY_SEAT ? NO_CPU : prev_cpu;
	u32 words = pair_words(), w, b;

	bpf_for (w, 0, words) {
		u32 word = (home / 64 + w) % words;
		u64 bits = *hungry_at(slot, word);

		if (!bits)
			continue;
		bpf_for (b, 0, 64) {
			u32 index = word * 64 + ((home + b) & 63);
			struct pair_cell *pc;
			s32 cpu;

			if (!(bits & (1ull << (index & 63))) ||
			    (which == OTHER_PAIRS && index == home))
				continue;
			pc = pair_cell_of(index);
			if (!pc || !stays_hungry(index, &pc->pair, domain, slot))
				continue;
			cpu = turn_takes(&pc->pair, domain)
				      ? pair_cpu_for(&pc->pair, p, NO_CPU, except)
				      : NO_CPU;
			if (cpu != NO_CPU)
				return cpu;
		}
	}
	return NO_CPU;
}

/* A resting cpu on which @p could start now, or NO_CPU. An idle pair first: two tasks share a core
 * only when no core is idle. @which is meant as seen from @prev_cpu. */
static __always_inline s32 find_seat(struct task_struct *p, s32 prev_cpu, u64 domain, u32 slot,
				     u32 which)
{
	struct cpu_cell *cell = cpu_cell_of(prev_cpu);
	s32 cpu = find_idle(p, prev_cpu, cell ? cell->place.pair : 0, which);

	if (cpu == NO_CPU && slot != DOMAIN_NO_SLOT)
		cpu = find_hungry(p, prev_cpu, domain, slot, which);
	return cpu;
}

/* The pair is all idle, or no longer. Requires: the pair is locked, so that the bit follows every
 * change of the seats in order. Wakers take the bit away without the lock, and kick the pair. */
static __always_inline void publish_idle(u32 pair_index, bool idle)
{
	u32 word = (pair_index / 64) & (PAIRS_MAX / 64 - 1);
	u64 bit = 1ull << (pair_index & 63);

	if (idle)
		__sync_fetch_and_or(&idle_pairs[word], bit);
	else if (idle_pairs[word] & bit)
		__sync_fetch_and_and(&idle_pairs[word], ~bit);
}

/* Seats of this pair that rest may be filled by tasks of @domain only. */
static __always_inline void publish_hungry(u32 pair_index, u64 domain)
{
	u32 slot = domain_excludes(domain) ? domain_slot(domain) : DOMAIN_NO_SLOT;

	if (slot != DOMAIN_NO_SLOT)
		__sync_fetch_and_or(hungry_at(slot, pair_index / 64), 1ull << (pair_index & 63));
}

/* How a task woke. */
#define WAKER_HANDED_ON	  (1u << 0) /* a task of its own domain woke it */
#define WAKER_PATIENT	  (1u << 1) /* it has said that it can wait: SCHED_BATCH, SCHED_IDLE */
#define WAKER_SEATS_SHIFT 8 /* from here on a bit for each seat of the pair that may run it */
#define WAKER_ANY_SEAT	  (((1u << PAIR_SEATS_MAX) - 1) << WAKER_SEATS_SHIFT)

/* No seat is free for a task that woke: whoever is far enough ahead of it on @cpu's pair goes. */
__noinline int challenge(s32 cpu, u64 domain, u32 slot, u64 task_vtime, u32 how)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct turn_params params = turn_params();
	struct turn_waker waker = {domain,
				   slot_rank(slot),
				   task_vtime,
				   how >> WAKER_SEATS_SHIFT,
				   how & WAKER_HANDED_ON,
				   how & WAKER_PATIENT};
	struct pair_cell *pc;
	u64 now_ns = bpf_ktime_get_ns(), due_ns;
	bool sooner;
	u32 seats;

	pc = home_of(cell);
	if (!pc)
		return 0;
	waker.domain_vtime -= turn_patience(domain_at(slot)->woke_ns, &params, now_ns);
	bpf_spin_lock(&pc->lock);
	due_ns = turn_due_ns(&pc->pair);
	seats = turn_challenge(&pc->pair, &waker, &params, now_ns);
	sooner = turn_due_ns(&pc->pair) < due_ns;
	bpf_spin_unlock(&pc->lock);
	if (sooner)
		brought_forward_ns = now_ns;
	if (seats) {
		count(challenges, 1);
		kick_seats(&pc->pair, seats, SCX_KICK_PREEMPT);
	}
	return 0;
}
