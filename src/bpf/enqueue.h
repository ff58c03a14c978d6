/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A task becomes runnable, or has used up its slice: into which queue, and who should look.
 */
#pragma once

#include "bpf/dispatch.h"

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

/* Whether an interrupt runs here: then nobody can say of the current task that this is its doing.
 * Where the kernel's count is out of reach, that is always assumed. */
static __always_inline bool in_interrupt(void)
{
	const struct thread_info___counting *info =
		(const void *)&bpf_get_current_task_btf()->thread_info;
	int count = PREEMPT_COUNT_INTERRUPTS;

	if (bpf_ksym_exists(&__preempt_count))
		count = *(const int *)bpf_this_cpu_ptr(&__preempt_count);
	else if (bpf_core_field_exists(info->preempt_count))
		count = info->preempt_count;
	return count & PREEMPT_COUNT_INTERRUPTS;
}

/*
 * A task of @domain woke: the others' turns are cut short for it. Not if a task of its own domain
 * has woken it, as it does when it hands work on: then the domain has a turn at this moment, and
 * short turns for all would only have them hand over their pairs more often. And not for one that
 * has said that it can wait. Returns how it woke.
 */
static __always_inline u32 note_wakeup(const struct task_struct *p, u64 domain, u32 slot)
{
	struct task_struct *waker = bpf_get_current_task_btf();

	if (p->policy == SCHED_BATCH || p->policy == SCHED_IDLE)
		return WAKER_PATIENT;
	if (!in_interrupt() && waker->pid && domain_of(waker) == domain)
		return WAKER_HANDED_ON;
	if (slot != DOMAIN_NO_SLOT)
		domain_woke(slot);
	return 0;
}

static __always_inline u64 slice_of(const struct task_struct *p, u64 enq_flags)
{
	return slice_queued(task_slice(p), enq_flags & SCX_ENQ_WAKEUP);
}

/* Whether a higher class keeps the core of @cpu from @domain. */
static __always_inline bool lane_is_kept(s32 cpu, u64 domain)
{
	struct pair_cell *pc = home_of(cpu_cell_of(cpu));

	return pc && !domains_agree(pair_higher_domain(&pc->pair), domain);
}

/* Where @p waits, if no seat is free for it: on its cpu, or on the next one that may run it, if
 * fewer wait there. So the lanes of those that may even out, and nobody looks through them all. */
static __always_inline s32 lane_cpu_for(const struct task_struct *p, u64 domain)
{
	s32 cpu = scx_bpf_task_cpu(p), other;

	if (is_pinned(p))
		return cpu;
	other = (s32)bpf_cpumask_any_distribute(p->cpus_ptr);
	if (!cpu_cell_of(other) || lane_is_kept(other, domain))
		return cpu;
	if (lane_is_kept(cpu, domain) || queued_in(lane_of(other)) + 1 < queued_in(lane_of(cpu)))
		return other;
	return cpu;
}

/* A task that may not run everywhere waits in a cpu's lane: of one that rests and is woken for it,
 * or else where the fewest do. A pinned one waits in its own cpu's; if that idles, the kernel makes
 * it look. */
static __always_inline void enqueue_restricted(struct task_struct *p, u64 domain, u32 slot,
					       u64 enq_flags)
{
	bool throttled = throttled_until_ns(slot), pinned = is_pinned(p);
	s32 cpu, told = NO_CPU;
	u32 how = 0;
	u64 vtime;

	if (slot == DOMAIN_NO_SLOT)
		count(missing, 1);
	else
		domain_join(slot, domain_lag(domain_at(slot)));
	if (enq_flags & SCX_ENQ_WAKEUP)
		how = note_wakeup(p, domain, slot);
	if (!throttled && !pinned)
		told = tell_a_seat(p, scx_bpf_task_cpu(p), domain, slot, ANY_SEAT);
	cpu = told == NO_CPU ? lane_cpu_for(p, domain) : told;
	vtime = task_join(p, slot, (struct task_company){queued_in(lane_of(cpu)), 1});
	if (!pinned)
		lane_widen(cpu);
	dsq_insert_vtime(p, lane_of(cpu), slice_of(p, enq_flags), lane_place(cpu, slot, vtime),
			 enq_flags);
	if (throttled)
		domain_wait(slot, zone_of(cpu));
	else if (told != NO_CPU)
		arrivals_told(told);
	else if (enq_flags & SCX_ENQ_WAKEUP)
		challenge(cpu, domain, slot, vtime, how | seats_for(p, cpu) << WAKER_SEATS_SHIFT);
}

static __always_inline void enqueue_domain(struct task_struct *p, u64 domain, u32 slot,
					   u64 enq_flags)
{
	s32 prev_cpu = scx_bpf_task_cpu(p);
	u32 zone = zone_of(prev_cpu);
	struct task_company company = {queued_in(queue_of(domain, zone)),
				       zone_pairs(zone) * config.nr_cpus / config.nr_pairs};
	u64 vtime = task_join(p, slot, company);
	u32 how = 0;
	s32 cpu;

	/* A rescue is shorter than a slice: by virtual time a task that has run for a whole slice
	 * would wait for several rounds of them. */
	if (domain_at(slot)->rescued)
		vtime = queue_behind(queue_of(domain, zone), vtime);
	dsq_insert_vtime(p, queue_of(domain, zone), slice_of(p, enq_flags), vtime, enq_flags);
	if (enq_flags & SCX_ENQ_WAKEUP)
		how = note_wakeup(p, domain, slot);
	domain_wait(slot, zone);
	/* Until its next period nobody may start it. */
	if (domain_at(slot)->parked && throttled_until_ns(slot))
		return;
	cpu = tell_a_seat(p, prev_cpu, domain, slot, ANY_SEAT);
	if (cpu != NO_CPU)
		arrivals_told(cpu);
	else if (enq_flags & SCX_ENQ_WAKEUP)
		challenge(prev_cpu, domain, slot, vtime, how | WAKER_ANY_SEAT);
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
	share_note_idle(p, slot);
	if (slot == DOMAIN_NO_SLOT || is_restricted(p))
		enqueue_restricted(p, domain, slot, enq_flags);
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
		cpu = find_seat(p, prev_cpu, domain, domain_slot(domain), ANY_SEAT);
	return cpu >= 0 ? cpu : prev_cpu;
}
