/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A look for work: ops.dispatch. The only place from which a task of a domain gets onto a local
 * queue, and always after its domain was claimed for the seat under the pair's lock.
 */
#pragma once

#include "bpf/offer.h"
#include "bpf/tell.h"

/* Domains one dispatch tries before it lets the cpu go idle and look again: all that it looks at in
 * the heap, and those of this cpu's lane and of the task it runs. */
#define DISPATCH_TRIES (HEAP_LOOK_MAX + 2)

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

/* The running task goes on. */
static __always_inline void keep(struct cpu_cell *cell, const struct pair *pair,
				 struct task_struct *prev, u64 now_ns)
{
	u32 slot = cell->taken_slot;

	limits_end(cell, now_ns);
	prev->scx.slice =
		limits_begin(cell, slot, turn_slice(pair, task_slice(prev), now_ns), now_ns);
	count(kept, 1);
}

/* Whether the running task rather goes to a core of its own: it was found to share this one. */
static __always_inline bool moves_on(struct cpu_cell *cell)
{
	bool moves = cell->moves_on;

	cell->moves_on = false;
	return moves;
}

/* Whether somebody of @domain waits here who is further behind than @prev, which runs. */
static __always_inline bool others_go_before(const struct cpu_cell *cell, s32 cpu, u64 domain,
					     const struct task_struct *prev, u64 now_ns)
{
	u64 ran_ns = ns_since(cell->run_start_ns, now_ns);
	u64 vtime = prev->scx.dsq_vtime + vtime_cost(ran_ns, task_weight(prev));

	return own_queue_goes_before(cpu, domain, vtime) ||
	       (lane_has(cpu, domain) && vtime_before(cell->lane_vtime, vtime)) ||
	       (config.nr_zones > 1 && far_queue_goes_before(cpu, domain, vtime));
}

/* Whether this seat may still keep its task of @domain. */
__noinline bool still_keeps(s32 cpu, u64 domain)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	struct pair_hold hold;
	bool keeps;

	if (!cell || !pc)
		return false;
	bpf_spin_lock(&pc->lock);
	keeps = pair_still_keeps(&pc->pair, cell->place.seat & (PAIR_SEATS_MAX - 1), domain, &hold);
	bpf_spin_unlock(&pc->lock);
	return keeps;
}

/*
 * Starts a task of @domain, which this seat has claimed: one that only this cpu may run, one from
 * the domain's queue, or the running one again. The running one is kept only if nobody else goes
 * before it, and then nothing is moved: the kernel would keep it and strand the moved one.
 */
static __always_inline bool take_domain(struct cpu_cell *cell, const struct pair *pair, s32 cpu,
					u64 domain, struct task_struct *prev, u64 prev_domain)
{
	struct turn_params params = turn_params();
	u64 now_ns = bpf_ktime_get_ns();
	bool mine = prev && prev_domain == domain && !moves_on(cell);
	u32 me = cell->place.seat;

	if (mine && (turn_keeps(pair, me, &params, now_ns) ||
		     (!pair_seat(pair, me)->yield_ns &&
		      !others_go_before(cell, cpu, domain, prev, now_ns)))) {
		keep(cell, pair, prev, now_ns);
		return true;
	}
	if (lane_take(cpu, domain, true))
		return true;
	if (domain_take(cpu, domain))
		return true;
	/* What goes first in the domain's queue may be for other cpus only. */
	if (lane_take(cpu, domain, false))
		return true;
	/* To fetch may have let go of the runqueue lock, and a kick may have come meanwhile. */
	if (!mine || !still_keeps(cpu, domain))
		return false;
	keep(cell, pair, prev, now_ns);
	return true;
}

static __always_inline void settle(const struct pair *pair, const struct turn_choice *choice)
{
	if (choice->charge_ns)
		domain_charge(choice->charge_slot, choice->charge_ns);
	if (choice->left_slot)
		__sync_fetch_and_add(&domain_at(choice->left_slot)->held, -pair->nr_seats);
	if (choice->opened_slot)
		__sync_fetch_and_add(&domain_at(choice->opened_slot)->held, pair->nr_seats);
	if (choice->opened)
		count(next, 1);
	if (choice->renewed)
		count(renewals, 1);
	if (choice->waits)
		count(waits, 1);
	if (choice->kick_leave)
		count(expirations, 1);
}

