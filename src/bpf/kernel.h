/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types our BPF programs touch, and of those only the fields they touch. CO-RE relocates
 * every access against the running kernel's BTF, so one object serves every kernel and the build
 * needs no kernel headers.
 */
#pragma once

#include "base/types.h"

typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s32 __s32;
typedef s64 __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u32 __wsum;

/* include/uapi/linux/bpf.h: the map types and map flags we use, and the types BPF itself knows. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_ARENA = 33,
};
enum {
	BPF_F_NO_PREALLOC = 1 << 0,
	BPF_F_MMAPABLE = 1 << 10,
};

struct bpf_spin_lock {
	u32 val;
};

struct bpf_timer {
	u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_iter_num {
	u64 __opaque[1];
} __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end)
	__attribute__((section(".ksyms")));
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __attribute__((section(".ksyms")));
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __attribute__((section(".ksyms")));

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	u64 id;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent; /* NULL: of the root */
};

/* Its parent is self.parent->cgroup. */
struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
};

struct task_group {
	struct cgroup_subsys_state css;
	int idle;		   /* cpu.idle */
	struct task_group *parent; /* not yet there in ops.cgroup_init() of a new one */
};

struct cpumask {
	unsigned long bits[1];
};

struct sched_ext_entity {
	u32 flags;
	u32 weight;
	u64 slice;
	u64 dsq_vtime;
};

struct thread_info {
	u32 cpu;
};

/* Where the architecture keeps the preemption count with the task. */
struct thread_info___counting {
	int preempt_count;
};

struct task_struct {
	struct thread_info thread_info;
	u32 flags;
	unsigned int on_cpu;
	unsigned int on_rq;
	int prio;
	int static_prio; /* 120 + the nice value, whatever the policy */
	unsigned int policy;
	int nr_cpus_allowed;
	const struct cpumask *cpus_ptr;
	unsigned short migration_disabled;
	struct sched_ext_entity scx;
	int pid;
	int tgid;
	char comm[16];
	unsigned int __state;
	struct task_group *sched_task_group;
};

/* Of each cpu one. */
struct rq {
	struct task_struct *curr;
};

struct bpf_iter__task {
	struct task_struct *task;
};

#pragma clang attribute pop

/*
 * include/linux/preempt.h: serving a softirq, an interrupt or an NMI, as opposed to a task's own
 * code. Interrupts are counted in bits 16 to 23 before 7.3 and from bit 24 on since then, when the
 * lower ones count sections that keep interrupts off. Both are taken.
 */
#define PREEMPT_COUNT_INTERRUPTS 0x1fff0100

/* include/linux/sched.h: the task is a kernel thread. */
#define PF_KTHREAD 0x00200000
/* include/uapi/linux/sched.h: task_struct's policy. */
#define SCHED_NORMAL   0
#define SCHED_FIFO     1
#define SCHED_RR       2
#define SCHED_BATCH    3
#define SCHED_IDLE     5
#define SCHED_DEADLINE 6
#define SCHED_EXT      7
/* include/linux/sched/prio.h: user tasks above this belong to the fair or ext class. */
#define MAX_RT_PRIO 100
