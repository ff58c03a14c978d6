// SPDX-License-Identifier: GPL-2.0-only
//
// Changes of a task from outside, wherever it is: taken off its runqueue, changed, and put back.
// sched_change_begin() and sched_change_end() in kernel/sched/core.c.
#pragma once

#include <optional>

#include "sim/kernel/kernel.h"

namespace scx_pair {

// The guard sched_change: takes the task off its runqueue and back on. Requires: the runqueue is
// locked.
class SchedChange {
 public:
  SchedChange(Kernel& k, Task& p, bool changes_class = false);
  ~SchedChange();
  SchedChange(const SchedChange&) = delete;
  SchedChange& operator=(const SchedChange&) = delete;

  [[nodiscard]] bool queued() const { return queued_; }
  [[nodiscard]] bool running() const { return running_; }

 private:
  Kernel& k_;
  Task& p_;
  SchedClass class_before_;
  bool changes_class_;
  bool queued_;
  bool running_;
};

inline void set_task_cpu(Task& p, u32 cpu) {
  p.kernel.thread_info.cpu = cpu;
}

// sched_move_task(), with scx_cgroup_move_task() in it.
void move_to_group(Kernel& k, Task& p, Group& to);
// set_user_nice()
void change_nice(Kernel& k, Task& p, s32 nice);
// __set_cpus_allowed_ptr(): a running task that may not stay is pushed away by the stopper. Nothing
// changes if none of the cpus is active.
void change_affinity(Kernel& k, Task& p, const CpuMask* allowed);
// __sched_setscheduler()
void change_policy(Kernel& k, Task& p, TaskPolicy policy, u32 priority);
// migrate_disable_switch(), migrate_enable(): narrows p->cpus_ptr to its cpu, or widens it again.
void narrow_to_cpu(Kernel& k, Task& p);
void widen_from_cpu(Kernel& k, Task& p);

// move_queued_task(). Requires: it waits on a runqueue, and no runqueue is locked.
void move_queued_task(Kernel& k, Task& p, u32 to);
// A cpu for a task that may not be where it is: select_fallback_rq(). If none is left of those it
// may use, it may use all from now on.
u32 fallback_cpu(Kernel& k, Task& p);

// p->policy, p->static_prio and p->prio follow from policy and nice value: __setscheduler_params().
SchedClass class_of(const Kernel& k, TaskPolicy policy);
void set_priorities(Task& p);
// scx_enable_task(), scx_disable_task(): the scheduler gets to know a task, or forgets it.
void enable_task(Kernel& k, Task& p);
void disable_task(Kernel& k, Task& p);

}  // namespace scx_pair
