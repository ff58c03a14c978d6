// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/change.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/schedule.h"
#include "sim/kernel/trace.h"

namespace scx_pair {
namespace {

// sched_prio_to_weight[], of nice -20 to 19.
constexpr std::array<u32, 40> kNiceWeights = {
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
    3906,  3121,  2501,  1991,  1586,  1277,  1024,  820,   655,   526,   423,  335,  272,  215,
    172,   137,   110,   87,    70,    56,    45,    36,    29,    23,    18,   15};
constexpr u32 kIdleWeight = 3;  // WEIGHT_IDLEPRIO
constexpr int kStaticPriority = 120;

u32 scx_weight(const Task& p) {
  const u32 weight = p.policy == TaskPolicy::kSchedIdle
                         ? kIdleWeight
                         : kNiceWeights.at(static_cast<u32>(p.nice) + 20);
  // sched_weight_to_cgroup()
  return std::clamp<u32>((weight * 100 + 512) / 1024, 1, 10000);
}

// reweight_task_scx(): a task that is not the scheduler's keeps the weight it once had.
void reweight_task(Kernel& k, Task& p) {
  if (!p.enabled) return;
  p.kernel.scx.weight = scx_weight(p);
  if (k.ops.set_weight != nullptr) {
    call(k, Callback::kSetWeight, k.ops.set_weight, &p.kernel, p.kernel.scx.weight);
  }
}

unsigned int policy_number(TaskPolicy policy) {
  switch (policy) {
    case TaskPolicy::kBatch:
      return SCHED_BATCH;
    case TaskPolicy::kSchedIdle:
      return SCHED_IDLE;
    case TaskPolicy::kFifo:
      return SCHED_FIFO;
    case TaskPolicy::kRoundRobin:
      return SCHED_RR;
    case TaskPolicy::kDeadline:
      return SCHED_DEADLINE;
    case TaskPolicy::kOrdinary:
      break;
  }
  return SCHED_NORMAL;
}

}  // namespace

SchedChange::SchedChange(Kernel& k, Task& p, bool changes_class)
    : k_(k),
      p_(p),
      class_before_(p.sched_class),
      changes_class_(changes_class),
      queued_(p.on_rq()),
      running_(task_current(task_rq(k, p), p)) {
  Cpu& rq = task_rq(k, p);
  p.changes_class = changes_class;
  if (queued_) dequeue_task(k, rq, p, kEnqRestore);
  if (running_) put_prev_task(k, rq, p, nullptr);
  if (changes_class_ && class_before_ == SchedClass::kExt) disable_task(k, p);
}

SchedChange::~SchedChange() {
  Cpu& rq = task_rq(k_, p_);
  if (changes_class_ && p_.sched_class == SchedClass::kExt) enable_task(k_, p_);
  if (queued_ && k_.loading == Loading::kEnabled) p_.changed_at_ns = k_.now_ns;
  if (queued_) enqueue_task(k_, rq, p_, kEnqRestore);
  if (running_) set_next_task(k_, rq, p_);
  p_.changes_class = false;
  if (!changes_class_) return;
  if (queued_ && !running_) wakeup_preempt(k_, rq, p_);
  if (running_ && class_before_ > p_.sched_class) resched_curr(k_, rq);
}

void move_to_group(Kernel& k, Task& p, Group& to) {
  const TaskRqGuard guard(k, p);
  Cpu& rq = guard.rq();
  bool running = false;
  bool queued = false;
  {
    const SchedChange change(k, p);
    Group& from = *p.group;
    running = change.running();
    queued = change.queued();
    from.members--;
    to.members++;
    p.group = &to;
    p.kernel.sched_task_group = &to.tg;
    trace_task(k, p, RECORD_CHANGE);
    if (k.loading == Loading::kEnabled && from.initialised && to.initialised &&
        k.ops.cgroup_move != nullptr) {
      call(k, Callback::kCgroupMove, k.ops.cgroup_move, &p.kernel, &from.cg, &to.cg);
    }
  }
  if (running) {
    resched_curr(k, rq);
  } else if (queued) {
    wakeup_preempt(k, rq, p);
  }
}

void change_nice(Kernel& k, Task& p, s32 nice) {
  const TaskRqGuard guard(k, p);
  const SchedChange change(k, p);
  p.nice = nice;
  set_priorities(p);
  reweight_task(k, p);
}

void change_affinity(Kernel& k, Task& p, const CpuMask* allowed) {
  bool waits = false;
  // -EINVAL of __set_cpus_allowed_ptr_locked()
  if (std::none_of(k.cpus.begin(), k.cpus.end(),
                   [&](const Cpu& rq) { return rq.active && allowed->test(rq.id); })) {
    return;
  }
  {
    const TaskRqGuard guard(k, p);
    Cpu& rq = guard.rq();
    {
      const SchedChange change(k, p);
      p.cpus_allowed = allowed;
      p.kernel.nr_cpus_allowed = static_cast<int>(allowed->count());
      // While it is narrowed to one cpu it stays there.
      if (!p.pinned_switch) p.kernel.cpus_ptr = allowed->kernel();
      if (p.sched_class == SchedClass::kExt && k.ops.set_cpumask != nullptr) {
        call(k, Callback::kSetCpumask, k.ops.set_cpumask, &p.kernel, p.kernel.cpus_ptr);
      }
    }
    if (allowed->test(rq.id)) return;
    if (task_current(rq, p)) {
      push_away(k, rq, p);
    } else {
      waits = p.on_rq() && !is_migration_disabled(p);
    }
  }
  if (waits) move_queued_task(k, p, fallback_cpu(k, p));
}

void change_policy(Kernel& k, Task& p, TaskPolicy policy, u32 priority) {
  const TaskRqGuard guard(k, p);
  const SchedClass target = class_of(k, policy);
  {
    const SchedChange change(k, p, target != p.sched_class);
    p.policy = policy;
    p.rt_priority = priority;
    p.sched_class = target;
    p.time_slice_ns = 0;
    p.timer_version += target == SchedClass::kDeadline ? 1 : 0;
    set_priorities(p);
    reweight_task(k, p);
  }
  trace_task(k, p, RECORD_CHANGE);
}

void narrow_to_cpu(Kernel& k, Task& p) {
  if (p.pinned_switch) return;
  const TaskRqGuard guard(k, p);
  const SchedChange change(k, p);
  p.pinned_switch = true;
  p.kernel.cpus_ptr = k.single_cpu[p.cpu()]->kernel();
  if (p.sched_class == SchedClass::kExt && k.ops.set_cpumask != nullptr) {
    call(k, Callback::kSetCpumask, k.ops.set_cpumask, &p.kernel, p.kernel.cpus_ptr);
  }
}

void widen_from_cpu(Kernel& k, Task& p) {
  Cpu& rq = task_rq(k, p);
  if (p.pinned_switch) {
    const RqGuard guard(k, rq);
    const SchedChange change(k, p);
    p.pinned_switch = false;
    p.kernel.migration_disabled = 0;
    p.kernel.cpus_ptr = p.cpus_allowed->kernel();
    if (p.sched_class == SchedClass::kExt && k.ops.set_cpumask != nullptr) {
      call(k, Callback::kSetCpumask, k.ops.set_cpumask, &p.kernel, p.kernel.cpus_ptr);
    }
  }
  p.kernel.migration_disabled = 0;
  if (p.cpus_allowed->test(rq.id)) return;
  const RqGuard guard(k, rq);
  push_away(k, rq, p);
}

void move_queued_task(Kernel& k, Task& p, u32 to) {
  {
    const TaskRqGuard guard(k, p);
    Cpu& from = guard.rq();
    // It may have moved, started or slept before the runqueue was locked.
    if (from.id == to || !p.on_rq() || task_current(from, p)) return;
    p.migrating = 1;
    p.changed_at_ns = k.now_ns;
    dequeue_task(k, from, p, 0);
    set_task_cpu(p, to);
  }
  const RqGuard guard(k, k.cpus[to]);
  enqueue_task(k, k.cpus[to], p, 0);
  p.migrating = 0;
  wakeup_preempt(k, k.cpus[to], p);
}

u32 fallback_cpu(Kernel& k, Task& p) {
  const auto usable = [&k](const unsigned long* bits, u32 start) {
    for (u32 i = 0; i < k.cpus.size(); i++) {
      const u32 cpu = (start + i) % static_cast<u32>(k.cpus.size());
      if (((bits[cpu / 64] >> (cpu % 64)) & 1U) != 0 && k.cpus[cpu].active) return cpu;
    }
    return kNoCpu;
  };
  const u32 found = usable(p.kernel.cpus_ptr->bits, p.cpu());
  if (found != kNoCpu) return found;
  {
    // set_cpus_allowed_force()
    const TaskRqGuard guard(k, p);
    const SchedChange change(k, p);
    p.cpus_allowed = k.all_cpus;
    p.kernel.cpus_ptr = k.all_cpus->kernel();
    p.kernel.nr_cpus_allowed = static_cast<int>(k.all_cpus->count());
  }
  return usable(p.kernel.cpus_ptr->bits, p.cpu());
}

SchedClass class_of(const Kernel& k, TaskPolicy policy) {
  switch (policy) {
    case TaskPolicy::kFifo:
    case TaskPolicy::kRoundRobin:
      return SchedClass::kRealtime;
    case TaskPolicy::kDeadline:
      return SchedClass::kDeadline;
    default:
      return k.loading == Loading::kEnabled ? SchedClass::kExt : SchedClass::kFair;
  }
}

void set_priorities(Task& p) {
  p.kernel.policy = policy_number(p.policy);
  p.kernel.static_prio = kStaticPriority + p.nice;
  switch (p.policy) {
    case TaskPolicy::kDeadline:
      p.kernel.prio = -1;
      break;
    case TaskPolicy::kFifo:
    case TaskPolicy::kRoundRobin:
      p.kernel.prio = static_cast<int>(MAX_RT_PRIO - 1 - p.rt_priority);
      break;
    default:
      p.kernel.prio = p.kernel.static_prio;
      break;
  }
}

void enable_task(Kernel& k, Task& p) {
  if (p.enabled) return;
  p.enabled = true;
  p.kernel.scx.flags |= kTaskResetRunnableAt;
  p.kernel.scx.weight = scx_weight(p);
  if (k.ops.enable != nullptr) call(k, Callback::kEnable, k.ops.enable, &p.kernel);
  if (k.ops.set_weight != nullptr) {
    call(k, Callback::kSetWeight, k.ops.set_weight, &p.kernel, p.kernel.scx.weight);
  }
}

void disable_task(Kernel& k, Task& p) {
  if (!p.enabled) return;
  p.enabled = false;
  p.direct = {};
  if (k.ops.disable != nullptr) call(k, Callback::kDisable, k.ops.disable, &p.kernel);
}

}  // namespace scx_pair
