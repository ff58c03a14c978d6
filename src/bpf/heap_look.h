/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a look, or the clock, sees of the heaps of waiting domains.
 */
#pragma once

#include "bpf/heap.h"

/* Entries of a heap that one round of the clock looks through. */
#define HEAP_SCAN 16

/* Whether domain @slot, which is overdue, is rescued now: not too soon after the one before. */
static __always_inline bool rescue_begins(struct zone_cell *here, u32 slot, u64 now_ns)
{
	u64 late_ns = now_ns - domain_at(slot)->due_ns;
	u64 gap_ns = rescue_gap_ns(late_ns, config.burst_ns, here->nr_pairs);

	if (now_ns < here->rescued_ns + gap_ns)
		return false;
	here->rescued_ns = now_ns;
	return true;
}

/* Finds who has had no turn in @zone for longest, of some of those who wait: every look is shown
 * it, wherever in the heap it is. The one that is overdue longest is brought to the top, if the
 * budget of rescues allows. Returns whether it was. */
__noinline int heap_find_late(u32 zone, u64 now_ns)
{
	struct zone_cell *here = zone_cell_of(zone);
	u32 late = DOMAIN_NO_SLOT, due = DOMAIN_NO_SLOT;
	bool overdue;

	if (!here || !here->heap.nr)
		return 0;
	domains_hasten(&here->heap, here->scan_cursor, HEAP_SCAN, now_ns);
	bpf_spin_lock(&here->lock);
	for (u32 i = 0; i < HEAP_SCAN; i++) {
		u32 nr = here->heap.nr;
		u32 slot = nr ? here->heap.entries[1 + (here->scan_cursor + i) % nr].slot : 0;

		if (slot != DOMAIN_NO_SLOT && !domain_at(slot)->overdue &&
		    (late == DOMAIN_NO_SLOT ||
		     domain_at(slot)->served_ns < domain_at(late)->served_ns))
			late = slot;
		if (slot != DOMAIN_NO_SLOT && domain_is_overdue(domain_at(slot), now_ns) &&
		    (due == DOMAIN_NO_SLOT || domain_at(slot)->due_ns < domain_at(due)->due_ns))
			due = slot;
	}
	here->scan_cursor += HEAP_SCAN;
	here->late_slot = late;
	overdue = due != DOMAIN_NO_SLOT && rescue_begins(here, due, now_ns);
	if (overdue) {
		domain_at(due)->overdue = true;
		waiting_remove(&here->heap, due);
		waiting_add(&here->heap, due, domain_key(domain_at(due)));
	}
	bpf_spin_unlock(&here->lock);
	if (overdue)
		count(overdue, 1);
	return overdue;
}

/* How many entries below the top a look takes of its own zone's heap: those of another zone's take
 * the place of some. */
static __always_inline u32 look_window(void)
{
	return config.nr_zones > 1 ? HEAP_LOOK_WINDOW - HEAP_LOOK_ELSEWHERE : HEAP_LOOK_WINDOW;
}

/* Puts the top of the heap of @cpu's zone where it belongs, if its domain was charged since it was
 * placed, and copies slots out of it. */
__noinline int heap_look(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct zone_cell *here = cell ? zone_cell_of(cell->place.zone) : NULL;
	struct waiting_entry __arena *entries;
	u32 nr;

	if (!cell || !here)
		return 0;
	for (u32 i = 0; i < HEAP_LOOK_MAX; i++)
		cell->heap_slots[i] = DOMAIN_NO_SLOT;
	cell->heap_nr = 0;
	cell->window_cursor += look_window();
	if (!here->heap.nr)
		return 0;
	bpf_spin_lock(&here->lock);
	entries = here->heap.entries;
	nr = here->heap.nr;
	if (nr)
		waiting_refresh(&here->heap, 1, domain_key(domain_at(entries[1].slot)));
	cell->heap_nr = nr;
	for (u32 i = 0; i < HEAP_LOOK_TOP; i++)
		if (i < nr)
			cell->heap_slots[i] = entries[i + 1].slot;
	for (u32 i = 0; i < HEAP_LOOK_WINDOW; i++)
		if (i < look_window() && nr > HEAP_LOOK_TOP)
			cell->heap_slots[HEAP_LOOK_TOP + i] =
				entries[HEAP_LOOK_TOP + 1 +
					(cell->window_cursor + i) % (nr - HEAP_LOOK_TOP)]
					.slot;
	if (*waiting_position(&here->heap, here->late_slot) > HEAP_LOOK_TOP)
		cell->heap_slots[HEAP_LOOK_LATE] = here->late_slot;
	bpf_spin_unlock(&here->lock);
	return 0;
}

/* Adds slots from another zone's heap to those of @cpu's look: its top, and one that moves on from
 * look to look. Each look takes another zone, or the first in which anybody waits, if nobody does
 * in its own. The entries are read without the lock: each is that of some domain that waits there
 * or did a moment ago, which is all that a candidate has to be. */
__noinline int heap_look_elsewhere(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	u32 i;

	if (!cell)
		return 0;
	cell->elsewhere[0] = cell->elsewhere[1] = DOMAIN_NO_SLOT;
	bpf_for (i, 1, config.nr_zones) {
		struct zone_cell *other;
		u32 nr;

		cell->zone_looked = zone_after(cell->zone_looked, 1);
		if (cell->zone_looked == cell->place.zone)
			cell->zone_looked = zone_after(cell->place.zone, 1);
		other = zone_cell_of(cell->zone_looked);
		nr = other ? other->heap.nr : 0;
		if (nr) {
			cell->elsewhere[0] = other->heap.entries[1].slot;
			if (nr > 1)
				cell->elsewhere[1] =
					other->heap.entries[2 + cell->window_cursor % (nr - 1)]
						.slot;
		}
		if (nr || cell->offer.nr)
			break;
	}
	return 0;
}

/* How many entries there are in all heaps. */
__noinline u32 heaps_nr(void)
{
	u32 sum = 0, zone;

	bpf_for (zone, 0, config.nr_zones) {
		struct zone_cell *cell = zone_cell_of(zone);

		sum += cell ? cell->heap.nr : 0;
	}
	return sum;
}
