/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's side of the border: the kfuncs it calls, and what it tells the simulated kernel
 * about itself. Compiled into every natively compiled scheduler; SIM_PREFIX is what the names of
 * its ops and programs begin with.
 */
#include "bpf/scx.h"
#include "sim/native/scx_types.h"

#define SIM_JOIN_(a, b) a##b
#define SIM_JOIN(a, b)	SIM_JOIN_(a, b)
#define SIM_NAME(name)	SIM_JOIN(SIM_PREFIX, name)

_Static_assert(sizeof(struct scx_cgroup_init_args) == SCX_CGROUP_INIT_ARGS_SIZE, "scx_types.h");
_Static_assert(sizeof(struct scx_exit_info) == SCX_EXIT_INFO_SIZE, "scx_types.h");

struct sim_kernel *sim_kernel;

#define CALL(kfunc, about, args...) (sim_enter(SIM_KFUNC, (about))->kfunc(sim_kernel->self, ##args))

s32 scx_bpf_create_dsq(u64 dsq_id, s32 node)
{
	return CALL(create_dsq, NULL, dsq_id, node);
}

void scx_bpf_destroy_dsq(u64 dsq_id)
{
	CALL(destroy_dsq, NULL, dsq_id);
}

s32 scx_bpf_dsq_nr_queued(u64 dsq_id)
{
	return CALL(dsq_nr_queued, NULL, dsq_id);
}

void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	struct sim_insertion how = {dsq_id, slice, 0, enq_flags, false};

	CALL(dsq_insert, p, p, &how);
}

bool __scx_bpf_dsq_insert_vtime(struct task_struct *p, struct scx_bpf_dsq_insert_vtime_args *args)
{
	struct sim_insertion how = {args->dsq_id, args->slice, args->vtime, args->enq_flags, true};

	CALL(dsq_insert, p, p, &how);
	return true;
}

void scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
			      u64 enq_flags)
{
	struct sim_insertion how = {dsq_id, slice, vtime, enq_flags, true};

	CALL(dsq_insert, p, p, &how);
}

bool scx_bpf_dsq_move(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p, u64 dsq_id,
		      u64 enq_flags)
{
	return CALL(dsq_move, p, (struct sim_dsq_iterator *)it__iter, p, dsq_id, enq_flags);
}

void scx_bpf_dsq_move_set_vtime(struct bpf_iter_scx_dsq *it__iter, u64 vtime)
{
	struct sim_dsq_iterator *it = (struct sim_dsq_iterator *)it__iter;

	it->vtime = vtime;
	it->has_vtime = 1;
}

bool scx_bpf_dsq_move_vtime(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p, u64 dsq_id,
			    u64 enq_flags)
{
	return CALL(dsq_move_vtime, p, (struct sim_dsq_iterator *)it__iter, p, dsq_id, enq_flags);
}

bool scx_bpf_dsq_move_to_local(u64 dsq_id)
{
	return CALL(dsq_move_to_local, NULL, dsq_id, 0);
}

int bpf_iter_scx_dsq_new(struct bpf_iter_scx_dsq *it, u64 dsq_id, u64 flags)
{
	_Static_assert(sizeof(struct sim_dsq_iterator) <= sizeof(*it), "the iterator fits");
	return CALL(iter_dsq_new, it, (struct sim_dsq_iterator *)it, dsq_id, flags);
}

struct task_struct *bpf_iter_scx_dsq_next(struct bpf_iter_scx_dsq *it)
{
	return CALL(iter_dsq_next, it, (struct sim_dsq_iterator *)it);
}

void bpf_iter_scx_dsq_destroy(struct bpf_iter_scx_dsq *it)
{
	CALL(iter_dsq_destroy, it, (struct sim_dsq_iterator *)it);
}

void scx_bpf_kick_cpu(s32 cpu, u64 flags)
{
	CALL(kick_cpu, NULL, cpu, flags);
}

s32 scx_bpf_task_cpu(const struct task_struct *p)
{
	return CALL(task_cpu, p, p);
}

bool scx_bpf_task_running(const struct task_struct *p)
{
	return CALL(task_running, p, p);
}

s32 scx_bpf_pick_idle_cpu(const struct cpumask *cpus_allowed, u64 flags)
{
	return CALL(pick_idle_cpu, NULL, cpus_allowed, flags);
}

s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle)
{
	return CALL(select_cpu_dfl, p, p, prev_cpu, wake_flags, is_idle);
}

void scx_bpf_reenqueue_local(void)
{
	CALL(reenqueue_local, NULL);
}

struct task_struct *bpf_task_from_pid(s32 pid)
{
	return CALL(task_from_pid, NULL, pid);
}

void bpf_task_release(struct task_struct *p)
{
	(void)p;
}

