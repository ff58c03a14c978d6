/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who occupies a cpu: the context switch is the one moment at which the old task can no longer
 * reach user mode and the new one has not begun, so occupancy changes there and nowhere else,
 * except when the running task changes its domain in place.
 */
#pragma once

#include "bpf/enqueue.h"

/* Adds a window of @ns to the time in windows of its kind. */
static __always_inline void count_closed(u64 *sum_ns, u64 *max_ns, u64 ns)
{
	*sum_ns += ns;
	if (*max_ns < ns)
		*max_ns = ns;
}

static __always_inline void count_window(const struct pair_switch *result)
{
	struct scheduler_stats *here = stats_here();

	if (!here)
		return;
	here->forced_idle_ns += result->forced_ns;
	here->higher_windows += result->window_opened == WINDOW_HIGHER;
	here->rival_windows += result->window_opened == WINDOW_RIVALS;
	here->move_windows += result->window_opened == WINDOW_MOVE;
	here->unsanctioned += result->window_opened == WINDOW_UNSANCTIONED;
	if (result->window_closed == WINDOW_HIGHER)
		count_closed(&here->higher_window_ns, &here->higher_window_max_ns,
			     result->window_ns);
	else if (result->window_closed == WINDOW_RIVALS)
		count_closed(&here->rival_window_ns, &here->rival_window_max_ns, result->window_ns);
	else if (result->window_closed == WINDOW_MOVE)
		count_closed(&here->move_window_ns, &here->move_window_max_ns, result->window_ns);
	else if (result->window_closed == WINDOW_UNSANCTIONED)
		count_closed(&here->unsanctioned_ns, &here->unsanctioned_max_ns, result->window_ns);
}

/* Adds to who kept whom waiting. A slot may serve another domain by now, and then the count begins
 * anew. Two cpus that begin the same one at once lose what one of them adds. */
static __always_inline void note_forced(const struct pair_switch *result)
{
	struct forced_time begun = {result->forced_by, result->forced_for, result->forced_ns};
	struct forced_time *sum;
	u64 key;

	if (!result->forced_ns || begun.holder == DOMAIN_NONE || begun.waiter == DOMAIN_NONE)
		return;
	key = (u64)domain_slot(begun.holder) << 32 | domain_slot(begun.waiter);
	sum = bpf_map_lookup_elem(&forced_idle, &key);
	if (sum && sum->holder == begun.holder && sum->waiter == begun.waiter)
		__sync_fetch_and_add(&sum->ns, begun.ns);
	else
		bpf_map_update_elem(&forced_idle, &key, &begun, 0);
}

/* Wakers that came before the idle bit of @cpu's pair could not see it: their work is in the heap,
 * if @any_waits, and then all of @seats look, because not each may run it; or in one of their
 * lanes.
 */
__noinline int kick_where_work_waits(s32 cpu, u32 seats, bool any_waits)
{
	struct pair_cell *pc = home_of(cpu_cell_of(cpu));

	if (pc && (any_waits || lanes_wait(cpu) || wide_lanes_wait()))
		kick_seats(&pc->pair, seats, 0);
	return 0;
}

/* What occupy() does about the pair. */
__noinline int occupy_seat(s32 cpu, u64 domain, bool higher, u32 kind)
{
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc = home_of(cell);
	u64 now_ns = bpf_ktime_get_ns();
	bool claim_done, idle;

	if (!cell || !pc)
		return 0;
	/* A change of the running task may come while this cpu's dispatch, which has let go of the
	 * runqueue lock, fetches what it has claimed for. */
	claim_done = kind == WINDOW_UNSANCTIONED &&
		     scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | (u32)cpu) <= 0;
	turn_choice_clear(&cell->occupy_closing);
	bpf_spin_lock(&pc->lock);
	pair_occupy(&pc->pair, cell->place.seat & (PAIR_SEATS_MAX - 1), domain, higher, claim_done,
		    kind, now_ns, &cell->occupy_result);
	idle = turn_settle_idle(&pc->pair, now_ns, &cell->occupy_closing);
	publish_idle(cell->place.pair, idle);
	bpf_spin_unlock(&pc->lock);
	settle(&pc->pair, &cell->occupy_closing);
	note_forced(&cell->occupy_result);
	count_window(&cell->occupy_result);
	kick_seats(&pc->pair, cell->occupy_result.kick_away, SCX_KICK_PREEMPT);
	kick_seats(&pc->pair, cell->occupy_result.kick_look, 0);
	if (cell->occupy_result.may_look)
		kick_where_work_waits(cpu, cell->occupy_result.may_look,
				      any_waits(cell->place.zone));
	return 0;
}

/* The cpu now runs a task of @domain. @kind: the window this opens if others disagree;
 * WINDOW_UNSANCTIONED for a switch, the others for a task that goes on as another. In two steps,
 * because what both need would not fit on the stack. */
