/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * No lost wakeup, without a lock around sleeping.
 *
 * A task inserted by ops.enqueue reaches its queue only after the op has returned. Between the two,
 * a seat that looks for work does not see it, and the waker, which has already looked for a resting
 * seat, does not see that seat go to rest. So an arrival has two marks: `begun` before the waker
 * looks for seats, `landed` once the queue surely has the task. The queue has it when the next
 * callback runs on the waker's cpu, because runqueue lock and disabled interrupts span both.
 *
 *   Waker:  begun++;  look for resting seats, kick them;  (insertion);
 *           landed++ at the next callback;  kick the cpus that await an arrival
 *   Seat:   seen = landed;  look for work;  mark itself resting;
 *           if begun != seen: mark the cpu as awaiting;  if landed != seen by now: look again
 *
 * The marks and the resting bits are changed by fully ordered atomics. If the waker did not see the
 * seat rest, the seat's mark came later, hence it reads the waker's `begun`; and `begun == seen`
 * there means that every arrival that had begun had also landed before the seat looked. If they
 * differ, the cpu awaits: whatever it has missed has landed since, and it sees that, or whoever
 * lands it will see the cpu awaiting. It must not poll instead: the waker may be a virtual cpu
 * whose host has taken it away, and the polling sibling may be what keeps it away. Nor may it wait
 * for all to land: a task that is only queued anew, by a change of its affinity, lands with the
 * next callback on the cpu that changed it, which may be as late as the next tick.
 */
#pragma once

#include "bpf/state.h"

/* Arrivals are counted where their waker is. Each count only grows, and `landed` is never ahead of
 * its `begun`: so if the sum of the one at a later time is that of the other at an earlier, so is
 * each, and the sums may be read one count after the other. */
struct arrivals {
	u64 begun;
	u64 landed;
} OWN_LINE;

struct arrivals arrivals[ZONES_MAX];

static __always_inline struct arrivals *arrivals_of(const struct cpu_cell *cell)
{
	return &arrivals[cell->place.zone & (ZONES_MAX - 1)];
}

/* What this cpu has written before is seen by the others before it reads what comes after. */
static __always_inline void all_ordered(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_cell *here = bpf_map_lookup_elem(&cpus, &cpu);

	if (here)
		__sync_lock_test_and_set(&here->fence, 1);
}

/* Where a look starts: what has landed by now is what it will see. */
__noinline u64 arrivals_seen(void)
{
	u64 sum = 0;

	for_each_below (i, config.nr_zones)
		sum += *(volatile u64 *)&arrivals[i & (ZONES_MAX - 1)].landed;
	return sum;
}

/* Requires: what others must see first is ordered. */
static __always_inline u64 arrivals_begun(void)
{
	u64 sum = 0;

	for_each_below (i, config.nr_zones)
		sum += *(volatile u64 *)&arrivals[i & (ZONES_MAX - 1)].begun;
	return sum;
}

/* Whether something began to arrive that a look started at @seen may have missed. */
__noinline bool arrivals_missed(u64 seen)
{
	all_ordered();
	return arrivals_begun() != seen;
}

/* The cpus that await an arrival, a bit each. */
u64 awaiting_cpus[CPUS_MAX / 64] OWN_LINE;

/* Kicks every cpu that awaits an arrival. */
__noinline int awaiting_kick(void)
{
	u32 words = (config.nr_cpus + 63) / 64, w, b;

	bpf_for (w, 0, words) {
		u64 *word = &awaiting_cpus[w & (CPUS_MAX / 64 - 1)];
		u64 bits = *word ? __sync_lock_test_and_set(word, 0) : 0;

		if (!bits)
			continue;
		bpf_for (b, 0, 64)
			if (bits & (1ull << b))
				kick(w * 64 + b, 0);
	}
	return 0;
}

/* A task has landed of which @cpu was told: tell.h. */
int told_land(s32 cpu);

/* Every arrival begun on this cpu has reached its queue. Requires: called from a callback. */
static __always_inline void arrivals_land(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_cell *here = bpf_map_lookup_elem(&cpus, &cpu);
	u32 open, told;

	if (!here || !here->arrivals_open)
		return;
	/* The wakeup of the task that runs here comes with interrupts on, and one of them may come
	 * through here as well: each lands what it has taken. */
	told = __sync_lock_test_and_set(&here->arrival_told, 0);
	open = __sync_lock_test_and_set(&here->arrivals_open, 0);
	if (open) {
		__sync_fetch_and_add(&arrivals_of(here)->landed, open);
		all_ordered();
		awaiting_kick();
	}
	if (told)
		told_land((s32)told - 1);
}

/* This cpu rests, and has missed something that is arriving. Returns whether anything has landed
 * since its look started at @seen, so that it has to look again; otherwise the next landing will
 * wake it. */
static __always_inline bool arrivals_await(s32 cpu, u64 seen)
{
	u64 *word = &awaiting_cpus[((u32)cpu / 64) & (CPUS_MAX / 64 - 1)];

	__sync_fetch_and_or(word, 1ull << (cpu & 63));
	all_ordered();
	return arrivals_seen() != seen;
}

/* A task is about to be inserted by the ops.enqueue that runs on this cpu. */
static __always_inline void arrivals_begin(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_cell *here = bpf_map_lookup_elem(&cpus, &cpu);

	arrivals_land();
	if (!here)
		return;
	__sync_fetch_and_add(&arrivals_of(here)->begun, 1);
	here->arrivals_open = 1;
	all_ordered();
}

/* The arrival that has begun on this cpu was told to @cpu. */
static __always_inline void arrivals_told(s32 cpu)
{
	u32 this_cpu = bpf_get_smp_processor_id();
	struct cpu_cell *here = bpf_map_lookup_elem(&cpus, &this_cpu);

	if (here)
		here->arrival_told = (u32)cpu + 1;
}
