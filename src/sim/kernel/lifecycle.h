// SPDX-License-Identifier: GPL-2.0-only
//
// Tasks and cgroups come and go. kernel/fork.c, kernel/exit.c, and sched_ext's part of them.
#pragma once

#include <string>

#include "sim/kernel/kernel.h"

namespace scx_pair {

struct TaskOrigin {
  std::string name;
  Group* group = nullptr;
  bool kthread = false;
  TaskPolicy policy = TaskPolicy::kOrdinary;
  s32 nice = 0;
  u32 priority = 0;
  u64 dl_runtime_ns = 0;
  u64 dl_deadline_ns = 0;
  u64 dl_period_ns = 0;
  const CpuMask* cpus = nullptr;
};

// A task that exists and has not run: copy_process(), scx_fork(), scx_post_fork().
Task& make_task(Kernel& k, const TaskOrigin& origin);
// An instance of a scenario's group of tasks; `parent`: it is forked from that one.
Task& make_instance(Kernel& k, u32 spec, const Task* parent);
// Tasks that no scenario moves: a cpu's idle task and its stopper.
Task& make_cpu_task(Kernel& k, Cpu& rq, SchedClass sched_class, const std::string& name);

// The running task begins to die: do_exit(), up to its last schedule().
void begin_exit(Kernel& k, Task& p);
void finish_exit(Kernel& k, Task& p);
// The last switch away from it is over: finish_task_switch().
void finish_dead_task(Kernel& k, Task& p);

// A cgroup as it is after mkdir, nullptr if the scheduler refuses: cpu_cgroup_css_online() and
// scx_tg_online(). `parent`: nullptr for the root.
Group* make_group(Kernel& k, Group* parent);
// Removes it, if no task is a member: scx_tg_offline(). Returns whether it did.
bool remove_group(Kernel& k, Group& group);
// Somebody writes a file of the cgroup, which the root has not. Each takes scx_cgroup_ops_rwsem for
// reading and no runqueue. cpu_weight_write_u64() and scx_group_set_weight(), which an idle cgroup
// refuses (sched_group_set_shares()).
void change_weight(Kernel& k, Group& group, u32 weight);
// tg_set_bandwidth(), scx_group_set_bandwidth()
void change_bandwidth(Kernel& k, Group& group, const Bandwidth& bandwidth);
// cpu_idle_write_s64(), scx_group_set_idle(). The fair class's weight of the cgroup becomes 3 or
// 100; sched_ext's stays as it was, and nobody is told of one.
void change_idle(Kernel& k, Group& group, bool idle);
// ops.cgroup_init() for a cgroup that exists: scx_cgroup_init(). Returns whether it was accepted.
bool initialise_group(Kernel& k, Group& group);

const CpuMask* shared_mask(Kernel& k, const CpuMask& mask);
const CpuMask* mask_of(Kernel& k, const std::vector<u32>& cpus);

}  // namespace scx_pair