static __always_inline void occupy(s32 cpu, u64 domain, bool higher, u32 kind)
{
	occupy_seat(cpu, domain, higher, kind);
	/* Its own domain may join it, whoever's turn it is; and what this seat was meant to take,
	 * it cannot. */
	if (higher) {
		spread(cpu, domain);
		pass_on(cpu, OTHER_PAIRS);
	}
}

static __always_inline void switched(struct task_struct *prev, struct task_struct *next)
{
	s32 cpu = (s32)bpf_get_smp_processor_id();
	u64 domain = next->pid ? domain_of(next) : DOMAIN_NONE;
	bool higher = domain_excludes(domain) && next->prio < MAX_RT_PRIO;

	arrivals_land();
	occupy(cpu, domain, higher, WINDOW_UNSANCTIONED);
	if (higher)
		count(preemptions, 1);
}

/*
 * A task of ours starts, or goes on under another identity (cgroup move, class change, end of
 * bypass). The seat is read without the pair's lock: only this runqueue's holder changes it.
 */
static __always_inline void started(struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_cell *cell = cpu_cell_of(cpu);
	u64 domain = domain_of(p), now_ns = bpf_ktime_get_ns();
	struct pair_cell *pc;
	struct seat *seat;
	u32 slot;

	pc = home_of(cell);
	if (!pc)
		return;
	cell->run_start_ns = now_ns;
	seat = &pc->pair.seats[cell->place.seat & (PAIR_SEATS_MAX - 1)];
	seat->task_vtime = p->scx.dsq_vtime;
	seat->task_start_ns = now_ns;
	seat->woke = slice_woke(p->scx.slice, task_slice(p));
	if (domain == DOMAIN_TRUSTED)
		return;
	slot = domain_slot(domain);
	if (slot != DOMAIN_NO_SLOT && p->policy != SCHED_IDLE)
		domain_at(slot)->task_vtime = task_progress(domain_at(slot)->task_vtime,
							    p->scx.dsq_vtime, config.slice_ns);
	p->scx.slice =
		limits_begin(cell, slot, turn_slice(&pc->pair, p->scx.slice, now_ns), now_ns);
	/* It was a real-time task until now, and goes on where it runs. */
	if (seat->higher && seat->occupant == domain)
		occupy(cpu, domain, false, WINDOW_MOVE);
	if (seat->occupant != domain && seat->claim != domain) {
		occupy(cpu, domain, false, WINDOW_MOVE);
		if (pc->pair.window_since_ns)
			p->scx.slice = 0;
	}
}

/* A task of ours stops, for whatever reason; it may still be in user mode, so nothing is released.
 * With slice left the kernel would put it at the head of the local queue and run it later without
 * asking, so it gets none. */
static __always_inline void stopped(struct task_struct *p, bool runnable)
{
	struct cpu_cell *cell = cpu_cell_of(scx_bpf_task_cpu(p));
	u64 now_ns = bpf_ktime_get_ns(), ran_ns;

	if (!cell)
		return;
	ran_ns = ns_since(cell->run_start_ns, now_ns);
	cell->run_start_ns = now_ns;
	limits_end(cell, now_ns);
	p->scx.dsq_vtime += vtime_cost(ran_ns, task_weight(p));
	if (domain_of(p) == DOMAIN_TRUSTED)
		cell->trusted_debt_ns += ran_ns;
	else
		cell->trusted_debt_ns -=
			ran_ns < cell->trusted_debt_ns ? ran_ns : cell->trusted_debt_ns;
	if (runnable)
		p->scx.slice = 0;
}

/* A task of ours changes to a higher class, or ends, or the scheduler does. If it runs, it goes on
 * where it is, and no kick can move it any more. */
static __always_inline void left_class(struct task_struct *p)
{
	u64 domain = domain_of(p);

	if (domain_excludes(domain) && scx_bpf_task_running(p))
		occupy(scx_bpf_task_cpu(p), domain, true, WINDOW_HIGHER);
}

static __always_inline void yielded(struct task_struct *p)
{
	struct cpu_cell *cell = cpu_cell_of(scx_bpf_task_cpu(p));
	struct pair_cell *pc = home_of(cell);

	if (pc)
		turn_yield(&pc->pair, cell->place.seat, bpf_ktime_get_ns());
	p->scx.slice = 0;
}

static __always_inline void ticked(struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_cell *cell = cpu_cell_of(cpu);
	struct pair_cell *pc;
	bool waiting;

	arrivals_land();
	pc = home_of(cell);
	if (!pc)
		return;
	waiting = any_waits(cell->place.zone) || lanes_wait(cpu);
	if (turn_tick_ends(&pc->pair, waiting, bpf_ktime_get_ns())) {
		p->scx.slice = 0;
	} else if (pair_shares(&pc->pair, cell->place.seat) && !is_pinned(p) &&
		   domain_of(p) != DOMAIN_TRUSTED &&
		   find_idle(p, cpu, cell->place.pair, OTHER_PAIRS) != NO_CPU) {
		cell->moves_on = true;
		p->scx.slice = 0;
		count(spread, 1);
	}
}
