/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two more queues for every cpu, beside the domains' own.
 *
 *   lane      tasks that only this cpu may run (pinned, or migration disabled), and tasks whose
 *             cgroup is already gone. Domains mix in it, so a task is taken by its own domain.
 *             First come, first served: its head is a candidate for the pair's next turn. Inside a
 *             turn its tasks and those of the domain's queue go by virtual time.
 *   trusted   kernel threads, where they are trusted: any domain may run beside them, so they need
 *             no turn. A kernel thread that ran a whole slice ahead of the others lets them go
 *             first until they have caught up.
 */
#pragma once

#include "bpf/domains.h"

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

/* Whether the first task in @domain's own queue is further behind than one of virtual time @vtime.
 */
__noinline bool queue_goes_before(u64 domain, u64 vtime)
{
	struct task_struct *p;
	bool before = false;

	if (scx_bpf_dsq_nr_queued(domain) <= 0)
		return false;
	bpf_for_each (scx_dsq, p, domain, 0) {
		before = vtime_before(p->scx.dsq_vtime, vtime);
		break;
	}
	return before;
}

/* Moves the first task of @domain in @cpu's lane to its local queue; with @fair, only if it goes
 * before the domain's queue. */
__noinline bool lane_take(s32 cpu, u64 domain, bool fair)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct task_struct *p;
	bool queue, taken = false;

	if (!cell || scx_bpf_dsq_nr_queued(lane_of(cpu)) <= 0)
		return false;
	queue = fair && domain_slot(domain) != DOMAIN_NO_SLOT;
	cell->lane_looked = 0;
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		if (++cell->lane_looked > LANE_SCAN_MAX)
			break;
		if (domain_of(p) != domain)
			continue;
		if (queue && queue_goes_before(domain, p->scx.dsq_vtime))
			break;
		taken = scx_bpf_dsq_move(&___it, p, SCX_DSQ_LOCAL, 0);
		if (taken)
			break;
	}
	return taken;
}

/* The domain of the task that has waited longest in @cpu's lane, or DOMAIN_NONE. */
__noinline u64 lane_head(s32 cpu)
{
	struct task_struct *p;
	u64 domain = DOMAIN_NONE;

	if (scx_bpf_dsq_nr_queued(lane_of(cpu)) <= 0)
		return DOMAIN_NONE;
	bpf_for_each (scx_dsq, p, lane_of(cpu), 0) {
		domain = domain_of(p);
		break;
	}
	return domain;
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
