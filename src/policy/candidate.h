/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is next: the domains that could have a pair's next turn, as a look has gathered them, and the
 * order in which they come. By virtual time, but for what waiting is worth, and for seats that they
 * would leave empty.
 *
 * All functions require that the pair is locked.
 */
#pragma once

#include "policy/turn.h"

/* A power of two, so that an index can be bounded by a mask. */
#define TURN_CANDIDATES_MAX 16u

/* A domain that could have the next turn. */
struct turn_candidate {
	u64 domain;
	u64 vtime;
	u64 bonus;    /* see turn_patience() */
	u64 misfit;   /* see turn_misfit() */
	u64 distance; /* see turn_distance() */
	u64 unpaid;   /* what it will have to pay for the pairs that it has, by now */
	u32 slot;
	u32 weight;
	u32 seats;  /* bit mask of the seats it has work for; ~0 if any may do */
	u8 overdue; /* it has waited so long that it is next, whatever it has held */
	u8 dry;	    /* this seat has already looked and found nothing it may run */
	u16 woken;  /* a task of it woke, and has not had a turn since */
};

struct turn_offer {
	u32 nr;
	u32 nr_seats;	     /* of the pair */
	u32 waiting;	     /* domains that wait for this pair, or for one of a few like it */
	bool urgent;	     /* one of the candidates has a task that woke */
	u64 urgent_distance; /* and then no distance counts for more than this */
	bool owner_used_up;  /* a limit of the owner is used up */
	bool owner_dry;	     /* this seat has already looked for the owner's tasks in vain */
	u64 join_dry;	     /* and for those of this domain, which the other seats held */
	u64 owner;	 /* the pair's owner when this was gathered, and what its domain had paid */
	u64 owner_vtime; /* for by then, on all pairs */
	u32 owner_weight; /* and what it is entitled to */
	u64 owner_misfit; /* and what it costs that it has this pair; see turn_misfit() */
	struct turn_candidate candidates[TURN_CANDIDATES_MAX];
};

/* Candidate @i. Requires: i < TURN_CANDIDATES_MAX. */
static inline const struct turn_candidate *turn_offered(const struct turn_offer *offer, u32 i)
{
	return &offer->candidates[i & (TURN_CANDIDATES_MAX - 1)];
}

/* The best candidate so far. Volatile for the same reason as struct pair_hold. */
struct turn_pick {
	volatile u32 index; /* TURN_CANDIDATES_MAX: none */
	volatile u32 able;  /* bit mask of the seats that could start something now */
	volatile u64 vtime;
};

/*
 * The owner's domain may hold other pairs too, and what it pays for there counts here: or else each
 * pair would find its owner to be behind a domain that holds fewer pairs, for ever. Never back,
 * unless it does not run in what others leave any more: what this pair has charged may be on its
 * way to the domain still.
 */
static inline void turn_note_paid(struct pair *pair, const struct turn_offer *offer)
{
	if (pair->owner == DOMAIN_NONE || pair->owner != offer->owner)
		return;
	if (vtime_before(pair->owner_vtime, offer->owner_vtime) ||
	    vtime_is_leftover(pair->owner_vtime) != vtime_is_leftover(offer->owner_vtime))
		pair->owner_vtime = offer->owner_vtime;
	pair->owner_weight = offer->owner_weight;
}

/*
 * What it costs, in virtual time, that a domain with @tasks, which has @held seats elsewhere, would
 * leave some of @nr_seats empty: it is worth one turn of @turn_ns of the whole pair to wait for a
 * domain that fills it. However few seats that would be: who waits for the next turn to end pays
 * for none, while those who have the pairs pay for all seats of theirs. So the tasks of a domain
 * gather on the seats that it has, and its odd one does not hold a pair of its own while others
 * could fill that.
 */
static inline u64 turn_misfit(u64 turn_ns, u32 nr_seats, u32 tasks, u32 held, u32 weight)
{
	u32 missing = tasks > held ? tasks - held : 0;

	return !tasks || missing >= nr_seats ? 0 : vtime_cost(turn_ns * nr_seats, weight);
}

/*
 * What it costs, in virtual time, that a domain has its tasks far from the pair, where other caches
 * are: it is worth one turn of @turn_ns to wait for a domain that has some near it. So tasks stay
 * where they were, and go elsewhere only for a wait that is longer than that.
 */
static inline u64 turn_distance(u64 turn_ns, u32 nr_seats, u32 weight, bool is_near)
{
	return is_near ? 0 : vtime_cost(turn_ns * nr_seats, weight);
}

/* What the owner is compared by when its turn could go on: as anybody else who would begin one. */
static inline u64 turn_owner_rank(const struct pair *pair, const struct turn_offer *offer,
				  u64 now_ns)
{
	return turn_owner_vtime(pair, now_ns) + (offer->urgent ? 0 : offer->owner_misfit);
}

/* The same for a candidate. While somebody waits who has woken, nobody waits for others to fit
 * better: what he would be owed for that, he would have later, while those who wake wait. Nor does
 * anybody wait to be served near for longer than waiting is worth something. */
static inline u64 turn_rank(const struct turn_offer *offer, const struct turn_candidate *c)
{
	u64 rank = c->vtime + c->unpaid - c->bonus;

	if (c->overdue)
		return rank;
	if (!offer->urgent)
		return rank + c->distance + c->misfit;
	return rank + (c->distance < offer->urgent_distance ? c->distance : offer->urgent_distance);
}

/*
 * The candidate that is next: least virtual time, the earlier one of equals. @other_than is left
 * out; DOMAIN_NONE leaves nobody out; and so is who could start on no seat now, because a kernel
 * thread or a higher class has the only ones that would do: those seats look by themselves. The
 * owner is compared with what it has held by now, not with what it has paid for, but a task of it
 * that waits in a lane has waited all the same. Returns whether
 * there is one.
 */
static inline bool turn_next(const struct pair *pair, const struct turn_offer *offer,
			     u64 other_than, u64 now_ns, struct turn_pick *next)
{
	u64 owner_vtime = turn_owner_rank(pair, offer, now_ns);

	next->index = TURN_CANDIDATES_MAX;
	next->vtime = 0;
	for_each_below (i, offer->nr) {
		const struct turn_candidate *c = turn_offered(offer, i);
		u64 vtime = c->domain == pair->owner ? owner_vtime - c->bonus : turn_rank(offer, c);

		if (c->dry || c->domain == other_than || !(c->seats & next->able))
			continue;
		if (next->index == TURN_CANDIDATES_MAX || !vtime_before(next->vtime, vtime)) {
			next->vtime = vtime;
			next->index = i;
		}
	}
	return next->index != TURN_CANDIDATES_MAX;
}

/* Seats, as a bit mask, for which @domain has work: it may be a candidate more than once, with what
 * any seat may run and with what only one may. */
static inline u32 turn_offered_seats(const struct turn_offer *offer, u64 domain)
{
	u32 seats = 0;

	for_each_below (i, offer->nr) {
		const struct turn_candidate *c = turn_offered(offer, i);

		if (!c->dry && c->domain == domain)
			seats |= c->seats;
	}
	return seats;
}
