/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A task becomes runnable, or has used up its slice: into which queue, and who should look.
 */
#pragma once

#include "bpf/place.h"

/* A kernel thread waits on its cpu's trusted lane. If it woke, it does not wait for the end of
 * somebody's slice, unless kernel threads are ahead there. An idle cpu looks by itself, but not one
 * that is only about to idle, because the look before did not see the thread that ran. */
static __always_inline void enqueue_trusted(struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);

	scx_bpf_dsq_insert(p, trusted_lane_of(cpu), config.slice_ns, enq_flags);
	if (enq_flags & SCX_ENQ_LAST)
		kick((u32)cpu, 0);
	if (pc && (enq_flags & SCX_ENQ_WAKEUP) && cell->trusted_debt_ns <= config.slice_ns &&
	    domain_excludes(pc->pair.seats[cell->place.seat & (PAIR_SEATS_MAX - 1)].occupant))
		kick((u32)cpu, SCX_KICK_PREEMPT);
}

/* A pinned task waits on its cpu's lane; if that cpu idles, the kernel makes it look. */
static __always_inline void enqueue_pinned(struct task_struct *p, u64 domain, u32 slot,
					   u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (slot == DOMAIN_NO_SLOT)
		count(missing, 1);
	else
		domain_join(slot);
	p->scx.dsq_vtime =
		vtime_join(p->scx.dsq_vtime, domain_at(slot)->task_vtime, config.slice_ns);
	if (slot != DOMAIN_NO_SLOT && (enq_flags & SCX_ENQ_WAKEUP))
		domain_woke(slot);
	scx_bpf_dsq_insert(p, lane_of(cpu), config.slice_ns, enq_flags);
	if (enq_flags & SCX_ENQ_WAKEUP)
		challenge(cpu, domain, slot, p->scx.dsq_vtime, true);
}

static __always_inline void enqueue_domain(struct task_struct *p, u64 domain, u32 slot,
					   u64 enq_flags)
{
	s32 prev_cpu = scx_bpf_task_cpu(p);
	u64 vtime = vtime_join(p->scx.dsq_vtime, domain_at(slot)->task_vtime, config.slice_ns);
	s32 cpu;

	dsq_insert_vtime(p, domain, config.slice_ns, vtime, enq_flags);
	if (enq_flags & SCX_ENQ_WAKEUP)
		domain_woke(slot);
	domain_wait(slot);
	cpu = find_seat(p, prev_cpu, domain, slot);
	if (cpu != NO_CPU)
		kick_seat(cpu);
	else if (enq_flags & SCX_ENQ_WAKEUP)
		challenge(prev_cpu, domain, slot, vtime, false);
}

static __always_inline void enqueue(struct task_struct *p, u64 enq_flags)
{
	u64 domain = domain_of(p);
	u32 slot;

	arrivals_begin();
	count(total, 1);
	if (domain == DOMAIN_TRUSTED) {
		enqueue_trusted(p, enq_flags);
		return;
	}
	slot = domain_slot(domain);
	if (slot == DOMAIN_NO_SLOT || is_pinned(p))
		enqueue_pinned(p, domain, slot, enq_flags);
	else
		enqueue_domain(p, domain, slot, enq_flags);
}

/* A resting cpu for a waking task, else the one it ran on: ops.enqueue then decides. */
static __always_inline s32 select_cpu(struct task_struct *p, s32 prev_cpu)
{
	u64 domain = domain_of(p);
	s32 cpu;

	if (domain == DOMAIN_TRUSTED)
		cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	else
		cpu = find_seat(p, prev_cpu, domain, domain_slot(domain));
	return cpu >= 0 ? cpu : prev_cpu;
}
