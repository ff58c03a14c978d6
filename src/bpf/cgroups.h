/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cgroups come and go: slots and queues of the domain table are made and unmade here. All of it
 * runs in sleepable callbacks that the kernel serialises against each other.
 */
#pragma once

#include "bpf/heap.h"

/* Gives region @index pages up to @bytes. Returns 0, or -ENOMEM. */
static __always_inline int map_region(u32 index, u64 base, u64 bytes)
{
	u32 i;

	bpf_for (i, 0, 8) {
		u64 have = mapped_bytes[index];

		if (have >= bytes)
			break;
		if (!bpf_arena_alloc_pages(&arena, (void __arena *)(base + have), 1, -1, 0))
			return -12;
		mapped_bytes[index] = have + ARENA_PAGE;
	}
	return mapped_bytes[index] >= bytes ? 0 : -12;
}

static __always_inline u64 region_at(u32 index)
{
	switch (index) {
	case 0:
		return REGION_DOMAINS;
	case 1:
		return REGION_PARKED;
	case 2:
		return REGION_HUNGRY;
	case 3:
		return REGION_PARTS;
	default:
		return entries_at(index - FIRST_ENTRIES_REGION);
	}
}

/* Makes every page of the arena what it was when it was allocated. Requires: no callback runs. */
static __always_inline void clear_regions(void)
{
	u32 i, w;

	bpf_for (i, 0, REGIONS) {
		u32 words = (u32)(mapped_bytes[i] / sizeof(u64));
		u64 __arena *region = arena_region(region_at(i));

		bpf_for (w, 0, words)
			region[w] = 0;
	}
}

/* Makes room for slots below @nr in every region. */
__noinline int map_slots(u32 nr)
{
	u64 entries_bytes = ((u64)nr + 1) * sizeof(struct waiting_entry);
	int err = map_region(0, REGION_DOMAINS, (u64)nr * sizeof(struct domain));
	u32 zone;

	if (!err)
		err = map_region(1, REGION_PARKED, entries_bytes);
	if (!err)
		err = map_region(2, REGION_HUNGRY, (u64)nr * pair_words() * sizeof(u64));
	if (!err)
		err = map_region(3, REGION_PARTS,
				 (u64)nr * config.nr_zones * sizeof(struct domain_part));
	bpf_for (zone, 0, config.nr_zones) {
		if (!err)
			err = map_region(FIRST_ENTRIES_REGION + zone, entries_at(zone),
					 entries_bytes);
	}
	return err;
}

/* A slot that is nobody's, or DOMAIN_NO_SLOT if there is no memory for one. */
__noinline u32 slot_take(void)
{
	struct shard *shard = the_shard();
	u32 slot;

	if (!shard || shard->nr_slots >= DOMAINS_MAX || map_slots(shard->nr_slots + 1))
		return DOMAIN_NO_SLOT;
	bpf_spin_lock(&shard->lock);
	slot = shard->free_head;
	if (slot)
		shard->free_head = domain_at(slot)->next_free;
	else
		slot = shard->nr_slots++;
	bpf_spin_unlock(&shard->lock);
	return slot;
}

static __always_inline void slot_give_back(struct shard *shard, u32 slot)
{
	bpf_spin_lock(&shard->lock);
	domain_at(slot)->id = DOMAIN_NONE;
	domain_at(slot)->next_free = shard->free_head;
	shard->free_head = slot;
	bpf_spin_unlock(&shard->lock);
}

/* Unlinks the oldest dead domain if it is old enough. Returns its slot, or DOMAIN_NO_SLOT. */
static __always_inline u32 grave_take(struct shard *shard, u64 now_ns)
{
	u32 slot;

	bpf_spin_lock(&shard->lock);
	slot = shard->grave_head;
	if (slot && now_ns - domain_at(slot)->died_ns > DOMAIN_GRAVE_NS) {
		shard->grave_head = domain_at(slot)->next_free;
		if (!shard->grave_head)
			shard->grave_tail = 0;
	} else {
		slot = DOMAIN_NO_SLOT;
	}
	bpf_spin_unlock(&shard->lock);
	return slot;
}

