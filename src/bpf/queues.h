/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queues of a domain, one in each zone: a task waits where it ran last, and the cpus of that
 * zone take it. A cpu that finds nothing there takes from the other zones; and one that does, holds
 * it against another zone's now and then, so that all tasks of a domain get on alike. One more
 * holds those of its tasks that may not run everywhere, while a limit of it is used up (lanes.h).
 *
 * The ids of cgroups stay below 2^52: the kernel counts them up from one.
 */
#pragma once

#include "bpf/domains.h"

#define QUEUE_ZONE_SHIFT 52

static __always_inline u64 queue_of(u64 domain, u32 zone)
{
	return domain | (u64)zone << QUEUE_ZONE_SHIFT;
}

/* Where tasks of @domain that may not run everywhere are held until its next period. */
static __always_inline u64 held_queue_of(u64 domain)
{
	return queue_of(domain, ZONES_MAX);
}

static __always_inline u32 zone_of(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);

	return cell ? cell->place.zone : 0;
}

/* The zone that is @i after @zone. */
static __always_inline u32 zone_after(u32 zone, u32 i)
{
	u32 nr = config.nr_zones;

	return zone + i < nr ? zone + i : zone + i - nr;
}

/* How many tasks wait in a queue or a lane. */
static __always_inline u32 queued_in(u64 queue)
{
	s32 nr = scx_bpf_dsq_nr_queued(queue);

	return nr > 0 ? (u32)nr : 0;
}

static __always_inline bool queue_has(u64 queue)
{
	return queued_in(queue) > 0;
}

/* How many tasks of @domain wait in all zones. */
__noinline u32 domain_queued(u64 domain)
{
	u32 sum = 0, zone;

	bpf_for (zone, 0, config.nr_zones)
		sum += queued_in(queue_of(domain, zone));
	return sum;
}

/* Makes the queues of @domain. Returns 0 or a negative error, and then has made none. */
__noinline int queues_create(u64 domain)
{
	u32 zone, made = 0;
	int err;

	if (domain >> QUEUE_ZONE_SHIFT)
		return -22;
	err = scx_bpf_create_dsq(held_queue_of(domain), -1);
	if (err)
		return err < 0 ? err : -12;
	bpf_for (zone, 0, config.nr_zones) {
		err = scx_bpf_create_dsq(queue_of(domain, zone), -1);
		if (err)
			break;
		made++;
	}
	if (!err)
		return 0;
	bpf_for (zone, 0, made)
		scx_bpf_destroy_dsq(queue_of(domain, zone));
	scx_bpf_destroy_dsq(held_queue_of(domain));
	return err < 0 ? err : -12;
}

__noinline int queues_destroy(u64 domain)
{
	u32 zone;

	bpf_for (zone, 0, config.nr_zones)
		scx_bpf_destroy_dsq(queue_of(domain, zone));
	scx_bpf_destroy_dsq(held_queue_of(domain));
	return 0;
}

/* Whether the first task of a queue is further behind than one of virtual time @vtime. */
__noinline bool queue_goes_before(u64 queue, u64 vtime)
{
	struct task_struct *p;
	bool before = false;

	if (!queue_has(queue))
		return false;
	bpf_for_each (scx_dsq, p, queue, 0) {
		before = vtime_before(p->scx.dsq_vtime, vtime);
		break;
	}
	return before;
}

/* The same for the queue of @domain that @cpu takes from. */
__noinline bool own_queue_goes_before(s32 cpu, u64 domain, u64 vtime)
{
	return queue_goes_before(queue_of(domain, zone_of(cpu)), vtime);
}

/* The last task's virtual time, if that is later than @vtime. */
__noinline u64 queue_behind(u64 queue, u64 vtime)
{
	struct task_struct *p;
	u64 last = vtime;

	bpf_for_each (scx_dsq, p, queue, SCX_DSQ_ITER_REV) {
		last = p->scx.dsq_vtime;
		break;
	}
	return vtime_before(vtime, last) ? last : vtime;
}

/* The first task's virtual time plus what another zone has to be further behind; @otherwise for an
 * empty queue. */
__noinline u64 queue_yields_at(u64 queue, u64 otherwise)
{
	struct task_struct *p;
	u64 vtime = otherwise;

	bpf_for_each (scx_dsq, p, queue, 0) {
		vtime = p->scx.dsq_vtime - config.zone_lag_ns;
		break;
	}
	return vtime;
}

/* Moves the first task of a queue to this cpu, if there is one that may run on it. */
static __always_inline bool queue_take(u64 queue)
{
	return queue_has(queue) && scx_bpf_dsq_move_to_local(queue);
}

/* The zone whose queue is held against this one's next. */
static __always_inline u32 zone_compared(const struct cpu_cell *cell)
{
	return zone_after(cell->zone_cursor, 1);
}

/* The same for another zone's queue, of which the first task has to be further behind by what
 * locality is worth. One zone is looked at each time; if there is one, domain_take() looks at the
 * same. */
__noinline bool far_queue_goes_before(s32 cpu, u64 domain, u64 vtime)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);

	if (!cell)
		return false;
	if (zone_compared(cell) != cell->place.zone &&
	    queue_goes_before(queue_of(domain, zone_compared(cell)), vtime - config.zone_lag_ns))
		return true;
	cell->zone_cursor = zone_compared(cell);
	return false;
}

/* A task of @domain from a zone that is so far behind this one that locality has to wait; one zone
 * is looked at each time. */
static __always_inline bool take_from_behind(struct cpu_cell *cell, u64 domain)
{
	u64 own = queue_of(domain, cell->place.zone), other;

	cell->zone_cursor = zone_compared(cell);
	other = queue_of(domain, cell->zone_cursor);
	return other != own && queue_has(other) && queue_has(own) &&
	       queue_goes_before(other, queue_yields_at(own, 0)) && queue_take(other);
}

/* A task of @domain for @cpu, from its own zone or else from another. */
__noinline bool domain_take(s32 cpu, u64 domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	u32 i;

	if (!cell)
		return false;
	if (config.nr_zones > 1 && take_from_behind(cell, domain))
		return true;
	bpf_for (i, 0, config.nr_zones)
		if (queue_take(queue_of(domain, zone_after(cell->place.zone, i))))
			return true;
	return false;
}
