/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit probe: writes down who is on which cpu, and who waits. It decides nothing and knows no
 * scheduler.
 *
 * Every cpu has a ring buffer of its own, so that writing never waits for another cpu, and user
 * space is never woken but polls, so that the measured system is disturbed little. A record that
 * finds no room is counted: a run with losses is never called kept.
 *
 * The programs run where the kernel holds the run queue's lock, so the time of a record is a time
 * at which what it says was true. Programs of one tracepoint run in the order in which they were
 * attached. A probe attached before a scheduler therefore stamps a switch-out before that
 * scheduler's own hook can hand the core over; attached after it, the stamps of both siblings can
 * come in the wrong order, by the length of that hook.
 *
 * A task can change its domain without a switch. The kernel calls scx_cgroup_move_task() under the
 * run queue's lock, after the task's group has changed and before any scheduler is told, which is
 * the right moment; a kernel without it has sched_move_task(), which ends just after. User space
 * loads whichever is there.
 */
#include "bpf/kernel.h"
#include "base/switch_record.h"

char LICENSE[] SEC("license") = "GPL";

/* include/linux/sched.h */
#define TASK_DEAD	  0x80
#define TASK_ON_RQ_QUEUED 1

/* include/uapi/linux/bpf.h */
enum {
	MAP_PERCPU_ARRAY = 6,
	MAP_ARRAY_OF_MAPS = 12,
	MAP_RINGBUF = 27,
	RING_NO_WAKEUP = 1,
};

/* User space replaces the one entry by one for every cpu id, and creates the rings. */
struct ring {
	__uint(type, MAP_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, MAP_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct ring);
} rings SEC(".maps");

struct {
	__uint(type, MAP_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} lost SEC(".maps");

static u64 domain_of(struct task_struct *p)
{
	struct cgroup *group = p->sched_task_group->css.cgroup;

	/* An autogroup has no cgroup: its tasks are in the root. */
	return group ? group->kn->id : ROOT_DOMAIN;
}

/* What a task's own priority is, without what it was lent. */
struct task_struct___lent {
	int normal_prio;
} __attribute__((preserve_access_index));

static u8 class_by(struct task_struct *p, int prio)
{
	if (!p->pid)
		return CLASS_IDLE;
	if (p->flags & PF_KTHREAD)
		return CLASS_KERNEL;
	return prio < MAX_RT_PRIO ? CLASS_HIGHER : CLASS_ORDINARY;
}

static u8 class_of(struct task_struct *p)
{
	return class_by(p, p->prio);
}

static struct switch_record *reserve(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct switch_record *record;
	u32 zero = 0;
	void *ring;
	u64 *count;

	ring = bpf_map_lookup_elem(&rings, &cpu);
	if (ring) {
		record = bpf_ringbuf_reserve(ring, sizeof(*record), 0);
		if (record)
			return record;
	}
	count = bpf_map_lookup_elem(&lost, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return NULL;
}

static void describe(struct switch_record *record, struct task_struct *p, u8 kind, u32 cpu)
{
	record->domain = domain_of(p);
	record->pid = p->pid;
	record->prev_pid = 0;
	record->cpu = cpu;
	record->kind = kind;
	record->task_class = class_of(p);
	record->prev_runnable = 0;
	record->prev_dead = 0;
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), &p->comm);
}

static void write_about(u64 now_ns, struct task_struct *p, u8 kind, u32 cpu)
{
	struct switch_record *record = reserve();

	if (!record)
		return;
	record->time_ns = now_ns;
	describe(record, p, kind, cpu);
	bpf_ringbuf_submit(record, RING_NO_WAKEUP);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(see_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	u64 now_ns = bpf_ktime_get_ns();
	struct switch_record *record = reserve();

	if (!record)
		return 0;
	record->time_ns = now_ns;
	describe(record, next, RECORD_SWITCH, bpf_get_smp_processor_id());
	record->prev_pid = prev->pid;
	record->prev_runnable = preempt || !prev_state;
	record->prev_dead = !preempt && (prev_state & TASK_DEAD);
	bpf_ringbuf_submit(record, RING_NO_WAKEUP);
	return 0;
}

/* Nobody asks how long kernel threads wait, so their wakeups are not worth a record. */
static void write_wake(u64 now_ns, struct task_struct *p)
{
	if (!(p->flags & PF_KTHREAD))
		write_about(now_ns, p, RECORD_WAKE, p->thread_info.cpu);
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(see_wakeup, struct task_struct *p)
{
	write_wake(bpf_ktime_get_ns(), p);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(see_wakeup_new, struct task_struct *p)
{
	write_wake(bpf_ktime_get_ns(), p);
	return 0;
}

SEC("fentry/scx_cgroup_move_task")
int BPF_PROG(see_move, struct task_struct *p)
{
	write_about(bpf_ktime_get_ns(), p, RECORD_CHANGE, p->thread_info.cpu);
	return 0;
}

SEC("fexit/sched_move_task")
int BPF_PROG(see_move_late, struct task_struct *p)
{
	write_about(bpf_ktime_get_ns(), p, RECORD_CHANGE, p->thread_info.cpu);
	return 0;
}

SEC("fexit/__sched_setscheduler")
int BPF_PROG(see_class_change, struct task_struct *p)
{
	write_about(bpf_ktime_get_ns(), p, RECORD_CHANGE, p->thread_info.cpu);
	return 0;
}

/*
 * A task that holds what another waits for runs with that one's priority, and gives it back when it
 * lets go, both perhaps while it runs. The kernel tells before it is done, under the run queue's
 * lock.
 */
SEC("tp_btf/sched_pi_setprio")
int BPF_PROG(see_loan, struct task_struct *p, struct task_struct *donor)
{
	u64 now_ns = bpf_ktime_get_ns();
	int prio = ((struct task_struct___lent *)p)->normal_prio;
	struct switch_record *record = reserve();

	if (!record)
		return 0;
	if (donor && donor->prio < prio)
		prio = donor->prio;
	record->time_ns = now_ns;
	describe(record, p, RECORD_CHANGE, p->thread_info.cpu);
	record->task_class = class_by(p, prio);
	bpf_ringbuf_submit(record, RING_NO_WAKEUP);
	return 0;
}

/*
 * Tells, once, who was running and who was waiting when the probe was attached. The time is taken
 * before the look, so that whatever a switch says meanwhile is later and stands.
 */
SEC("iter/task")
int find_tasks(struct bpf_iter__task *ctx)
{
	u64 now_ns = bpf_ktime_get_ns();
	struct task_struct *p = ctx->task;

	if (!p)
		return 0;
	if (p->on_cpu)
		write_about(now_ns, p, RECORD_RUNNING, p->thread_info.cpu);
	else if (p->on_rq == TASK_ON_RQ_QUEUED && !p->__state)
		write_about(now_ns, p, RECORD_WAITING, p->thread_info.cpu);
	return 0;
}
