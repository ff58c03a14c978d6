// SPDX-License-Identifier: GPL-2.0-only
//
// The built-in idle tracking. kernel/sched/ext/idle.c.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

// A cpu goes idle, stays it after another look, or is idle no longer. __scx_update_idle().
// `transition`: it was not so before, and ops.update_idle() is told.
void update_idle(Kernel& k, Cpu& rq, bool idle, bool transition);

// An idle cpu of these, which counts as busy from now on; -16 (EBUSY) if there is none. One of an
// idle core, if there is one. scx_bpf_pick_idle_cpu().
s32 pick_idle_cpu(Kernel& k, const cpumask* allowed, u64 flags);

// scx_select_cpu_dfl(), on a machine of one node and one last-level cache, for a wakeup that is not
// synchronous. `found`: the cpu is idle, and was taken.
s32 select_cpu_default(Kernel& k, const Task& p, u32 prev_cpu, bool* found);

inline constexpr u64 kPickIdleCore = 1;

}  // namespace scx_pair
