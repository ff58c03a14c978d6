/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A look for work: ops.dispatch. The only place from which a task of a domain gets onto a local
 * queue, and always after its domain was claimed for the seat under the pair's lock.
 */
#pragma once

#include "bpf/lanes.h"

/* Entries of the heap that one look offers: the top, and a window that moves on from look to look,
 * so that domains this pair may not run cannot hide the others for good. */
#define OFFER_TOP 4
#define OFFER_WINDOW 3
/* Domains one dispatch tries before it lets the cpu go idle and look again. */
#define DISPATCH_TRIES 6

static __always_inline void offer_add(struct turn_offer *offer, u64 domain, u32 slot, u32 seats)
{
	struct turn_candidate *c;
	u32 nr = offer->nr;

	if (nr >= TURN_CANDIDATES_MAX || !domain_excludes(domain))
		return;
	c = &offer->candidates[nr & (TURN_CANDIDATES_MAX - 1)];
	c->domain = domain;
	c->slot = slot;
	c->vtime = slot == DOMAIN_NO_SLOT ? vtime_now : domain_at(slot)->vtime;
	c->weight = slot == DOMAIN_NO_SLOT ? WEIGHT_DEFAULT : domain_at(slot)->weight;
	c->seats = seats;
	c->dry = false;
	offer->nr = nr + 1;
}

struct heap_view {
	u32 slots[OFFER_TOP + OFFER_WINDOW];
};

/* Copies slots out of the heap, its top repaired first. Unused places are DOMAIN_NO_SLOT. */
static __noinline int heap_look(struct heap_view *view, u32 cursor)
{
	struct shard *shard = the_shard();
	struct waiting w;
	u32 nr;

	if (!view)
		return 0;
	for (u32 i = 0; i < OFFER_TOP + OFFER_WINDOW; i++)
		view->slots[i] = DOMAIN_NO_SLOT;
	if (!shard || !shard->nr_waiting)
		return 0;
	bpf_spin_lock(&shard->lock);
	w = waiting_of(shard);
	nr = w.nr;
	for (u32 i = 0; i < OFFER_TOP && nr; i++)
		if (!waiting_refresh(&w, 1))
			break;
	for (u32 i = 0; i < OFFER_TOP; i++)
		if (i < nr)
			view->slots[i] = w.entries[i + 1].slot;
	for (u32 i = 0; i < OFFER_WINDOW; i++)
		if (nr > OFFER_TOP)
			view->slots[OFFER_TOP + i] =
				w.entries[OFFER_TOP + 1 + (cursor + i) % (nr - OFFER_TOP)].slot;
	bpf_spin_unlock(&shard->lock);
	return 0;
}

/* Collects who could have the next turn: the heap's least, the heads of the seats' lanes, and the
 * domain of the task that runs here. */
static __noinline int gather_offer(struct cpu_cell *cell, const struct pair *pair, u64 prev_domain)
{
	struct heap_view view;
	struct turn_offer *offer;

	if (!cell || !pair)
		return 0;
	offer = &cell->offer;
	offer->nr = 0;
	offer->owner_dry = false;
	offer->join_dry = DOMAIN_NONE;
	heap_look(&view, cell->window_cursor);
	cell->window_cursor += OFFER_WINDOW;
	for (u32 i = 0; i < OFFER_TOP + OFFER_WINDOW; i++)
		if (view.slots[i] != DOMAIN_NO_SLOT)
			offer_add(offer, domain_at(view.slots[i])->id, view.slots[i], ~0u);
	for (u32 i = 0; i < PAIR_SEATS_MAX; i++) {
		u64 domain;

		if (i >= pair->nr_seats)
			break;
		domain = lane_head((s32)pair->seats[i].cpu);
		if (domain_excludes(domain))
			offer_add(offer, domain, domain_slot(domain), 1u << i);
	}
	if (domain_excludes(prev_domain))
		offer_add(offer, prev_domain, domain_slot(prev_domain),
			  1u << (cell->place.seat & (PAIR_SEATS_MAX - 1)));
	return 0;
}

