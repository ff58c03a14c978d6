/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What cpus run already when the scheduler comes: no switch has told of it. A real-time task may
 * run for minutes without one, and no kick reaches it.
 *
 * A cpu is looked at from another one, so it may switch at any moment. The kernel sets the
 * runqueue's current task before it tells of the switch: if the seat's occupant has not changed
 * since before the task was read, either that task is still the one, or the switch that replaced it
 * is about to say so, and overwrites what is published here.
 */
#pragma once

#include "bpf/switch.h"
#include "policy/sight.h"

extern const struct rq runqueues __ksym;

/* Changes of the occupant of @cpu's seat so far. Under the lock, so that what is read next is not
 * read before. */
static __always_inline u32 seat_changes(struct pair_cell *pc, u32 seat)
{
	u32 changes;

	bpf_spin_lock(&pc->lock);
	changes = pc->pair.seats[seat & (PAIR_SEATS_MAX - 1)].changes;
	bpf_spin_unlock(&pc->lock);
	return changes;
}

/* Publishes what @cpu runs. Who stands beside it is sent away by the kick that ends the loading. */
__noinline int see_cpu(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, (u32)cpu);
	struct pair_sight sight = {};
	struct task_struct *p;
	u64 now_ns;

	if (!cell || !pc || !rq)
		return 0;
	sight.changes = seat_changes(pc, cell->place.seat);
	p = rq->curr;
	if (!p->pid)
		return 0;
	sight.domain = domain_of(p);
	sight.higher = domain_excludes(sight.domain) && p->prio < MAX_RT_PRIO;
	now_ns = bpf_ktime_get_ns();
	bpf_spin_lock(&pc->lock);
	pair_see(&pc->pair, cell->place.seat & (PAIR_SEATS_MAX - 1), &sight, now_ns,
		 &cell->see_result);
	if (!pair_is_idle(&pc->pair))
		publish_idle(cell->place.pair, false);
	bpf_spin_unlock(&pc->lock);
	count_window(&cell->see_result);
	return 0;
}

static __always_inline void see_cpus(void)
{
	u32 cpu;

	bpf_for (cpu, 0, config.nr_cpus)
		see_cpu((s32)cpu);
}
