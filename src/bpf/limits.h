/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.max through the tree of cgroups: a domain may run while something is left of the period of
 * each limit above it. What a task will use is taken from all of them when it starts, and what it
 * has not used is given back when it stops (policy/bandwidth.h).
 */
#pragma once

#include "bpf/shares.h"

/* Publishes what has become of the limit of domain @slot. */
static __always_inline void limit_publish(u32 slot)
{
	const struct bandwidth __arena *limit = &domain_at(slot)->limit;
	u64 id = domain_at(slot)->id;
	struct limit_times times = {id, limit->periods, limit->throttled_periods,
				    limit->throttled_ns};

	bpf_map_update_elem(&limit_stats, &id, &times, 0);
}

/* When domain @slot may run again; 0: it may run now. */
__noinline u64 limits_until_ns(u32 slot)
{
	u64 now_ns = bpf_ktime_get_ns(), until_ns = 0;
	u32 i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		struct bandwidth __arena *limit = &domain_at(slot)->limit;

		if (slot == DOMAIN_NO_SLOT)
			break;
		if (bandwidth_refresh(limit, now_ns))
			limit_publish(slot);
		if (bandwidth_is_used_up(limit) && limit->until_ns > until_ns)
			until_ns = limit->until_ns;
		slot = domain_at(slot)->share.parent;
	}
	return until_ns;
}

/* The same; cheap where there is no limit. One that is overdue is served for a moment whatever is
 * left, and owes it. */
static __always_inline u64 throttled_until_ns(u32 slot)
{
	const struct domain __arena *domain = domain_at(slot);

	return domain->limited && !domain->overdue ? limits_until_ns(slot) : 0;
}

/* When the first of the periods ends that have begun for domain @slot; 0: none has. */
__noinline u64 limits_end_ns(u32 slot)
{
	u64 end_ns = 0;
	u32 i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		u64 until_ns = domain_at(slot)->limit.until_ns;

		if (slot == DOMAIN_NO_SLOT)
			break;
		if (domain_at(slot)->limit.quota_ns && until_ns && (!end_ns || until_ns < end_ns))
			end_ns = until_ns;
		slot = domain_at(slot)->share.parent;
	}
	return end_ns;
}

/* Takes @ns of every limit above domain @slot, or gives them back where it is negative. */
__noinline int limits_take(u32 slot, s64 ns)
{
	u64 now_ns = bpf_ktime_get_ns();
	u32 i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		if (slot == DOMAIN_NO_SLOT)
			break;
		bandwidth_take(&domain_at(slot)->limit, ns, now_ns);
		slot = domain_at(slot)->share.parent;
	}
	return 0;
}

/* As much of @slice_ns as every limit above domain @slot has left. */
__noinline u64 limits_slice(u32 slot, u64 slice_ns)
{
	u32 i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		if (slot == DOMAIN_NO_SLOT)
			break;
		slice_ns = bandwidth_slice(&domain_at(slot)->limit, slice_ns);
		slot = domain_at(slot)->share.parent;
	}
	return slice_ns;
}

/* A task of domain @slot starts on the cpu of @cell, or goes on. Returns its slice. */
static __always_inline u64 limits_begin(struct cpu_cell *cell, u32 slot, u64 slice_ns, u64 now_ns)
{
	cell->taken_slot = DOMAIN_NO_SLOT;
	if (slot == DOMAIN_NO_SLOT || !domain_at(slot)->limited)
		return slice_ns;
	slice_ns = limits_slice(slot, slice_ns);
	limits_take(slot, (s64)slice_ns);
	cell->taken_slot = slot;
	cell->taken_ns = slice_ns;
	cell->taken_at_ns = now_ns;
	return slice_ns;
}

/* The task that was last begun on the cpu of @cell stops, or goes on for another slice. */
static __always_inline void limits_end(struct cpu_cell *cell, u64 now_ns)
{
	if (cell->taken_slot == DOMAIN_NO_SLOT)
		return;
	limits_take(cell->taken_slot, (s64)(now_ns - cell->taken_at_ns) - (s64)cell->taken_ns);
	cell->taken_slot = DOMAIN_NO_SLOT;
}

/* How many limits hold for domain @slot. */
static __always_inline u32 limits_above(u32 slot)
{
	u32 limits = 0, i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		if (slot == DOMAIN_NO_SLOT)
			break;
		limits += domain_at(slot)->limit.quota_ns != 0;
		slot = domain_at(slot)->share.parent;
	}
	return limits;
}

/* What the kernel says for no limit. */
#define LIMIT_NONE_US (~0ull)

/* cpu.max of domain @slot was written. */
static __always_inline void limit_set(u32 slot, u64 period_us, u64 quota_us, u64 burst_us)
{
	u64 period_ns = (period_us ? period_us : 1) * 1000;
	u64 quota_ns = quota_us == LIMIT_NONE_US ? 0 : quota_us * 1000;

	if (!bandwidth_binds(quota_ns, period_ns, config.nr_cpus))
		quota_ns = 0;
	bandwidth_set(&domain_at(slot)->limit, quota_ns, period_ns, burst_us * 1000);
}

/* Counts the limits that hold for domain @slot. Of two cpus that race, the last to exchange sees
 * what the other has changed above: so a cgroup that is made meanwhile misses nothing. */
__noinline int limited_settle(u32 slot)
{
	u32 i;

	bpf_for (i, 0, SHARE_TRIES) {
		u32 want = limits_above(slot);

		if (domain_at(slot)->limited == want)
			break;
		__sync_lock_test_and_set(&domain_at(slot)->limited, want);
	}
	return 0;
}

/* The same while it lives: all that is below follows. */
static __always_inline void limit_change(u32 slot, u64 period_us, u64 quota_us, u64 burst_us)
{
	struct shard *shard = the_shard();
	u32 i;

	limit_set(slot, period_us, quota_us, burst_us);
	if (!shard)
		return;
	bpf_for (i, 1, shard->nr_slots)
		limited_settle(i);
}
