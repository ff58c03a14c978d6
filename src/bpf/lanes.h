/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two more queues for every cpu, beside the domains' own.
 *
 *   lane      tasks that may not run on every cpu: those that are bound to this one (pinned, or
 *             migration disabled), and those that are bound to a few, of which this is one. And
 *             tasks whose cgroup is already gone. Domains mix in it, so a task is taken by its own
 *             domain. Its order is that of policy/lane.h; inside a turn its tasks and those of the
 *             domain's queue go by virtual time.
 *   trusted   kernel threads, where they are trusted: any domain may run beside them, so they need
 *             no turn. A kernel thread that ran a whole slice ahead of the others lets them go
 *             first until they have caught up.
 *
 * A task that is bound to a few cpus waits where it can run, so whoever looks there is shown it,
 * and no domain is shown for tasks that the one who looks may not run:
 *
 *   - it waits in the lane of a cpu that rests, or else of one with few others (enqueue.h);
 *   - every cpu of that pair takes from it;
 *   - other cpus move it to their own lanes when they have nothing to do (lane_steal()).
 *
 * A lane is for tasks that may start. Those of a domain whose limit is used up are moved to a queue
 * of the domain by the first look that meets them, and back when its next period begins: so they
 * hide nobody.
 */
#pragma once

#include "bpf/heap_look.h"

#define LANE_FLAG    (1ull << 62)
#define LANE_TRUSTED (LANE_FLAG | (1ull << 61))
/* How many tasks of a lane one look goes through for one of the wanted domain. */
#define LANE_SCAN_MAX 32

static __always_inline u64 lane_of(s32 cpu)
{
	return LANE_FLAG | (u32)cpu;
}

static __always_inline u64 trusted_lane_of(s32 cpu)
{
	return LANE_TRUSTED | (u32)cpu;
}

/*
 * Whether only the cpu it is on may run @p. Of the running task, one count is this BPF program's
 * own section. If it is the task's own after all, the task waits in its domain's queue, where the
 * other cpus pass it over; to call it pinned would tie every task that uses up its slice to its
 * cpu.
 */
static __always_inline bool is_pinned(const struct task_struct *p)
{
	u32 own = p == bpf_get_current_task_btf() ? 1 : 0;

	return p->nr_cpus_allowed == 1 || p->migration_disabled > own;
}

/* Whether there is a cpu that may not run @p. */
__noinline bool is_restricted(struct task_struct *p __arg_trusted)
{
	const struct cpumask *online;
	bool everywhere;

	if (is_pinned(p))
		return true;
	if (p->nr_cpus_allowed >= (s32)config.nr_cpus)
		return false;
	online = scx_bpf_get_online_cpumask();
	everywhere = bpf_cpumask_subset(online, p->cpus_ptr);
	scx_bpf_put_cpumask(online);
	return !everywhere;
}

static __always_inline bool may_run_on(const struct task_struct *p, s32 cpu)
{
	return is_pinned(p) ? scx_bpf_task_cpu(p) == cpu
			    : bpf_cpumask_test_cpu((u32)cpu, p->cpus_ptr);
}

/* The seats of the pair of @cpu that may run @p, as a bit mask. */
__noinline u32 seats_for(struct task_struct *p __arg_trusted, s32 cpu)
{
	struct pair_cell *pc = home_of(cpu_cell_of(cpu));
	u32 seats = 0;

	if (!pc)
		return 0;
	for_each_below (i, pc->pair.nr_seats)
		if (may_run_on(p, (s32)pair_seat(&pc->pair, i)->cpu))
			seats |= 1u << (i & (PAIR_SEATS_MAX - 1));
	return seats;
}

/* What @p counts for beside others of its domain, in WEIGHT_UNIT. */
static __always_inline u32 task_weight(const struct task_struct *p)
{
	return nice_weight((u32)p->static_prio, p->policy == SCHED_IDLE);
}

/* How long @p may run before others of its domain, in ns. */
static __always_inline u64 task_slice(const struct task_struct *p)
{
	return nice_slice(config.slice_ns, config.burst_ns, task_weight(p));
}

/* The virtual time at which @p waits from now on, in @company: no further behind its domain's
 * tasks than a slice, and no further ahead of them than task_lead_max(). */
