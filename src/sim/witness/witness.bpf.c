/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scheduler that leaves everything to the kernel and writes down what it is told, for the tests
 * of the simulated kernel. No kernel loads it: in the simulator its programs run one at a time.
 */
#include "bpf/scx.h"
#include "sim/witness/heard.h"

char _license[] SEC("license") = "GPL";

struct heard heard[HEARD_MAX];
u32 nr_heard;

/* By pid: between ops.runnable() and ops.quiescent(), and between ops.running() and stopping(). */
static bool can_run[HEARD_TASKS_MAX];
static bool runs[HEARD_TASKS_MAX];
/* How often a callback came that does not go with the one before; how often one came at all. */
u64 disordered;
u64 nr_runnable;

static struct heard *hear(u32 kind, const struct cgroup *cgrp)
{
	struct heard *one = &heard[nr_heard < HEARD_MAX - 1 ? nr_heard++ : HEARD_MAX - 1];

	one->kind = kind;
	if (cgrp) {
		one->id = cgrp->kn->id;
		one->parent_id = cgrp->self.parent ? cgrp->self.parent->cgroup->kn->id : 0;
	}
	return one;
}

static void turn(bool *states, const struct task_struct *p, bool on)
{
	bool *state = &states[(u32)p->pid % HEARD_TASKS_MAX];

	disordered += *state == on;
	*state = on;
}

SEC("struct_ops/witness_runnable")
int BPF_PROG(witness_runnable, struct task_struct *p, u64 enq_flags)
{
	nr_runnable++;
	turn(can_run, p, true);
	return 0;
}

SEC("struct_ops/witness_running")
int BPF_PROG(witness_running, struct task_struct *p)
{
	disordered += !can_run[(u32)p->pid % HEARD_TASKS_MAX];
	turn(runs, p, true);
	return 0;
}

SEC("struct_ops/witness_stopping")
int BPF_PROG(witness_stopping, struct task_struct *p, bool runnable)
{
	disordered += !can_run[(u32)p->pid % HEARD_TASKS_MAX];
	turn(runs, p, false);
	return 0;
}

SEC("struct_ops/witness_quiescent")
int BPF_PROG(witness_quiescent, struct task_struct *p, u64 deq_flags)
{
	turn(can_run, p, false);
	return 0;
}

SEC("struct_ops/witness_enable")
int BPF_PROG(witness_enable, struct task_struct *p)
{
	struct heard *one = hear(HEARD_TASK, NULL);
	const struct task_group *group = p->sched_task_group;

	one->id = p->pid;
	one->static_prio = p->static_prio;
	one->policy = p->policy;
	one->weight = p->scx.weight;
	one->idle = group->idle;
	if (group->parent)
		one->parent_id = group->parent->css.cgroup->kn->id;
	return 0;
}

SEC("struct_ops.s/witness_cgroup_init")
s32 BPF_PROG(witness_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct heard *one = hear(HEARD_CGROUP, cgrp);

	one->weight = args->weight;
	if (bpf_core_field_exists(args->bw_quota_us)) {
		one->period_us = args->bw_period_us;
		one->quota_us = args->bw_quota_us;
		one->burst_us = args->bw_burst_us;
	}
	if (bpf_core_field_exists(args->sched_idle))
		one->idle = args->sched_idle;
	return 0;
}

SEC("struct_ops.s/witness_cgroup_exit")
int BPF_PROG(witness_cgroup_exit, struct cgroup *cgrp)
{
	hear(HEARD_GONE, cgrp);
	return 0;
}

SEC("struct_ops/witness_cgroup_set_weight")
int BPF_PROG(witness_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	hear(HEARD_WEIGHT, cgrp)->weight = weight;
	return 0;
}

SEC("struct_ops/witness_cgroup_set_bandwidth")
int BPF_PROG(witness_cgroup_set_bandwidth, struct cgroup *cgrp, u64 period_us, u64 quota_us,
	     u64 burst_us)
{
	struct heard *one = hear(HEARD_BANDWIDTH, cgrp);

	one->period_us = period_us;
	one->quota_us = quota_us;
	one->burst_us = burst_us;
	return 0;
}

SEC("struct_ops/witness_cgroup_set_idle")
int BPF_PROG(witness_cgroup_set_idle, struct cgroup *cgrp, bool idle)
{
	hear(HEARD_IDLE, cgrp)->idle = idle;
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops witness_ops = {
	.runnable = (void *)witness_runnable,
	.running = (void *)witness_running,
	.stopping = (void *)witness_stopping,
	.quiescent = (void *)witness_quiescent,
	.enable = (void *)witness_enable,
	.cgroup_init = (void *)witness_cgroup_init,
	.cgroup_exit = (void *)witness_cgroup_exit,
	.cgroup_set_weight = (void *)witness_cgroup_set_weight,
	.cgroup_set_bandwidth = (void *)witness_cgroup_set_bandwidth,
	.cgroup_set_idle = (void *)witness_cgroup_set_idle,
	.name = "witness",
};
