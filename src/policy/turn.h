/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns: whose pair it is, until when, and who is next.
 *
 * A pair belongs to one domain, its owner, for a turn. The owner's tasks start on the pair's seats
 * until the turn is over and somebody with less virtual time waits; then the pair drains (nobody
 * starts) and the seat that finds the others empty opens the next turn. If nobody with less virtual
 * time waits, the turn goes on without draining.
 *
 * A domain pays for what it holds: every seat of the pair for the whole turn, used or not, divided
 * by its weight. The domain with the least virtual time is next.
 *
 * What a look decides is in look.h, who leaves for whom in yield.h, how long a task stays in
 * stay.h. All functions require that the pair is locked, and answer in terms of seats; their caller
 * kicks.
 */
#pragma once

#include "policy/pair.h"

struct turn_params {
	u64 turn_ns;	 /* the longest turn while others wait */
	u64 turn_min_ns; /* the shortest that many who wait make of it */
	u64 round_ns;	 /* in which all who wait for a pair should have had their turn */
	u64 cut_min_ns;	 /* a turn is not cut shorter than this by a waking domain */
	u64 lead_ns;	 /* how far ahead of a waker somebody must be to be preempted by it */
	u64 patience_ns; /* how much waiting can make up for; see turn_patience() */
	u64 run_min_ns;	 /* a task is not preempted sooner by a waker of its own domain */
	u64 burst_ns;	 /* nor, if it woke, by the end of a turn sooner than this */
};

/* How long a turn lasts, in ns, while @waiting domains wait for the pair: so that each of them is
 * served within a round, as far as the shortest turn allows. */
static inline u64 turn_length_ns(const struct turn_params *params, u32 waiting)
{
	u64 length_ns = params->round_ns / (waiting ? waiting : 1);

	if (length_ns > params->turn_ns)
		return params->turn_ns;
	return length_ns < params->turn_min_ns ? params->turn_min_ns : length_ns;
}

/* How long the turn was meant to be that is on, or that was last. */
static inline u64 turn_planned_ns(const struct pair *pair)
{
	return pair->turn_full_ns - pair->turn_open_ns;
}

/* The owner's virtual time at this moment, the running turn included. */
static inline u64 turn_owner_vtime(const struct pair *pair, u64 now_ns)
{
	u64 unpaid_ns = ns_since(pair->turn_charged_ns, now_ns);

	return pair->owner_vtime + vtime_cost(unpaid_ns * pair->nr_seats, pair->owner_weight);
}

/* No wait is worth more than this. */
static inline u64 turn_patience_for(u64 worth_ns, const struct turn_params *params)
{
	return worth_ns < params->patience_ns ? worth_ns : params->patience_ns;
}

/*
 * What waiting is worth, in virtual time: a domain whose task woke at @woke_ns counts as that much
 * further behind. Somebody who once held a pair too long, because an end came late, would otherwise
 * wait until each of the others has caught up, one after another. Nobody's share changes by it:
 * what a domain pays is what it holds, and the bonus is bounded.
 */
static inline u64 turn_patience(u64 woke_ns, const struct turn_params *params, u64 now_ns)
{
	return turn_patience_for(woke_ns && now_ns > woke_ns ? now_ns - woke_ns : 0, params);
}

/* The same for a domain whose tasks have not just woken, and which has had no turn since
 * @served_ns. A round is what anybody may have to wait for, and only what is beyond it counts: as
 * much as the owner of a pair of @nr_seats, who pays for each of them, pays in that time. */
static inline u64 turn_round_patience(u64 served_ns, u32 nr_seats, const struct turn_params *params,
				      u64 now_ns)
{
	u64 due_ns = served_ns + params->round_ns;

	return turn_patience_for(now_ns > due_ns ? now_ns - due_ns : 0, params) * nr_seats;
}

/* Whether it is @domain's turn, or a task of it runs here beside or after a higher class: a seat
 * that rests may be filled by others of it. */
static inline bool turn_is_with(const struct pair *pair, u64 domain)
{
	if (pair->owner == domain)
		return true;
	for_each_below (i, pair->nr_seats)
		if (pair_seat(pair, i)->occupant == domain)
			return true;
	return false;
}

/* Whether one of them could start right now: not between domains that have met, nor because another
 * of them is about to leave the pair, or its cpu, to somebody who has claimed it. */
static inline bool turn_takes(const struct pair *pair, u64 domain)
{
	u64 higher_domain = pair_higher_domain(pair);

	if (pair->window_since_ns)
		return false;
	if (higher_domain != DOMAIN_NONE ? higher_domain != domain
					 : pair->draining || !turn_is_with(pair, domain))
		return false;
	for_each_below (i, pair->nr_seats)
		if (!domains_agree(pair_seat(pair, i)->claim, domain))
			return false;
	return true;
}

static inline bool turn_is_over(const struct pair *pair, u64 now_ns)
{
	return pair->draining || now_ns >= pair->turn_end_ns;
}

/*
 * Asks every seat other than @except to leave because the turn is over. Returns those to kick, as a
 * bit mask: not one that was asked a moment ago, because a kick that comes after the task has left
 * hits the next one; and not a task that woke and has only just started, which may finish its
 * burst: it would otherwise have waited for its domain's turn only to wait for the next. The clock
 * asks again.
 */
static inline u32 turn_ask_to_leave(struct pair *pair, u32 except, const struct turn_params *params,
				    u64 now_ns)
{
	u32 seats = pair_movable_seats(pair, except, DOMAIN_NONE);

	for_each_below (i, pair->nr_seats) {
		struct seat *seat = &pair->seats[i & (PAIR_SEATS_MAX - 1)];

		if ((seat->woke && now_ns < seat->task_start_ns + params->burst_ns) ||
		    (seat->asked_ns && now_ns < seat->asked_ns + params->cut_min_ns))
			seats &= ~(1u << i);
		else if (seats & (1u << i))
			seat->asked_ns = now_ns;
	}
	return seats;
}

/* Virtual time, in ns, that an owner does not make up for within a turn, whatever its weight; and
 * times any weight, it still fits 64 bits. */
#define TURN_FAR_BEHIND_NS (1ull << 34)

/*
 * When the owner will be so far ahead of a domain of virtual time @vtime that this one may cut the
 * turn short; not before the turn has lasted cut_min_ns. ~0: not in this turn.
 */
static inline u64 turn_yield_ns(const struct pair *pair, u64 vtime,
				const struct turn_params *params, u64 now_ns)
{
	u64 earliest_ns = pair->turn_open_ns + params->cut_min_ns;
	u64 ahead = turn_owner_vtime(pair, now_ns);
	u64 needed = vtime + params->lead_ns, owed_ns = now_ns;

	if (vtime_before(ahead, needed)) {
		if (needed - ahead > TURN_FAR_BEHIND_NS)
			return ~0ull;
		owed_ns += (needed - ahead) * pair->owner_weight /
			   ((u64)WEIGHT_DEFAULT * (pair->nr_seats ? pair->nr_seats : 1));
	}
	return owed_ns < earliest_ns ? earliest_ns : owed_ns;
}
