/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The border between a scheduler that is compiled natively and the simulated kernel: what each of
 * them offers to the other. C-clean; both sides are built from it in one go.
 *
 * The scheduler's source sees the headers beside this one in the place of libbpf's. They turn maps,
 * locks, atomics and kfuncs into calls through struct sim_kernel.
 */
#pragma once

#include "bpf/kernel.h"

/* The kernel's types may still be on their way: that header includes this one. */
struct task_struct;
struct cpumask;
struct cgroup;
struct scx_exit_info;
struct scx_cgroup_init_args;

/* What one cpu's kernel is doing; the kernel swaps the pointer when another cpu goes on. */
struct sim_context {
	u32 cpu;   /* smp_processor_id() */
	u32 locks; /* BPF locks held: at most one */
};

enum sim_access {
	SIM_LOAD,
	SIM_STORE,
	SIM_ATOMIC,
	SIM_LOCK,   /* about to take it */
	SIM_UNLOCK, /* it has just been let go */
	SIM_MAP,
	SIM_KFUNC,
	SIM_PURE, /* a helper that touches nothing that is shared */
};

/* A map, as its declaration says. */
struct sim_map {
	void *address; /* of the declared object, which stands for the map */
	u32 type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
};

/* The values of an array; of a per-cpu array, one such list after the other. */
struct sim_values {
	u64 nr;
	u64 stride; /* bytes from one value to the next */
	unsigned char *bytes;
};

struct sim_insertion {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
	bool by_vtime;
};

/* struct bpf_iter_scx_dsq, as the simulated kernel uses it. */
struct sim_dsq_iterator {
	void *dsq;
	u64 seq : 62;
	u64 backwards : 1;
	u64 has_vtime : 1; /* tasks that are moved get @vtime */
	void *cursor[3];   /* a link, in the list where the last task was */
	u64 vtime;
};

typedef int (*sim_timer_callback)(void *map, void *key, void *value);

struct sim_kernel {
	void *self; /* goes first into every call */
	struct sim_context *context;
	u64 arena;   /* where the arena lies, less the address the program gives it */
	u32 watched; /* access() wants to be called */

	void (*access)(void *self, enum sim_access kind, const volatile void *address, u32 size);
	/* Returns when the lock can be taken; only called where watched. */
	void (*wait_for_lock)(void *self, const u32 *lock);
	/* The scheduler did what the verifier or the kernel would not have let it do. */
	void (*misuse)(void *self, const char *what);

	struct sim_values *(*map_create)(void *self, const struct sim_map *map);
	void *(*map_lookup)(void *self, const struct sim_map *map, const void *key);
	long (*map_update)(void *self, const struct sim_map *map, const void *key,
			   const void *value);
	long (*map_delete)(void *self, const struct sim_map *map, const void *key);

	long (*timer_init)(void *self, struct bpf_timer *timer, void *map, u64 flags);
	long (*timer_set_callback)(void *self, struct bpf_timer *timer,
				   sim_timer_callback callback);
	long (*timer_start)(void *self, struct bpf_timer *timer, u64 after_ns, u64 flags);

	bool (*arena_map)(void *self, u64 address, u64 bytes);
	u64 (*ktime_ns)(void *self);
	bool (*ksym_exists)(void *self, const char *name);
	/* By the text of an access to it. */
	bool (*field_exists)(void *self, const char *access);
	const void *(*this_cpu_ptr)(void *self, const char *address);
	const void *(*per_cpu_ptr)(void *self, const char *address, u32 cpu);
	struct task_struct *(*current_task)(void *self);
	struct task_struct *(*task_from_pid)(void *self, s32 pid);

