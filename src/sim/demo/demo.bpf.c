/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol of the kernel's demo of a pair scheduler, as it can be described in a page, for the
 * judges to convict. It is written from that description, for the simulated kernel only:
 *
 *   Two cpus, half the machine apart, are partners. A cgroup's waiting tasks are a line of pids,
 *   first come first served; cgroups whose line is not empty go round in a ring. The partners serve
 *   one cgroup for a batch. Who asks for work after that, or finds the line empty, ends the batch:
 *   if the partner is still at work it is told to come, and whoever comes last takes the next
 * cgroup from the ring. What is taken from a line goes through the kernel's global queue. A partner
 * that a higher class takes ends the batch too, and nothing begins before it is back.
 *
 * It has defects. Each has a number, as one of a longer catalogue, and is in the program only if
 * DEFECT_<number> is defined; otherwise it is mended, in the shortest way there is:
 *
 *   1  wakers take an idle cpu by themselves, without asking whose turn it is
 *   2  a cpu that gets no work keeps its task, although the batch is over
 *   3  the same, beside a task of a higher class
 *   5  what waits in the global queue, any cpu of the machine may take
 *   6  a task that may not run here is put there all the same
 *   8  a task that is moved stays in its old cgroup's line as well
 */
#include "base/scheduler_abi.h"
#include "bpf/scx.h"

#define SCX_DSQ_GLOBAL (SCX_DSQ_FLAG_BUILTIN | 1)

#define BATCH_NS (2ull * 1000 * 1000)
#define SLICE_NS (20ull * 1000 * 1000)
#define LINES	 64
#define PLACES	 256
#define PARTNERS 32
#define TRIES	 32

char _license[] SEC("license") = "GPL";

const volatile struct scheduler_config config = {.nr_cpus = 2, .nr_pairs = 1};

extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

/* Who waits of one cgroup. */
struct line {
	u64 domain;
	u32 first;
	u32 end; /* counts on for ever, as `first` does */
	s32 pids[PLACES];
};

struct partners {
	u32 line; /* the cgroup they serve, by its line */
	u32 over;
	u64 since_ns;
	u32 at_work; /* a bit for each of the two */
	u32 taken;   /* by a higher class */
};

/* In the simulated kernel programs run one at a time, or are left only where they call it; what is
 * read and written between two calls needs no lock. */
static struct line lines[LINES];
static u32 nr_lines;
static struct partners pairs_of_two[PARTNERS];
static u32 ring[PLACES];
static u32 ring_first, ring_end;

static u64 domain_of(const struct task_struct *p)
{
	return p->sched_task_group->css.cgroup->kn->id;
}

static u32 line_of(u64 domain)
{
	u32 i;

	for (i = 0; i < nr_lines; i++)
		if (lines[i].domain == domain)
			return i;
	return LINES;
}

static bool is_empty(const struct line *line)
{
	return line->first == line->end;
}

static void ring_push(u32 line)
{
	ring[ring_end++ % PLACES] = line;
}

static void line_push(struct line *line, s32 pid)
{
	if (is_empty(line))
		ring_push((u32)(line - lines));
	line->pids[line->end++ % PLACES] = pid;
}

/* The next cgroup that has somebody waiting; it goes to the end of the ring. */
static u32 ring_next(void)
{
	while (ring_first != ring_end) {
		u32 line = ring[ring_first++ % PLACES];

		if (is_empty(&lines[line]))
			continue;
		ring_push(line);
		return line;
	}
	return LINES;
}

static u32 half(void)
{
	return config.nr_cpus / 2;
}

static struct partners *partners_of(s32 cpu)
{
	return &pairs_of_two[(u32)cpu % half() % PARTNERS];
}

static u32 bit_of(s32 cpu)
{
	return (u32)cpu < half() ? 1 : 2;
}

static void call_partner(s32 cpu)
{
	scx_bpf_kick_cpu((s32)(((u32)cpu + half()) % config.nr_cpus), SCX_KICK_PREEMPT);
}

#ifndef DEFECT_1
SEC("struct_ops/demo_select_cpu")
s32 BPF_PROG(demo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}
#endif

