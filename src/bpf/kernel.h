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

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct task_group {
	struct cgroup_subsys_state css;
};

struct task_struct {
	u32 flags;
	int prio;
	int pid;
	int tgid;
	char comm[16];
	unsigned int __state;
	struct task_group *sched_task_group;
};

#pragma clang attribute pop

/* include/linux/sched.h: the task is a kernel thread. */
#define PF_KTHREAD 0x00200000
/* include/linux/sched/prio.h: user tasks above this belong to the fair or ext class. */
#define MAX_RT_PRIO 100
