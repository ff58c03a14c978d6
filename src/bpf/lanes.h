/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two more queues for every cpu, beside the domains' own.
 *
 *   lane      tasks that only this cpu may run (pinned, or migration disabled), and tasks whose
 *             cgroup is already gone. Domains mix in it, so a task is taken by its own domain.
 *             That of them which is furthest behind is a candidate for the pair's next turn.
 *             Inside a turn its tasks and those of the domain's queue go by virtual time.
 *   trusted   kernel threads, where they are trusted: any domain may run beside them, so they need
 *             no turn. A kernel thread that ran a whole slice ahead of the others lets them go
 *             first until they have caught up.
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

/* Looks through @cpu's lane for tasks of @domain. Returns whether there is one, and leaves the
 * least virtual time of them in the cell. */
__noinline bool lane_has(s32 cpu, u64 domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct task_struct *p;
	bool found = false;

	if (!cell || scx_bpf_dsq_nr_queued(lane_of(cpu)) <= 0)
		return false;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		if (++cell->lane_looked > LANE_SCAN_MAX)
			break;
		if (domain_of(p) != domain ||
		    (found && !vtime_before(p->scx.dsq_vtime, cell->lane_vtime)))
			continue;
		cell->lane_vtime = p->scx.dsq_vtime;
		found = true;
	}
	return found;
}

/* Moves the task of @domain in @cpu's lane that is furthest behind to its local queue; with @fair,
 * only if it goes before the domain's queue. */
__noinline bool lane_take(s32 cpu, u64 domain, bool fair)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct task_struct *p;
	bool taken = false;

	if (!cell || !lane_has(cpu, domain))
		return false;
	if (fair && domain_slot(domain) != DOMAIN_NO_SLOT &&
	    own_queue_goes_before(cpu, domain, cell->lane_vtime))
		return false;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		if (++cell->lane_looked > LANE_SCAN_MAX)
			break;
		if (domain_of(p) != domain || p->scx.dsq_vtime != cell->lane_vtime)
			continue;
		taken = scx_bpf_dsq_move(&___it, p, SCX_DSQ_LOCAL, 0);
		if (taken)
			break;
	}
	/* Whoever is at its head now has to begin to wait for its turn. */
	if (taken)
		cell->lane_pid = 0;
	return taken;
}

/* The bonus of who has waited for so long that nothing else counts. */
#define BONUS_OVERDUE (~0ull)

/*
 * What waiting is worth to @p, which has waited longest in the lane of @cell's cpu, and whose
 * domain @slot stands at @rank. It can be served nowhere else, so what its domain holds on other
 * pairs must not keep it waiting for ever: it is compared as if the domain had begun level with the
 * owner of this pair when @p came to the head, and had paid for one turn here since.
 */
static __always_inline u64 lane_head_bonus(struct cpu_cell *cell, const struct task_struct *p,
					   u32 slot, u64 rank)
{
	struct pair_cell *pc = home_of(cell);
	u64 now_ns = bpf_ktime_get_ns(), patience_ns;

	if (!pc)
		return 0;
	patience_ns = rescue_after_ns(
		queued_in(lane_of((s32)pair_seat(&pc->pair, cell->place.seat)->cpu)),
		config.burst_ns, false);
	if (cell->lane_pid != p->pid) {
		u64 turn_ns = turn_planned_ns(&pc->pair) * pc->pair.nr_seats;

		cell->lane_pid = p->pid;
		cell->lane_since_ns = now_ns;
		cell->lane_limit =
			(pc->pair.owner != DOMAIN_NONE ? turn_owner_vtime(&pc->pair, now_ns)
						       : vtime_now[BAND_ORDINARY]) +
			vtime_cost(turn_ns, domain_at(slot)->weight);
	}
	if (now_ns > cell->lane_since_ns + patience_ns)
		return BONUS_OVERDUE;
	if (vtime_is_leftover(rank) || !vtime_before(cell->lane_limit, rank))
		return 0;
	return rank - cell->lane_limit;
}

/* The domain of a task in @cpu's lane that is furthest behind and may run, or DOMAIN_NONE. Of
 * equals, that of the task that has waited longest. */
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
		if (domain == next)
			continue;
		slot = domain_slot(domain);
		if (throttled_until_ns(slot)) {
			domain_wait(slot, cell->place.zone);
			continue;
		}
		rank = slot_rank(slot);
		bonus = next == DOMAIN_NONE ? lane_head_bonus(cell, p, slot, rank) : 0;
		rank = bonus == BONUS_OVERDUE ? 0 : rank - bonus;
		if (next != DOMAIN_NONE && !vtime_before(rank, next_rank))
			continue;
		next = domain;
		next_rank = rank;
		cell->lane_bonus = bonus;
	}
	return next;
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
