/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a waking task finds a seat. Everything read here is a hint: the pair's lock is not held, so
 * a seat may be taken in between. That costs a kick for nothing, never the promise, because the
 * kicked cpu decides again under the lock; and it loses no wakeup, because seats that go to rest
 * look again if something arrived (arrivals.h).
 */
#pragma once

#include "bpf/dispatch.h"

#define NO_CPU (-1)

/* A resting seat of @pair that @p may run on, @first if it is one. */
static __always_inline s32 pair_cpu_for(const struct pair *pair, const struct task_struct *p,
					s32 first)
{
	s32 found = NO_CPU;

	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (!seat->resting || !bpf_cpumask_test_cpu(seat->cpu, p->cpus_ptr))
			continue;
		if (found == NO_CPU || (s32)seat->cpu == first)
			found = (s32)seat->cpu;
	}
	return found;
}

static __always_inline s32 idle_cpu_in(u32 pair_index, const struct task_struct *p, s32 first)
{
	struct pair_cell *pc = pair_cell_of(pair_index);

	return pc ? pair_cpu_for(&pc->pair, p, first) : NO_CPU;
}

/* A cpu of an idle pair for @p: of @home, the pair it ran on last, or of the next one after it. */
__noinline s32 find_idle(struct task_struct *p __arg_trusted, s32 prev_cpu, u32 home)
{
	u32 words = pair_words(), start = home / 64, w, b;

	if (idle_pairs[start & (PAIRS_MAX / 64 - 1)] & (1ull << (home & 63))) {
		s32 cpu = idle_cpu_in(home, p, prev_cpu);

		if (cpu != NO_CPU)
			return cpu;
	}
	bpf_for (w, 0, words) {
		u32 word = (start + w) % words;
		u64 bits = idle_pairs[word & (PAIRS_MAX / 64 - 1)];

		if (!bits)
			continue;
		bpf_for (b, 0, 64) {
			u32 bit = (home + b) & 63;
			s32 cpu;

			if (!(bits & (1ull << bit)))
				continue;
			cpu = idle_cpu_in(word * 64 + bit, p, prev_cpu);
			if (cpu != NO_CPU)
				return cpu;
		}
	}
	return NO_CPU;
}

/* A resting cpu for @p beside tasks of its own domain. The bit of a pair that has gone over to
 * another domain is cleared; that pair's next rest in a turn of @domain sets it again. */
__noinline s32 find_hungry(struct task_struct *p __arg_trusted, u64 domain, u32 slot)
{
	u32 words = pair_words(), w, b;

	bpf_for (w, 0, words) {
		u64 bits = *hungry_at(slot, w);

		if (!bits)
			continue;
		bpf_for (b, 0, 64) {
			struct pair_cell *pc;
			s32 cpu;

			if (!(bits & (1ull << b)))
				continue;
			pc = pair_cell_of(w * 64 + b);
			if (!pc || pc->pair.owner != domain) {
				__sync_fetch_and_and(hungry_at(slot, w), ~(1ull << b));
				continue;
			}
			cpu = pc->pair.draining ? NO_CPU : pair_cpu_for(&pc->pair, p, NO_CPU);
			if (cpu != NO_CPU)
				return cpu;
		}
	}
	return NO_CPU;
}

/* A resting cpu on which @p could start now, or NO_CPU. An idle pair first: two tasks share a core
 * only when no core is idle. */
static __always_inline s32 find_seat(struct task_struct *p, s32 prev_cpu, u64 domain, u32 slot)
{
	struct cpu_cell *cell = cpu_cell_of(prev_cpu);
	s32 cpu = find_idle(p, prev_cpu, cell ? cell->place.pair : 0);

	if (cpu == NO_CPU && slot != DOMAIN_NO_SLOT)
		cpu = find_hungry(p, domain, slot);
	return cpu;
}

/* Takes the idle bit of the pair that is about to be kicked, so that the next waker looks further.
 * The kicked cpu sets it again if it finds nothing. */
static __always_inline void kick_seat(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);

	if (cell) {
		u32 word = (cell->place.pair / 64) & (PAIRS_MAX / 64 - 1);

		__sync_fetch_and_and(&idle_pairs[word], ~(1ull << (cell->place.pair & 63)));
	}
	kick((u32)cpu, 0);
}

/* How a task woke. */
#define WAKER_PINNED	(1u << 0) /* only the cpu it is on may run it */
#define WAKER_HANDED_ON (1u << 1) /* a task of its own domain woke it */

/* No seat is free for a task that woke: whoever is far enough ahead of it on @cpu's pair goes. */
__noinline int challenge(s32 cpu, u64 domain, u32 slot, u64 task_vtime, u32 how)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct turn_params params = turn_params();
	struct turn_waker waker = {domain, vtime_now, task_vtime, ~0u, how & WAKER_HANDED_ON};
	struct pair_cell *pc;
	u64 now_ns = bpf_ktime_get_ns(), due_ns;
	bool sooner;
	u32 seats;

	pc = home_of(cell);
	if (!pc)
		return 0;
	if (how & WAKER_PINNED)
		waker.seats = 1u << (cell->place.seat & (PAIR_SEATS_MAX - 1));
	if (slot != DOMAIN_NO_SLOT)
		waker.domain_vtime = domain_at(slot)->vtime -
				     turn_patience(domain_at(slot)->woke_ns, &params, now_ns);
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
