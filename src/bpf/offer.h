/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who could have the next turn: what a look gathers for policy, from the heap of waiting domains
 * and the lanes of the pair. Nothing is locked afterwards: what has changed since is found out by
 * trying.
 */
#pragma once

#include "bpf/lanes.h"

/* How many seats domain @slot holds, beside @here of them. A cgroup that went while it had a turn
 * may leave a count below nothing behind. */
static __always_inline u32 slot_held(u32 slot, u32 here)
{
	u32 held = domain_at(slot)->held;

	return held > here && held <= CPUS_MAX ? held - here : 0;
}

/* What it costs that domain @slot has the pair that @offer is for; @here of the seats it holds are
 * that pair's. */
static __always_inline u64 slot_misfit(u32 slot, const struct turn_offer *offer, u32 here)
{
	const struct domain __arena *domain = domain_at(slot);
	struct turn_params params = turn_params();

	return turn_misfit(turn_length_ns(&params, offer->waiting), offer->nr_seats,
			   slot_tasks(slot), slot_held(slot, here), domain->weight);
}

/* What domain @slot will have to pay for the pairs that it has, in virtual time. If they are
 * several, each may have paid at another time; then it is a little more. */
static __always_inline u64 slot_unpaid(u32 slot, u64 now_ns)
{
	const struct domain __arena *domain = domain_at(slot);
	u64 since_ns = ns_since(domain->charged_ns, now_ns);

	if (since_ns > config.turn_ns)
		since_ns = config.turn_ns;
	return vtime_cost(since_ns * slot_held(slot, 0), domain->weight);
}

/* What it costs that the tasks of domain @slot are where they are. */
static __always_inline u64 slot_distance(u32 slot, const struct turn_offer *offer, u32 zone)
{
	const struct domain __arena *domain = domain_at(slot);
	struct turn_params params = turn_params();
	bool is_near = config.nr_zones == 1 || queue_has(queue_of(domain->id, zone));

	return turn_distance(turn_length_ns(&params, offer->waiting), offer->nr_seats,
			     domain->weight, is_near);
}

/* Adds a candidate. @bonus: what its waiting is worth, if more than that of its domain. Requires:
 * its domain is not throttled. */
static __always_inline void offer_add(struct cpu_cell *cell, u64 domain, u32 slot, u32 seats,
				      u64 bonus, u64 now_ns)
{
	struct turn_offer *offer = &cell->offer;
	struct turn_params params = turn_params();
	struct turn_candidate *c;
	u32 nr = offer->nr;
	u64 waited;

	if (nr >= TURN_CANDIDATES_MAX || !domain_excludes(domain))
		return;
	c = &offer->candidates[nr & (TURN_CANDIDATES_MAX - 1)];
	c->domain = domain;
	c->slot = slot;
	c->vtime = slot_rank(slot);
	c->weight = slot == DOMAIN_NO_SLOT ? WEIGHT_DEFAULT : domain_at(slot)->weight;
	c->seats = seats;
	/* A pinned task has no other seats to wait for. */
	c->misfit = seats == ~0u ? slot_misfit(slot, offer, 0) : 0;
	c->distance = seats == ~0u ? slot_distance(slot, offer, cell->place.zone) : 0;
	c->unpaid = slot_unpaid(slot, now_ns);
	c->dry = false;
	c->bonus = turn_patience(domain_at(slot)->woke_ns, &params, now_ns);
	waited = turn_round_patience(domain_at(slot)->served_ns, offer->nr_seats, &params, now_ns);
	if (waited > c->bonus)
		c->bonus = waited;
	c->overdue = bonus == BONUS_OVERDUE || domain_at(slot)->overdue;
	if (c->overdue) {
		c->bonus = c->vtime - domain_overdue_rank(domain_at(slot));
	} else if (bonus > c->bonus) {
		/* Level with the owner, whatever it has elsewhere. */
		c->bonus = bonus;
		c->unpaid = 0;
	}
	c->woken = (u16)domain_at(slot)->woken;
	offer->urgent |= c->woken != 0;
	offer->nr = nr + 1;
}

/* Adds a domain that is in @zone's heap. If nothing of it waits in the zone any more, or may be
 * started, it leaves that instead. */
