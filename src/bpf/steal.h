/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which lanes other cpus look into, and what they take from there when they have nothing to do.
 */
#pragma once

#include "bpf/lanes.h"

/*
 * Cpus in whose lanes tasks may wait that other pairs' cpus may run, a bit each. Whoever finds such
 * a lane empty takes its bit away, and then looks whether a task has come, or is about to:
 *
 *   - one that is moved there is in the lane before the bit is set, so it is seen;
 *   - one that is enqueued has begun to arrive before (arrivals.h), so that is seen.
 */
u64 wide_lanes[CPUS_MAX / 64] OWN_LINE;

static __always_inline u64 *wide_word(s32 cpu)
{
	return &wide_lanes[((u32)cpu / 64) & (CPUS_MAX / 64 - 1)];
}

static __always_inline bool lane_is_wide(s32 cpu)
{
	return *wide_word(cpu) & (1ull << (cpu & 63));
}

static __always_inline void lane_widen(s32 cpu)
{
	if (!lane_is_wide(cpu))
		__sync_fetch_and_or(wide_word(cpu), 1ull << (cpu & 63));
}

/* Moves @p, of domain @slot, out of the lane or the held tasks that @it goes through, to the lane
 * of @to, with @marks in its key. Returns whether it was there still. */
static __always_inline bool lane_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u32 slot,
				      s32 to, u64 marks)
{
	u64 vtime = lane_key_vtime(p->scx.dsq_vtime, domain_at(slot)->task_vtime);

	scx_bpf_dsq_move_set_vtime(it, lane_place(to, slot, vtime) | marks);
	if (!scx_bpf_dsq_move_vtime(it, p, lane_of(to), 0))
		return false;
	if (!is_pinned(p))
		lane_widen(to);
	return true;
}

/* Tasks of another lane that one search for work goes through, and how many such lanes. */
#define STEAL_SCAN_MAX	8
#define STEAL_LANES_MAX 8

/* @cpu may not run @p, which it has found in another lane, but seats that rest beside it may:
 * whoever woke @cpu took the pair's marks, so nobody else has seen them. */
__noinline int lane_show_beside(struct task_struct *p __arg_trusted, s32 cpu)
{
	struct pair_cell *pc = home_of(cpu_cell_of(cpu));
	u32 seats = seats_for(p, cpu);

	if (!pc)
		return 0;
	for_each_below (i, pc->pair.nr_seats) {
		const struct seat *seat = pair_seat(&pc->pair, i);

		if (seat->resting && (seats & (1u << (i & (PAIR_SEATS_MAX - 1)))))
			kick(seat->cpu, 0);
	}
	return 0;
}

/* Moves a task from the lane of another cpu to that of @cpu, which could start it now. */
__noinline bool lane_steal_from(s32 cpu, s32 from)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct task_struct *p;
	bool stolen = false;
	u32 slot = DOMAIN_NO_SLOT;

	if (!cell)
		return false;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, lane_of(from), 0) {
		u64 domain = domain_of(p);

		slot = domain_slot(domain);
		if (++cell->lane_looked > STEAL_SCAN_MAX)
			break;
		if (!turn_would_take(&cell->choice, domain) || throttled_until_ns(slot))
			continue;
		if (!may_run_on(p, cpu)) {
			lane_show_beside(p, cpu);
			continue;
		}
		stolen = lane_move(&___it, p, slot, cpu, 0);
		if (stolen)
			break;
	}
	if (stolen)
		lane_left(lane_of(from), slot);
	return stolen;
}

/* The lane of @from was found empty by a look of @cpu. */
__noinline int wide_lane_settle(s32 cpu, s32 from)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);

	__sync_fetch_and_and(wide_word(from), ~(1ull << (from & 63)));
	if (!cell || arrivals_missed(cell->seen) || queue_has(lane_of(from)))
		lane_widen(from);
	return 0;
}

/* Whether a task may wait anywhere that cpus of other pairs may run. */
static __always_inline bool wide_lanes_wait(void)
{
	u64 any = 0;

	for_each_below (i, (config.nr_cpus + 63) / 64)
		any |= wide_lanes[i & (CPUS_MAX / 64 - 1)];
	return any;
}

/* @cpu has found nothing that it could start. Returns whether there is something in its lane now,
 * which waited in those of other cpus. */
__noinline bool lane_steal(s32 cpu)
{
	u32 words = (config.nr_cpus + 63) / 64, tried = 0, w, b;
	bool stolen = false;

	bpf_for (w, 0, words) {
		u32 index = ((u32)cpu / 64 + w) % words;
		u64 *word = &wide_lanes[index & (CPUS_MAX / 64 - 1)];

		if (stolen || tried >= STEAL_LANES_MAX)
			break;
		if (!*word)
			continue;
		bpf_for (b, 0, 64) {
			u32 from = index * 64 + (((u32)cpu + b) & 63);
			u64 bit = 1ull << (from & 63);

			if (stolen || tried >= STEAL_LANES_MAX)
				break;
			if (!(*word & bit) || from == (u32)cpu)
				continue;
			if (!queue_has(lane_of((s32)from))) {
				wide_lane_settle(cpu, (s32)from);
				continue;
			}
			tried++;
			stolen = lane_steal_from(cpu, (s32)from);
		}
	}
	if (stolen)
		count(stolen, 1);
	return stolen;
}
