/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a scheduler that only listens has heard of cgroups and tasks, in the order of the calls.
 * C-clean.
 */
#pragma once

#include "base/types.h"

#define HEARD_MAX	4096
#define HEARD_TASKS_MAX 4096

enum heard_kind {
	HEARD_CGROUP, /* ops.cgroup_init() */
	HEARD_GONE,   /* ops.cgroup_exit() */
	HEARD_WEIGHT,
	HEARD_BANDWIDTH,
	HEARD_IDLE,
	HEARD_TASK, /* ops.enable() */
};

struct heard {
	u32 kind;
	u64 id;	       /* of the cgroup, or a pid */
	u64 parent_id; /* of the cgroup's parent, or of that of the task's; 0: it has none */
	u64 weight;
	u64 period_us;
	u64 quota_us;
	u64 burst_us;
	u64 idle;
	s64 static_prio;
	u64 policy;
};
