/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A look: what a seat without a task does next.
 *
 * Its caller has gathered who could have the pair's next turn (struct turn_offer), without a lock;
 * what has changed since shows when the chosen domain has nothing, and then it asks again.
 *
 * All functions require that the pair is locked, and answer in terms of seats; their caller kicks.
 */
#pragma once

#include "policy/candidate.h"

struct turn_choice {
	u64 domain;	       /* start a task of this domain; DOMAIN_NONE: rest */
	struct pair_hold held; /* what the other seats held when this was chosen */
	struct turn_pick next; /* scratch; `able` is for all of the choice */
	u64 charge_ns;	       /* seat time that @charge_slot has to pay for now */
	u32 charge_slot;
	u32 left_slot;	   /* whose turn has ended: it has this pair's seats no more */
	u32 opened_slot;   /* whose turn has begun: it has them now */
	u32 kick_leave;	   /* seats that must leave for the next turn to begin */
	u32 kick_look;	   /* seats that have work in the turn just opened */
	bool opened;	   /* a turn was opened */
	bool renewed;	   /* the owner was next again, so nothing was drained */
	bool out_of_order; /* the turn is that of somebody who is not next by virtual time alone */
	bool blocked;	   /* resting although work waits: the other seats exclude it */
	u64 waiter;	   /* of which: the domain that would be next; DOMAIN_NONE if unknown */
	bool waits;	   /* of which: the pair drains */
	bool shared;	   /* @domain is held through a higher-class task, it is nobody's turn */
};

static inline void turn_choice_clear(struct turn_choice *choice)
{
	const struct turn_choice nothing = {};

	*choice = nothing;
}

/* Settles what the owner owes up to @now_ns. Clocks of two cpus may differ a little: never less
 * than nothing. */
static inline void turn_charge(struct pair *pair, u64 now_ns, struct turn_choice *choice)
{
	if (pair->owner == DOMAIN_NONE || now_ns <= pair->turn_charged_ns)
		return;
	choice->charge_ns = (now_ns - pair->turn_charged_ns) * pair->nr_seats;
	choice->charge_slot = pair->owner_slot;
	pair->owner_vtime = turn_owner_vtime(pair, now_ns);
	pair->turn_charged_ns = now_ns;
}

/*
 * The turn begins now, or goes on for another. It lasts the longer the fewer wait, unless a domain
 * with a task that woke is waiting: then no longer than until the owner is ahead of that one.
 */
static inline void turn_extend(struct pair *pair, const struct turn_offer *offer,
			       const struct turn_params *params, u64 now_ns)
{
	pair->turn_open_ns = now_ns;
	pair->turn_charged_ns = now_ns;
	pair->turn_end_ns = now_ns + turn_length_ns(params, offer->waiting);
	pair->turn_full_ns = pair->turn_end_ns;
	pair->draining = false;
	for_each_below (i, offer->nr) {
		const struct turn_candidate *c = turn_offered(offer, i);
		u64 yield_ns;

		if (!c->woken || c->domain == pair->owner)
			continue;
		yield_ns = turn_yield_ns(pair, c->vtime - c->bonus, params, now_ns);
		if (yield_ns < pair->turn_end_ns)
			pair->turn_end_ns = yield_ns;
	}
}

/* Nobody's turn any more: every seat rests. */
static inline void turn_close(struct pair *pair, u64 now_ns, struct turn_choice *choice)
{
	turn_charge(pair, now_ns, choice);
	if (pair->owner != DOMAIN_NONE)
		choice->left_slot = pair->owner_slot;
	pair->owner = DOMAIN_NONE;
	pair->draining = false;
	pair->awaited = 0;
}

static inline void turn_claim(struct pair *pair, u32 me, u64 domain, struct turn_choice *choice)
{
	struct seat *seat = &pair->seats[me & (PAIR_SEATS_MAX - 1)];

	seat->claim = domain;
	seat->resting = false;
	choice->domain = domain;
}

/* Opens a turn for the candidate that is next, or gives the owner another one. */
static inline void turn_begin(struct pair *pair, u32 me, const struct turn_offer *offer,
			      const struct turn_params *params, u64 now_ns,
			      struct turn_choice *choice)
{
	const struct turn_candidate *c = turn_offered(offer, choice->next.index);
	u32 seats = turn_offered_seats(offer, c->domain);

