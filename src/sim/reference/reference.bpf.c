/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What scx_pair is compared with: a scheduler that keeps nobody apart. It is work-conserving, takes
 * a core that is all idle before a sibling of a busy one (the kernel's own choice of idle cpus does
 * that), and shares the machine out by cpu.weight. Run on all cpus it says what SMT gives without
 * isolation; run on one thread of each core, what is left without SMT.
 *
 * All tasks are in one queue, in the order of the virtual time at which their slice would start:
 * each slice is charged to its cgroup when the task is queued, and what the task did not use of it
 * is given back when it stops. The simulator runs it; no kernel loads it, so cgroups' cells may be
 * changed without a lock: in the simulator its programs run one at a time.
 */
#include "bpf/scx.h"

#define SHARED_DSQ     0
#define SLICE_NS       3000000ull
#define CREDIT_NS      6000000ull
#define WEIGHT_DEFAULT 100

extern s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				  bool *is_idle) __ksym;

char _license[] SEC("license") = "GPL";

struct share {
	u64 vtime;
	u32 weight;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, u64);
	__type(value, struct share);
} shares SEC(".maps");

/* The largest virtual start of a task that has run: who slept does not go back further. */
static u64 now_vtime;

static struct share *share_of(const struct task_struct *p)
{
	u64 id = p->sched_task_group->css.cgroup->kn->id;

	return bpf_map_lookup_elem(&shares, &id);
}

static u64 charge_of(const struct share *share, u64 ns)
{
	return ns * WEIGHT_DEFAULT / share->weight;
}

/* Charges a whole slice; the value is the virtual time at which it starts. */
static u64 charge_slice(const struct task_struct *p)
{
	struct share *share = share_of(p);
	u64 start;

	if (!share)
		return now_vtime;
	if ((s64)(share->vtime + CREDIT_NS - now_vtime) < 0)
		share->vtime = now_vtime - CREDIT_NS;
	start = share->vtime;
	share->vtime += charge_of(share, SLICE_NS);
	return start;
}

SEC("struct_ops/reference_select_cpu")
s32 BPF_PROG(reference_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		p->scx.dsq_vtime = charge_slice(p);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE_NS, 0);
	}
	return cpu;
}

SEC("struct_ops/reference_enqueue")
int BPF_PROG(reference_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	p->scx.dsq_vtime = charge_slice(p);
	dsq_insert_vtime(p, SHARED_DSQ, SLICE_NS, p->scx.dsq_vtime, enq_flags);
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, 0);
	return 0;
}

SEC("struct_ops/reference_dispatch")
int BPF_PROG(reference_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SHARED_DSQ);
	return 0;
}

SEC("struct_ops/reference_running")
int BPF_PROG(reference_running, struct task_struct *p)
{
	if ((s64)(p->scx.dsq_vtime - now_vtime) > 0)
		now_vtime = p->scx.dsq_vtime;
	return 0;
}

SEC("struct_ops/reference_stopping")
int BPF_PROG(reference_stopping, struct task_struct *p, bool runnable)
{
	struct share *share = share_of(p);

	if (share && !runnable && p->scx.slice <= SLICE_NS)
		share->vtime -= charge_of(share, p->scx.slice);
	return 0;
}

SEC("struct_ops.s/reference_cgroup_init")
int BPF_PROG(reference_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct share share = {.vtime = now_vtime, .weight = args->weight};

	return bpf_map_update_elem(&shares, &cgrp->kn->id, &share, 0);
}

SEC("struct_ops.s/reference_cgroup_exit")
int BPF_PROG(reference_cgroup_exit, struct cgroup *cgrp)
{
	bpf_map_delete_elem(&shares, &cgrp->kn->id);
	return 0;
}

SEC("struct_ops/reference_cgroup_set_weight")
int BPF_PROG(reference_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	struct share *share = bpf_map_lookup_elem(&shares, &cgrp->kn->id);

	if (share)
		share->weight = weight;
	return 0;
}

SEC("struct_ops.s/reference_init")
int BPF_PROG(reference_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops reference_ops = {
	.select_cpu = (void *)reference_select_cpu,
	.enqueue = (void *)reference_enqueue,
	.dispatch = (void *)reference_dispatch,
	.running = (void *)reference_running,
	.stopping = (void *)reference_stopping,
	.cgroup_init = (void *)reference_cgroup_init,
	.cgroup_exit = (void *)reference_cgroup_exit,
	.cgroup_set_weight = (void *)reference_cgroup_set_weight,
	.init = (void *)reference_init,
	.name = "reference",
};