static __always_inline void grave_put(struct shard *shard, u32 slot, u64 now_ns)
{
	bpf_spin_lock(&shard->lock);
	domain_at(slot)->died_ns = now_ns;
	domain_at(slot)->next_free = 0;
	if (shard->grave_tail)
		domain_at(shard->grave_tail)->next_free = slot;
	else
		shard->grave_head = slot;
	shard->grave_tail = slot;
	bpf_spin_unlock(&shard->lock);
}

/* Frees up to two dead domains, so that a storm of rmdir is kept up with. One whose queue still has
 * tasks, or which is still in the heap, goes back to the end of the line. */
__noinline int graves_reap(void)
{
	struct shard *shard = the_shard();
	u64 now_ns = bpf_ktime_get_ns();
	u32 i;

	if (!shard)
		return 0;
	bpf_for (i, 0, 2) {
		u32 slot = grave_take(shard, now_ns);
		u64 id = domain_at(slot)->id;

		if (slot == DOMAIN_NO_SLOT)
			break;
		if (domain_queued(id) || queue_has(held_queue_of(id)) || domain_waits(slot)) {
			if (!domain_queued(id))
				domain_stop_waiting(slot, arrivals_seen());
			grave_put(shard, slot, now_ns);
			continue;
		}
		queues_destroy(id);
		slot_give_back(shard, slot);
	}
	return 0;
}

/* The slot of the cgroup above @cgrp; DOMAIN_NO_SLOT for the root. */
static __always_inline u32 parent_slot(const struct cgroup *cgrp)
{
	const struct cgroup_subsys_state *parent = cgrp->self.parent;

	return parent ? domain_slot(parent->cgroup->kn->id) : DOMAIN_NO_SLOT;
}

/* The limit that a cgroup comes with, where the kernel says (since 6.17). */
static __always_inline void limit_begin(u32 slot, const struct scx_cgroup_init_args *args)
{
	if (bpf_core_field_exists(args->bw_quota_us))
		limit_set(slot, args->bw_period_us, args->bw_quota_us, args->bw_burst_us);
	else
		limit_set(slot, 0, LIMIT_NONE_US, 0);
	domain_at(slot)->limit.periods = 0;
	domain_at(slot)->limit.throttled_periods = 0;
	domain_at(slot)->limit.throttled_ns = 0;
	limited_settle(slot);
}

static __always_inline int domain_create(const struct cgroup *cgrp,
					 const struct scx_cgroup_init_args *args)
{
	u64 id = cgrp->kn->id;
	struct slot_value value = {slot_take()};
	struct domain __arena *domain = domain_at(value.slot);
	struct shard *shard = the_shard();
	u32 word, zone;
	int err;

	if (!shard || value.slot == DOMAIN_NO_SLOT)
		return -12;
	err = queues_create(id);
	if (err) {
		slot_give_back(shard, value.slot);
		return err;
	}
	domain->id = id;
	domain->vtime = vtime_now[BAND_ORDINARY];
	domain->task_vtime = 0;
	domain->died_ns = 0;
	domain->zones_waiting = 0;
	domain->parked = 0;
	domain->held_credit = 0;
	domain->held = 0;
	domain->due_ns = 0;
	domain->overdue = false;
	domain->rescued = false;
	domain->woken = 0;
	domain->woke_ns = 0;
	bpf_for (zone, 0, config.nr_zones)
		domain_part_at(value.slot, zone)->position = 0;
	bpf_for (word, 0, pair_words())
		*hungry_at(value.slot, word) = 0;
	share_begin(value.slot, parent_slot(cgrp), args->weight,
		    bpf_core_field_exists(args->sched_idle) && args->sched_idle);
	limit_begin(value.slot, args);
	err = bpf_map_update_elem(&domain_slots, &id, &value, 0);
	if (err) {
		queues_destroy(id);
		slot_give_back(shard, value.slot);
	}
	return err;
}

/* No task is a member any more, but on kernels before 7.1 a dying one may still be queued: tasks
 * that arrive from now on find no slot and use their cpu's lane. */
static __always_inline void domain_bury(u64 id)
{
	struct shard *shard = the_shard();
	u32 slot = domain_slot(id);

	if (!shard || slot == DOMAIN_NO_SLOT)
		return;
	bpf_map_delete_elem(&domain_slots, &id);
	bpf_map_delete_elem(&limit_stats, &id);
	share_end(slot);
	grave_put(shard, slot, bpf_ktime_get_ns());
}