	turn_charge(pair, now_ns, choice);
	choice->renewed = pair->owner == c->domain;
	choice->opened = !choice->renewed;
	if (choice->opened) {
		choice->left_slot = pair->owner == DOMAIN_NONE ? 0 : pair->owner_slot;
		choice->opened_slot = c->slot;
		pair->owner = c->domain;
		pair->owner_slot = c->slot;
		pair->owner_weight = c->weight;
		pair->owner_vtime = c->vtime;
	}
	choice->out_of_order = c->overdue || c->bonus > params->patience_ns * pair->nr_seats;
	turn_extend(pair, offer, params, now_ns);
	/* Who is not owed the pair has it for a moment only. */
	if (c->overdue && pair->turn_end_ns > now_ns + params->burst_ns)
		pair->turn_end_ns = pair->turn_full_ns = now_ns + params->burst_ns;
	/* Beside others of it, this seat may have more of it to run than what it was offered. */
	if ((seats & (1u << me)) || !pair_is_free(&choice->held))
		turn_claim(pair, me, c->domain, choice);
	else
		choice->kick_look = seats;
	pair->awaited = choice->kick_look &
			(pair_resting_seats(pair, me, true) | pair_resting_seats(pair, me, false));
}

/* The turn is over: the others are asked to leave, and until they have nobody starts. */
static inline void turn_drain(struct pair *pair, u32 me, const struct turn_params *params,
			      u64 now_ns, struct turn_choice *choice)
{
	pair->draining = true;
	if (now_ns < pair->turn_end_ns)
		pair->turn_end_ns = now_ns;
	choice->blocked = true;
	choice->waits = true;
	choice->kick_leave = turn_ask_to_leave(pair, me, params, now_ns);
}

/*
 * A limit of the owner is used up: its last tasks run for what was taken for them ahead, and this
 * seat, which may start none, waits while others could have the pair. So each of the last tasks
 * runs for burst_ns at least, and then the turn is over.
 */
static inline void turn_run_out(struct pair *pair, u32 me, const struct turn_params *params,
				u64 now_ns, struct turn_choice *choice)
{
	u64 end_ns = 0;

	for_each_below (i, pair->nr_seats) {
		const struct seat *seat = pair_seat(pair, i);
		u64 burst_end_ns = seat->task_start_ns + params->burst_ns;

		if (i != me && domain_excludes(seat->occupant) && burst_end_ns > end_ns)
			end_ns = burst_end_ns;
	}
	if (now_ns >= end_ns)
		turn_drain(pair, me, params, now_ns, choice);
	else if (end_ns < pair->turn_end_ns)
		pair->turn_end_ns = end_ns;
}

/*
 * The others hold a domain whose turn it is not: it was let in beside a task of a higher class that
 * has left since. If it is next it inherits the turn; if somebody else is, it has to leave. Returns
 * whether the turn of who is next begins.
 */
static inline bool turn_inherit(struct pair *pair, u32 me, const struct turn_offer *offer,
				const struct turn_params *params, u64 now_ns,
				struct turn_choice *choice)
{
	if (!turn_next(pair, offer, DOMAIN_NONE, now_ns, &choice->next))
		return false;
	if (turn_offered(offer, choice->next.index)->domain == choice->held.domain)
		return true;
	turn_drain(pair, me, params, now_ns, choice);
	return false;
}

/* The other seats hold a domain: this seat may only join it, and must not while the pair drains.
 * Returns whether the turn of who is next begins. */
static inline bool turn_join(struct pair *pair, u32 me, const struct turn_offer *offer,
			     const struct turn_params *params, u64 now_ns,
			     struct turn_choice *choice)
{
	const struct pair_hold *hold = &choice->held;
	bool waiting = turn_next(pair, offer, hold->domain, now_ns, &choice->next);

	choice->blocked = waiting;
	if (waiting)
		choice->waiter = turn_offered(offer, choice->next.index)->domain;
	if (hold->higher) {
		if (offer->join_dry == hold->domain)
			return false;
		/* It does not leave for us, so draining would only waste this seat. */
		choice->shared = true;
		turn_claim(pair, me, hold->domain, choice);
		return false;
	}
	if (pair->draining) {
		choice->blocked = true;
		choice->waits = true;
		return false;
	}
	if (pair->owner != hold->domain)
		return turn_inherit(pair, me, offer, params, now_ns, choice);
	if (offer->join_dry == hold->domain) {
		if (offer->owner_used_up && waiting)
			turn_run_out(pair, me, params, now_ns, choice);
		return false;
	}
	if (now_ns >= pair->turn_end_ns) {
		if (waiting &&
		    vtime_before(choice->next.vtime, turn_owner_rank(pair, offer, now_ns))) {
			turn_drain(pair, me, params, now_ns, choice);
			return false;
		}
		turn_charge(pair, now_ns, choice);
		turn_extend(pair, offer, params, now_ns);
		choice->renewed = true;
	}
	turn_claim(pair, me, hold->domain, choice);
	return false;
}

/* The other seats hold nothing: the turn goes on, or that of who is next begins, and then this
 * returns true. */