	s32 (*create_dsq)(void *self, u64 dsq_id, s32 node);
	void (*destroy_dsq)(void *self, u64 dsq_id);
	s32 (*dsq_nr_queued)(void *self, u64 dsq_id);
	void (*dsq_insert)(void *self, struct task_struct *p, const struct sim_insertion *how);
	bool (*dsq_move)(void *self, struct sim_dsq_iterator *it, struct task_struct *p, u64 dsq_id,
			 u64 enq_flags);
	bool (*dsq_move_vtime)(void *self, struct sim_dsq_iterator *it, struct task_struct *p,
			       u64 dsq_id, u64 enq_flags);
	bool (*dsq_move_to_local)(void *self, u64 dsq_id, u64 enq_flags);
	int (*iter_dsq_new)(void *self, struct sim_dsq_iterator *it, u64 dsq_id, u64 flags);
	struct task_struct *(*iter_dsq_next)(void *self, struct sim_dsq_iterator *it);
	void (*iter_dsq_destroy)(void *self, struct sim_dsq_iterator *it);
	void (*kick_cpu)(void *self, s32 cpu, u64 flags);
	s32 (*task_cpu)(void *self, const struct task_struct *p);
	bool (*task_running)(void *self, const struct task_struct *p);
	s32 (*pick_idle_cpu)(void *self, const struct cpumask *cpus_allowed, u64 flags);
	const struct cpumask *(*online_cpumask)(void *self);
	bool (*cpumask_subset)(void *self, const struct cpumask *a, const struct cpumask *b);
	u32 (*cpumask_any_distribute)(void *self, const struct cpumask *cpumask);
	s32 (*select_cpu_dfl)(void *self, struct task_struct *p, s32 prev_cpu, u64 wake_flags,
			      bool *is_idle);
	void (*reenqueue_local)(void *self);
	void (*error)(void *self, const char *fmt, const unsigned long long *data, u32 data_size);
};

struct sim_cpu_release_args {
	u32 reason;
	struct task_struct *task;
};

/* What a scheduler implements: the members of struct sched_ext_ops that are modelled, and the
 * programs that are attached to something else. Those it has not are NULL. */
struct sim_programs {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dequeue)(struct task_struct *p, u64 deq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*tick)(struct task_struct *p);
	bool (*yield)(struct task_struct *from, struct task_struct *to);
	void (*runnable)(struct task_struct *p, u64 enq_flags);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*quiescent)(struct task_struct *p, u64 deq_flags);
	void (*set_weight)(struct task_struct *p, u32 weight);
	void (*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	void (*update_idle)(s32 cpu, bool idle);
	void (*cpu_acquire)(s32 cpu, void *args);
	void (*cpu_release)(s32 cpu, struct sim_cpu_release_args *args);
	void (*enable)(struct task_struct *p);
	void (*disable)(struct task_struct *p);
	s32 (*cgroup_init)(struct cgroup *cgrp, struct scx_cgroup_init_args *args);
	void (*cgroup_exit)(struct cgroup *cgrp);
	void (*cgroup_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void (*cgroup_set_weight)(struct cgroup *cgrp, u32 weight);
	void (*cgroup_set_bandwidth)(struct cgroup *cgrp, u64 period_us, u64 quota_us,
				     u64 burst_us);
	void (*cgroup_set_idle)(struct cgroup *cgrp, bool idle);
	void (*cpu_online)(s32 cpu);
	void (*cpu_offline)(s32 cpu);
	s32 (*init)(void);
	void (*exit)(struct scx_exit_info *info);
	u64 flags;
	const char *name;

	int (*sched_switch)(bool preempt, struct task_struct *prev, struct task_struct *next);
	int (*sched_wakeup)(struct task_struct *p);
	int (*sched_wakeup_new)(struct task_struct *p);
	int (*settle)(void *ctx); /* run once after attaching */
};

/* A stretch of memory that a program keeps between calls. */
struct sim_state {
	void *begin;
	void *end;
};

enum sim_state_kind {
	SIM_STATE_DATA,
	SIM_STATE_BSS,
	SIM_STATE_RODATA,
	SIM_STATE_KINDS,
};

/* What every natively compiled scheduler exports. */
typedef void (*sim_attach_function)(struct sim_kernel *kernel);
typedef void (*sim_describe_function)(struct sim_programs *programs, struct sim_state *states);
