// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/kernel/change.h"
#include "sim/kernel/lifecycle.h"
#include "sim/kernel/loading.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/schedule.h"

namespace scx_pair {
namespace {

constexpr u64 kRetryNs = 1'000'000;

u32 one_of(Kernel& k, const std::vector<u32>& list) {
  return list[static_cast<size_t>(k.fault_luck.below(list.size()))];
}

// An instance that is alive, of one of the groups of tasks; nullptr if there is none.
Task* some_task(Kernel& k, const Fault& fault) {
  if (fault.tasks.empty()) return nullptr;
  const std::vector<Task*>& alive = k.alive[one_of(k, fault.tasks)];
  if (alive.empty()) return nullptr;
  Task* p = alive[static_cast<size_t>(k.fault_luck.below(alive.size()))];
  const bool out_of_reach = p->progress.exiting || p->state == TaskState::kNew;
  return out_of_reach ? nullptr : p;
}

// A cpu from which something is done: any that is online.
u32 some_cpu(Kernel& k) {
  for (;;) {
    const auto cpu = static_cast<u32>(k.fault_luck.below(k.cpus.size()));
    if (k.cpus[cpu].online) return cpu;
  }
}

void announce_undo(Kernel& k, const Undo& what, u64 after_ns) {
  k.undos.push_back(what);
  announce_at(k, k.now_ns + after_ns, EventKind::kUndo, some_cpu(k), nullptr, 0,
              static_cast<u32>(k.undos.size() - 1));
}

const CpuMask* random_cpus(Kernel& k) {
  CpuMask mask(static_cast<u32>(k.cpus.size()));
  for (u32 cpu = 0; cpu < k.cpus.size(); cpu++) {
    if (k.fault_luck.chance(1, 2)) mask.set(cpu);
  }
  if (mask.empty()) mask.set(some_cpu(k));
  return shared_mask(k, mask);
}

// Tasks that run for a while and end.
void start_tasks(Kernel& k, const Fault& fault, Group& group, bool kthread) {
  for (u32 i = 0; i < fault.count && k.tasks_alive < k.scenario.tasks_max; i++) {
    TaskOrigin origin;
    origin.name = kthread ? "kthread" : "burst";
    origin.group = &group;
    origin.kthread = kthread;
    origin.policy = fault.policy;
    origin.priority = fault.priority;
    // No runtime of its own: a deadline task would need one.
    if (origin.policy == TaskPolicy::kDeadline) origin.policy = TaskPolicy::kFifo;
    if (!fault.cpus.empty()) origin.cpus = k.single_cpu[one_of(k, fault.cpus)];
    Task& p = make_task(k, origin);
    p.progress.left_ns = fault.run_ns.draw(k.fault_luck);
    wake_up_new(k, p, k.here().id);
  }
}

void do_churn(Kernel& k, const Fault& fault) {
  Group* group = make_group(k, &k.groups[one_of(k, fault.cgroups)]);
  if (group == nullptr) return;
  Fault one = fault;
  one.count = 1;
  one.policy = TaskPolicy::kOrdinary;
  start_tasks(k, one, *group, false);
  announce_undo(k, {Undo::Kind::kRemoveGroup, nullptr, group->index}, kRetryNs);
}

// cpu_max_write(): the burst stays, and is refused where it is more than the new quota.
void do_limit(Kernel& k, const Fault& fault) {
  constexpr u64 kLeastQuotaUs = 1'000;  // min_bw_quota_period_us
  Group& group = k.groups[one_of(k, fault.cgroups)];
  const u64 percent = fault.value.draw(k.fault_luck);
  Bandwidth bandwidth = group.bandwidth;
  bandwidth.period_us = fault.period_ns / 1'000;
  bandwidth.quota_us =
      percent == 0 ? kNoQuota : std::max(bandwidth.period_us * percent / 100, kLeastQuotaUs);
  change_bandwidth(k, group, bandwidth);
}

void do_policy(Kernel& k, const Fault& fault, Task& p) {
  if (p.is_kthread() || fault.policy == TaskPolicy::kDeadline) return;
  announce_undo(k, {Undo::Kind::kPolicy, &p, 0, p.policy, p.rt_priority},
                fault.run_ns.draw(k.fault_luck));
  change_policy(k, p, fault.policy, fault.priority);
}

void do_offline(Kernel& k, const Fault& fault) {
  const u32 cpu = fault.cpus.empty() ? some_cpu(k) : one_of(k, fault.cpus);
  u32 online = 0;
  for (const Cpu& rq : k.cpus) online += rq.online ? 1 : 0;
  // Not while the scheduler is on its way, and never the last one.
  if (k.loading != Loading::kEnabled || online < 2 || !k.cpus[cpu].online) return;
  announce_undo(k, {Undo::Kind::kOnline, nullptr, cpu}, fault.run_ns.draw(k.fault_luck));
  take_offline(k, k.cpus[cpu]);
}

void do_one(Kernel& k, const Fault& fault) {
  Task* p = some_task(k, fault);
  switch (fault.kind) {
    case Fault::Kind::kMove:
      if (p != nullptr) move_to_group(k, *p, k.groups[one_of(k, fault.cgroups)]);
      break;
    case Fault::Kind::kChurn:
      do_churn(k, fault);
      break;
    case Fault::Kind::kAffinity:
      if (p != nullptr && !p->is_kthread()) {
        change_affinity(k, *p, fault.cpus.empty() ? random_cpus(k) : mask_of(k, fault.cpus));
      }
      break;
    case Fault::Kind::kWeight:
      change_weight(k, k.groups[one_of(k, fault.cgroups)],
                    static_cast<u32>(fault.value.draw(k.fault_luck)));
      break;
    case Fault::Kind::kNice:
      if (p != nullptr) {
        change_nice(k, *p, static_cast<s32>(fault.value.draw(k.fault_luck)) - 20);
      }
      break;
    case Fault::Kind::kPolicy:
      if (p != nullptr) do_policy(k, fault, *p);
      break;
    case Fault::Kind::kOffline:
      do_offline(k, fault);
      break;
    case Fault::Kind::kBurst:
      start_tasks(k, fault, k.groups[one_of(k, fault.cgroups)], false);
      break;
    case Fault::Kind::kKthreads:
      start_tasks(k, fault, k.groups.front(), true);
      break;
    case Fault::Kind::kReload:
      end_scheduler(k, false, "unregistered from user space", true);
      break;
    case Fault::Kind::kBypass:
      bypass(k, true);
      announce_undo(k, {Undo::Kind::kUnbypass}, fault.run_ns.draw(k.fault_luck));
      break;
    case Fault::Kind::kLimit:
      do_limit(k, fault);
      break;
    case Fault::Kind::kLeftover: {
      Group& group = k.groups[one_of(k, fault.cgroups)];
      change_idle(k, group, group.tg.idle == 0);
      break;
    }
  }
}

}  // namespace

void announce_faults(Kernel& k) {
  for (u32 i = 0; i < k.scenario.faults.size(); i++) {
    announce_at(k, kBootNs + k.scenario.faults[i].at_ns, EventKind::kFault, some_cpu(k), nullptr, 0,
                i);
  }
}

void do_fault(Kernel& k, u32 index) {
  const Fault& fault = k.scenario.faults[index];
  do_one(k, fault);
  if (fault.every_ns.is_zero()) return;
  const u64 next_ns = k.now_ns + std::max<u64>(fault.every_ns.draw(k.fault_luck), 1);
  if (next_ns - kBootNs > fault.until_ns) return;
  announce_at(k, next_ns, EventKind::kFault, some_cpu(k), nullptr, 0, index);
}

void undo(Kernel& k, u32 index) {
  const Undo what = k.undos[index];
  switch (what.kind) {
    case Undo::Kind::kPolicy:
      if (what.task->state != TaskState::kDead && !what.task->progress.exiting) {
        change_policy(k, *what.task, what.policy, what.priority);
      }
      break;
    case Undo::Kind::kOnline:
      bring_online(k, k.cpus[what.target]);
      break;
    case Undo::Kind::kUnbypass:
      bypass(k, false);
      break;
    case Undo::Kind::kRemoveGroup:
      // As `rmdir` is tried again until the cgroup is empty.
      if (!remove_group(k, k.groups[what.target])) announce_undo(k, what, kRetryNs);
      break;
    case Undo::Kind::kNone:
      break;
  }
}

}  // namespace scx_pair