static inline bool turn_open(struct pair *pair, u32 me, const struct turn_offer *offer, u64 now_ns,
			     struct turn_choice *choice)
{
	if (pair->owner != DOMAIN_NONE && !turn_is_over(pair, now_ns) && !offer->owner_dry) {
		turn_claim(pair, me, pair->owner, choice);
		return false;
	}
	return turn_next(pair, offer, DOMAIN_NONE, now_ns, &choice->next);
}

/*
 * What seat @me does now. On a domain, its claim is set: the caller starts a task of that domain or
 * calls turn_unclaim(). Called again with the domain marked dry it answers the next best.
 */
static inline void turn_choose(struct pair *pair, u32 me, const struct turn_offer *offer,
			       const struct turn_params *params, u64 now_ns,
			       struct turn_choice *choice)
{
	bool begins = false;

	turn_choice_clear(choice);
	turn_note_paid(pair, offer);
	pair->awaited &= ~(1u << me);
	pair_held_by_others(pair, me, &choice->held);
	choice->next.able = pair_able_seats(pair, me);
	if (pair_is_free(&choice->held)) {
		begins = turn_open(pair, me, offer, now_ns, choice);
	} else if (choice->held.mixed) {
		choice->blocked = true;
		choice->waits = true;
	} else {
		begins = turn_join(pair, me, offer, params, now_ns, choice);
	}
	if (begins)
		turn_begin(pair, me, offer, params, now_ns, choice);
}

/*
 * The usual answer, without knowing who waits: the turn is not over, and the other seats leave the
 * owner to seat @me. Returns whether it is, and then has claimed the owner as turn_choose() would
 * have.
 */
static inline bool turn_continue(struct pair *pair, u32 me, u64 now_ns, struct turn_choice *choice)
{
	turn_choice_clear(choice);
	pair->awaited &= ~(1u << me);
	if (pair->owner == DOMAIN_NONE || turn_is_over(pair, now_ns))
		return false;
	pair_held_by_others(pair, me, &choice->held);
	if (choice->held.mixed || choice->held.higher ||
	    (!pair_is_free(&choice->held) && choice->held.domain != pair->owner))
		return false;
	turn_claim(pair, me, pair->owner, choice);
	return true;
}

/* Whether a task of @domain could start on a seat that has been told to rest by @choice, if there
 * was one. */
static inline bool turn_would_take(const struct turn_choice *choice, u64 domain)
{
	return choice->domain == DOMAIN_NONE && !choice->waits && !choice->held.mixed &&
	       domains_agree(choice->held.domain, domain);
}

/* The claimed domain had nothing that seat @me may run. */
static inline void turn_unclaim(struct pair *pair, u32 me)
{
	pair->seats[me & (PAIR_SEATS_MAX - 1)].claim = DOMAIN_NONE;
}

/* Closes the turn of a pair whose every seat rests, and none is about to look. Returns whether the
 * pair is idle; beside a kernel thread it may be, and the turn goes on: its owner may come back
 * when that has left. */
static inline bool turn_settle_idle(struct pair *pair, u64 now_ns, struct turn_choice *choice)
{
	if (pair_all_rest(pair) && !pair->awaited)
		turn_close(pair, now_ns, choice);
	return pair_is_idle(pair);
}

/* Records that seat @me found nothing of the domain it had claimed: candidates that counted on this
 * seat do not stand for it any more in this look. */
static inline void turn_mark_dry(struct turn_offer *offer, const struct turn_choice *choice, u32 me)
{
	if (pair_is_free(&choice->held))
		offer->owner_dry = true;
	else
		offer->join_dry = choice->domain;
	for_each_below (i, offer->nr) {
		struct turn_candidate *c = &offer->candidates[i & (TURN_CANDIDATES_MAX - 1)];

		if (c->domain == choice->domain && (c->seats & (1u << me)))
			c->dry = true;
	}
}

/*
 * Seat @me goes idle after @choice told it to. If its task has not left yet, the switch will settle
 * the pair. Returns whether what the other seats hold has changed since the choice: then this seat
 * has to look again, because nobody else knows that it rests.
 */
static inline bool turn_rest(struct pair *pair, u32 me, struct turn_choice *choice, u64 now_ns)
{
	struct seat *seat = &pair->seats[me & (PAIR_SEATS_MAX - 1)];
	bool blocked = choice->blocked || choice->kick_look;
	u64 held = choice->held.domain;
	bool mixed = choice->held.mixed, higher = choice->held.higher;

	seat->resting = true;
	seat->blocked = blocked;
	if (blocked && !seat->forced_since_ns) {
		seat->forced_since_ns = now_ns;
		seat->forced_by = held != DOMAIN_NONE ? held : pair->owner;
		seat->forced_for = choice->waiter;
	}
	pair_held_by_others(pair, me, &choice->held);
	return choice->held.domain != held || choice->held.mixed != mixed ||
	       choice->held.higher != higher;
}
