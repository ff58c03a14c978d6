/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domains that have waiting tasks, ordered by virtual time, or those that wait for a moment, by
 * that: a binary heap over memory that the caller provides and locks. There are several, and each
 * keeps the positions of the domains in it for itself.
 *
 * Invariants:
 *   1. entries[1..nr] is a heap by (vtime, slot): no entry sorts before its parent;
 *   2. waiting_position(entries[i].slot) is i for every i in 1..nr, and 0 for every other domain.
 * An entry keeps the virtual time (domain_rank()) its domain had when it was placed;
 * waiting_refresh() repairs one whose domain has been charged since.
 */
#pragma once

#include "base/arena.h"
#include "base/loop.h"
#include "policy/bandwidth.h"
#include "policy/share.h"

/* One isolation domain that exists: a cgroup, or its remains. */
struct domain {
	u64 id;		   /* DOMAIN_NONE: the slot is free */
	u64 vtime;	   /* what it has held, in ns of weight WEIGHT_DEFAULT */
	u64 task_vtime;	   /* the furthest that one of its tasks has started at */
	u64 died_ns;	   /* when its cgroup went away; 0 while it lives */
	u32 weight;	   /* what it is entitled to when it was last charged, in WEIGHT_UNIT */
	u32 band;	   /* enum share_band that @vtime belongs to */
	u32 zones_waiting; /* zones in whose heap it is; changed by atomics */
	u32 next_free;	   /* slot of the next free or dead one */
	u32 woken;     /* turns for which it counts as having a task that woke; see domain_woke() */
	u64 woke_ns;   /* when the first task woke that no turn has come for since; 0: none did */
	u64 served_ns; /* when it had its last turn, or began to wait */
	u64 due_ns;    /* when it is overdue, if it has no turn before; 0: it has not waited yet */
	u64 charged_ns;	 /* when it last paid, or began a turn */
	u32 overdue;	 /* it has waited until due_ns: it is next */
	u32 rescued;	 /* it was overdue when its last turn began */
	u32 held_credit; /* see domain_rescues_held() */
	u32 parked;	 /* position among those that wait for a period of their cpu.max; 0: not */
	u32 held;	 /* seats of the pairs whose turn it has; changed by atomics */
	u32 limited;	 /* how many limits hold for it: its own, and those above it */
	struct share share;
	struct bandwidth limit;
};

/* The virtual time by which @domain is compared with others: in its band, the earlier goes first.
 */
static inline u64 domain_rank(const struct domain __arena *domain)
{
	return vtime_ranked(domain->vtime, share_own_band(&domain->share) == BAND_LEFTOVER);
}

/* The virtual time of one that is overdue: before all others, and the earlier due the earlier. */
static inline u64 domain_overdue_rank(const struct domain __arena *domain)
{
	return domain->due_ns - VTIME_LEFTOVER;
}

/* Where @domain stands in the heap. */
static inline u64 domain_key(const struct domain __arena *domain)
{
	return domain->overdue ? domain_overdue_rank(domain) : domain_rank(domain);
}

/* Whether @domain, which waits, has done so for longer than anybody should. */
static inline bool domain_is_overdue(const struct domain __arena *domain, u64 now_ns)
{
	return !domain->overdue && domain->due_ns && now_ns > domain->due_ns;
}

/* Whether what @domain may use now, which is not enough for all of its @tasks, is for those @held
 * of them that are held apart: each part has its turn as often as it has tasks. */
static inline bool domain_rescues_held(struct domain __arena *domain, u32 held, u32 tasks)
{
	u32 all = held < tasks ? tasks : held;
	u32 credit = domain->held_credit + held;
	bool takes = held && credit >= all;

	if (takes)
		credit = credit - all < all ? credit - all : 0;
	domain->held_credit = credit;
	return takes;
}

struct waiting_entry {
	u64 vtime;
	u32 slot;
	u32 pad;
};

