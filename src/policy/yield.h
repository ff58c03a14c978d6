/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who makes room, and when: for a task that woke and found no seat free, and because the clock says
 * that a time is over.
 *
 * All functions require that the pair is locked, but for turn_due_ns(), which may be asked without:
 * then its answer is a hint. They answer in terms of seats; their caller kicks.
 */
#pragma once

#include "policy/turn.h"

struct turn_waker {
	u64 domain;
	u64 domain_vtime;
	u64 task_vtime;
	u32 seats;	/* bit mask of the seats it may run on */
	bool handed_on; /* a task of its own domain woke it, as it does when it hands work on */
	bool patient;	/* it can wait, if not for who runs in what others leave */
};

/*
 * The seat whose task, of the waker's own domain, is furthest ahead of it; as a bit mask. A task
 * that has only just started goes later: wakers that come one after another, as in a chain of
 * pipes, would otherwise let nobody get anything done. For one that was handed work by its own
 * domain it does not go at all: who hands on is about to wait, and makes room by itself.
 */
static inline u32 turn_preempt_within(struct pair *pair, const struct turn_waker *waker,
				      const struct turn_params *params, u64 now_ns)
{
	u64 most = waker->task_vtime + params->lead_ns;
	u32 furthest = PAIR_SEATS_MAX;
	struct seat *seat;

	for_each_below (i, pair->nr_seats) {
		const struct seat *s = pair_seat(pair, i);
		u64 ran_ns = ns_since(s->task_start_ns, now_ns);

		if (s->higher || s->occupant != waker->domain || !(waker->seats & (1u << i)))
			continue;
		if (vtime_before(most, s->task_vtime + ran_ns)) {
			most = s->task_vtime + ran_ns;
			furthest = i;
		}
	}
	if (furthest == PAIR_SEATS_MAX)
		return 0;
	seat = &pair->seats[furthest & (PAIR_SEATS_MAX - 1)];
	if (now_ns >= seat->task_start_ns + params->run_min_ns)
		return 1u << furthest;
	if (waker->handed_on)
		return 0;
	seat->yield_ns = seat->task_start_ns + params->run_min_ns;
	return 0;
}

/* Seats, as a bit mask, whose task has to make room by now; each is named once. */
static inline u32 turn_yielding_seats(struct pair *pair, u64 now_ns)
{
	u32 seats = 0;

	for_each_below (i, pair->nr_seats) {
		struct seat *seat = &pair->seats[i & (PAIR_SEATS_MAX - 1)];

		if (!seat->yield_ns || now_ns < seat->yield_ns)
			continue;
		seat->yield_ns = 0;
		seats |= 1u << i;
	}
	return seats;
}

/* Whether the turn is to end sooner than usual, for somebody who woke. */
static inline bool turn_is_cut(const struct pair *pair)
{
	return pair->owner != DOMAIN_NONE && pair->turn_end_ns < pair->turn_full_ns;
}

/* The first moment at which the turn or a seat of the pair is due to end; ~0 if none is. */
static inline u64 turn_due_ns(const struct pair *pair)
{
	u64 due_ns = pair->turn_end_ns;

	if (pair->draining)
		return 0;
	if (pair->owner == DOMAIN_NONE)
		return ~0ull;
	for_each_below (i, pair->nr_seats) {
		u64 yield_ns = pair_seat(pair, i)->yield_ns;

		if (yield_ns && yield_ns < due_ns)
			due_ns = yield_ns;
	}
	return due_ns;
}

/* Seats, as a bit mask, that the clock has to send away: all of a turn that is over, again if they
 * have been asked before, or those that have to make room. */
static inline u32 turn_due_seats(struct pair *pair, const struct turn_params *params, u64 now_ns)
{
	u32 yielding = turn_yielding_seats(pair, now_ns);

	if (!pair->draining && (pair->owner == DOMAIN_NONE || now_ns < pair->turn_end_ns))
		return yielding;
	return turn_ask_to_leave(pair, PAIR_SEATS_MAX, params, now_ns);
}

/*
 * A task woke and found no seat free. Returns the seats, as a bit mask, that have to leave for it:
 * one seat of its own domain whose task is ahead of it; or, if the pair's owner is far enough ahead
 * of the waker's domain, all that hold the pair. If that is so only later, the end of the task's
 * run or of the turn is brought forward to then, and the clock or the first look after it ends it.
 */
static inline u32 turn_challenge(struct pair *pair, const struct turn_waker *waker,
				 const struct turn_params *params, u64 now_ns)
{
	u64 yield_ns;

	if (pair->owner == DOMAIN_NONE || pair->draining)
		return 0;
	if (waker->patient && !vtime_is_leftover(pair->owner_vtime))
		return 0;
	if (pair->owner == waker->domain)
		return turn_preempt_within(pair, waker, params, now_ns);
	yield_ns = turn_yield_ns(pair, waker->domain_vtime, params, now_ns);
	if (yield_ns < pair->turn_end_ns)
		pair->turn_end_ns = yield_ns;
	if (now_ns < pair->turn_end_ns)
		return 0;
	return turn_ask_to_leave(pair, PAIR_SEATS_MAX, params, now_ns);
}
