/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domains that have waiting tasks: in the heap of each zone where they wait for a turn, or
 * parked until the next period of a cpu.max begins. A domain that is parked, or whose tasks in a
 * zone have been taken, stays in that zone's heap until a look meets it there.
 */
#pragma once

#include "bpf/limits.h"
#include "policy/rescue.h"

/* A turn was opened at @vtime, or goes on: who has had a pair for itself is not behind those who
 * come later. Not for a turn out of order: who has that may be far ahead, and those who come later
 * would be put there, behind all who wait already. */
static __always_inline void vtime_advance(u64 vtime)
{
	u32 band = vtime_is_leftover(vtime) ? BAND_LEFTOVER : BAND_ORDINARY;
	u64 plain = vtime_ranked(vtime, false);

	if (vtime_before(vtime_now[band & (NR_BANDS - 1)], plain))
		vtime_now[band & (NR_BANDS - 1)] = plain;
}

/* An empty heap for each zone. Requires: nobody waits yet. */
static __always_inline void zones_init(void)
{
	u32 zone;

	bpf_for (zone, 0, config.nr_zones) {
		struct zone_cell *here = zone_cell_of(zone);

		if (!here)
			break;
		here->heap.entries = arena_region(entries_at(zone));
		here->heap.positions =
			(u32 __arena *)&domain_part_at(DOMAIN_NO_SLOT, zone)->position;
		here->heap.stride = config.nr_zones * (sizeof(struct domain_part) / sizeof(u32));
	}
}

/* Whether domain @slot is in any heap, or parked. */
static __always_inline bool domain_waits(u32 slot)
{
	return domain_at(slot)->zones_waiting || domain_at(slot)->parked;
}

/* Whether any domain waits for a turn in @zone, or anywhere. Read without locks: a hint. */
__noinline bool any_waits(u32 zone)
{
	u32 i;

	bpf_for (i, 0, config.nr_zones) {
		struct zone_cell *cell = zone_cell_of(zone_after(zone, i));

		if (cell && cell->heap.nr)
			return true;
	}
	return false;
}

/* Puts domain @slot into the heap of @here. Requires: that is locked, and the domain not in it. */
static __always_inline void heap_enter(struct zone_cell *here, u32 slot)
{
	__sync_fetch_and_add(&domain_at(slot)->zones_waiting, 1);
	waiting_add(&here->heap, slot, domain_key(domain_at(slot)));
}

/* Takes domain @slot out of the heap of @here. Requires: that is locked, and the domain in it. */
static __always_inline void heap_leave(struct zone_cell *here, u32 slot)
{
	waiting_remove(&here->heap, slot);
	__sync_fetch_and_add(&domain_at(slot)->zones_waiting, -1);
}

/* Domain @slot has used up a limit, until @until_ns. */
static __always_inline void domain_park(u32 slot, u64 until_ns)
{
	struct shard *shard = the_shard();

	if (!shard || domain_at(slot)->parked)
		return;
	bpf_spin_lock(&shard->lock);
	if (!domain_at(slot)->parked)
		waiting_add(&shard->parked, slot, until_ns);
	bpf_spin_unlock(&shard->lock);
}

/* Whether domain @slot stands in @zone where it should: in the heap, by the right band. */
static __always_inline bool heap_fits(u32 slot, u32 zone)
{
	const struct domain __arena *domain = domain_at(slot);

	return domain_part_at(slot, zone)->position &&
	       domain->band == share_own_band(&domain->share);
}

/* After how long without a turn domain @slot is overdue. */
static __always_inline u64 domain_patience_ns(u32 slot)
{
	return rescue_after_ns(slot_tasks(slot), config.burst_ns, domain_at(slot)->limited);
}

/* Domain @slot has tasks waiting in @zone: for a turn, or for its next period. */
__noinline int domain_wait(u32 slot, u32 zone)
{
	struct zone_cell *here = zone_cell_of(zone);
	struct domain __arena *domain = domain_at(slot);
	u64 now_ns = bpf_ktime_get_ns(), until_ns;

	if (!here || slot == DOMAIN_NO_SLOT || slot >= DOMAINS_MAX || zone >= config.nr_zones)
		return 0;
	if (!domain->due_ns)
		domain->due_ns = now_ns + domain_patience_ns(slot);
	until_ns = throttled_until_ns(slot);
	if (until_ns) {
		domain_park(slot, until_ns);
		return 0;
	}
	/* Without the lock, as most wakeups end here. Whoever takes a domain out looks afterwards
	 * whether something has begun to arrive, and the arrival that brought us here has. */
	if (heap_fits(slot, zone))
		return 0;
	domain_join(slot, domain_lag(domain));
	if (!domain->zones_waiting)
		domain->served_ns = now_ns;
	bpf_spin_lock(&here->lock);
	if (domain_part_at(slot, zone)->position)
		heap_leave(here, slot);
	heap_enter(here, slot);
	bpf_spin_unlock(&here->lock);
	return 0;
}

/* A parked domain whose next period has begun; DOMAIN_NO_SLOT if there is none. It is not parked
 * afterwards. */
__noinline u32 parked_take(u64 now_ns)
{
	struct shard *shard = the_shard();
	u32 slot = DOMAIN_NO_SLOT;

	if (!shard || !shard->parked.nr)
		return DOMAIN_NO_SLOT;
	bpf_spin_lock(&shard->lock);
	if (shard->parked.nr && shard->parked.entries[1].vtime <= now_ns) {
		slot = shard->parked.entries[1].slot;
		waiting_remove(&shard->parked, slot);
	}
	bpf_spin_unlock(&shard->lock);
	return slot;
}

