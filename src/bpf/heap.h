/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domains that have waiting tasks: in the heap of those that wait for a turn, or parked until
 * the next period of a cpu.max begins.
 */
#pragma once

#include "bpf/limits.h"

/* A domain that slept may not be owed more than the credit; and one that has changed its band
 * begins anew, because the times of the two have nothing to do with each other. */
static __always_inline void domain_join(u32 slot)
{
	struct domain __arena *domain = domain_at(slot);
	u32 band = share_own_band(&domain->share);
	u64 now = vtime_now[band & (NR_BANDS - 1)];

	domain->vtime =
		band == domain->band ? vtime_join(domain->vtime, now, config.credit_ns) : now;
	domain->band = band;
}

/* A turn was opened at @vtime, or goes on: who has had a pair for itself is not behind those who
 * come later. */
static __always_inline void vtime_advance(u64 vtime)
{
	u32 band = vtime_is_leftover(vtime) ? BAND_LEFTOVER : BAND_ORDINARY;
	u64 plain = vtime_ranked(vtime, false);

	if (vtime_before(vtime_now[band & (NR_BANDS - 1)], plain))
		vtime_now[band & (NR_BANDS - 1)] = plain;
}

/* Takes @domain out of the heap it is in. Requires: the shard is locked. */
static __always_inline void heap_leave(struct shard *shard, u32 slot)
{
	struct domain __arena *domain = domain_at(slot);

	if (domain->position && domain->parked)
		waiting_remove(&shard->parked, slot);
	else if (domain->position)
		waiting_remove(&shard->heap, slot);
	domain->parked = false;
}

/* Whether @domain, which waits, is in the right heap and in its place there. */
static __always_inline bool heap_fits(const struct domain __arena *domain, u64 until_ns)
{
	return domain->parked == (until_ns != 0) && domain->band == share_own_band(&domain->share);
}

/* Domain @slot has tasks waiting: for a turn, or for its next period. */
__noinline int domain_wait(u32 slot)
{
	struct shard *shard = the_shard();
	struct domain __arena *domain = domain_at(slot);
	u64 now_ns = bpf_ktime_get_ns(), until_ns;

	if (!shard || slot == DOMAIN_NO_SLOT || slot >= DOMAINS_MAX)
		return 0;
	until_ns = throttled_until_ns(slot);
	/* Without the lock, as most wakeups end here. Whoever takes a domain out looks afterwards
	 * whether something has begun to arrive, and the arrival that brought us here has. */
	if (domain->position && heap_fits(domain, until_ns))
		return 0;
	bpf_spin_lock(&shard->lock);
	if (domain->position && !heap_fits(domain, until_ns))
		heap_leave(shard, slot);
	if (!domain->position) {
		domain_join(slot);
		domain->served_ns = now_ns;
		domain->overdue = false;
		domain->parked = until_ns != 0;
		if (until_ns)
			waiting_add(&shard->parked, slot, until_ns);
		else
			waiting_add(&shard->heap, slot, domain_key(domain));
	}
	bpf_spin_unlock(&shard->lock);
	return 0;
}

/* A parked domain whose next period has begun; DOMAIN_NO_SLOT if there is none. It is in no heap
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
		heap_leave(shard, slot);
	}
	bpf_spin_unlock(&shard->lock);
	return slot;
}

/* Domain @slot had nothing in its queues in a look that started at @seen. It stays in the heap if
 * something may have arrived since: see arrivals.h. */
__noinline int domain_stop_waiting(u32 slot, u64 seen)
{
	struct shard *shard = the_shard();
	struct domain __arena *domain = domain_at(slot);
	u64 now_ns = bpf_ktime_get_ns();

	if (!shard || slot == DOMAIN_NO_SLOT || slot >= DOMAINS_MAX)
		return 0;
	bpf_spin_lock(&shard->lock);
	if (domain->position && !domain->parked && arrivals_begun() == seen) {
		heap_leave(shard, slot);
		/* Somebody else may be about to look into the queue of a domain that is gone. */
		if (domain->died_ns)
			domain->died_ns = now_ns;
		/* Who begins to arrive after this sees that it is not in the heap. */
		__sync_lock_test_and_set(&shard->fence, 1);
		if (arrivals_begun() != seen)
			waiting_add(&shard->heap, slot, domain_key(domain));
	}
	bpf_spin_unlock(&shard->lock);
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
	domain->charged_ns = now_ns;
	domain->overdue = false;
}

/* Entries of the heap that one round of the clock looks through. */
#define OVERDUE_SCAN 16

/* Where the clock goes on to look for who is overdue. */
u32 overdue_cursor;

/* Brings up to one domain that has waited for too long to the top of the heap. */
__noinline int heap_find_overdue(u64 now_ns)
{
	struct shard *shard = the_shard();
	u32 found = DOMAIN_NO_SLOT;

	if (!shard || !shard->heap.nr)
		return 0;
	bpf_spin_lock(&shard->lock);
	for (u32 i = 0; i < OVERDUE_SCAN; i++) {
		u32 nr = shard->heap.nr;
		u32 slot = nr ? shard->heap.entries[1 + (overdue_cursor + i) % nr].slot : 0;

		if (slot != DOMAIN_NO_SLOT && !domain_at(slot)->overdue &&
		    domain_is_overdue(domain_at(slot), config.overdue_ns, now_ns))
			found = slot;
	}
	overdue_cursor += OVERDUE_SCAN;
	if (found != DOMAIN_NO_SLOT) {
		waiting_remove(&shard->heap, found);
		domain_at(found)->overdue = true;
		waiting_add(&shard->heap, found, domain_key(domain_at(found)));
	}
	bpf_spin_unlock(&shard->lock);
	if (found != DOMAIN_NO_SLOT)
		count(overdue, 1);
	return 0;
}

/* Puts the top of the heap where it belongs, if its domain was charged since it was placed, and
 * copies slots out of it. Unused places are DOMAIN_NO_SLOT. */
__noinline int heap_look(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct shard *shard = the_shard();
	struct waiting_entry __arena *entries;
	u32 nr;

	if (!cell || !shard)
		return 0;
	for (u32 i = 0; i < HEAP_LOOK_MAX; i++)
		cell->heap_slots[i] = DOMAIN_NO_SLOT;
	cell->heap_nr = 0;
	if (!shard->heap.nr)
		return 0;
	cell->window_cursor += HEAP_LOOK_WINDOW;
	bpf_spin_lock(&shard->lock);
	entries = shard->heap.entries;
	nr = shard->heap.nr;
	if (nr)
		waiting_refresh(&shard->heap, 1, domain_key(domain_at(entries[1].slot)));
	cell->heap_nr = nr;
	for (u32 i = 0; i < HEAP_LOOK_TOP; i++)
		if (i < nr)
			cell->heap_slots[i] = entries[i + 1].slot;
	for (u32 i = 0; i < HEAP_LOOK_WINDOW; i++)
		if (nr > HEAP_LOOK_TOP)
			cell->heap_slots[HEAP_LOOK_TOP + i] =
				entries[HEAP_LOOK_TOP + 1 +
					(cell->window_cursor + i) % (nr - HEAP_LOOK_TOP)]
					.slot;
	bpf_spin_unlock(&shard->lock);
	return 0;
}
