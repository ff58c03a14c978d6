/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What part of the machine a cgroup may have: the tree of cgroups, flattened.
 *
 * A cgroup's share is its part of its parent's share, by cpu.weight among those of its siblings
 * that have something to run. Cgroups right below the root have their cpu.weight itself. So the
 * weight of a domain is
 *
 *     weight(top) * part(next) * ... * part(domain)
 *
 * and domains of any depth are compared by one virtual time. (The kernel's own scheduler has a
 * queue a level instead. That the two come to the same is the idea of Linux's group scheduling
 * since "flattened hierarchies" were proposed for it: for as long as the set of the active stays,
 * a part of a part is a part.) A cgroup that has tasks of its own beside children counts them as
 * one more child of default weight.
 *
 * Cgroups that run only in what others leave (cpu.idle, or nothing but SCHED_IDLE tasks) are in a
 * band of their own: they take nothing from the parts of the others.
 */
#pragma once

#include "base/arena.h"
#include "policy/domain.h"

enum share_band {
	BAND_ORDINARY,
	BAND_LEFTOVER,
	NR_BANDS,
};

/* One cgroup in the tree. Counters are changed by atomics; each is true by itself, and together
 * they may be a moment apart. */
struct share {
	u32 parent;		/* slot of the parent; 0: it has none */
	u32 weight;		/* cpu.weight, 1..10000 */
	u32 idle;		/* cpu.idle */
	u32 leftover;		/* it or a cgroup above it has cpu.idle */
	u32 own[NR_BANDS];	/* not 0: it has runnable tasks, ordinary ones or SCHED_IDLE */
	u32 children[NR_BANDS]; /* its children that have something to run */
	u32 sum[NR_BANDS];	/* and the sum of their cpu.weight */
	u32 given;		/* what its parent counts of it; see share_given() */
};

/* Set in `given` for the leftover band. */
#define SHARE_GIVEN_LEFTOVER (1u << 31)

/* Whether anything is runnable in @share's cgroup or below it, in @band. */
static inline bool share_has(const struct share __arena *share, enum share_band band)
{
	return share->own[band] || share->children[band];
}

/* What the parent should count of it: 0 if nothing is runnable in it, else its weight and band. */
static inline u32 share_given(const struct share __arena *share)
{
	bool ordinary = share_has(share, BAND_ORDINARY);

	if (!ordinary && !share_has(share, BAND_LEFTOVER))
		return 0;
	return share->weight | (ordinary && !share->idle ? 0 : SHARE_GIVEN_LEFTOVER);
}

static inline u32 share_given_weight(u32 given)
{
	return given & ~SHARE_GIVEN_LEFTOVER;
}

static inline enum share_band share_given_band(u32 given)
{
	return given & SHARE_GIVEN_LEFTOVER ? BAND_LEFTOVER : BAND_ORDINARY;
}

/* The band of a domain's own tasks. One that sleeps is in that of the tasks it may have. */
static inline enum share_band share_own_band(const struct share __arena *share)
{
	if (share->leftover || (!share->own[BAND_ORDINARY] && share->own[BAND_LEFTOVER]))
		return BAND_LEFTOVER;
	return BAND_ORDINARY;
}

/* What the cpu.weight of all that competes inside @share's cgroup in @band adds up to: its
 * children, and its own tasks as one of them. */
static inline u32 share_whole(const struct share __arena *share, enum share_band band)
{
	return share->sum[band] + (share->own[band] ? WEIGHT_DEFAULT / WEIGHT_UNIT : 0);
}

/* @weight times @part of @whole; at least 1, and no more than all of it: the two are counted a
 * moment apart. */
static inline u32 share_part(u32 weight, u32 part, u32 whole)
{
	u64 result;

	if (part >= whole)
		return weight;
	result = (u64)weight * part / whole;
	return result ? (u32)result : 1;
}
