/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the clock moves from queue to queue: tasks that were held until their domain's next period,
 * and tasks that wait in the lane of a cpu which a higher class keeps from them.
 *
 * The kernel asks for an RCU section of our own where queues are gone through outside of an op.
 */
#pragma once

#include "bpf/tell.h"

/* Tasks that leave a lane at once which a higher class keeps from them. */
#define LANE_LEAVE_MAX 8

/* A task of a higher class has @cpu's core, for as long as it likes: those that other cores may run
 * leave the lane. */
__noinline int lane_leave(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	struct task_struct *p;
	u64 keeper;
	u32 seen = 0;

	if (!cell || !pc)
		return 0;
	keeper = pair_higher_domain(&pc->pair);
	if (keeper == DOMAIN_NONE || !queue_has(lane_of(cpu)))
		return 0;
	bpf_rcu_read_lock();
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		u64 domain = domain_of(p);
		struct cpu_cell *there;
		s32 to;

		if (++seen > LANE_LEAVE_MAX)
			break;
		if (is_pinned(p) || domain == keeper)
			continue;
		to = (s32)bpf_cpumask_any_distribute(p->cpus_ptr);
		there = cpu_cell_of(to);
		if (!there || there->place.pair == cell->place.pair)
			continue;
		if (lane_move(&___it, p, domain_slot(domain), to, 0))
			kick((u32)to, 0);
	}
	bpf_rcu_read_unlock();
	return 0;
}

/* The same for every lane. */
__noinline int lanes_leave(void)
{
	u32 words = (config.nr_cpus + 63) / 64, w, b;

	bpf_for (w, 0, words) {
		u64 bits = wide_lanes[w & (CPUS_MAX / 64 - 1)];

		if (!bits)
			continue;
		bpf_for (b, 0, 64)
			if (bits & (1ull << b))
				lane_leave((s32)(w * 64 + b));
	}
	return 0;
}

/* Tasks that are let go on at once. */
#define RELEASE_MAX 64

/* Moves up to @nr tasks that are held for domain @slot to the lanes of the cpus they are on.
 * Returns how many. */
__noinline u32 held_release(u32 slot, u32 nr)
{
	u64 id = domain_at(slot)->id;
	struct task_struct *p;
	u32 released = 0;

	if (!queue_has(held_queue_of(id)))
		return 0;
	bpf_rcu_read_lock();
	bpf_for_each (scx_dsq, p, held_queue_of(id), 0) {
		if (released >= nr)
			break;
		released += lane_move(&___it, p, slot, scx_bpf_task_cpu(p), LANE_KEY_WAS_HELD);
	}
	bpf_rcu_read_unlock();
	return released;
}
