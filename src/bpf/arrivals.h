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
 * Waker:  begun++;  look for resting seats, kick them;  (insertion);  landed++ at the next callback
 * Seat:   seen = landed;  look for work;  mark itself resting;  if begun != seen: look again
 *
 * Both marks and the resting bits are changed by fully ordered atomics. If the waker did not see
 * the seat rest, the seat's mark came later, hence it reads the waker's `begun`; and `begun ==
 * seen` there means that every arrival that had begun had also landed before the seat looked. A
 * mark that stays open (a requeue in a system call) keeps idle seats looking, it never lets them
 * sleep.
 */
#pragma once

#include "bpf/state.h"

u64 arrivals_begun;
u64 arrivals_landed;

/* Every arrival begun on this cpu has reached its queue. Requires: called from a callback. */
static __always_inline void arrivals_land(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_cell *here = bpf_map_lookup_elem(&cpus, &cpu);

	if (!here || !here->arrivals_open)
		return;
	__sync_fetch_and_add(&arrivals_landed, here->arrivals_open);
	here->arrivals_open = 0;
}

/* A task is about to be inserted by the ops.enqueue that runs on this cpu. */
static __always_inline void arrivals_begin(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct cpu_cell *here = bpf_map_lookup_elem(&cpus, &cpu);

	arrivals_land();
	__sync_fetch_and_add(&arrivals_begun, 1);
	if (here)
		here->arrivals_open = 1;
}

/* Where a look starts: what has landed by now is what it will see. */
static __always_inline u64 arrivals_seen(void)
{
	return __sync_fetch_and_add(&arrivals_landed, 0);
}

/* Whether something began to arrive that a look started at @seen may have missed. */
static __always_inline bool arrivals_missed(u64 seen)
{
	return __sync_fetch_and_add(&arrivals_begun, 0) != seen;
}
