/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scx_pair: all cpus of a core run tasks of one cgroup at a time.
 *
 * The kernel side of the scheduler. Decisions are in policy/; what is here gathers what a decision
 * needs, asks, commits under the pair's lock, and then moves tasks and kicks cpus.
 *
 * The life of one task, and the file that tells it:
 *   it wakes       select_cpu() names a resting cpu, enqueue() queues it with its domain enqueue.h
 *                  and wakes that cpu, or asks somebody who is ahead of it to leave        place.h
 *   it is chosen   dispatch() claims its domain for the seat, then moves it to the cpu dispatch.h
 *   it runs        the context switch makes its domain the seat's occupant                 switch.h
 *   it stops       the context switch to somebody else releases the seat
 *
 * Why no two domains meet: a claim is made only if, under the pair's lock, no other seat has
 * another domain as occupant or claim (policy/pair.h). A claim comes before the task can be on the
 * local queue, an occupant goes only when its task can no longer reach user mode. Nothing else ever
 * puts a task on a local queue: there is no direct dispatch, no global queue, and the flags below
 * bring the kernel's own shortcuts to enqueue(). ARCHITECTURE.md lists every one of them.
 */
#include "bpf/cgroups.h"
#include "bpf/see.h"
#include "bpf/switch.h"
#include "bpf/timer.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops/pair_select_cpu")
s32 BPF_PROG(pair_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_cpu(p, prev_cpu);
}

SEC("struct_ops/pair_enqueue")
int BPF_PROG(pair_enqueue, struct task_struct *p, u64 enq_flags)
{
	enqueue(p, enq_flags);
	return 0;
}

SEC("struct_ops/pair_dispatch")
int BPF_PROG(pair_dispatch, s32 cpu, struct task_struct *prev)
{
	dispatch(cpu, prev);
	return 0;
}

SEC("struct_ops/pair_tick")
int BPF_PROG(pair_tick, struct task_struct *p)
{
	ticked(p);
	return 0;
}

/* sched_yield(): whoever waits in the domain goes first. */
SEC("struct_ops/pair_yield")
bool BPF_PROG(pair_yield, struct task_struct *from, struct task_struct *to)
{
	yielded(from);
	return false;
}

SEC("struct_ops/pair_runnable")
int BPF_PROG(pair_runnable, struct task_struct *p, u64 enq_flags)
{
	task_counts(p, 1);
	return 0;
}

SEC("struct_ops/pair_quiescent")
int BPF_PROG(pair_quiescent, struct task_struct *p, u64 deq_flags)
{
	task_counts(p, -1);
	return 0;
}

SEC("struct_ops/pair_running")
int BPF_PROG(pair_running, struct task_struct *p)
{
	started(p);
	return 0;
}

SEC("struct_ops/pair_stopping")
int BPF_PROG(pair_stopping, struct task_struct *p, bool runnable)
{
	stopped(p, runnable);
	return 0;
}

/* Every context switch, of every class. The loader attaches it before the scheduler. */
SEC("tp_btf/sched_switch")
int BPF_PROG(pair_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	switched(prev, next);
	return 0;
}