static __always_inline u64 task_join(const struct task_struct *p, u32 slot,
				     struct task_company company)
{
	u64 now = domain_at(slot)->task_vtime;
	u64 lead = task_lead_max(task_slice(p), task_weight(p), company);

	return vtime_clamp(vtime_join(p->scx.dsq_vtime, now, config.slice_ns), now, lead);
}

/* The bonus of who has waited for so long that nothing else counts. */
#define BONUS_OVERDUE (~0ull)

/* Looks through a lane for a task of @domain that @cpu may run, and that goes before the one which
 * the cell has already: the one furthest behind, or in a lane that is overdue the one that has
 * waited longest. */
__noinline int lane_search(u64 lane, s32 cpu, u64 domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu), *there = cpu_cell_of((s32)(u32)lane);
	u64 now = domain_at(domain_slot(domain))->task_vtime;
	struct task_struct *p;

	if (!cell || !there)
		return 0;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, lane, 0) {
		u64 vtime;

		if (++cell->lane_looked > LANE_SCAN_MAX)
			break;
		if (domain_of(p) != domain || !may_run_on(p, cpu))
			continue;
		vtime = lane_key_vtime(p->scx.dsq_vtime, now);
		if (cell->lane_found && !vtime_before(vtime, cell->lane_vtime))
			continue;
		cell->lane_found = lane;
		cell->lane_found_pid = p->pid;
		cell->lane_vtime = vtime;
		cell->lane_was_held = p->scx.dsq_vtime & LANE_KEY_WAS_HELD;
		if (there->lane_bonus == BONUS_OVERDUE)
			break;
	}
	return 0;
}

/* Whether a task of @domain waits in a lane of this pair that @cpu may run. Leaves in the cell
 * where the one is that is furthest behind. */
__noinline bool lane_has(s32 cpu, u64 domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u32 i;

	if (!cell || !pc)
		return false;
	cell->lane_found = 0;
	bpf_for (i, 0, PAIR_SEATS_MAX) {
		u64 lane = lane_of((s32)pc->pair.seats[i].cpu);

		if (i >= pc->pair.nr_seats)
			break;
		if (queue_has(lane))
			lane_search(lane, cpu, domain);
	}
	return cell->lane_found;
}

/* Whether anybody waits in a lane of the pair of @cpu. */
__noinline bool lanes_wait(s32 cpu)
{
	struct pair_cell *pc = home_of(cpu_cell_of(cpu));
	bool waits = false;

	if (!pc)
		return false;
	for_each_below (i, pc->pair.nr_seats)
		waits |= queue_has(lane_of((s32)pair_seat(&pc->pair, i)->cpu));
	return waits;
}

/* A task of domain @slot has left a lane: whoever is its first now begins to be that. */
static __always_inline void lane_left(u64 lane, u32 slot)
{
	struct cpu_cell *cell = cpu_cell_of((s32)(u32)lane);

	if (!cell)
		return;
	cell->lane_pid = 0;
	lane_served(&cell->lane_rounds, slot);
}

/* Moves the task of @domain that goes first in the lanes of @cpu's pair to @cpu's local queue; with
 * @fair, only if it goes before the domain's queue. */
__noinline bool lane_take(s32 cpu, u64 domain, bool fair)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct task_struct *p;
	bool taken = false;
	u32 slot;

	if (!cell || !lane_has(cpu, domain))
		return false;
	slot = domain_slot(domain);
	/* One that was held apart has been let go on because it is its turn. */
	if (fair && slot != DOMAIN_NO_SLOT && !cell->lane_was_held &&
	    own_queue_goes_before(cpu, domain, cell->lane_vtime))
		return false;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, cell->lane_found, 0) {
		if (++cell->lane_looked > LANE_SCAN_MAX)
			break;
		if (p->pid != cell->lane_found_pid)
			continue;
		taken = scx_bpf_dsq_move(&___it, p, SCX_DSQ_LOCAL, 0);
		if (taken) {
			p->scx.dsq_vtime = cell->lane_vtime;
			break;
		}
	}
	if (taken)
		lane_left(cell->lane_found, slot);
	return taken;
}

/* Whether @p, the first in the lane of @cpu, has been that for too long for the number of those
 * that wait there. */
