/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The promise, as arithmetic on one pair.
 *
 * A pair is the sibling cpus of one core, 1 to PAIR_SEATS_MAX of them; a seat is one of them. Every
 * function here works on a pair that its caller has locked, and changes nothing else.
 *
 * Invariants, for any two seats a and b of a pair:
 *   1. occupant(a) agrees with occupant(b), and with claim(b), and claim(a) with claim(b), except
 *      inside a window that `pair_occupy` reports;
 *   2. a seat's claim is set before a task can reach its cpu's local queue and dropped only when
 *      that queue is empty;
 *   3. an occupant changes only when the task it stands for can no longer reach user mode.
 * (occupant and claim of one seat may differ: a cpu cannot run two tasks at once.)
 */
#pragma once

#include "base/loop.h"
#include "policy/domain.h"

#define PAIR_SEATS_MAX 8u

struct seat {
	u64 occupant;	     /* domain of the task the cpu runs, as of the last switch */
	u64 claim;	     /* domain that a dispatch on this cpu has reserved */
	u64 moved_from;	     /* domain the occupant was in before it was moved in place */
	u64 task_vtime;	     /* of the occupant when it started, for wakeup preemption */
	u64 task_start_ns;   /* when it started */
	u64 yield_ns;	     /* when it has to make room for a waker of its own domain; 0: never */
	u64 asked_ns;	     /* when its task was last asked to leave; 0: never */
	u64 forced_since_ns; /* idle since then because of its siblings; 0 if it is not */
	u64 forced_by;	     /* the domain that they held then, and */
	u64 forced_for;	     /* the one that waited; DOMAIN_NONE if nobody can say */
	u32 cpu;	     /* constant */
	u32 changes;	     /* of the occupant so far; see policy/sight.h */
	u8 higher;	     /* the occupant is of a class above ours: a kick cannot move it */
	u8 resting;	     /* its last dispatch ended without a task */
	u8 blocked;	     /* it rests, and a domain its siblings exclude was waiting */
	u8 woke;	     /* the occupant has not been interrupted since it woke */
};

struct pair {
	u64 owner;	     /* the domain whose turn it is; DOMAIN_NONE if nobody's */
	u64 turn_open_ns;    /* when the turn began */
	u64 turn_charged_ns; /* up to when the owner has paid for it */
	u64 turn_end_ns;     /* when the next domain may ask for the pair */
	u64 turn_full_ns;    /* when it might have, had nobody cut the turn short */
	u64 owner_vtime;     /* of the owner when the turn was last charged */
	u64 window_since_ns; /* invariant 1 is broken since then; 0 if it holds */
	u32 owner_slot;	     /* of the owner in the domain table */
	u32 owner_weight;
	u32 window_kind; /* enum pair_window of the open window */
	u32 nr_seats;	 /* constant, 1..PAIR_SEATS_MAX */
	u32 draining;	 /* the turn is over: start none of the owner's tasks */
	u32 awaited;	 /* resting seats, as a bit mask, for which the turn was opened */
	struct seat seats[PAIR_SEATS_MAX];
};

/*
 * What the other seats hold, seen from one of them. Volatile, so that it lives in memory: in
 * registers the BPF verifier would tell apart every combination of seats that leads to it.
 */
struct pair_hold {
	volatile u64 domain;  /* the one domain they hold; DOMAIN_NONE if none does */
	volatile bool mixed;  /* they hold several, so nobody may start */
	volatile bool higher; /* one of the holders is of a higher class */
};

/* Why invariant 1 does not hold at the moment. */
enum pair_window {
	WINDOW_NONE,
	WINDOW_HIGHER,	     /* a task of a higher class switched in */
	WINDOW_RIVALS,	     /* tasks of higher classes, of different domains, run side by side: no
				scheduler below them can end that */
	WINDOW_MOVE,	     /* a running task changed its domain, maybe while a sibling was
				about to start another of the old one */
	WINDOW_UNSANCTIONED, /* a task of ours started without a claim: bypass, load, unload */
};

/* Seat @i of @pair. Requires: i < PAIR_SEATS_MAX. */
static inline const struct seat *pair_seat(const struct pair *pair, u32 i)
{
	return &pair->seats[i & (PAIR_SEATS_MAX - 1)];
}

static inline void pair_hold_add(struct pair_hold *hold, u64 domain, bool higher)
{
	if (!domain_excludes(domain))
		return;
	if (hold->domain != DOMAIN_NONE && hold->domain != domain)
		hold->mixed = true;
	hold->domain = domain;
	if (higher)
		hold->higher = true;
}

static inline void pair_hold_clear(struct pair_hold *hold)
{
	hold->domain = DOMAIN_NONE;
	hold->mixed = false;
	hold->higher = false;
}

/* What the seats other than @me hold and have reserved. Requires: the pair is locked. */
static inline void pair_held_by_others(const struct pair *pair, u32 me, struct pair_hold *hold)
{
	pair_hold_clear(hold);
	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (i == me)
			continue;
		pair_hold_add(hold, seat->occupant, seat->higher);
		pair_hold_add(hold, seat->claim, false);
	}
}