struct waiting {
	struct waiting_entry __arena *entries; /* 1-based */
	u32 __arena *positions;		       /* that of the first slot; 0: it is not waiting */
	u32 stride; /* from a slot's position to the next one's, in u32 */
	u32 nr;
	/* Where a sift has got to. Volatile, so that it is read from memory at every step: in a
	 * register the BPF verifier would tell apart every path that a sift can take. */
	volatile u32 cursor;
};

/* Where domain @slot is in the heap; 0 if it is not. */
static inline u32 __arena *waiting_position(const struct waiting *w, u32 slot)
{
	return w->positions + (u64)slot * w->stride;
}

static inline bool waiting_before(u64 a_vtime, u32 a_slot, u64 b_vtime, u32 b_slot)
{
	return a_vtime == b_vtime ? a_slot < b_slot : vtime_before(a_vtime, b_vtime);
}

static inline void waiting_place(struct waiting *w, u32 position, u64 vtime, u32 slot)
{
	w->entries[position].vtime = vtime;
	w->entries[position].slot = slot;
	*waiting_position(w, slot) = position;
}

/* Moves the hole at w->cursor up to where (@vtime, @slot) belongs, and fills it. */
static inline void waiting_sift_up(struct waiting *w, u64 vtime, u32 slot)
{
	for_each_below (level, w->nr) {
		u32 position = w->cursor;
		u32 parent = position / 2;
		u64 parent_vtime;
		u32 parent_slot;

		if (position <= 1)
			break;
		parent_vtime = w->entries[parent].vtime;
		parent_slot = w->entries[parent].slot;
		if (!waiting_before(vtime, slot, parent_vtime, parent_slot))
			break;
		waiting_place(w, position, parent_vtime, parent_slot);
		w->cursor = parent;
	}
	waiting_place(w, w->cursor, vtime, slot);
}

/* Moves the hole at w->cursor down to where (@vtime, @slot) belongs, and fills it. */
static inline void waiting_sift_down(struct waiting *w, u64 vtime, u32 slot)
{
	for_each_below (level, w->nr) {
		u32 position = w->cursor;

		if (position * 2 > w->nr)
			break;
		w->cursor = position * 2;
		if (w->cursor < w->nr &&
		    waiting_before(w->entries[position * 2 + 1].vtime,
				   w->entries[position * 2 + 1].slot,
				   w->entries[position * 2].vtime, w->entries[position * 2].slot))
			w->cursor = position * 2 + 1;
		if (!waiting_before(w->entries[w->cursor].vtime, w->entries[w->cursor].slot, vtime,
				    slot)) {
			w->cursor = position;
			break;
		}
		waiting_place(w, position, w->entries[w->cursor].vtime, w->entries[w->cursor].slot);
	}
	waiting_place(w, w->cursor, vtime, slot);
}

/* Requires: domain @slot is in no heap, and entries has room for one more. */
static inline void waiting_add(struct waiting *w, u32 slot, u64 vtime)
{
	w->nr++;
	w->cursor = w->nr;
	waiting_sift_up(w, vtime, slot);
}

/* Requires: domain @slot is waiting. */
static inline void waiting_remove(struct waiting *w, u32 slot)
{
	u32 position = *waiting_position(w, slot);
	u64 vtime = w->entries[w->nr].vtime;
	u32 last = w->entries[w->nr].slot;

	w->nr--;
	*waiting_position(w, slot) = 0;
	if (last == slot)
		return;
	w->cursor = position;
	if (position > 1 && waiting_before(vtime, last, w->entries[position / 2].vtime,
					   w->entries[position / 2].slot))
		waiting_sift_up(w, vtime, last);
	else
		waiting_sift_down(w, vtime, last);
}

/* Moves the entry at @position to where its domain's virtual time, @vtime now, belongs, if that is
 * further down. Returns whether it moved. */
static inline bool waiting_refresh(struct waiting *w, u32 position, u64 vtime)
{
	u32 slot = w->entries[position].slot;

	if (!vtime_before(w->entries[position].vtime, vtime))
		return false;
	w->cursor = position;
	waiting_sift_down(w, vtime, slot);
	return true;
}