/* Domain @slot has more tasks than when it was found when it is overdue: then it is sooner. Another
 * cpu may serve it at this moment; then it may be rescued once too soon. */
static __always_inline void domain_hasten(u32 slot, u64 now_ns)
{
	struct domain __arena *domain = domain_at(slot);
	u64 due_ns = now_ns + domain_patience_ns(slot);

	if (domain->due_ns && !domain->overdue && due_ns < domain->due_ns)
		domain->due_ns = due_ns;
}

/* The same for @nr of the domains in @heap, from @first on. Read without a lock: each is one that
 * waits there or did a moment ago. */
static __always_inline void domains_hasten(const struct waiting *heap, u32 first, u32 nr,
					   u64 now_ns)
{
	u32 i;

	bpf_for (i, 0, nr) {
		u32 waiting = heap->nr;

		if (!waiting)
			break;
		domain_hasten(heap->entries[1 + (first + i) % waiting].slot, now_ns);
	}
}

/* Parked domains that one search for an overdue one looks through. */
#define PARKED_SCAN 16

/* A parked domain that is overdue, of some of them, or DOMAIN_NO_SLOT. It is not parked afterwards,
 * and may run in spite of its limit. */
__noinline u32 parked_take_overdue(u64 now_ns)
{
	struct shard *shard = the_shard();
	u32 slot = DOMAIN_NO_SLOT;

	if (!shard || !shard->parked.nr)
		return DOMAIN_NO_SLOT;
	domains_hasten(&shard->parked, shard->parked_cursor, PARKED_SCAN, now_ns);
	bpf_spin_lock(&shard->lock);
	for (u32 i = 0; i < PARKED_SCAN; i++) {
		u32 nr = shard->parked.nr;
		u32 at = nr ? shard->parked.entries[1 + shard->parked_cursor++ % nr].slot
			    : DOMAIN_NO_SLOT;

		if (at != DOMAIN_NO_SLOT && domain_is_overdue(domain_at(at), now_ns)) {
			slot = at;
			domain_at(slot)->overdue = true;
			waiting_remove(&shard->parked, slot);
			break;
		}
	}
	bpf_spin_unlock(&shard->lock);
	if (slot != DOMAIN_NO_SLOT)
		count(overdue, 1);
	return slot;
}

/* Domain @slot is not parked any more. Where its tasks wait is found out by the looks. */
__noinline int domain_unpark(u32 slot)
{
	u32 zone;

	bpf_for (zone, 0, config.nr_zones)
		domain_wait(slot, zone);
	return 0;
}

/* Domain @slot had nothing in @zone's queue in a look that started at @seen, or is parked. It stays
 * in the heap if something may have arrived since: see arrivals.h. */
__noinline int zone_stop_waiting(u32 slot, u32 zone, u64 seen)
{
	struct zone_cell *here = zone_cell_of(zone);
	struct domain __arena *domain = domain_at(slot);
	u64 now_ns = bpf_ktime_get_ns();

	if (!here || slot == DOMAIN_NO_SLOT || slot >= DOMAINS_MAX || zone >= config.nr_zones)
		return 0;
	if (!domain_part_at(slot, zone)->position)
		return 0;
	bpf_spin_lock(&here->lock);
	if (domain_part_at(slot, zone)->position && arrivals_begun() == seen) {
		heap_leave(here, slot);
		/* Somebody else may be about to look into the queue of a domain that is gone. */
		if (domain->died_ns)
			domain->died_ns = now_ns;
		/* Who begins to arrive after this sees that it is not in the heap. */
		__sync_lock_test_and_set(&here->fence, 1);
		if (arrivals_begun() != seen)
			heap_enter(here, slot);
	}
	bpf_spin_unlock(&here->lock);
	return 0;
}

/* The same in every zone where it has nothing. */
__noinline int domain_stop_waiting(u32 slot, u64 seen)
{
	u64 id = domain_at(slot)->id;
	u32 zone;

	bpf_for (zone, 0, config.nr_zones) {
		if (!domain_at(slot)->zones_waiting)
			break;
		if (domain_part_at(slot, zone)->position && !queue_has(queue_of(id, zone)))
			zone_stop_waiting(slot, zone, seen);
	}
	return 0;
}

/*
 * A task of domain @slot woke: others get short turns until the domain's queue was found empty, or
 * it has had a few turns. Not just one: a turn may be cut before the task was reached. Written
 * without a lock: a wakeup lost to a race with a turn that opens costs that task one long wait.
 */
#define DOMAIN_WOKEN_TURNS 3

static __always_inline void domain_woke(u32 slot)
{
	struct domain __arena *domain = domain_at(slot);

	domain->woken = DOMAIN_WOKEN_TURNS;
	if (!domain->woke_ns)
		domain->woke_ns = bpf_ktime_get_ns();
}

/* Nobody of domain @slot waits any more. */
static __always_inline void domain_slept(u32 slot)
{
	domain_at(slot)->woken = 0;
	domain_at(slot)->woke_ns = 0;
}

/* Domain @slot has a turn, or goes on with one. */
static __always_inline void domain_served(u32 slot, u64 now_ns)
{
	struct domain __arena *domain = domain_at(slot);

	if (domain->woken)
		domain->woken--;
	domain->woke_ns = 0;
	domain->served_ns = now_ns;
	domain->due_ns = now_ns + domain_patience_ns(slot);
	domain->charged_ns = now_ns;
	domain->rescued = domain->overdue;
	domain->overdue = false;
}