/* Whether the other seats leave the choice of a domain to us: the promise in one line. A pair that
 * is not free may only be joined, with the one domain the others hold. */
static inline bool pair_is_free(const struct pair_hold *hold)
{
	return hold->domain == DOMAIN_NONE;
}

/* Whether any two occupants disagree at this moment. @hold is scratch. */
static inline bool pair_in_conflict(const struct pair *pair, struct pair_hold *hold)
{
	pair_hold_clear(hold);
	for_each_below (i, pair->nr_seats)
		pair_hold_add(hold, pair_seat(pair, i)->occupant, false);
	return hold->mixed;
}

/* Whether every seat rests and none runs or has reserved anything. */
static inline bool pair_all_rest(const struct pair *pair)
{
	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (!seat->resting || seat->occupant != DOMAIN_NONE || seat->claim != DOMAIN_NONE)
			return false;
	}
	return true;
}

/* Whether any domain may start here now: a seat rests, and the others rest too or run kernel
 * threads, which hold nothing. Not while one of them is still looking for itself, or is about to,
 * because a turn was opened for it. */
static inline bool pair_is_idle(const struct pair *pair)
{
	u32 resting = 0;

	if (pair->awaited)
		return false;
	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (domain_excludes(seat->occupant) || seat->claim != DOMAIN_NONE)
			return false;
		if (seat->resting)
			resting |= 1u << i;
		else if (seat->occupant == DOMAIN_NONE)
			return false;
	}
	return resting;
}

/* Seats, as a bit mask, on which a task could start as soon as its domain may: @me, which asks, and
 * all that run neither a kernel thread nor a task of a higher class. Those look when that leaves.
 */
static inline u32 pair_able_seats(const struct pair *pair, u32 me)
{
	u32 seats = 1u << me;

	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (!seat->higher && seat->occupant != DOMAIN_TRUSTED)
			seats |= 1u << i;
	}
	return seats;
}

/* Whether a seat other than @me rests. */
static inline bool pair_rests_beside(const struct pair *pair, u32 me)
{
	for_each_below (i, pair->nr_seats)
		if (i != me && pair_seat(pair, i)->resting)
			return true;
	return false;
}

/* Whether the task of seat @me shares the core with another one of a domain. */
static inline bool pair_shares(const struct pair *pair, u32 me)
{
	for_each_below (i, pair->nr_seats)
		if (i != me && domain_excludes(pair_seat(pair, i)->occupant))
			return true;
	return false;
}

/* Seats, as a bit mask, other than @except that run a task a kick can move, of a domain other than
 * @spare. */
static inline u32 pair_movable_seats(const struct pair *pair, u32 except, u64 spare)
{
	u32 seats = 0;

	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (i != except && !seat->higher &&
		    ((domain_excludes(seat->occupant) && seat->occupant != spare) ||
		     (domain_excludes(seat->claim) && seat->claim != spare)))
			seats |= 1u << i;
	}
	return seats;
}

/* Seats, as a bit mask, other than @except that rest: although work was waiting if @blocked, or
 * because there was none. */
static inline u32 pair_resting_seats(const struct pair *pair, u32 except, bool blocked)
{
	u32 seats = 0;

	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (i != except && seat->resting && seat->blocked == blocked)
			seats |= 1u << i;
	}
	return seats;
}

/* The domain of a higher-class task that some seat runs; DOMAIN_NONE if there is none. */
static inline u64 pair_higher_domain(const struct pair *pair)
{
	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (seat->higher && domain_excludes(seat->occupant))
			return seat->occupant;
	}
	return DOMAIN_NONE;
}

/* Whom a higher-class task of @domain leaves alone: its own domain; nobody, if another seat has a
 * higher-class task of another domain. */
static inline u64 pair_spared_domain(const struct pair *pair, u64 domain)
{
	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);

		if (seat->higher && domain_excludes(seat->occupant) && seat->occupant != domain)
			return DOMAIN_NONE;
	}
	return domain;
}

/* Whether two seats run higher-class tasks of different domains. */
static inline bool pair_has_rivals(const struct pair *pair)
{
	u64 domain = pair_higher_domain(pair);

	return domain_excludes(domain) && pair_spared_domain(pair, domain) == DOMAIN_NONE;
}

/* Whether a seat other than @me runs a task that was moved out of @domain where it runs. */
static inline bool pair_was_left_in_place(const struct pair *pair, u32 me, u64 domain)
{
	for_each_below (i, pair->nr_seats)
		if (i != me && pair_seat(pair, i)->moved_from == domain)
			return true;
	return false;
}

/* What has to happen after an occupant changed. */
struct pair_switch {
	u32 kick_away;	       /* seats that must leave at once: they stand in a window */
	u32 kick_look;	       /* seats that were blocked and may look again */
	u32 may_look;	       /* seats that rest and may have missed work that waits */
	u64 window_ns;	       /* length of the window that this switch closed; 0 if none */
	u64 forced_ns;	       /* forced idle time of this seat that this switch ended */
	u64 forced_by;	       /* and who held the siblings meanwhile, */
	u64 forced_for;	       /* and who waited */
	u32 window_closed;     /* enum pair_window of that window */
	u32 window_opened;     /* enum pair_window of the window that this switch opened */
	struct pair_hold hold; /* scratch */
};