/* This seat found nothing of @domain: no candidate that counted on this seat stands for it. */
static __always_inline void offer_mark_dry(struct turn_offer *offer, u64 domain, u32 seat)
{
	for (u32 i = 0; i < TURN_CANDIDATES_MAX; i++) {
		struct turn_candidate *c = &offer->candidates[i];

		if (i < offer->nr && c->domain == domain && (c->seats & (1u << seat)))
			c->dry = true;
	}
}

/* Gives a kernel thread its turn, which needs nobody's leave. */
static __always_inline bool take_trusted(struct cpu_cell *cell, s32 cpu)
{
	if (scx_bpf_dsq_nr_queued(trusted_lane_of(cpu)) <= 0)
		return false;
	if (cell->trusted_debt_ns > config.slice_ns) {
		cell->trusted_debt_ns = 0;
		return false;
	}
	return scx_bpf_dsq_move_to_local(trusted_lane_of(cpu));
}

/*
 * Starts a task of @domain, which this seat has claimed: one that only this cpu may run, one from
 * the domain's queue, or the running one again. The running one is kept only if nobody else is
 * there, and then nothing is moved: the kernel would keep it and strand the moved one.
 */
static __always_inline bool take_domain(const struct pair *pair, s32 cpu, u64 domain,
					struct task_struct *prev, u64 prev_domain)
{
	if (lane_take(cpu, domain))
		return true;
	if (domain_slot(domain) != DOMAIN_NO_SLOT && scx_bpf_dsq_move_to_local(domain))
		return true;
	if (!prev || prev_domain != domain)
		return false;
	prev->scx.slice = turn_slice(pair, config.slice_ns, bpf_ktime_get_ns());
	count(kept, 1);
	return true;
}

static __always_inline void settle(const struct turn_choice *choice)
{
	if (choice->charge_ns)
		domain_charge(choice->charge_slot, choice->charge_ns);
	if (choice->opened)
		count(next, 1);
	if (choice->renewed)
		count(renewals, 1);
	if (choice->waits)
		count(waits, 1);
	if (choice->kick_leave)
		count(expirations, 1);
}

/* Wakes the resting seats that also have work in the turn this seat has just started a task of. */
static __always_inline void spread(struct cpu_cell *cell, const struct pair *pair, u64 domain)
{
	bool queued = domain_slot(domain) != DOMAIN_NO_SLOT && scx_bpf_dsq_nr_queued(domain) > 0;

	for (u32 i = 0; i < PAIR_SEATS_MAX; i++) {
		if (i >= pair->nr_seats || i == cell->place.seat || !pair->seats[i].resting)
			continue;
		if (queued || scx_bpf_dsq_nr_queued(lane_of((s32)pair->seats[i].cpu)) > 0)
			kick(pair->seats[i].cpu, 0);
	}
}

/* The pair is all idle, or no longer. Requires: the pair is locked, so that the bit follows every
 * change of the seats in order. Wakers take the bit away without the lock, and kick the pair. */
static __always_inline void publish_idle(u32 pair_index, bool idle)
{
	u32 word = (pair_index / 64) & (PAIRS_MAX / 64 - 1);
	u64 bit = 1ull << (pair_index & 63);

	if (idle)
		__sync_fetch_and_or(&idle_pairs[word], bit);
	else if (idle_pairs[word] & bit)
		__sync_fetch_and_and(&idle_pairs[word], ~bit);
}

/* This seat rests, and only a task of @domain may fill it. */
static __always_inline void publish_hungry(u32 pair_index, u64 domain)
{
	u32 slot = domain_slot(domain);

	if (slot != DOMAIN_NO_SLOT)
		__sync_fetch_and_or(hungry_at(slot, pair_index / 64), 1ull << (pair_index & 63));
}

