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

// cpu_cgroup_css_online() and scx_tg_online(); nullptr if the scheduler refuses.
Group* make_group(Kernel& k, const std::string& path, u32 weight);
// Removes it, if no task is a member: scx_tg_offline(). Returns whether it did.
bool remove_group(Kernel& k, Group& group);
// scx_group_set_weight()
void change_weight(Kernel& k, Group& group, u32 weight);
// ops.cgroup_init() for a cgroup that exists: scx_cgroup_init(). Returns whether it was accepted.
bool initialise_group(Kernel& k, Group& group);

const CpuMask* shared_mask(Kernel& k, const CpuMask& mask);
const CpuMask* mask_of(Kernel& k, const std::vector<u32>& cpus);

}  // namespace scx_pair