/* What rest() does about the pair, with a stack of its own: what rest() calls afterwards is deep.
 * Returns whether something has changed. */
__noinline bool rest_seat(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u64 now_ns = bpf_ktime_get_ns();
	bool idle, changed;
	u64 owner;

	if (!cell || !pc)
		return false;
	bpf_spin_lock(&pc->lock);
	turn_choice_clear(&cell->closing);
	changed = turn_rest(&pc->pair, cell->place.seat, &cell->choice, now_ns);
	idle = turn_settle_idle(&pc->pair, now_ns, &cell->closing);
	publish_idle(cell->place.pair, idle);
	owner = pc->pair.owner;
	bpf_spin_unlock(&pc->lock);
	settle(&pc->pair, &cell->closing);
	if (!idle) {
		u64 held = cell->choice.held.domain;

		publish_hungry(cell->place.pair, owner);
		if (held != owner)
			publish_hungry(cell->place.pair, held);
	}
	return changed;
}

/* The cpu goes idle as its last choice said. Returns whether it has to look again itself, at once.
 */
__noinline int rest(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	bool changed;

	if (!cell)
		return 0;
	count(empty, 1);
	changed = rest_seat(cpu);
	if (cell->choice.held.domain != DOMAIN_NONE || cell->choice.kick_look)
		pass_on(cpu, OTHER_PAIRS);
	return changed || (arrivals_missed(cell->seen) && arrivals_await(cpu, cell->seen));
}

/* Asks policy what this cpu does next, and does what that means for others. The answer is in the
 * cell. */
__noinline int choose(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	struct turn_params params = turn_params();
	u64 now_ns = bpf_ktime_get_ns();

	if (!cell || !pc)
		return 0;
	bpf_spin_lock(&pc->lock);
	turn_choose(&pc->pair, cell->place.seat & (PAIR_SEATS_MAX - 1), &cell->offer, &params,
		    now_ns, &cell->choice);
	if (cell->choice.domain != DOMAIN_NONE)
		publish_idle(cell->place.pair, false);
	bpf_spin_unlock(&pc->lock);
	settle(&pc->pair, &cell->choice);
	kick_seats(&pc->pair, cell->choice.kick_leave, SCX_KICK_PREEMPT);
	kick_seats(&pc->pair, cell->choice.kick_look, 0);
	/* Read without the lock: what it says may be of the next turn already, and then the clock
	 * looks often for a while for nothing, or this turn has ended anyway. */
	if ((cell->choice.opened || cell->choice.renewed || cell->offer.owner_used_up) &&
	    turn_is_cut(&pc->pair))
		brought_forward_ns = now_ns;
	if (cell->choice.opened || cell->choice.renewed) {
		/* Who is overdue stays that until the seat that has its task starts it. */
		if (cell->choice.domain != DOMAIN_NONE || !domain_at(pc->pair.owner_slot)->overdue)
			domain_served(pc->pair.owner_slot, now_ns);
		if (!cell->choice.out_of_order)
			vtime_advance(pc->pair.owner_vtime);
	}
	if (cell->choice.opened)
		publish_hungry(cell->place.pair, pc->pair.owner);
	return 0;
}

/* Whether this cpu just goes on with its pair's turn; the claim is in the cell. */
__noinline bool go_on(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u64 now_ns = bpf_ktime_get_ns();
	bool claimed;

	if (!cell || !pc || throttled_until_ns(pc->pair.owner_slot))
		return false;
	bpf_spin_lock(&pc->lock);
	claimed = turn_continue(&pc->pair, cell->place.seat & (PAIR_SEATS_MAX - 1), now_ns,
				&cell->choice);
	if (claimed)
		publish_idle(cell->place.pair, false);
	bpf_spin_unlock(&pc->lock);
	if (claimed && domain_at(pc->pair.owner_slot)->overdue)
		domain_served(pc->pair.owner_slot, now_ns);
	return claimed;
}

/* A kernel thread goes first here. A claim by which the running task was kept has done its work:
 * the local queue is not empty now, so the switch would take it for that of a task that waits
 * there. */