void scx_bpf_error_bstr(char *fmt, unsigned long long *data, u32 data__sz)
{
	CALL(error, NULL, fmt, data, data__sz);
}

void bpf_rcu_read_lock(void)
{
}

void bpf_rcu_read_unlock(void)
{
}

const struct cpumask *scx_bpf_get_online_cpumask(void)
{
	return CALL(online_cpumask, NULL);
}

void scx_bpf_put_cpumask(const struct cpumask *cpumask)
{
	(void)cpumask;
}

bool bpf_cpumask_subset(const struct cpumask *src1, const struct cpumask *src2)
{
	return CALL(cpumask_subset, src2, src1, src2);
}

u32 bpf_cpumask_any_distribute(const struct cpumask *cpumask)
{
	return CALL(cpumask_any_distribute, cpumask, cpumask);
}

bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask)
{
	return cpumask->bits[cpu / 64] >> (cpu % 64) & 1;
}

void *bpf_arena_alloc_pages(void *map, void *addr, u32 page_cnt, int node_id, u64 flags)
{
	(void)map;
	(void)node_id;
	(void)flags;
	return CALL(arena_map, addr, (u64)addr, page_cnt * 4096ull) ? addr : NULL;
}

/* Plain accesses, where the compiler was asked to announce them. */
#define ANNOUNCE(bits, type)                                                                       \
	void __sanitizer_cov_load##bits(type *address)                                             \
	{                                                                                          \
		sim_touch(address, sizeof(type), SIM_LOAD);                                        \
	}                                                                                          \
	void __sanitizer_cov_store##bits(type *address)                                            \
	{                                                                                          \
		sim_touch(address, sizeof(type), SIM_STORE);                                       \
	}
ANNOUNCE(1, u8)
ANNOUNCE(2, u16)
ANNOUNCE(4, u32)
ANNOUNCE(8, u64)
ANNOUNCE(16, __uint128_t)

extern struct sched_ext_ops SIM_NAME(_ops);
extern int SIM_NAME(_switch)(bool preempt, struct task_struct *prev,
			     struct task_struct *next) __weak;
extern int SIM_NAME(_wakeup)(struct task_struct *p) __weak;
extern int SIM_NAME(_wakeup_new)(struct task_struct *p) __weak;
extern int SIM_NAME(_settle)(void *ctx) __weak;

extern char __start_sim_state_data[] __attribute__((weak, visibility("hidden")));
extern char __stop_sim_state_data[] __attribute__((weak, visibility("hidden")));
extern char __start_sim_state_bss[] __attribute__((weak, visibility("hidden")));
extern char __stop_sim_state_bss[] __attribute__((weak, visibility("hidden")));
extern char __start_sim_state_rodata[] __attribute__((weak, visibility("hidden")));
extern char __stop_sim_state_rodata[] __attribute__((weak, visibility("hidden")));

void sim_attach(struct sim_kernel *kernel)
{
	sim_kernel = kernel;
}

void sim_describe(struct sim_programs *programs, struct sim_state *states)
{
	const struct sched_ext_ops *ops = &SIM_NAME(_ops);

	programs->select_cpu = ops->select_cpu;
	programs->enqueue = ops->enqueue;
	programs->dispatch = ops->dispatch;
	programs->tick = ops->tick;
	programs->yield = ops->yield;
	programs->runnable = ops->runnable;
	programs->running = ops->running;
	programs->stopping = ops->stopping;
	programs->quiescent = ops->quiescent;
	programs->enable = ops->enable;
	programs->disable = ops->disable;
	programs->cgroup_init = ops->cgroup_init;
	programs->cgroup_exit = ops->cgroup_exit;
	programs->cgroup_move = ops->cgroup_move;
	programs->cgroup_set_weight = ops->cgroup_set_weight;
	programs->cgroup_set_bandwidth = ops->cgroup_set_bandwidth;
	programs->cgroup_set_idle = ops->cgroup_set_idle;
	programs->init = ops->init;
	programs->exit = ops->exit;
	programs->flags = ops->flags;
	programs->name = ops->name;
	programs->sched_switch = SIM_NAME(_switch);
	programs->sched_wakeup = SIM_NAME(_wakeup);
	programs->sched_wakeup_new = SIM_NAME(_wakeup_new);
	programs->settle = SIM_NAME(_settle);
	states[SIM_STATE_DATA] = (struct sim_state){__start_sim_state_data, __stop_sim_state_data};
	states[SIM_STATE_BSS] = (struct sim_state){__start_sim_state_bss, __stop_sim_state_bss};
	states[SIM_STATE_RODATA] =
		(struct sim_state){__start_sim_state_rodata, __stop_sim_state_rodata};
}