/* Opens and closes the window. One that rivals join or leave ends, and another one begins, because
 * their time is counted apart. */
static inline void pair_account_window(struct pair *pair, u32 kind, u64 now_ns,
				       struct pair_switch *result)
{
	bool conflict = pair_in_conflict(pair, &result->hold);
	bool other_kind = (kind == WINDOW_RIVALS) != (pair->window_kind == WINDOW_RIVALS);

	if (pair->window_since_ns && (!conflict || other_kind)) {
		result->window_ns = ns_since(pair->window_since_ns, now_ns);
		result->window_closed = pair->window_kind;
		pair->window_since_ns = 0;
		pair->window_kind = WINDOW_NONE;
	}
	if (conflict && !pair->window_since_ns) {
		pair->window_since_ns = now_ns;
		pair->window_kind = kind;
		result->window_opened = kind;
	}
}

/*
 * The cpu of seat @me now runs a task of @domain (DOMAIN_NONE: idle), and the task before it can
 * no longer reach user mode. @claim_done says that this is a switch and nothing is left on the
 * cpu's local queue: then the claim has done its work (invariant 2), but not when the running task
 * is changed in place, because what was claimed for may still be on its way. @kind names the
 * window that this opens if it breaks invariant 1. While a task of a higher class is there,
 * everybody else is sent away from it; after a move everybody is, because whoever leaves first
 * ends the window; and when it has left a pair that drains they do, because they were let in
 * beside it; otherwise it is the newcomer that must go, unless it is a kernel thread, and so must
 * one that was claimed before the pair began to drain: the kick of the drain may have come before
 * its switch. Who was refused a seat because a window was open is looked for when it closes, by
 * this seat as well. Work may have been missed by every seat that rests if the pair is idle now,
 * because who waited could not know; and if a kernel thread has come, by those that rest for want
 * of work, because this seat may have been meant to take some. Requires: called from the context
 * switch itself, or from a change of the running task's domain in place.
 */
__attribute__((always_inline)) static inline void pair_occupy(struct pair *pair, u32 me, u64 domain,
							      bool higher, bool claim_done,
							      u32 kind, u64 now_ns,
							      struct pair_switch *result)
{
	struct seat *seat = &pair->seats[me & (PAIR_SEATS_MAX - 1)];
	bool freed = (domain_excludes(seat->occupant) && seat->occupant != domain) ||
		     (claim_done && domain_excludes(seat->claim) && seat->claim != domain);
	bool higher_left = seat->higher && !higher;
	const struct pair_switch nothing = {};
	u64 higher_domain;

	*result = nothing;
	seat->moved_from = kind == WINDOW_MOVE ? seat->occupant : DOMAIN_NONE;
	if (seat->claim == domain && pair_was_left_in_place(pair, me, domain))
		kind = WINDOW_MOVE;
	seat->occupant = domain;
	seat->higher = higher;
	seat->changes++;
	seat->yield_ns = 0;
	seat->asked_ns = 0;
	if (domain != DOMAIN_NONE)
		pair->awaited &= ~(1u << me);
	if (claim_done)
		seat->claim = DOMAIN_NONE;
	if (domain != DOMAIN_NONE) {
		seat->resting = false;
		seat->blocked = false;
		if (seat->forced_since_ns)
			result->forced_ns = ns_since(seat->forced_since_ns, now_ns);
		result->forced_by = seat->forced_by;
		result->forced_for = seat->forced_for;
		seat->forced_since_ns = 0;
	}
	higher_domain = pair_higher_domain(pair);
	if (domain_excludes(higher_domain))
		kind = pair_has_rivals(pair) ? WINDOW_RIVALS : WINDOW_HIGHER;
	pair_account_window(pair, kind, now_ns, result);
	if (domain_excludes(higher_domain))
		result->kick_away = pair_movable_seats(pair, PAIR_SEATS_MAX,
						       pair_spared_domain(pair, higher_domain));
	else if ((pair->window_since_ns && kind == WINDOW_MOVE) || (pair->draining && higher_left))
		result->kick_away = pair_movable_seats(pair, PAIR_SEATS_MAX, DOMAIN_NONE);
	else if ((pair->window_since_ns || pair->draining) && domain_excludes(domain))
		result->kick_away = 1u << me;
	result->kick_look = freed ? pair_resting_seats(pair, me, true) : 0;
	if (result->window_closed && !pair->window_since_ns)
		result->kick_look |= pair_resting_seats(pair, PAIR_SEATS_MAX, true);
	if (pair_is_idle(pair))
		result->may_look = pair_resting_seats(pair, PAIR_SEATS_MAX, true) |
				   pair_resting_seats(pair, PAIR_SEATS_MAX, false);
	else if (domain == DOMAIN_TRUSTED)
		result->may_look = pair_resting_seats(pair, me, false);
}