static __always_inline void offer_waiting(struct cpu_cell *cell, u32 slot, u32 zone, u64 now_ns)
{
	u64 domain = domain_at(slot)->id;

	if (slot == DOMAIN_NO_SLOT)
		return;
	if (throttled_until_ns(slot))
		domain_wait(slot, zone);
	else if (config.nr_zones == 1 || queue_has(queue_of(domain, zone))) {
		offer_add(cell, domain, slot, ~0u, 0, now_ns);
		return;
	}
	zone_stop_waiting(slot, zone, cell->seen);
	cell->found_nothing++;
}

/* Adds what is in this zone's heap, and some of what is in another's: of that, a domain may be
 * there already. */
static __always_inline void offer_heaps(struct cpu_cell *cell, s32 cpu, u64 now_ns)
{
	u32 i;

	bpf_for (i, 0, HEAP_LOOK_MAX)
		offer_waiting(cell, cell->heap_slots[i], cell->place.zone, now_ns);
	if (config.nr_zones == 1)
		return;
	heap_look_elsewhere(cpu);
	bpf_for (i, 0, HEAP_LOOK_ELSEWHERE)
		offer_waiting(cell, cell->elsewhere[i], cell->zone_looked, now_ns);
}

/* Adds the domain of the task that runs on the cell's cpu, unless it has used up a limit. */
static __always_inline void offer_running(struct cpu_cell *cell, u64 domain, u64 now_ns)
{
	u32 slot;

	if (!domain_excludes(domain))
		return;
	slot = domain_slot(domain);
	if (throttled_until_ns(slot))
		domain_wait(slot, cell->place.zone);
	else
		offer_add(cell, domain, slot, 1u << (cell->place.seat & (PAIR_SEATS_MAX - 1)), 0,
			  now_ns);
}

/* How many pairs share the queues of @zone; at least 1. */
static __always_inline u32 zone_pairs(u32 zone)
{
	const struct zone_cell *cell = zone_cell_of(zone);

	return cell && cell->nr_pairs ? cell->nr_pairs : 1;
}

/* Collects who could have the next turn: the heap's least, those of the seats' lanes, and the
 * domain of the task that runs here. */
__noinline int gather_offer(s32 cpu, u64 prev_domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u64 now_ns = bpf_ktime_get_ns();
	u32 i;

	if (!cell || !pc)
		return 0;
	cell->offer.nr = 0;
	cell->offer.urgent = false;
	cell->offer.urgent_distance = config.patience_ns;
	cell->offer.nr_seats = pc->pair.nr_seats;
	/* Who has used up its limit has nothing to run. */
	cell->offer.owner_used_up = throttled_until_ns(pc->pair.owner_slot);
	cell->offer.owner_dry = cell->offer.owner_used_up;
	cell->offer.join_dry = cell->offer.owner_dry ? pc->pair.owner : DOMAIN_NONE;
	/* Read without the lock: policy holds the one against the other. */
	cell->offer.owner = domain_at(pc->pair.owner_slot)->id;
	cell->offer.owner_vtime = slot_rank(pc->pair.owner_slot);
	cell->offer.owner_weight = domain_at(pc->pair.owner_slot)->weight;
	heap_look(cpu);
	cell->offer.waiting = cell->heap_nr / zone_pairs(cell->place.zone);
	cell->offer.owner_misfit =
		slot_misfit(pc->pair.owner_slot, &cell->offer, cell->offer.nr_seats);
	offer_heaps(cell, cpu, now_ns);
	bpf_for (i, 0, PAIR_SEATS_MAX) {
		s32 seat_cpu = (s32)pc->pair.seats[i].cpu;
		struct cpu_cell *lane = cpu_cell_of(seat_cpu);
		u64 domain;

		if (i >= pc->pair.nr_seats || !lane)
			break;
		domain = lane_next(seat_cpu);
		if (!domain_excludes(domain))
			continue;
		cell->offer.waiting +=
			lane_tenants(&lane->lane_rounds, queued_in(lane_of(seat_cpu)));
		offer_add(cell, domain, domain_slot(domain), lane->lane_seats, lane->lane_bonus,
			  now_ns);
	}
	offer_running(cell, prev_domain, now_ns);
	return 0;
}