SEC("struct_ops/demo_enqueue")
int BPF_PROG(demo_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 line = line_of(domain_of(p));

	if (line == LINES)
		scx_error("a task of an unknown cgroup");
	else
		line_push(&lines[line], p->pid);
#ifndef DEFECT_1
	/* Who does not let the kernel look for an idle cpu has to wake one. */
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), 0);
#endif
	return 0;
}

/* Hands a task over to the kernel. Returns whether it was taken. */
static bool hand_over(struct task_struct *p, s32 cpu, struct line *line)
{
#ifndef DEFECT_8
	/* It waits in the line of the cgroup it is in now. */
	if (domain_of(p) != line->domain)
		return false;
#endif
#ifndef DEFECT_6
	if (!bpf_cpumask_test_cpu((u32)cpu, p->cpus_ptr)) {
		line_push(line, p->pid);
		partners_of(cpu)->over = true;
		return false;
	}
#endif
#if defined(DEFECT_5) || defined(DEFECT_6)
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SLICE_NS, 0);
#else
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | (u32)cpu, SLICE_NS, 0);
#endif
	return true;
}

/* The batch is over. Returns whether a new one has begun. */
static bool next_batch(struct partners *two, u64 now_ns)
{
	u32 line = ring_next();

	if (line == LINES)
		return false;
	two->line = line;
	two->since_ns = now_ns;
	two->over = false;
	return true;
}

/* Serves @cpu once. Returns whether to try again. */
static bool serve(s32 cpu)
{
	struct partners *two = partners_of(cpu);
	u64 now_ns = bpf_ktime_get_ns();
	bool late = now_ns > two->since_ns + BATCH_NS, begun = false;
	struct task_struct *p;
	struct line *line;
	bool served;

	two->at_work &= ~bit_of(cpu);
	if (late || two->over) {
		two->over = true;
		if (two->at_work || two->taken) {
			if (late && !two->taken)
				call_partner(cpu);
			return false;
		}
		if (!next_batch(two, now_ns))
			return false;
		begun = true;
	}
	two->at_work |= bit_of(cpu);
	line = &lines[two->line % LINES];
	if (is_empty(line)) {
		two->over = true;
		two->at_work &= ~bit_of(cpu);
		return true;
	}
	p = bpf_task_from_pid(line->pids[line->first++ % PLACES]);
	if (!p)
		return true;
	served = hand_over(p, cpu, line);
	bpf_task_release(p);
	if (!served)
		two->at_work &= ~bit_of(cpu);
	else if (begun)
		call_partner(cpu);
	return !served;
}

SEC("struct_ops/demo_dispatch")
int BPF_PROG(demo_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 i;

	for (i = 0; i < TRIES && serve(cpu); i++)
		;
	return 0;
}

/* Sees higher classes come and go. */
SEC("tp_btf/sched_switch")
int BPF_PROG(demo_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	s32 cpu = (s32)bpf_get_smp_processor_id();
	struct partners *two = partners_of(cpu);
	bool taken = next->pid && next->prio < MAX_RT_PRIO;

	if (taken == !!(two->taken & bit_of(cpu)))
		return 0;
	if (taken) {
		two->taken |= bit_of(cpu);
		two->at_work &= ~bit_of(cpu);
		two->over = true;
		if (two->at_work)
			call_partner(cpu);
	} else {
		two->taken &= ~bit_of(cpu);
		if (!two->taken)
			call_partner(cpu);
	}
	return 0;
}

/* A task that is moved while it runs is another matter: it has to leave. */
SEC("struct_ops/demo_cgroup_move")
int BPF_PROG(demo_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	if (scx_bpf_task_running(p))
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
	return 0;
}

SEC("struct_ops.s/demo_cgroup_init")
int BPF_PROG(demo_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	if (nr_lines == LINES)
		return -12;
	lines[nr_lines++].domain = cgrp->kn->id;
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops demo_ops = {
#ifndef DEFECT_1
	.select_cpu = (void *)demo_select_cpu,
#endif
	.enqueue = (void *)demo_enqueue,
	.dispatch = (void *)demo_dispatch,
	.cgroup_move = (void *)demo_cgroup_move,
	.cgroup_init = (void *)demo_cgroup_init,
#if !defined(DEFECT_2) && !defined(DEFECT_3)
	/* Who is not served puts its task back into the line. */
	.flags = SCX_OPS_ENQ_LAST,
#endif
	.name = "demo",
};