/* A woken task has reached its queue. */
SEC("tp_btf/sched_wakeup")
int BPF_PROG(pair_wakeup, struct task_struct *p)
{
	arrivals_land();
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(pair_wakeup_new, struct task_struct *p)
{
	arrivals_land();
	return 0;
}

/* A task becomes ours: it joins its domain's virtual time. */
SEC("struct_ops/pair_enable")
int BPF_PROG(pair_enable, struct task_struct *p)
{
	u32 slot = domain_slot(domain_of(p));

	p->scx.dsq_vtime = slot == DOMAIN_NO_SLOT ? 0 : domain_at(slot)->task_vtime;
	return 0;
}

SEC("struct_ops/pair_disable")
int BPF_PROG(pair_disable, struct task_struct *p)
{
	left_class(p);
	return 0;
}

SEC("struct_ops.s/pair_cgroup_init")
int BPF_PROG(pair_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	graves_reap();
	return domain_create(cgrp, args);
}

SEC("struct_ops.s/pair_cgroup_exit")
int BPF_PROG(pair_cgroup_exit, struct cgroup *cgrp)
{
	domain_bury(cgrp->kn->id);
	graves_reap();
	return 0;
}

/* The kernel has taken @p off its queue and will queue it again with its new domain. If it is
 * running, in whatever class, its cpu has changed domain without a switch. */
SEC("struct_ops/pair_cgroup_move")
int BPF_PROG(pair_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	u32 slot = domain_slot(to->kn->id);

	p->scx.dsq_vtime = slot == DOMAIN_NO_SLOT ? 0 : domain_at(slot)->task_vtime;
	if (scx_bpf_task_running(p)) {
		p->scx.slice = 0;
		occupy(scx_bpf_task_cpu(p), domain_of(p), p->prio < MAX_RT_PRIO, WINDOW_MOVE);
	}
	return 0;
}

SEC("struct_ops/pair_cgroup_set_weight")
int BPF_PROG(pair_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	u32 slot = domain_slot(cgrp->kn->id);

	if (slot != DOMAIN_NO_SLOT)
		share_set_weight(slot, weight);
	return 0;
}

SEC("struct_ops/pair_cgroup_set_bandwidth")
int BPF_PROG(pair_cgroup_set_bandwidth, struct cgroup *cgrp, u64 period_us, u64 quota_us,
	     u64 burst_us)
{
	u32 slot = domain_slot(cgrp->kn->id);

	if (slot != DOMAIN_NO_SLOT)
		limit_change(slot, period_us, quota_us, burst_us);
	return 0;
}

SEC("struct_ops/pair_cgroup_set_idle")
int BPF_PROG(pair_cgroup_set_idle, struct cgroup *cgrp, bool idle)
{
	u32 slot = domain_slot(cgrp->kn->id);

	if (slot != DOMAIN_NO_SLOT)
		share_set_idle(slot, idle);
	return 0;
}

static __always_inline void pair_joins_zone(struct pair_cell *pc, u32 zone)
{
	struct zone_cell *cell = zone_cell_of(zone);

	pc->zone = zone;
	if (cell)
		cell->nr_pairs++;
}

/* Seats every cpu in its pair, as the loader said. */
__noinline int seat_cpus(void)
{
	u32 cpu;

	bpf_for (cpu, 0, config.nr_cpus) {
		struct cpu_place *place = bpf_map_lookup_elem(&places, &cpu);
		struct cpu_cell *cell = bpf_map_lookup_elem(&cpus, &cpu);
		struct pair_cell *pc;
		u32 seat;

		if (!place || !cell)
			return -22;
		cell->place = *place;
		if (place->pair == NO_PAIR)
			continue;
		pc = pair_cell_of(place->pair);
		seat = place->seat;
		if (!pc || seat >= PAIR_SEATS_MAX)
			return -22;
		pc->pair.seats[seat].cpu = cpu;
		if (pc->pair.nr_seats <= seat)
			pc->pair.nr_seats = seat + 1;
		if (!seat)
			pair_joins_zone(pc, place->zone);
	}
	bpf_for (cpu, 0, config.nr_cpus) {
		struct cpu_cell *cell = bpf_map_lookup_elem(&cpus, &cpu);

		if (cell)
			cell->seated = cell->place.pair != NO_PAIR;
	}
	return 0;
}

SEC("struct_ops.s/pair_init")
int BPF_PROG(pair_init)
{
	struct shard *shard = the_shard();
	int err = map_slots(1);

	if (err || !shard)
		return -12;
	shard->nr_slots = 1;
	shard->parked.entries = arena_region(REGION_PARKED);
	shard->parked.positions = (u32 __arena *)&domain_at(DOMAIN_NO_SLOT)->parked;
	shard->parked.stride = sizeof(struct domain) / sizeof(u32);
	zones_init();
	domain_at(DOMAIN_NO_SLOT)->weight = WEIGHT_DEFAULT;
	domain_at(DOMAIN_NO_SLOT)->share.weight = WEIGHT_DEFAULT / WEIGHT_UNIT;
	err = seat_cpus();
	if (err)
		return err;
	see_cpus();
	err = lanes_create();
	return err ? err : clock_start();
}

SEC("struct_ops/pair_exit")
int BPF_PROG(pair_exit, struct scx_exit_info *info)
{
	bpf_probe_read_kernel_str(exit_record.reason, EXIT_REASON_LEN, info->reason);
	bpf_probe_read_kernel_str(exit_record.message, EXIT_MESSAGE_LEN, info->msg);
	bpf_probe_read_kernel_str(exit_record.dump, EXIT_DUMP_LEN, info->dump);
	exit_record.code = info->exit_code;
	exit_record.kind = info->kind;
	bpf_ringbuf_output(&exit_news, &exit_record.kind, sizeof(exit_record.kind), 0);
	return 0;
}

/* Run once after attaching: what changed its cgroup while the kernel was loading is seen, and tasks
 * that the kernel's own loading left on a cpu go through dispatch() at once, instead of at the end
 * of the slice the kernel gave them. */
SEC("syscall")
int pair_settle(void *ctx)
{
	u32 cpu;

	see_cpus();
	bpf_for (cpu, 0, config.nr_cpus) {
		if (cpu_cell_of((s32)cpu))
			scx_bpf_kick_cpu((s32)cpu, SCX_KICK_PREEMPT);
	}
	return 0;
}

/* Run once before attaching again. The other maps and the variables are the loader's. */
SEC("syscall")
int pair_forget(void *ctx)
{
	clear_regions();
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops pair_ops = {
	.select_cpu = (void *)pair_select_cpu,
	.enqueue = (void *)pair_enqueue,
	.dispatch = (void *)pair_dispatch,
	.tick = (void *)pair_tick,
	.yield = (void *)pair_yield,
	.runnable = (void *)pair_runnable,
	.quiescent = (void *)pair_quiescent,
	.running = (void *)pair_running,
	.stopping = (void *)pair_stopping,
	.enable = (void *)pair_enable,
	.disable = (void *)pair_disable,
	.cgroup_init = (void *)pair_cgroup_init,
	.cgroup_exit = (void *)pair_cgroup_exit,
	.cgroup_move = (void *)pair_cgroup_move,
	.cgroup_set_weight = (void *)pair_cgroup_set_weight,
	.cgroup_set_bandwidth = (void *)pair_cgroup_set_bandwidth,
	.cgroup_set_idle = (void *)pair_cgroup_set_idle,
	.init = (void *)pair_init,
	.exit = (void *)pair_exit,
	.flags = SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING | SCX_OPS_ENQ_MIGRATION_DISABLED,
	.exit_dump_len = EXIT_DUMP_LEN,
	.name = "scx_pair",
};
