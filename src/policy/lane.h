/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of a lane: the queue of one cpu for tasks that may not run everywhere, of all domains.
 *
 * A lane goes in rounds. In each round every domain that has tasks there has one of them, in the
 * order in which its tasks came:
 *
 *   - a task of a domain that has none here joins the round that is served;
 *   - a task of a domain that has some joins the round after the last of those.
 *
 * So the first entries of a lane are one of each domain, however many tasks one domain has, and the
 * first is nearly the one that has waited longest. Which of these domains goes first is decided by
 * virtual time, as among all others (policy/candidate.h).
 *
 * The rounds are written without a lock. Two cpus that do so at once may give two tasks the same
 * round: one of them goes first.
 */
#pragma once

#include "policy/domain.h"

/* Domains whose last round a lane remembers. Of more, the one with the earliest round is forgotten,
 * and joins the round that is served once too early. */
#define LANE_TENANTS_MAX 8u

struct lane_tenant {
	u32 slot;  /* of the domain */
	u32 round; /* of the last task of it that came */
	u64 limit; /* the virtual time by which it is next here */
	u32 waits; /* @limit is set: it waits since it was served last */
};

struct lane_rounds {
	u32 now; /* the round that is served */
	struct lane_tenant tenants[LANE_TENANTS_MAX];
};

/* The difference of two rounds is signed, so that order holds across a wrap. */
static inline bool round_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/* Gives a task of domain @slot that arrives now its round. */
static inline u32 lane_join(struct lane_rounds *lane, u32 slot)
{
	u32 at = 0, round = lane->now;

	for (u32 i = 0; i < LANE_TENANTS_MAX; i++) {
		const struct lane_tenant *tenant = &lane->tenants[i];

		if (tenant->slot == slot) {
			at = i;
			if (!round_before(tenant->round, round))
				round = tenant->round + 1;
			break;
		}
		if (round_before(tenant->round, lane->tenants[at & (LANE_TENANTS_MAX - 1)].round))
			at = i;
	}
	at &= LANE_TENANTS_MAX - 1;
	/* It has none here, so it begins to wait. */
	if (lane->tenants[at].slot != slot || round == lane->now)
		lane->tenants[at].waits = false;
	lane->tenants[at].slot = slot;
	lane->tenants[at].round = round;
	return round;
}

/*
 * What waiting here is worth to a domain @slot of virtual time @rank. Its tasks here can be served
 * nowhere else, so what it holds on other pairs must not keep them waiting for ever: it is compared
 * as if it had been level with the owner of this pair, at @owner_vtime, when they began to wait,
 * and had paid @turn for one turn here since.
 */
static inline u64 lane_bonus(struct lane_rounds *lane, u32 slot, u64 rank, u64 owner_vtime,
			     u64 turn)
{
	for (u32 i = 0; i < LANE_TENANTS_MAX; i++) {
		struct lane_tenant *tenant = &lane->tenants[i];

		if (tenant->slot != slot)
			continue;
		if (!tenant->waits) {
			tenant->waits = true;
			tenant->limit = owner_vtime + turn;
		}
		return vtime_before(tenant->limit, rank) ? rank - tenant->limit : 0;
	}
	return 0;
}

/* A task of domain @slot has been served. */
static inline void lane_served(struct lane_rounds *lane, u32 slot)
{
	for (u32 i = 0; i < LANE_TENANTS_MAX; i++)
		if (lane->tenants[i].slot == slot)
			lane->tenants[i].waits = false;
}

/* The first task of the lane is of @round: that is the one that is served. */
static inline void lane_serve(struct lane_rounds *lane, u32 round)
{
	if (round_before(lane->now, round))
		lane->now = round;
}

/* About how many domains wait in a lane of @queued tasks. */
static inline u32 lane_tenants(const struct lane_rounds *lane, u32 queued)
{
	u32 nr = 0;

	for (u32 i = 0; i < LANE_TENANTS_MAX; i++)
		nr += !round_before(lane->tenants[i].round, lane->now);
	return nr < queued ? nr : queued;
}

/*
 * A queue keeps one number of each task, by which it is ordered: the round in its upper half. The
 * lower half keeps two things:
 *
 *   - the task's virtual time in its domain, in units of 8192 ns, as far as 31 bits go: 4.9 hours,
 *     of which the one is meant that is nearest to the virtual time of the domain;
 *   - in the last bit, whether the task has been held apart since it ran last, and so has waited
 *     for longer than those that come to be held after it.
 */
#define LANE_VTIME_SHIFT     13u
#define LANE_KEY_WAS_HELD    1ull
#define LANE_KEY_VTIME_SHIFT 1u

static inline u64 lane_key(u32 round, u64 vtime)
{
	u32 kept = (u32)(vtime >> LANE_VTIME_SHIFT) << LANE_KEY_VTIME_SHIFT;

	return (u64)round << 32 | kept;
}

static inline u32 lane_key_round(u64 key)
{
	return (u32)(key >> 32);
}

static inline u64 lane_key_vtime(u64 key, u64 near_vtime)
{
	u32 near = (u32)(near_vtime >> LANE_VTIME_SHIFT) << LANE_KEY_VTIME_SHIFT;
	u32 kept = (u32)key & ~(u32)LANE_KEY_WAS_HELD;
	s64 ahead = (s32)(kept - near) / 2;

	return (u64)((s64)(near_vtime >> LANE_VTIME_SHIFT) + ahead) << LANE_VTIME_SHIFT;
}