static __always_inline bool lane_head_is_overdue(struct cpu_cell *cell, s32 cpu,
						 const struct task_struct *p)
{
	u64 now_ns = bpf_ktime_get_ns();

	if (cell->lane_pid != p->pid) {
		cell->lane_pid = p->pid;
		cell->lane_since_ns = now_ns;
	}
	return ns_since(cell->lane_since_ns, now_ns) >
	       rescue_after_ns(queued_in(lane_of(cpu)), config.burst_ns, false);
}

/* What waiting in the lane of @cell's cpu is worth to domain @slot; see lane_bonus(). */
static __always_inline u64 lane_worth(struct cpu_cell *cell, u32 slot, u64 rank)
{
	struct pair_cell *pc = home_of(cell);
	u64 owner_vtime, turn_ns;

	if (!pc || vtime_is_leftover(rank))
		return 0;
	owner_vtime = pc->pair.owner != DOMAIN_NONE
			      ? turn_owner_vtime(&pc->pair, bpf_ktime_get_ns())
			      : vtime_now[BAND_ORDINARY];
	turn_ns = turn_planned_ns(&pc->pair) * pc->pair.nr_seats;
	return lane_bonus(&cell->lane_rounds, slot, rank, owner_vtime,
			  vtime_cost(turn_ns, domain_at(slot)->weight));
}

/* Moves @p, of domain @slot whose limit is used up, out of the lane that @it goes through: behind
 * those that are held already, but before them if it has been held and had no turn since. It comes
 * back when the domain is let go on: that is asked for afterwards, so that it cannot be missed. */
static __always_inline void lane_hold(struct bpf_iter_scx_dsq *it, struct task_struct *p, u32 slot)
{
	u64 flags = p->scx.dsq_vtime & LANE_KEY_WAS_HELD ? SCX_ENQ_HEAD : 0;

	if (scx_bpf_dsq_move(it, p, held_queue_of(domain_at(slot)->id), flags))
		count(held, 1);
	domain_park(slot, throttled_until_ns(slot));
}

/* The domain of a task in @cpu's lane that is furthest behind and may run, or DOMAIN_NONE. Of
 * equals, that of the task that has waited longest. Leaves in the cell which seats may run it. */
__noinline u64 lane_next(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	u64 next = DOMAIN_NONE, next_rank = 0;
	struct task_struct *p;

	if (!cell || scx_bpf_dsq_nr_queued(lane_of(cpu)) <= 0)
		return DOMAIN_NONE;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		u64 domain = domain_of(p), rank, bonus;
		u32 slot;

		if (++cell->lane_looked > LANE_SCAN_MAX)
			break;
		if (domain == next) {
			cell->lane_seats |= seats_for(p, cpu);
			continue;
		}
		slot = domain_slot(domain);
		if (throttled_until_ns(slot)) {
			lane_hold(&___it, p, slot);
			continue;
		}
		if (next == DOMAIN_NONE)
			lane_serve(&cell->lane_rounds, lane_key_round(p->scx.dsq_vtime));
		rank = slot_rank(slot);
		if (next == DOMAIN_NONE && lane_head_is_overdue(cell, cpu, p)) {
			bonus = BONUS_OVERDUE;
			rank = 0;
		} else {
			bonus = lane_worth(cell, slot, rank);
			rank -= bonus;
		}
		if (next != DOMAIN_NONE && !vtime_before(rank, next_rank))
			continue;
		next = domain;
		next_rank = rank;
		cell->lane_bonus = bonus;
		cell->lane_seats = seats_for(p, cpu);
	}
	return next;
}

/* The key by which @p waits in the lane of @cpu, for whose domain @slot it is at @vtime. */
__noinline u64 lane_place(s32 cpu, u32 slot, u64 vtime)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);

	return cell ? lane_key(lane_join(&cell->lane_rounds, slot), vtime) : vtime;
}

static __always_inline int lanes_create(void)
{
	int err = 0;
	u32 cpu;

	bpf_for (cpu, 0, config.nr_cpus) {
		err = scx_bpf_create_dsq(lane_of((s32)cpu), -1);
		if (!err)
			err = scx_bpf_create_dsq(trusted_lane_of((s32)cpu), -1);
		if (err)
			break;
	}
	return err;
}