__noinline int drop_claim(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);

	/* Nobody but this cpu claims for its seat. */
	if (!cell || !pc || pair_seat(&pc->pair, cell->place.seat)->claim == DOMAIN_NONE)
		return 0;
	bpf_spin_lock(&pc->lock);
	turn_unclaim(&pc->pair, cell->place.seat);
	bpf_spin_unlock(&pc->lock);
	return 0;
}

/* The slot of the domain that was chosen for @pc, also if its cgroup is gone. The owner is read
 * without the lock, so what it says is held against the table. */
static __always_inline u32 chosen_slot(const struct pair_cell *pc, u64 domain)
{
	u32 slot = pc->pair.owner_slot;

	return domain_at(slot)->id == domain ? slot : domain_slot(domain);
}

/* Nothing of the claimed domain could be started here. */
__noinline int give_up_claim(s32 cpu)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u32 me;

	if (!cell || !pc)
		return 0;
	me = cell->place.seat & (PAIR_SEATS_MAX - 1);
	bpf_spin_lock(&pc->lock);
	turn_unclaim(&pc->pair, me);
	bpf_spin_unlock(&pc->lock);
	count(collisions, 1);
	cell->found_nothing++;
	turn_mark_dry(&cell->offer, &cell->choice, me);
	if (!domain_queued(cell->choice.domain)) {
		u32 slot = chosen_slot(pc, cell->choice.domain);

		count(cgroup_empty, 1);
		domain_slept(slot);
		domain_stop_waiting(slot, cell->seen);
	}
	return 0;
}

/* None of the domains that this look has tried had work for this cpu. Returns whether to go on with
 * the next, if more waited than one look tries: until looks have passed over every entry of the
 * heaps, or else the cpu would look for as long as they wait. */
static __always_inline bool look_on(struct cpu_cell *cell)
{
	/* Those that were tried may have left since. */
	u32 nr = heaps_nr() + cell->found_nothing;

	if (config.nr_zones > 1)
		nr += config.nr_zones;
	else
		nr = nr > HEAP_LOOK_LATE ? nr / HEAP_LOOK_WINDOW + 1 : 0;
	if (cell->looks_in_vain++ < nr)
		return true;
	cell->looks_in_vain = 0;
	return false;
}

/* One look. Returns whether the cpu has to look again at once. */
static __always_inline bool look(struct cpu_cell *cell, struct pair_cell *pc, s32 cpu,
				 struct task_struct *prev)
{
	u64 prev_domain = DOMAIN_NONE;
	bool gathered, stolen = false;
	u32 i;

	if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
		prev_domain = domain_of(prev);
	cell->seen = arrivals_seen();
	cell->found_nothing = 0;
	gathered = !go_on(cpu);
	if (gathered)
		gather_offer(cpu, prev_domain);
	bpf_for (i, 0, DISPATCH_TRIES) {
		if (gathered)
			choose(cpu);
		if (cell->choice.domain == DOMAIN_NONE) {
			if (stolen || !lane_steal(cpu))
				break;
			stolen = gathered = true;
			gather_offer(cpu, prev_domain);
			continue;
		}
		if (take_domain(cell, &pc->pair, cpu, cell->choice.domain, prev, prev_domain)) {
			count(dispatched, 1);
			cell->looks_in_vain = 0;
			spread(cpu, cell->choice.domain);
			pass_on(cpu, OTHER_PAIRS);
			return false;
		}
		if (!gathered)
			gather_offer(cpu, prev_domain);
		gathered = true;
		give_up_claim(cpu);
	}
	if (rest(cpu))
		return true;
	return cell->found_nothing && cell->choice.held.domain == DOMAIN_NONE && look_on(cell);
}

static __always_inline void dispatch(s32 cpu, struct task_struct *prev)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);

	arrivals_land();
	if (!cell || !pc) {
		scx_error("cpu %d asks for work but is in no pair", (u64)cpu);
		return;
	}
	if (take_trusted(cell, cpu)) {
		drop_claim(cpu);
		pass_on(cpu, OTHER_CPUS);
		return;
	}
	/* A kernel thread that had to let the others go first must not be left to an idle cpu. */
	if (look(cell, pc, cpu, prev) || scx_bpf_dsq_nr_queued(trusted_lane_of(cpu)) > 0) {
		/* If this dispatch ends in idle, the kick makes the cpu look again. */
		count(relooks, 1);
		scx_bpf_kick_cpu(cpu, 0);
	}
}