/* The cpu goes idle. Returns whether it has to look again at once. */
static __always_inline bool rest(struct cpu_cell *cell, struct pair_cell *pc,
				 const struct turn_choice *choice, u64 seen)
{
	struct turn_choice closing = {};
	u64 now_ns = bpf_ktime_get_ns();
	u32 me = cell->place.seat;
	bool idle, changed;
	u64 held;

	bpf_spin_lock(&pc->lock);
	changed = turn_rest(&pc->pair, me, choice, now_ns);
	idle = turn_settle_idle(&pc->pair, now_ns, &closing);
	publish_idle(cell->place.pair, idle);
	held = choice->held != DOMAIN_NONE ? choice->held : pc->pair.owner;
	bpf_spin_unlock(&pc->lock);
	settle(&closing);
	if (!idle)
		publish_hungry(cell->place.pair, held);
	return changed || arrivals_missed(seen);
}

/* One look. Returns whether the cpu has to look again at once. */
static __always_inline bool dispatch_look(struct cpu_cell *cell, struct pair_cell *pc, s32 cpu,
					  struct task_struct *prev)
{
	struct turn_params params = turn_params();
	u32 me = cell->place.seat & (PAIR_SEATS_MAX - 1);
	u64 prev_domain = DOMAIN_NONE;
	u64 seen = arrivals_seen();
	struct turn_choice choice = {};
	u32 i;

	if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
		prev_domain = domain_of(prev);
	gather_offer(cell, &pc->pair, prev_domain);
	bpf_for(i, 0, DISPATCH_TRIES)
	{
		u64 now_ns = bpf_ktime_get_ns();

		bpf_spin_lock(&pc->lock);
		choice = turn_choose(&pc->pair, me, &cell->offer, &params, now_ns);
		if (choice.domain != DOMAIN_NONE)
			publish_idle(cell->place.pair, false);
		bpf_spin_unlock(&pc->lock);
		settle(&choice);
		kick_seats(&pc->pair, choice.kick_leave, SCX_KICK_PREEMPT);
		kick_seats(&pc->pair, choice.kick_look, 0);
		if (choice.opened && vtime_before(vtime_now, pc->pair.owner_vtime))
			vtime_now = pc->pair.owner_vtime;
		if (choice.domain == DOMAIN_NONE)
			break;
		if (take_domain(&pc->pair, cpu, choice.domain, prev, prev_domain)) {
			count(dispatched, 1);
			spread(cell, &pc->pair, choice.domain);
			return false;
		}
		bpf_spin_lock(&pc->lock);
		turn_unclaim(&pc->pair, me);
		bpf_spin_unlock(&pc->lock);
		count(collisions, 1);
		if (choice.held == DOMAIN_NONE)
			cell->offer.owner_dry = true;
		else
			cell->offer.join_dry = choice.domain;
		offer_mark_dry(&cell->offer, choice.domain, me);
		if (scx_bpf_dsq_nr_queued(choice.domain) == 0) {
			count(cgroup_empty, 1);
			domain_stop_waiting(domain_slot(choice.domain), seen);
		}
	}
	count(empty, 1);
	return rest(cell, pc, &choice, seen) || i == DISPATCH_TRIES;
}

static __always_inline void dispatch(s32 cpu, struct task_struct *prev)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc;

	arrivals_land();
	if (!cell) {
		scx_error("cpu %d asks for work but has no pair", (u64)cpu);
		return;
	}
	pc = pair_cell_of(cell->place.pair);
	if (!pc) {
		scx_error("cpu %d is of pair %d, which does not exist", (u64)cpu,
			  (u64)cell->place.pair);
		return;
	}
	if (take_trusted(cell, cpu))
		return;
	if (dispatch_look(cell, pc, cpu, prev)) {
		/* After this dispatch the cpu switches to idle; the kick makes it look again. */
		count(relooks, 1);
		scx_bpf_kick_cpu(cpu, 0);
	}
}
